"""Reading images while the model is at work on earlier ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from skipclick.datasets import LoadedSample, Sample

AHEAD = 2
"""How many images are read before they are needed; each waits in memory, decoded."""


def read_ahead(samples: Iterable[Sample]) -> Iterator[LoadedSample]:
    """Load samples in order, the next ones in a thread while the caller works on this one.

    Raises:
        DatasetError: a sample cannot be read; those before it have been handed out by then.
    """
    waiting: deque[Future[LoadedSample]] = deque()
    reader = ThreadPoolExecutor(1, thread_name_prefix="read-ahead")
    try:
        for sample in samples:
            waiting.append(reader.submit(sample.load))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        reader.shutdown(cancel_futures=True)
