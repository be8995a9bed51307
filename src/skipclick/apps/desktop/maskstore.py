"""Masks as arrays, made from run lengths once and kept while they are shown. No Qt."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skipclick.mask import RunLengths


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A mask's bounding box.

    Attributes:
        mask: (h, w) bool, read-only; (1, 1) and False for an empty mask.
        left, top: the image pixel at which it lies.
    """

    mask: NDArray[np.bool_]
    left: int
    top: int

    def holds(self, x: float, y: float) -> bool:
        """Whether the mask has the pixel at this image position."""
        column, row = round(x) - self.left, round(y) - self.top
        height, width = self.mask.shape
        return 0 <= column < width and 0 <= row < height and bool(self.mask[row, column])


class MaskStore:
    """Gives the same array for the same mask until `keep` lets it go, so that views see what changed."""

    def __init__(self) -> None:
        self._parts: dict[RunLengths, Part] = {}

    def part(self, mask: RunLengths) -> Part:
        """A mask's bounding box.

        Raises:
            ValueError: the run lengths are damaged.
        """
        known = self._parts.get(mask)
        if known is None:
            known = self._parts[mask] = _part(mask.to_mask())
        return known

    def put(self, mask: RunLengths, array: NDArray[np.bool_]) -> None:
        """Say what a mask is as an array, (H, W) bool, which is cheaper than to make it from run lengths."""
        if mask not in self._parts:
            self._parts[mask] = _part(array)

    def keep(self, masks: Collection[RunLengths]) -> None:
        """Forget all others."""
        wanted = set(masks)
        self._parts = {mask: part for mask, part in self._parts.items() if mask in wanted}


def _part(mask: NDArray[np.bool_]) -> Part:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = (slice(0, 1), slice(0, 1))  # of an empty mask
    if rows.size:
        box = (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1))
    cut = np.ascontiguousarray(mask[box])
    cut.flags.writeable = False
    return Part(cut, box[1].start, box[0].start)
