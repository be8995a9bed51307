from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from skipclick.datasets import Sample, TargetObject
from skipclick.errors import DatasetError
from skipclick.evaluation.loading import AHEAD, read_ahead

PIXELS = np.zeros((2, 3, 3), np.uint8)


@pytest.fixture
def samples() -> Callable[[Callable[[int], None], int], list[Sample]]:
    """Samples that call a function with their number when they are read."""

    def make(on_read: Callable[[int], None], count: int) -> list[Sample]:
        def read(path: Path) -> np.ndarray:
            on_read(int(path.name))
            return np.full((2, 3, 3), int(path.name), np.uint8)

        return [Sample(str(i), Path(str(i)), Path(str(i)), no_objects, read) for i in range(count)]

    return make


def no_objects(path: Path) -> tuple[TargetObject, ...]:
    return ()


Maker = Callable[[Callable[[int], None], int], list[Sample]]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
def test_all_in_their_order(samples: Maker, count: int) -> None:
    loaded = list(read_ahead(samples(lambda number: None, count)))
    assert [int(one.image[0, 0, 0]) for one in loaded] == list(range(count))


def test_the_next_images_are_read_meanwhile_and_no_more(samples: Maker) -> None:
    read: list[int] = []
    enough = threading.Event()

    def on_read(number: int) -> None:
        read.append(number)
        if number == AHEAD:
            enough.set()

    images = read_ahead(samples(on_read, 10))
    next(images)
    assert enough.wait(10)  # by another thread, this one only waits
    images.close()
    assert read == list(range(AHEAD + 1))


def test_images_before_a_broken_one_are_handed_out(samples: Maker) -> None:
    def on_read(number: int) -> None:
        if number == 3:
            raise DatasetError("broken")

    images = read_ahead(samples(on_read, 6))
    for _ in range(3):
        next(images)
    with pytest.raises(DatasetError, match="broken"):
        next(images)


def test_whoever_stops_early_leaves_no_thread(samples: Maker) -> None:
    images = read_ahead(samples(lambda number: None, 5))
    next(images)
    images.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("read-ahead")]
