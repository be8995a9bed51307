"""An image at full, half, quarter … size, so that any view of it costs what the view has pixels."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

CRISP = 3.0
"""From this magnification on, image pixels are drawn as squares; below, they are interpolated."""

_SMALLEST = 64


class Pyramid:
    """Views of an 8-bit image at any scale.

    Positions are in *scaled pixels*: the image times the scale, the origin at the image's top left corner.
    A level is computed when a view first needs it, or ahead of time with `build`.

    Args:
        image: (H, W, 3) or (H, W) uint8; kept, not copied.
        origin: (x, y) of the array's first pixel, for a part cut out of a larger image.
        edge: what lies outside: "repeat" the outermost pixels, or "zero".
    """

    def __init__(
        self, image: NDArray[np.uint8], *, origin: tuple[int, int] = (0, 0), edge: str = "repeat"
    ) -> None:
        self._levels = [image]
        self._origin = origin
        self._border = cv2.BORDER_REPLICATE if edge == "repeat" else cv2.BORDER_CONSTANT

    @property
    def image(self) -> NDArray[np.uint8]:
        """The array at full size."""
        return self._levels[0]

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) at full size."""
        return self.image.shape[1], self.image.shape[0]

    @property
    def nbytes(self) -> int:
        """Memory held once all levels are built, in bytes: a third more than the image."""
        return self.image.nbytes * 4 // 3

    def build(self) -> None:
        """Compute all levels now."""
        while max(self._levels[-1].shape[:2]) > _SMALLEST:
            self._levels.append(_half(self._levels[-1], self._border))

    def view(self, scale: float, left: int, top: int, width: int, height: int) -> NDArray[np.uint8]:
        """The part of the image under a rectangle of scaled pixels.

        Args:
            scale: scaled pixels per image pixel, above 0.
            left, top, width, height: the rectangle; it may reach over the image's edge.

        Returns:
            (height, width, 3) or (height, width) uint8, a new array.
        """
        level = 0 if scale >= 1 else min(math.floor(-math.log2(scale)), self._depth())
        while len(self._levels) <= level:
            self._levels.append(_half(self._levels[-1], self._border))
        source = self._levels[level]
        step = 1 / (scale * 2**level)
        x = step * (left + 0.5) - 0.5 - self._origin[0] / 2**level
        y = step * (top + 0.5) - 0.5 - self._origin[1] / 2**level
        x0, x1 = _needed(x, step, width, source.shape[1])
        y0, y1 = _needed(y, step, height, source.shape[0])
        way = np.array([[step, 0, x - x0], [0, step, y - y0]], np.float64)
        flags = cv2.WARP_INVERSE_MAP | (cv2.INTER_NEAREST if scale >= CRISP else cv2.INTER_LINEAR)
        part = source[y0:y1, x0:x1]
        drawn = cv2.warpAffine(part, way, (width, height), flags=flags, borderMode=self._border)
        return np.asarray(drawn, np.uint8)

    def _depth(self) -> int:
        """How often the image can be halved before it is tiny."""
        return max(0, math.ceil(math.log2(max(max(self.size) / _SMALLEST, 1))))


def _half(image: NDArray[np.uint8], border: int) -> NDArray[np.uint8]:
    """Half the size, rounded up; each pixel is the mean of four."""
    height, width = image.shape[:2]
    if height % 2 or width % 2:
        image = np.asarray(cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, border), np.uint8)
    size = (image.shape[1] // 2, image.shape[0] // 2)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _needed(start: float, step: float, count: int, length: int) -> tuple[int, int]:
    """The source pixels that `count` samples from `start` on read, with neighbours; at least one."""
    first = min(max(math.floor(start) - 1, 0), length - 1)
    last = max(min(math.ceil(start + step * (count - 1)) + 2, length), first + 1)
    return first, last
