"""Where the simulated user clicks: into the middle of the largest error (specification 4.2).

(row, col) appears here and, of the rest of the package, only in `model/prompt_map.py`.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from skipclick.prompt import Click

ROUNDS_EXACTLY = 1000.0
"""Distance in pixels up to which OpenCV's 32-bit distances, with some last places wrong, suffice."""


class Aim(NamedTuple):
    """Where to click.

    Attributes:
        x: the pixel's column.
        y: the pixel's row.
        positive: whether something is missing there; otherwise something is too much.
        squared_depth: how deep inside the error it lies, in squared pixels; 0 if there is no error.
    """

    x: int
    y: int
    positive: bool
    squared_depth: int


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
        self._missing, self._surplus = Depths(), Depths()

    def next_click(self, mask: NDArray[np.bool_]) -> Click:
        """The click that answers a mask, at the centre of a pixel.

        Without any error left that has not been clicked, it is a negative click at the first pixel.

        Args:
            mask: the prediction, (H, W) bool.
        """
        aim = self.aim(mask)
        return self.click(aim.x, aim.y, aim.positive)

    def aim(self, mask: NDArray[np.bool_]) -> Aim:
        """Where the click that answers a mask belongs; nothing is clicked yet."""
        missing, missing_at = self._missing.deepest(self._object & ~mask, self._unclicked)
        surplus, surplus_at = self._surplus.deepest(self._background & mask, self._unclicked)
        positive = missing > surplus
        row, col = missing_at if positive else surplus_at
        return Aim(col, row, positive, missing if positive else surplus)

    def click(self, x: int, y: int, positive: bool) -> Click:
        """Click a pixel; it is not aimed at again."""
        self._unclicked[y, x] = False
        return Click(x, y, positive)


class Patch(NamedTuple):
    """A connected patch of errors: its pixels, and how deep each lies, both as large as its bounding box."""

    errors: NDArray[np.bool_]
    squared_depths: NDArray[np.int32]


class Depths:
    """The deepest pixel of an error map that changes a little from click to click.

    Works on one connected patch of errors at a time, largest first, and stops where no other patch can be as
    deep; most of an image is never looked at. A patch that was there before keeps its depths. Neither
    changes a result: whatever surrounds a patch is no error.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, int, int], Patch] = {}

    def deepest(self, errors: NDArray[np.bool_], unclicked: NDArray[np.bool_]) -> tuple[int, tuple[int, int]]:
        """The deepest unclicked pixel: squared depth, and (row, col); 0, (0, 0) without any.

        Args:
            errors: (H, W) bool.
            unclicked: (H, W) bool.
        """
        _, patches, boxes, _ = cv2.connectedComponentsWithStats(errors.view(np.uint8), connectivity=8)
        # Row 0 is everything that is no error.
        limits = (np.minimum(boxes[1:, cv2.CC_STAT_WIDTH], boxes[1:, cv2.CC_STAT_HEIGHT]) + 1) // 2
        best, best_at = 0, (0, 0)
        known, self._known = self._known, {}
        for index in np.argsort(-limits, kind="stable"):
            if int(limits[index]) ** 2 < best:
                break
            left, top, width, height = boxes[index + 1, :4].tolist()
            window = np.s_[top : top + height, left : left + width]
            patch = patches[window] == index + 1
            before = known.get((left, top, width, height))
            if before is None or not np.array_equal(before.errors, patch):
                before = Patch(patch, squared_depths(patch))
            self._known[left, top, width, height] = before
            depths = before.squared_depths * unclicked[window]
            row, col = np.unravel_index(depths.argmax(), depths.shape)
            depth, at = int(depths[row, col]), (int(row) + top, int(col) + left)
            if depth > best or (depth == best > 0 and at < best_at):
                best, best_at = depth, at
        return best, best_at


def squared_depths(errors: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Squared Euclidean distance of each pixel to the nearest one that is False, exact.

    Args:
        errors: (H, W) bool; everything around it counts as False.

    Returns:
        (H, W) int32, in squared pixels; 0 where `errors` is False.
    """
    padded = cv2.copyMakeBorder(errors.view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    distances = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    if distances.max() > ROUNDS_EXACTLY:
        distances = ndimage.distance_transform_edt(padded)
    # A square root in 32 bits, squared again, is nearer to its whole number than to the next.
    squared = np.square(distances[1:-1, 1:-1], dtype=np.float64)
    return np.asarray(np.rint(squared), np.int32)
