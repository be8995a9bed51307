"""Zoom-in: from the second click on, the network sees only the object's surroundings (specification 4.5).

Which surroundings is said here; `skipclick.session.Session` looks at them. The published numbers are
without zoom-in. It finds detail in small objects, and costs an encoding whenever the surroundings change.
Widening surroundings that cut through the object is ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from skipclick.prompt import Click

OBJECT = 0.5
"""Probability above which a pixel counts as object when the surroundings are chosen."""

EXPANSION = 1.4
"""How much longer and broader the surroundings are than the object."""

SHORTEST = 200
"""The least length and breadth of the surroundings, in image pixels."""

WIDENING = 0.5
"""How far an edge that cuts through the object moves out, as a part of the surroundings' extent."""

SIMILAR = 0.5
"""IoU of two boxes from which on the earlier one is kept."""


class Region(NamedTuple):
    """A part of an image, in pixels; the last row and column belong to it."""

    top: int
    bottom: int
    left: int
    right: int

    @classmethod
    def whole(cls, shape: tuple[int, int]) -> Self:
        """All of an image of (H, W) pixels."""
        return cls(0, shape[0] - 1, 0, shape[1] - 1)

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.bottom - self.top + 1, self.right - self.left + 1

    @property
    def window(self) -> tuple[slice, slice]:
        """To cut it out of an array (H, W, …)."""
        return slice(self.top, self.bottom + 1), slice(self.left, self.right + 1)

    def holds(self, click: Click) -> bool:
        """Whether a click lies in it."""
        return self.top <= click.y < self.bottom and self.left <= click.x < self.right


def surroundings(probability: NDArray[np.float32], clicks: Sequence[Click]) -> Region:
    """What to look at: the object so far and all positive clicks, with room around, or the whole image.

    Args:
        probability: the previous mask, (H, W) float32 in [0, 1].
        clicks: in image pixels.

    Returns:
        The bounding box of what is above `OBJECT` and of the positive clicks, `EXPANSION` times as large
        about its centre, at least `SHORTEST` pixels each way, rounded, and cut at the image's border; the
        whole image if nothing is above `OBJECT`.
    """
    whole = Region.whole((probability.shape[0], probability.shape[1]))
    found = probability > OBJECT
    rows, columns = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    if not len(rows):
        return whole
    positive = [click for click in clicks if click.positive]
    top, bottom = _expanded([rows[0], rows[-1], *(click.y for click in positive)])
    left, right = _expanded([columns[0], columns[-1], *(click.x for click in positive)])
    return Region(max(top, 0), min(bottom, whole.bottom), max(left, 0), min(right, whole.right))


def next_region(stored: Region | None, wanted: Region, clicks: Sequence[Click]) -> Region:
    """The stored region as long as it holds all positive clicks and resembles the wanted one.

    "Holds" is as published: a click in the last row or column is outside (specification 4.5).
    """
    if stored is None or not all(stored.holds(click) for click in clicks if click.positive):
        return wanted
    alike = _overlap(stored.top, stored.bottom, wanted.top, wanted.bottom)
    alike *= _overlap(stored.left, stored.right, wanted.left, wanted.right)
    return stored if alike >= SIMILAR else wanted


def widened(region: Region, found: NDArray[np.bool_], shape: tuple[int, int]) -> Region:
    """A region whose edges no longer go where they went through what was found. Ours, not the published rule.

    Args:
        region: what the network saw.
        found: where it found the object, above `OBJECT`, bool of the region's shape.
        shape: (H, W) of the image in pixels.

    Returns:
        The region with each such edge moved out by half its length or breadth, to the image's border at
        most; the same region if there is none.
    """
    whole = Region.whole(shape)
    down, across = (math.ceil(WIDENING * length) for length in region.shape)
    return Region(
        max(region.top - down * int(found[0].any()), whole.top),
        min(region.bottom + down * int(found[-1].any()), whole.bottom),
        max(region.left - across * int(found[:, 0].any()), whole.left),
        min(region.right + across * int(found[:, -1].any()), whole.right),
    )


def _expanded(places: Sequence[float]) -> tuple[int, int]:
    """An interval around places on an axis, larger than they need."""
    low, high = float(min(places)), float(max(places))
    half = max(EXPANSION * (high - low + 1), SHORTEST) / 2
    return round((low + high) / 2 - half), round((low + high) / 2 + half)


def _overlap(low: int, high: int, other_low: int, other_high: int) -> float:
    """IoU of two intervals of whole numbers, ends included."""
    shared = max(min(high, other_high) - max(low, other_low) + 1, 0)
    return shared / (max(high, other_high) - min(low, other_low) + 1)
