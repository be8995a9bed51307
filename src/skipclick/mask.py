"""Masks as plain arrays: from logits to a probability, how well two masks agree, and cleaning."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skipclick.errors import ImageError


def sigmoid(logits: NDArray[Any]) -> NDArray[np.float32]:
    """The probability that logits stand for, 1 / (1 + exp(-logits)), without overflow.

    Args:
        logits: any shape, any real dtype; computed in float32.

    Returns:
        The same shape, float32 in [0, 1].
    """
    logits = np.asarray(logits, dtype=np.float32)
    small = np.exp(-np.abs(logits))
    return np.asarray(np.where(logits >= 0, np.float32(1), small) / (1 + small))


def iou(mask: NDArray[np.bool_], truth: NDArray[np.bool_], ignore: NDArray[np.bool_] | None = None) -> float:
    """Intersection over union (specification 4.6).

    Args:
        mask: (H, W) bool, the answer.
        truth: (H, W) bool, what it should be.
        ignore: (H, W) bool, pixels that count for neither; None for none.

    Returns:
        A quotient in [0, 1]; NaN if neither mask has a pixel that counts.

    Raises:
        ImageError: the masks differ in size, or one is not bool.
    """
    for other in (mask, truth) if ignore is None else (mask, truth, ignore):
        if other.dtype != np.bool_ or other.shape != mask.shape:
            raise ImageError(
                f"masks to compare must be bool and of one size, not {mask.dtype} {mask.shape} and "
                f"{other.dtype} {other.shape}"
            )
    shared, either = mask & truth, mask | truth
    if ignore is not None:
        shared, either = shared & ~ignore, either & ~ignore
    union = int(np.count_nonzero(either))
    return int(np.count_nonzero(shared)) / union if union else float("nan")


def remove_specks(mask: NDArray[np.bool_], area: int) -> NDArray[np.bool_]:
    """Drop small islands of object, then fill small holes.

    An island is a part of the object connected through sides or corners; a hole is a part of the
    background, connected through sides, that does not touch the image's border. The largest island stays
    whatever its size, so cleaning never empties a mask.

    Args:
        mask: (H, W) bool.
        area: islands and holes of fewer pixels go; 0 and 1 change nothing.

    Returns:
        (H, W) bool, a new array.
    """
    if area <= 1 or not mask.any():
        return mask.copy()
    import cv2  # only here, so that sessions start without it

    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA]
    keep = areas >= area
    keep[1 + np.argmax(areas[1:])] = True
    keep[0] = False
    cleaned: NDArray[np.bool_] = keep[labels]
    _, labels, stats, _ = cv2.connectedComponentsWithStats((~cleaned).astype(np.uint8), connectivity=4)
    fill = stats[:, cv2.CC_STAT_AREA] < area
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        fill[edge] = False
    fill[0] = False  # the object itself
    return np.asarray(cleaned | fill[labels])
