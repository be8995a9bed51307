"""Where PyTorch computes in a program of several threads."""

import functools
import gc
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch

from skipclick.backend.compute_thread import in_compute_thread


def elsewhere(work: Callable[[], Any]) -> Any:
    """Do something in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def here() -> int:
    return threading.get_ident()


def test_the_main_thread_computes_itself() -> None:
    assert in_compute_thread(here) == threading.get_ident()


def test_all_others_share_one() -> None:
    found = [elsewhere(lambda: (threading.get_ident(), in_compute_thread(here))) for _ in range(3)]
    assert len({where for _, where in found}) == 1
    assert all(own != where for own, where in found)
    assert found[0][1] != threading.get_ident()


def test_work_may_ask_for_work() -> None:
    assert elsewhere(lambda: in_compute_thread(lambda: in_compute_thread(lambda: 7))) == 7


def test_one_piece_of_work_at_a_time() -> None:
    busy, most = 0, 0

    def work() -> None:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        threading.Event().wait(0.002)
        busy -= 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: in_compute_thread(work), range(20)))
    assert most == 1


def test_what_is_raised_reaches_the_caller() -> None:
    def fail() -> None:
        raise ValueError("of the work")

    with pytest.raises(ValueError, match="of the work"):
        elsewhere(lambda: in_compute_thread(fail))
    assert elsewhere(lambda: in_compute_thread(lambda: 1)) == 1


def test_the_caller_s_number_of_threads_counts() -> None:
    def ask(number: int) -> int:
        torch.set_num_threads(number)
        return in_compute_thread(torch.get_num_threads)

    before = torch.get_num_threads()
    try:
        assert [elsewhere(functools.partial(ask, number)) for number in (1, 3, 2)] == [1, 3, 2]
    finally:
        torch.set_num_threads(before)


def test_nothing_is_held_on_to() -> None:
    class Photo:
        def look(self) -> None:
            pass

    photo = Photo()
    gone, look = weakref.ref(photo), functools.partial(in_compute_thread, photo.look)
    elsewhere(look)
    elsewhere(lambda: in_compute_thread(here))  # what was done before is over and done with then
    del photo, look
    gc.collect()
    assert gone() is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_forked_process_has_a_thread_of_its_own() -> None:
    script = """
import os, threading
from skipclick.backend.compute_thread import in_compute_thread

def ask():
    thread = threading.Thread(target=lambda: found.append(in_compute_thread(lambda: 7)), daemon=True)
    thread.start()
    thread.join(30)

found = []
ask()
child = os.fork()
if not child:
    ask()
    os._exit(0 if found == [7, 7] else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), found)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["0", "[7]"], done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="counts the threads of a process as Linux tells them")
def test_threads_that_click_share_their_helpers() -> None:
    """With helpers of its own for each thread, there would be more of them than processors."""
    script = """
import os, threading
import numpy as np, torch
from skipclick import load_model
from skipclick.prompt import Click, Prompt

def threads():
    return len(os.listdir("/proc/self/task"))

torch.set_num_threads(4)
model = load_model("skipclick-s", device="cpu")
before, finished = threads(), threading.Event()

def click():
    features = model.encode(np.zeros((1, 3, 56, 56), np.float32))
    model.decode(features, [Prompt((Click(9, 9),))])
    arrays = model.features_to_arrays(features)
    model.features_from_arrays(arrays, features.size)
    done.release()
    finished.wait()

done, clickers = threading.Semaphore(0), [threading.Thread(target=click) for _ in range(3)]
for one in clickers:
    one.start()
    done.acquire()
print(threads() - before)
finished.set()
"""
    environment = {**os.environ, "OMP_NUM_THREADS": "4"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert done.stdout.split() == ["7"], done.stderr  # three that click, one that computes, its three helpers
