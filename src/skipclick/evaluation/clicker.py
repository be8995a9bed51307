"""The simulated user: each click goes to the middle of the largest error (specification 4.2).

(row, col) appears here and, of the rest of the package, only in `model/prompt_map.py`.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from skipclick.prompt import Click


class Clicker:
    """Places clicks on one object, one for each predicted mask.

    A click goes to the pixel that lies deepest inside an error: farthest from the nearest pixel that is not
    such an error, pixels outside the image being none. It is positive if the deepest missing pixel lies
    deeper than the deepest surplus one, negative otherwise, ties included. Among equals the first pixel in
    row-major order is taken. A pixel is clicked once. Distances are exact squared integers, so that ties
    are ties.
    """

    def __init__(self, truth: NDArray[np.int8]) -> None:
        """Start on an object.

        Args:
            truth: (H, W) int8: 1 object, 0 background, -1 ignored (never an error).
        """
        self._object = truth == 1
        self._background = truth == 0
        self._unclicked = np.ones(truth.shape, dtype=np.bool_)

    def next_click(self, mask: NDArray[np.bool_]) -> Click:
        """The click that answers a mask, at the centre of a pixel.

        Without any error left that has not been clicked, it is a negative click at the first pixel.

        Args:
            mask: the prediction, (H, W) bool.
        """
        missing, missing_at = _deepest(self._object & ~mask, self._unclicked)
        surplus, surplus_at = _deepest(self._background & mask, self._unclicked)
        positive = missing > surplus
        row, col = missing_at if positive else surplus_at
        self._unclicked[row, col] = False
        return Click(x=col, y=row, positive=positive)


def _deepest(errors: NDArray[np.bool_], unclicked: NDArray[np.bool_]) -> tuple[int, tuple[int, int]]:
    """The deepest unclicked pixel of an error map: squared depth, and (row, col); 0, (0, 0) without any.

    Works on one connected patch of errors at a time, largest first, and stops where no other patch can be as
    deep; most of an image is never looked at. This changes no result: whatever surrounds a patch is no error.
    """
    _, patches, boxes, _ = cv2.connectedComponentsWithStats(errors.view(np.uint8), connectivity=8)
    # Row 0 is everything that is no error.
    limits = (np.minimum(boxes[1:, cv2.CC_STAT_WIDTH], boxes[1:, cv2.CC_STAT_HEIGHT]) + 1) // 2
    best, best_at = 0, (0, 0)
    for index in np.argsort(-limits, kind="stable"):
        if int(limits[index]) ** 2 < best:
            break
        left, top, width, height = boxes[index + 1, :4].tolist()
        window = np.s_[top : top + height, left : left + width]
        depths = squared_depths(patches[window] == index + 1) * unclicked[window]
        row, col = np.unravel_index(depths.argmax(), depths.shape)
        depth, at = int(depths[row, col]), (int(row) + top, int(col) + left)
        if depth > best or (depth == best > 0 and at < best_at):
            best, best_at = depth, at
    return best, best_at


def squared_depths(errors: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Squared Euclidean distance of each pixel to the nearest one that is False, exact.

    Args:
        errors: (H, W) bool; everything around it counts as False.

    Returns:
        (H, W) int64, in squared pixels; 0 where `errors` is False.
    """
    distances = ndimage.distance_transform_edt(np.pad(errors, 1))[1:-1, 1:-1]
    squared: NDArray[np.int64] = np.rint(distances * distances).astype(np.int64)
    return squared
