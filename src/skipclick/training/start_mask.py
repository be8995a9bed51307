"""Starting masks for training: what a user who repairs a mask begins with. Ours, not published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class StartMaskRules:
    """How often training begins from a damaged mask, and how it is damaged.

    Attributes:
        share: probability of a starting mask; 0 in the published recipes.
        answered: probability that its only click is the one that answers it, as at the beginning of a
            repair; otherwise the item keeps its initial points.
        shift: a mask is moved by at most this, along each axis, as a share of the root of its area.
        grow: it grows or shrinks by at most this, as a share of the root of its area.
        cells: a coarse mask has so many cells along the longer side of its box.
    """

    share: float = 0.0
    answered: float = 0.5
    shift: float = 0.25
    grow: float = 0.15
    cells: tuple[int, int] = (4, 16)


PUBLISHED_START_MASKS = StartMaskRules()


def damage(
    target: Mask, strangers: Sequence[Mask], generator: np.random.Generator, rules: StartMaskRules
) -> Mask:
    """A mask that is not quite the target: shifted, grown, shrunk, coarse, or of another object.

    Each kind is as likely as any other.

    Args:
        target: (H, W) bool.
        strangers: other objects of the image, each (H, W) bool; without any, another object's mask is a
            shifted one.
        generator: where the randomness comes from.
        rules: how much.

    Returns:
        (H, W) bool, a new array; all False for an empty target.
    """
    kind = int(generator.integers(5))
    if not target.any():
        return np.zeros_like(target)
    if kind == 0 and strangers:
        return strangers[int(generator.integers(len(strangers)))].copy()
    root = sqrt(int(target.sum()))
    if kind in (1, 2):
        pixels = int(generator.integers(1, max(1, round(rules.grow * root)), endpoint=True))
        return _grow(target, pixels) if kind == 1 else ~_grow(~target, pixels)
    if kind == 3:
        return coarsen(target, int(generator.integers(*rules.cells, endpoint=True)))
    most = max(1, round(rules.shift * root))
    down, across = (int(n) for n in generator.integers(-most, most, size=2, endpoint=True))
    return shift(target, down, across)


def shift(mask: Mask, down: int, across: int) -> Mask:
    """Move a mask by whole pixels; what leaves the image is lost, and nothing enters it.

    Args:
        mask: (H, W) bool.
        down: rows, negative for up.
        across: columns, negative for left.
    """
    matrix = np.array([[1, 0, across], [0, 1, down]], np.float32)
    height, width = mask.shape
    moved: NDArray[np.uint8] = cv2.warpAffine(_bytes(mask), matrix, (width, height), flags=cv2.INTER_NEAREST)
    return moved.view(np.bool_)


def coarsen(mask: Mask, cells: int) -> Mask:
    """Draw a mask with few large pixels, each as the majority of those in it.

    Args:
        mask: (H, W) bool, with at least one pixel.
        cells: number of large pixels along the longer side of the mask's box.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    inside = mask[window].astype(np.float32)
    height, width = inside.shape
    side = max(height, width) / cells
    size = max(1, round(width / side)), max(1, round(height / side))
    small = cv2.resize(inside, size, interpolation=cv2.INTER_AREA)
    result = np.zeros_like(mask)
    result[window] = cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST) >= 0.5
    return result


def _grow(mask: Mask, pixels: int) -> Mask:
    """Add what lies within so many pixels of a mask."""
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pixels + 1, 2 * pixels + 1))
    grown: NDArray[np.uint8] = cv2.dilate(_bytes(mask), disk)
    return grown.view(np.bool_)


def _bytes(mask: Mask) -> NDArray[np.uint8]:
    """A mask as OpenCV takes it, which knows no mirrored arrays."""
    return np.ascontiguousarray(mask).view(np.uint8)
