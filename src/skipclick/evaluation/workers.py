"""Several processes that evaluate images side by side, each with the model in its own memory.

The numbers are those of one process: every image is evaluated alone, with the same number of threads, and
what comes back is in the data set's order. More threads would sum in another order, and a last bit that
differs can send a click elsewhere; so a process is given few threads, one unless asked for more, and more
work is done at a time by more processes.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import NamedTuple, Self

import cv2

from skipclick.backend.protocol import Backend
from skipclick.errors import SkipClickError
from skipclick.evaluation.clicking import Rules, Task, evaluate_tasks
from skipclick.evaluation.protocol import EvaluationError
from skipclick.evaluation.trace import ObjectTrace

_THREAD_LIMITS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")

_RUN = 4
"""Images that a worker is given at a time at most: while it works on one, it reads the next of them."""

_WINDOW = 2
"""Runs of images under way for each worker; those finished out of turn wait until they are recorded."""


@contextmanager
def thread_limit(threads: int) -> Iterator[None]:
    """Make libraries that are loaded from here on, and processes that are started, use so many threads.

    OpenCV, which is loaded already and asks no variable, obeys at once.
    """
    before = {name: os.environ.get(name) for name in _THREAD_LIMITS}
    before_opencv = cv2.getNumThreads()
    os.environ.update(dict.fromkeys(_THREAD_LIMITS, str(threads)))
    cv2.setNumThreads(threads)
    try:
        yield
    finally:
        cv2.setNumThreads(before_opencv)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class WorkerPool:
    """Processes that are started on entering, and that end with this one however it ends.

    Args:
        load: loads the model; called once in each process, so it must be picklable.
        workers: how many processes.
        threads: how many threads each may use.
    """

    def __init__(self, load: Callable[[], Backend], workers: int, threads: int = 1) -> None:
        self._workers = workers
        self._limit = thread_limit(threads)
        self._executor = ProcessPoolExecutor(
            workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_prepare,
            initargs=(load, threads),
        )

    def __enter__(self) -> Self:
        self._limit.__enter__()
        self._others = set(multiprocessing.active_children())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        ours = set(multiprocessing.active_children()) - self._others
        self._executor.shutdown(wait=kind is None, cancel_futures=True)
        if kind is not None:  # whoever interrupts does not want to wait for the images under way
            for child in ours:
                child.terminate()
        self._limit.__exit__(kind, error, where)

    def evaluate(self, tasks: Iterable[Task], rules: Rules) -> Iterator[list[ObjectTrace]]:
        """As `evaluate_tasks`, by all processes.

        Yields:
            For each image its objects, in the order of the tasks.

        Raises:
            EvaluationError: a process was ended from outside, say for want of memory; and as
                `evaluate_tasks`.
        """
        waiting: deque[Future[_Outcome]] = deque()
        try:
            for run in _runs(list(tasks), self._workers):
                waiting.append(self._executor.submit(_evaluate, run, rules))
                if len(waiting) >= _WINDOW * self._workers:
                    yield from _unpacked(waiting.popleft().result())
            while waiting:
                yield from _unpacked(waiting.popleft().result())
        except BrokenProcessPool as error:
            raise EvaluationError(
                "a worker was ended, most likely for want of memory: go on with fewer --workers, by the "
                "same command otherwise"
            ) from error


class _Worker:
    """The model of a worker, loaded with its first image, so that an error finds its way back."""

    def __init__(self, load: Callable[[], Backend]) -> None:
        self._load = load

    @cached_property
    def model(self) -> Backend:
        return self._load()


_worker: _Worker


def _prepare(load: Callable[[], Backend], threads: int) -> None:
    global _worker
    _worker = _Worker(load)
    # Ctrl-C reaches every process of a terminal; ours are ended by the one that started them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(threads)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class _Outcome(NamedTuple):
    """What came of a run of images: those that were finished, and why the next one was not."""

    images: list[list[ObjectTrace]]
    error: SkipClickError | None


def _runs(tasks: Sequence[Task], workers: int) -> list[Sequence[Task]]:
    """Tasks as they are handed out; shorter runs for few images, so that every worker has its share."""
    length = max(1, min(_RUN, len(tasks) // (_WINDOW * workers)))
    return [tasks[begin : begin + length] for begin in range(0, len(tasks), length)]


def _evaluate(tasks: Sequence[Task], rules: Rules) -> _Outcome:
    images: list[list[ObjectTrace]] = []
    try:
        for objects in evaluate_tasks(_worker.model, tasks, rules):
            images.append(list(objects))
    except SkipClickError as error:
        return _Outcome(images, error)
    return _Outcome(images, None)


def _unpacked(outcome: _Outcome) -> Iterator[list[ObjectTrace]]:
    yield from outcome.images
    if outcome.error is not None:
        raise outcome.error
