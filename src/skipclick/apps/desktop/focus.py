"""Which part of an image the network should look at for a small thing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from skipclick.prompt import Click

Region: TypeAlias = tuple[int, int, int, int]
"""Whole pixels of the image: left, top, right, bottom, the last two exclusive."""

EXPAND = 1.4
"""The region is this much larger than what it surrounds (specification 8.2)."""

_LEAST_SHARE = 5
_LEAST = 96
_STEP = 16
_WHOLE = 0.85
_EDGE = 0.04
_ROOMY = 3.0


def focus_region(
    shape: tuple[int, int],
    clicks: Sequence[Click],
    mask: NDArray[np.bool_] | None = None,
    keep: Region | None = None,
) -> Region | None:
    """A square around the object and all clicks, with some room.

    Every other region has to be encoded first, so hand in the one of the click before as `keep`: it stays
    while all clicks and the mask lie well inside and it is not much too large.

    Args:
        shape: (H, W) of the image in pixels.
        clicks: at least one, unless there is a mask with some object in it.
        mask: (H, W) bool, the object as far as it is known.
        keep: the region of the click before, if there was one.

    Returns:
        The region, or None where it would be almost all of the image, or there is nothing to look at.
    """
    height, width = shape
    xs, ys = [click.x for click in clicks], [click.y for click in clicks]
    if mask is not None:
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if len(rows):
            xs += [float(columns[0]), float(columns[-1])]
            ys += [float(rows[0]), float(rows[-1])]
    if not xs:
        return None
    extent = max(max(xs) - min(xs), max(ys) - min(ys)) + 1
    wanted = max(EXPAND * extent, max(shape) / _LEAST_SHARE, _LEAST)
    if keep is not None and _holds(keep, shape, xs, ys) and keep[2] - keep[0] <= _ROOMY * wanted:
        return keep
    side = math.ceil(wanted / _STEP) * _STEP
    across, down = min(side, width), min(side, height)
    if across >= _WHOLE * width and down >= _WHOLE * height:
        return None
    left = round((min(xs) + max(xs) + 1) / 2 - across / 2)
    top = round((min(ys) + max(ys) + 1) / 2 - down / 2)
    left, top = min(max(left, 0), width - across), min(max(top, 0), height - down)
    return left, top, left + across, top + down


def _holds(region: Region, shape: tuple[int, int], xs: Sequence[float], ys: Sequence[float]) -> bool:
    """Whether all points lie in the region, and not at those of its edges that cut through the image."""
    (left, top, right, bottom), (height, width) = region, shape
    margin = _EDGE * max(right - left, bottom - top)
    return (
        (min(xs) >= left + margin or left == 0)
        and (max(xs) <= right - 1 - margin or right == width)
        and (min(ys) >= top + margin or top == 0)
        and (max(ys) <= bottom - 1 - margin or bottom == height)
    )
