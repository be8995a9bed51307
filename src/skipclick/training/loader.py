"""Batches of items whose randomness depends on the seed, the epoch and the item's number alone.

So neither resuming nor the number of worker processes or of training processes changes what an item is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from skipclick.errors import SkipClickError
from skipclick.training.sample import TrainingItem
from skipclick.training.views import Views

Key: TypeAlias = tuple[int, int]
"""An epoch, and the number of an item in it."""

ITEM, CLICKS, DROPOUT, ROUNDS, ENCODER = range(5)
"""What randomness is for; each purpose has its own stream."""


def stream(seed: int, epoch: int, number: int, purpose: int) -> np.random.Generator:
    """The randomness for one purpose of one item, or of one step.

    Args:
        seed: of the run, at least 0.
        epoch: from 0.
        number: of the item or step in its epoch, from 0.
        purpose: one of `ITEM`, `CLICKS` and so on.
    """
    return np.random.default_rng([seed, epoch, number, purpose])


class KeyedItem(NamedTuple):
    """An item, its key, and the number of its view or -1."""

    item: TrainingItem
    key: Key
    view: int


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Items of one step, or a part of them.

    Attributes:
        image: (B, 3, h, w) float32 in [0, 1].
        truth: (B, 1, h, w) float32: 1 object, 0 background, -1 ignored.
        start: (B, 1, h, w) float32 in [0, 1], the previous mask to begin with.
        points: (B, 48, 3) float32, see `points`.
        keys: of the items.
        views: numbers of their views, or -1.
    """

    image: Tensor
    truth: Tensor
    start: Tensor
    points: NDArray[np.float32]
    keys: tuple[Key, ...]
    views: tuple[int, ...]

    def parts(self, count: int) -> Iterator[Batch]:
        """Cut into so many equal parts, which must be possible."""
        size = len(self.keys) // count
        for at in range(0, len(self.keys), size):
            cut = slice(at, at + size)
            yield Batch(
                self.image[cut],
                self.truth[cut],
                self.start[cut],
                self.points[cut],
                self.keys[cut],
                self.views[cut],
            )


class SeededItems(Dataset[KeyedItem | SkipClickError]):
    """Items by their keys."""

    def __init__(self, views: Views, seed: int) -> None:
        self.views = views
        self.seed = seed

    def __getitem__(self, key: Key) -> KeyedItem | SkipClickError:
        """Make an item; an error that a user can cause is returned, since workers would wrap it."""
        try:
            item, view = self.views.draw(stream(self.seed, *key, ITEM))
        except SkipClickError as error:
            return error
        return KeyedItem(item, key, view)


def collate(items: Sequence[KeyedItem | SkipClickError]) -> Batch | SkipClickError:
    """Put items into a batch; the first error takes its place."""
    good = []
    for item in items:
        if isinstance(item, SkipClickError):
            return item
        good.append(item)
    return Batch(
        torch.from_numpy(np.stack([one.item.image for one in good])),
        torch.from_numpy(np.stack([one.item.truth for one in good])),
        torch.from_numpy(np.stack([one.item.start for one in good])),
        np.stack([one.item.points for one in good]),
        tuple(one.key for one in good),
        tuple(one.view for one in good),
    )


def epoch_keys(epoch: int, samples: int, batch: int, rank: int, processes: int) -> list[list[Key]]:
    """Which items this process takes in each step of an epoch; an incomplete last batch is dropped.

    Args:
        epoch: from 0.
        samples: items of the epoch.
        batch: items of a step, a multiple of `processes`.
        rank: number of this process.
        processes: how many there are.
    """
    share = batch // processes
    first = [step * batch + rank * share for step in range(samples // batch)]
    return [[(epoch, number) for number in range(start, start + share)] for start in first]


def batches(items: SeededItems, keys: list[list[Key]], workers: int) -> Iterator[Batch]:
    """Load batches, ahead of their use if there are worker processes.

    Raises:
        SkipClickError: an item cannot be made.
    """
    loader: DataLoader[KeyedItem | SkipClickError] = DataLoader(
        items,
        batch_sampler=keys,
        num_workers=workers,
        collate_fn=collate,
        worker_init_fn=_single_threaded if workers else None,
    )
    for batch in loader:
        if isinstance(batch, SkipClickError):
            raise batch
        yield batch


def _single_threaded(worker: int) -> None:
    """Workers are parallel already."""
    cv2.setNumThreads(0)
