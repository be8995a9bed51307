"""Zoom-in: from the second click on, the network sees only the object's surroundings (specification 4.5).

The published numbers are without it. It finds detail in small objects, and costs an encoding whenever the
surroundings change.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from skipclick.backend.protocol import Backend, Features
from skipclick.mask import sigmoid
from skipclick.prompt import Click
from skipclick.resize import resize_aligned
from skipclick.session import EncodedImage, decode_scaled, encode_image

OBJECT = 0.5
"""Probability above which a pixel counts as object when the surroundings are chosen."""

EXPANSION = 1.4
"""How much longer and broader the surroundings are than the object."""

SHORTEST = 200
"""The least length and breadth of the surroundings, in image pixels."""

SIMILAR = 0.5
"""IoU of two boxes from which on the earlier one is kept."""


class Region(NamedTuple):
    """A part of an image, in pixels; the last row and column belong to it."""

    top: int
    bottom: int
    left: int
    right: int

    @classmethod
    def whole(cls, shape: tuple[int, int]) -> Self:
        """All of an image of (H, W) pixels."""
        return cls(0, shape[0] - 1, 0, shape[1] - 1)

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.bottom - self.top + 1, self.right - self.left + 1

    @property
    def window(self) -> tuple[slice, slice]:
        """To cut it out of an array (H, W, …)."""
        return slice(self.top, self.bottom + 1), slice(self.left, self.right + 1)

    def holds(self, click: Click) -> bool:
        """Whether a click lies in it."""
        return self.top <= click.y < self.bottom and self.left <= click.x < self.right


def surroundings(probability: NDArray[np.float32], clicks: Sequence[Click]) -> Region:
    """What to look at: the object so far and all positive clicks, with room around, or the whole image.

    Args:
        probability: the previous mask, (H, W) float32 in [0, 1].
        clicks: in image pixels.

    Returns:
        The bounding box of what is above `OBJECT` and of the positive clicks, `EXPANSION` times as large
        about its centre, at least `SHORTEST` pixels each way, rounded, and cut at the image's border; the
        whole image if nothing is above `OBJECT`.
    """
    whole = Region.whole((probability.shape[0], probability.shape[1]))
    found = probability > OBJECT
    rows, columns = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    if not len(rows):
        return whole
    positive = [click for click in clicks if click.positive]
    top, bottom = _expanded([rows[0], rows[-1], *(click.y for click in positive)])
    left, right = _expanded([columns[0], columns[-1], *(click.x for click in positive)])
    return Region(max(top, 0), min(bottom, whole.bottom), max(left, 0), min(right, whole.right))


def next_region(stored: Region | None, wanted: Region, clicks: Sequence[Click]) -> Region:
    """The stored region as long as it holds all positive clicks and resembles the wanted one.

    "Holds" is as published: a click in the last row or column is outside (specification 4.5).
    """
    if stored is None or not all(stored.holds(click) for click in clicks if click.positive):
        return wanted
    alike = _overlap(stored.top, stored.bottom, wanted.top, wanted.bottom)
    alike *= _overlap(stored.left, stored.right, wanted.left, wanted.right)
    return stored if alike >= SIMILAR else wanted


class ZoomedSession:
    """One object of one image, clicked with zoom-in; to evaluation what `Session` is without.

    Args:
        model: a loaded model.
        image: (H, W, 3) uint8 RGB.
        whole: the whole image, encoded by the same model; its size and mirroring hold for parts as well.
        threshold: a pixel belongs to the mask if its probability is above this.
        start: a mask to begin from, (H, W) bool; None for all background.
    """

    def __init__(
        self,
        model: Backend,
        image: NDArray[np.uint8],
        whole: EncodedImage,
        *,
        threshold: float,
        start: NDArray[np.bool_] | None = None,
    ) -> None:
        self._model, self._image, self._whole = model, image, whole
        self._threshold = threshold
        self._probability = np.zeros(whole.shape, np.float32) if start is None else start.astype(np.float32)
        self._clicks: tuple[Click, ...] = ()
        self._region: Region | None = None
        self._encoded: tuple[Region, Features] = (Region.whole(whole.shape), whole.features)

    @property
    def clicks(self) -> tuple[Click, ...]:
        """The clicks so far, in order."""
        return self._clicks

    @property
    def mask(self) -> NDArray[np.bool_]:
        """The object: where the probability is above the threshold, (H, W) bool."""
        return np.asarray(self._probability > self._threshold)

    def add(self, click: Click) -> NDArray[np.bool_]:
        """Answer one more click.

        Returns:
            The new `mask`; nothing outside the region that was looked at belongs to it.
        """
        self._clicks = (*self._clicks, click)
        wanted = surroundings(self._probability, self._clicks)
        self._region = region = next_region(self._region, wanted, self._clicks)
        previous = resize_aligned(self._probability[region.window], self._whole.size)
        inside = resize_aligned(sigmoid(self._decode(region, previous)), region.shape)
        self._probability = np.zeros(self._whole.shape, np.float32)
        self._probability[region.window] = inside
        return self.mask

    def _decode(self, region: Region, previous: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits for a region at the network's size, averaged with those of its mirror image if asked for.

        Unlike a session's clicks, these may lie outside what the network sees.
        """
        (height, width), (h, w) = region.shape, self._whole.size
        clicks = [
            Click(w * (c.x - region.left) / width, h * (c.y - region.top) / height, c.positive)
            for c in self._clicks
        ]
        features = self._features(region)
        return decode_scaled(self._model, features, clicks, previous, mirror=self._whole.mirror)

    def _features(self, region: Region) -> Features:
        """The region, encoded; the last one is kept, and the whole image always."""
        if region == Region.whole(self._whole.shape):
            return self._whole.features
        if region != self._encoded[0]:
            part = np.ascontiguousarray(self._image[region.window])
            encoded = encode_image(self._model, part, size=self._whole.size, mirror=self._whole.mirror)
            self._encoded = region, encoded.features
        return self._encoded[1]


def _expanded(places: Sequence[float]) -> tuple[int, int]:
    """An interval around places on an axis, larger than they need."""
    low, high = float(min(places)), float(max(places))
    half = max(EXPANSION * (high - low + 1), SHORTEST) / 2
    return round((low + high) / 2 - half), round((low + high) / 2 + half)


def _overlap(low: int, high: int, other_low: int, other_high: int) -> float:
    """IoU of two intervals of whole numbers, ends included."""
    shared = max(min(high, other_high) - max(low, other_low) + 1, 0)
    return shared / (max(high, other_high) - min(low, other_low) + 1)
