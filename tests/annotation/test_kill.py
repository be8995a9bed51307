"""A program that is killed at any moment: what was done before is there again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from skipclick.annotation.document import Document
from skipclick.annotation.project import Project
from skipclick.annotation.volume import replayed, volumes

HERE = Path(__file__).parent

WORKER = """
import importlib.util, sys
from pathlib import Path
import numpy as np

spec = importlib.util.spec_from_file_location("work", sys.argv[1])
work = importlib.util.module_from_spec(spec)
spec.loader.exec_module(work)
from skipclick.annotation import Project, journal

journal.ROLL_AT = 20_000
generator = np.random.default_rng(int(sys.argv[3]))
with Project.open(Path(sys.argv[2])) as project:
    print("open", flush=True)
    while True:
        if generator.random() < 0.2:
            project.undo()
        else:
            project.do(work.make_command(project.document, generator))
        print("done", flush=True)
"""


def documents(seed: int, count: int) -> list[Document]:
    """What the worker makes of an empty document, step by step."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("work_of_a_killed_program", HERE / "conftest.py")
    assert spec is not None
    assert spec.loader is not None
    work = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(work)
    from skipclick.annotation.history import History

    generator = np.random.default_rng(seed)
    history = History(Document())
    found = [history.document]
    for _ in range(count):
        if generator.random() < 0.2:
            history.undo()
        else:
            history.do(work.make_command(history.document, generator))
        found.append(history.document)
    return found


def kill_after(photos: Path, seed: int, seconds: float) -> int:
    """Start the worker, kill it, and count the actions that it said were done."""
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(HERE / "conftest.py"), str(photos), str(seed)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "open\n"
    time.sleep(seconds)
    os.kill(worker.pid, signal.SIGKILL)
    rest = worker.stdout.read()
    worker.stdout.close()
    assert worker.wait() == -signal.SIGKILL
    return rest.count("done\n")


def check(photos: Path, seed: int, seconds: float) -> None:
    done = kill_after(photos, seed, seconds)
    home = photos / ".skipclick"
    assert (home / "opened-by.json").exists()
    expected = documents(seed, done + 1)
    with Project.open(photos) as project:
        # The action during which it was killed may be there or not; nothing else may be in between.
        assert project.document in expected[done : done + 2]
        assert any("did not end properly" in note for note in project.notes)
        assert len(volumes(home)) >= 1
        assert replayed(home) == project.document
        while project.undo():
            pass
        assert project.document == Document()
    assert not (home / "opened-by.json").exists(), "the lock died with its holder"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_killed_in_the_middle_of_work(photos: Path) -> None:
    check(photos, seed=1, seconds=0.3)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
@pytest.mark.parametrize("seed", range(12))
def test_killed_at_random_moments(photos: Path, seed: int) -> None:
    check(photos, seed=100 + seed, seconds=float(np.random.default_rng(seed).random() * 1.5))
