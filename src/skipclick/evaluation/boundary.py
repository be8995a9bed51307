"""How well outlines agree: boundary F-score and boundary IoU.

IoU says little about a large object's outline: a pixel's breadth of error all around hardly changes it.
Pixels that the ground truth ignores count as outside, in both masks.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from skipclick.mask import iou

F_TOLERANCE = 0.008
"""How far two outlines may lie apart to agree, as a share of the image's diagonal (Perazzi et al. 2016)."""

IOU_BREADTH = 0.02
"""How broad the compared bands are, as a share of the image's diagonal (Cheng et al. 2021)."""


def boundary_f(
    mask: NDArray[np.bool_], truth: NDArray[np.bool_], ignore: NDArray[np.bool_] | None = None
) -> float:
    """Boundary F-score (Martin et al. 2004; as used for DAVIS, Perazzi et al. 2016).

    The outline of a mask is those of its pixels that have a neighbour to a side outside the mask, beyond
    the image's border being no neighbour. Precision is the share of the mask's outline that lies within
    the tolerance of the truth's, recall the share of the truth's outline within the tolerance of the
    mask's. The tolerance is `F_TOLERANCE` of the diagonal, rounded up to whole pixels.

    Args:
        mask: (H, W) bool, the answer.
        truth: (H, W) bool, what it should be.
        ignore: (H, W) bool, pixels that belong to neither; None for none.

    Returns:
        The harmonic mean of precision and recall, in [0, 1]; 1 if neither mask has an outline, 0 if one
        of them has none.
    """
    ours, theirs = _outline(_without(mask, ignore)), _outline(_without(truth, ignore))
    if not ours.any() or not theirs.any():
        return float(ours.any() == theirs.any())
    tolerance = math.ceil(F_TOLERANCE * math.hypot(*mask.shape))
    precision = np.count_nonzero(ours & _within(theirs, tolerance)) / np.count_nonzero(ours)
    recall = np.count_nonzero(theirs & _within(ours, tolerance)) / np.count_nonzero(theirs)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def boundary_iou(
    mask: NDArray[np.bool_], truth: NDArray[np.bool_], ignore: NDArray[np.bool_] | None = None
) -> float:
    """Boundary IoU (Cheng et al. 2021): IoU of the bands along the inside of both outlines.

    A band holds the pixels of a mask whose chessboard distance to the nearest pixel outside the mask is at
    most `IOU_BREADTH` of the diagonal, rounded to whole pixels, at least one. Beyond the image's border is
    outside.

    Args:
        mask: (H, W) bool, the answer.
        truth: (H, W) bool, what it should be.
        ignore: (H, W) bool, pixels that belong to neither; None for none.

    Returns:
        A quotient in [0, 1]; 1 if both masks are empty.
    """
    breadth = max(1, round(IOU_BREADTH * math.hypot(*mask.shape)))
    bands = [_band(_without(side, ignore), breadth) for side in (mask, truth)]
    quotient = iou(bands[0], bands[1])
    return 1.0 if math.isnan(quotient) else quotient


def _without(mask: NDArray[np.bool_], ignore: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    return mask if ignore is None else mask & ~ignore


def _outline(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    # Beyond the border counts as inside, so that an object cut by it has no outline along it.
    inside = np.pad(mask, 1, mode="edge")
    surrounded = inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:]
    return np.asarray(mask & ~surrounded)


def _within(outline: NDArray[np.bool_], distance: int) -> NDArray[np.bool_]:
    """Pixels at most so far (Euclidean, in pixels) from an outline."""
    offsets = np.arange(-distance, distance + 1)
    disk = (offsets[:, None] ** 2 + offsets[None] ** 2 <= distance**2).astype(np.uint8)
    grown: NDArray[Any] = cv2.dilate(
        outline.view(np.uint8), disk, borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    return grown.astype(np.bool_)


def _band(mask: NDArray[np.bool_], breadth: int) -> NDArray[np.bool_]:
    square = np.ones((2 * breadth + 1, 2 * breadth + 1), np.uint8)
    core: NDArray[Any] = cv2.erode(mask.view(np.uint8), square, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(mask & ~core.astype(np.bool_))
