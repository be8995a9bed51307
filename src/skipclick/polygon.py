"""Masks as polygons and back, without a pixel lost or moved.

In the coordinates of polygons, COCO's, pixel (0, 0) reaches from 0 to 1 in both directions, so its centre
is at (0.5, 0.5): half a pixel more than in those of clicks. Outlines run along the sides of pixels.
"""

from __future__ import annotations

from math import ceil
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skipclick.mask import expand_runs, read_counts

FAR = 1e9
"""No coordinate of a polygon is this far out, in pixels; with larger ones numbers would overflow."""


class Outline(NamedTuple):
    """One closed line round a part of the object, or round a hole in it.

    Attributes:
        points: (N, 2) int64, x and y of its corners in the coordinates of polygons, not closed.
        hole: whether it is the border of a hole.
    """

    points: NDArray[np.int64]
    hole: bool


def decode_segmentation(segmentation: object, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Read the entry "segmentation" of a COCO annotation.

    Args:
        segmentation: a list of polygons [x1, y1, x2, y2, …], or an object with "size" [H, W] and "counts",
            run lengths as a list or as COCO's text.
        shape: (H, W) of the image.

    Returns:
        (H, W) bool; of several polygons the union.

    Raises:
        ValueError: it is neither, or damaged.
    """
    if isinstance(segmentation, dict):
        counts = segmentation.get("counts")
        if segmentation.get("size") != list(shape):
            raise ValueError(f"run lengths for size {segmentation.get('size')}, not {list(shape)}")
        return expand_runs(read_counts(counts) if isinstance(counts, str) else counts, shape)
    if not isinstance(segmentation, list):
        raise ValueError("neither polygons nor run lengths")
    mask = np.zeros(shape, np.bool_)
    for polygon in segmentation:
        mask |= fill_polygon(polygon, shape)
    return mask


def fill_polygon(polygon: Any, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The pixels whose centres lie inside a polygon; where it crosses itself, the even-odd rule decides.

    Args:
        polygon: x1, y1, x2, y2, … in pixels; closed by itself.
        shape: (H, W) of the image.

    Returns:
        (H, W) bool.

    Raises:
        ValueError: not an even number of coordinates, or coordinates beyond `FAR`.
    """
    try:
        points = np.array(polygon, np.float64).reshape(-1, 2)
    except TypeError as error:
        raise ValueError("a polygon is a list of numbers") from error
    if not (np.abs(points) < FAR).all():  # this way round NaN is refused too
        raise ValueError("a polygon has coordinates that lie nowhere near an image")
    mask = np.zeros(shape, np.bool_)
    if not points.size:
        return mask
    # Only the part of the image that the polygon reaches is looked at.
    low, high = np.floor(points.min(axis=0)), np.ceil(points.max(axis=0))
    left, top = (int(number) for number in np.maximum(low, 0))
    right, bottom = (int(number) for number in np.minimum(high, shape[::-1]))
    if left >= right or top >= bottom:
        return mask
    # Going along a row, one is inside after an odd number of edges.
    crossed = np.zeros((bottom - top, right - left + 1), np.bool_)
    for start, end in zip(points, np.roll(points, -1, axis=0), strict=True):
        (x0, y0), (x1, y1) = (start, end) if start[1] <= end[1] else (end, start)
        first, last = max(ceil(y0 - 0.5), top), min(ceil(y1 - 0.5), bottom)
        if first < last:
            rows = np.arange(first, last)
            x = x0 + (rows + 0.5 - y0) * ((x1 - x0) / (y1 - y0))
            crossed[rows - top, np.clip(np.ceil(x - 0.5), left, right).astype(np.intp) - left] ^= True
    mask[top:bottom, left:right] = np.logical_xor.accumulate(crossed[:, :-1], axis=1)
    return mask


def outlines(mask: NDArray[np.bool_]) -> tuple[Outline, ...]:
    """The borders of a mask along the sides of its pixels; filling all of them gives the mask again.

    Parts of the object that meet only in a corner get an outline each, and no outline crosses itself. So
    background that reaches the outside through a corner is no hole here.

    Args:
        mask: (H, W) bool.

    Returns:
        Outer outlines and those of holes, from top to bottom.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return ()
    top, left_side = int(rows[0]), int(columns[0])  # only the object's own box is looked at
    padded = np.pad(mask[top : rows[-1] + 1, left_side : columns[-1] + 1], 1)
    here, left = padded[1:, 1:], padded[1:, :-1]
    above, corner = padded[:-1, 1:], padded[:-1, :-1]
    around = here.astype(np.uint8) + left + above + corner
    diagonal = (around == 2) & (here == corner) & (here != left)
    single = (around == 1) | (around == 3)
    # A corner where two parts meet is passed twice. The first passage is the one from the left.
    y1, x1 = np.nonzero(single)
    y2, x2 = np.nonzero(diagonal)
    x, y = np.concatenate([x1, x2, x2]), np.concatenate([y1, y2, y2])
    none, once = np.zeros(x1.size, np.int64), np.zeros(x2.size, np.int64)
    from_right = np.concatenate([none, once, once + 1])
    falls = here[y2, x2]  # object above left and below right: who comes from the left goes up
    from_below = np.concatenate([none, np.where(falls, 0, 1), np.where(falls, 1, 0)])
    across = _partners(np.lexsort([from_right, x, y]))
    along = _partners(np.lexsort([from_below, y, x]))
    found = []
    visited = np.zeros(x.size, np.bool_)
    for start in np.lexsort([from_right, x, y]).tolist():
        if visited[start]:
            continue
        ring, at = [], start
        while not visited[at]:
            ring.append(at)
            at = across[at]
            ring.append(at)
            visited[ring[-2:]] = True
            at = along[at]
        # The uppermost, leftmost corner of a hole has background to its lower right.
        found.append(
            Outline(np.stack([x[ring] + left_side, y[ring] + top], axis=1), not here[y[start], x[start]])
        )
    return tuple(found)


def simplify(points: NDArray[np.int64], tolerance: float) -> NDArray[np.float64]:
    """Leave out points of a closed line (Douglas and Peucker, 1973).

    Args:
        points: (N, 2) x and y.
        tolerance: no point left out lies further than this from the new line, in pixels; 0 keeps all.

    Returns:
        (M, 2) float64; those of the points that are kept, at least 3.
    """
    if tolerance <= 0 or len(points) <= 3:
        return points.astype(np.float64)
    import cv2  # only here: whoever draws or reads polygons needs it not

    kept = cv2.approxPolyDP(points.astype(np.int32)[:, None], tolerance, closed=True)[:, 0]
    return np.asarray(kept if len(kept) >= 3 else points, np.float64)


def _partners(order: NDArray[np.intp]) -> list[int]:
    """Who stands next to whom when the first is paired with the second, the third with the fourth, …"""
    partner = np.empty(order.size, np.intp)
    partner[order[::2]], partner[order[1::2]] = order[1::2], order[::2]
    found: list[int] = partner.tolist()
    return found
