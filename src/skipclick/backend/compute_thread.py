"""One thread in which PyTorch computes on the CPU for all threads but the main one.

OpenMP gives every thread that computes helpers of its own and keeps them. Once there are more of them than
processors, none stands ready between two operations any more, and a click takes up to twice as long
(`docs/speed.md`). A program of several threads, such as the annotator, should therefore not compute in
more than one.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

import torch

T = TypeVar("T")


def in_compute_thread(work: Callable[[], T]) -> T:
    """Do some work of PyTorch's on the CPU, and wait for it.

    In the main thread it is done there and then: scripts compute with PyTorch in that thread themselves. All
    other threads share one, which takes one piece of work after another, each with as many threads as
    PyTorch uses where it comes from.

    Returns:
        What the work returned. What it raises is raised here.
    """
    if threading.current_thread() is threading.main_thread():
        return work()
    return _shared().do(work)


class _ComputeThread:
    """A thread and its queue; it ends with the process."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[tuple[Callable[[], Any], int, Future[Any]]] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="skipclick-compute", daemon=True)
        self._thread.start()

    def do(self, work: Callable[[], T]) -> T:
        if threading.current_thread() is self._thread:  # it would wait for itself
            return work()
        done: Future[T] = Future()
        self._queue.put((work, torch.get_num_threads(), done))
        return done.result()

    def _run(self) -> None:
        while True:
            _do(*self._queue.get())  # nothing is held on to: an encoded photo may be many megabytes


def _do(work: Callable[[], T], threads: int, done: Future[T]) -> None:
    try:
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        result = work()
    except BaseException as error:
        done.set_exception(error)
    else:
        done.set_result(result)


_lock = threading.Lock()
_thread: _ComputeThread | None = None


def _shared() -> _ComputeThread:
    global _thread
    with _lock:
        if _thread is None:
            _thread = _ComputeThread()
        return _thread


def _forget() -> None:
    """In a process that was forked off: the thread has stayed behind, perhaps with the lock."""
    global _lock, _thread
    _lock, _thread = threading.Lock(), None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
