"""Changing masks by hand, without a model: brush, eraser, polygons, growing, smoothing.

Every function takes a mask (H, W) bool and returns a new one of the same size. Positions are x, y in image
pixels as those of clicks: the centre of pixel (0, 0) is (0, 0). Filling holes and dropping islands are
`fill_holes` and `drop_islands` of `skipclick.mask`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from skipclick.annotation.document import Shape
from skipclick.annotation.errors import AnnotationError
from skipclick.polygon import FAR, fill_polygon

Mask: TypeAlias = NDArray[np.bool_]
Points: TypeAlias = Sequence[tuple[float, float]]
"""Positions, each x and y in image pixels."""

LARGEST_STEP = 1000.0
"""Pixels by which a mask may be grown, shrunk or smoothed at once."""


def paint(mask: Mask, path: Points, radius: float, value: bool = True) -> Mask:
    """A stroke of a round brush, or of an eraser.

    Args:
        mask: the mask before.
        path: where the brush went, in straight lines from point to point; one point makes a dot.
        radius: of the brush in pixels. Pixels are painted whose centres are not further than this from
            the path, and those that hold its points.
        value: True paints, False erases.

    Raises:
        AnnotationError: a position or the radius is no usable number.
    """
    points = _points(path)
    if not 0 <= radius < FAR:
        raise AnnotationError("a brush cannot have the radius {radius}", radius=radius)
    painted = mask.copy()
    ends = points[1:] if len(points) > 1 else points
    for start, end in zip(points, ends, strict=False):
        low, high = np.minimum(start, end) - radius, np.maximum(start, end) + radius
        left, top = (int(number) for number in np.maximum(np.ceil(low), 0))
        right, bottom = (int(number) for number in np.minimum(np.floor(high) + 1, mask.shape[::-1]))
        if left >= right or top >= bottom:
            continue
        x, y = np.arange(left, right) - start[0], (np.arange(top, bottom) - start[1])[:, None]
        along = end - start
        length = float(along @ along)
        part = np.clip((x * along[0] + y * along[1]) / length, 0, 1) if length else 0.0
        near = (x - part * along[0]) ** 2 + (y - part * along[1]) ** 2 <= radius**2
        painted[top:bottom, left:right][near] = value
    columns, rows = np.rint(points).astype(np.int64).T
    inside = (columns >= 0) & (columns < mask.shape[1]) & (rows >= 0) & (rows < mask.shape[0])
    painted[rows[inside], columns[inside]] = value
    return painted


def paint_polygon(mask: Mask, corners: Points, value: bool = True) -> Mask:
    """Fill a polygon, or cut it out; it counts where the centres of pixels lie inside it.

    Args:
        mask: the mask before.
        corners: the polygon's, closed by itself; where it crosses itself, the even-odd rule decides.
        value: True fills, False cuts.

    Raises:
        AnnotationError: a position is no usable number.
    """
    polygon = fill_polygon((_points(corners) + 0.5).ravel(), (mask.shape[0], mask.shape[1]))
    return mask | polygon if value else mask & ~polygon


def box_mask(shape: Shape, left: float, top: float, right: float, bottom: float) -> Mask:
    """A filled box, as something to begin with: the pixels whose centres lie in it or on its border.

    Args:
        shape: (H, W) of the image.
        left, top, right, bottom: in image pixels; swapped sides are put right.

    Raises:
        AnnotationError: a position is no usable number.
    """
    (x0, y0), (x1, y1) = _points([(left, top), (right, bottom)]).tolist()
    x, y = np.arange(shape[1]), np.arange(shape[0])[:, None]
    inside = (x >= min(x0, x1)) & (x <= max(x0, x1)) & (y >= min(y0, y1)) & (y <= max(y0, y1))
    return np.asarray(inside)


def grow(mask: Mask, distance: float) -> Mask:
    """Add all pixels that are not further than a distance from the mask, from centre to centre.

    Args:
        mask: the mask before.
        distance: in pixels, from 0 to `LARGEST_STEP`.

    Raises:
        AnnotationError: the distance is out of range.
    """
    _check_step(distance)
    window = _around(mask, ceil(distance))
    if window is None:
        return mask.copy()
    grown = mask.copy()
    grown[window] = _squared_distance(~mask[window]) <= distance**2
    return grown


def shrink(mask: Mask, distance: float) -> Mask:
    """Remove all pixels that are not further than a distance from the background.

    The image's frame is no background: an object that is cut off by it stays so.

    Args:
        mask: the mask before.
        distance: in pixels, from 0 to `LARGEST_STEP`.

    Raises:
        AnnotationError: the distance is out of range.
    """
    _check_step(distance)
    window = _around(mask, 1)
    if window is None or mask.all():
        return mask.copy()
    shrunk = mask.copy()
    shrunk[window] = _squared_distance(mask[window]) > distance**2
    return shrunk


def smooth(mask: Mask, radius: float) -> Mask:
    """Round corners and take away what is thinner than a radius: blurred, and cut at one half again.

    Args:
        mask: the mask before.
        radius: standard deviation of the blur in pixels, from 0 to `LARGEST_STEP`; 0 changes nothing.

    Raises:
        AnnotationError: the radius is out of range.
    """
    _check_step(radius)
    window = _around(mask, ceil(4 * radius))
    if window is None or radius == 0:
        return mask.copy()
    smoothed = mask.copy()
    blurred = cv2.GaussianBlur(
        mask[window].astype(np.float32), (0, 0), radius, borderType=cv2.BORDER_REPLICATE
    )
    smoothed[window] = blurred > 0.5
    return smoothed


def _points(path: Points) -> NDArray[np.float64]:
    points = np.array(path, np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not (np.abs(points) < FAR).all():
        raise AnnotationError("positions are pairs of finite numbers, x and y in pixels")
    return points


def _check_step(number: float) -> None:
    if not 0 <= number <= LARGEST_STEP:
        raise AnnotationError(
            "choose a number of pixels from 0 to {largest:g}, not {number}",
            largest=LARGEST_STEP,
            number=number,
        )


def _around(mask: Mask, margin: int) -> tuple[slice, slice] | None:
    """The part of the image that the mask lies in, and a margin; None if it is empty."""
    window = []
    for axis, length in enumerate(mask.shape):
        used = np.flatnonzero(mask.any(axis=1 - axis))
        if not used.size:
            return None
        window.append(slice(max(int(used[0]) - margin, 0), min(int(used[-1]) + 1 + margin, length)))
    return window[0], window[1]


def _squared_distance(mask: Mask) -> NDArray[np.float64]:
    """How far each pixel is from the nearest one outside the mask, squared; 0 outside."""
    if mask.all():
        return np.full(mask.shape, np.inf)
    distance = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    # Between pixels it is a whole number; the root that OpenCV takes of it is off in its last places.
    return np.asarray(np.rint(distance.astype(np.float64) ** 2))
