"""Random variations of a training image and its labels (specification 6.2)."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What is varied, how much and how often; the published values.

    Attributes:
        size: height and width of the result, in pixels.
        scale: range of the factor by which both sides are scaled.
        flip: probability of mirroring left and right.
        tone: probability of changing brightness and contrast.
        contrast: range of what is added to the factor 1 of every value.
        brightness: range of what is added to every value, as a share of 255.
        colour: probability of shifting the channels.
        shift: a channel is shifted by at most this, up or down, in grey levels.
    """

    size: tuple[int, int] = (448, 448)
    scale: tuple[float, float] = (0.75, 1.40)
    flip: float = 0.5
    tone: float = 0.75
    contrast: tuple[float, float] = (-0.15, 0.40)
    brightness: tuple[float, float] = (-0.25, 0.25)
    colour: float = 0.75
    shift: float = 10.0


TRAINING = Augmentation()
"""The published variations."""

VALIDATION = Augmentation(scale=(1.0, 1.0), flip=0.0, tone=0.0, colour=0.0)
"""Padding and a random crop only."""


def augment(
    image: Pixels, layers: Pixels, augmentation: Augmentation, generator: np.random.Generator
) -> tuple[Pixels, Pixels]:
    """Scale, mirror, pad, crop, then change the tone and the colours, in this order.

    Args:
        image: (H, W, 3) uint8 RGB.
        layers: (H, W, L) uint8 labels; they follow the image's geometry.
        augmentation: what to do.
        generator: where the randomness comes from.

    Returns:
        The image (h, w, 3) uint8 and its labels (h, w, L) uint8, new arrays of `augmentation.size`.
    """
    factor = generator.uniform(*augmentation.scale)
    height, width = image.shape[:2]
    size = max(round(height * factor), 1), max(round(width * factor), 1)
    image, layers = resize_image(image, size), resize_labels(layers, size)
    if generator.random() < augmentation.flip:
        image, layers = image[:, ::-1], layers[:, ::-1]
    image, layers = pad(image, augmentation.size), pad(layers, augmentation.size)
    window = _random_window((image.shape[0], image.shape[1]), augmentation.size, generator)
    image, layers = image[window].copy(), layers[window].copy()
    if generator.random() < augmentation.tone:
        contrast = generator.uniform(*augmentation.contrast)
        brightness = generator.uniform(*augmentation.brightness)
        image = change_tone(image, 1 + contrast, brightness)
    if generator.random() < augmentation.colour:
        image = shift_channels(image, generator.uniform(-augmentation.shift, augmentation.shift, 3))
    return image, layers


def resize_image(image: Pixels, size: tuple[int, int]) -> Pixels:
    """Resize (H, W, 3) uint8 to `size` (h, w) by OpenCV's bilinear rule; no copy if the size is the same."""
    if image.shape[:2] == size:
        return image
    resized: Pixels = cv2.resize(image, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
    return resized


def resize_labels(layers: Pixels, size: tuple[int, int]) -> Pixels:
    """Resize (H, W, L) uint8 to `size` (h, w): row i comes from row ⌊i·H/h⌋, columns likewise.

    This is OpenCV's nearest neighbour in whole numbers, so that no rounding of a quotient shifts a label.
    """
    if layers.shape[:2] == size:
        return layers
    rows, columns = (np.arange(n) * length // n for n, length in zip(size, layers.shape[:2], strict=True))
    return layers.take(rows, axis=0).take(columns, axis=1)


def pad(array: Pixels, size: tuple[int, int]) -> Pixels:
    """Surround (H, W, C) uint8 with zeros until it is at least `size`; an odd row or column goes last."""
    missing = [max(least - length, 0) for least, length in zip(size, array.shape[:2], strict=True)]
    if not any(missing):
        return array
    return np.pad(array, [*((n // 2, n - n // 2) for n in missing), (0, 0)])


def change_tone(image: Pixels, factor: float, share: float) -> Pixels:
    """Each value v of (H, W, 3) uint8 becomes factor·v + 255·share, clipped to [0, 255] and truncated."""
    table = np.clip(np.arange(256) * factor + 255 * share, 0, 255).astype(np.uint8)
    return table[image]


def shift_channels(image: Pixels, shifts: NDArray[np.float64]) -> Pixels:
    """Add one number to each channel of (H, W, 3) uint8, clip to [0, 255] and truncate.

    Args:
        image: (H, W, 3) uint8.
        shifts: (3,) float64, in grey levels.
    """
    tables = np.clip(np.arange(256)[:, None] + shifts, 0, 255).astype(np.uint8)
    return tables[image, np.arange(3)]


def _random_window(
    shape: tuple[int, int], size: tuple[int, int], generator: np.random.Generator
) -> tuple[slice, slice]:
    """A window of `size` inside `shape`, every position as likely as any other, the last included."""
    top, left = (
        int(generator.integers(length - n, endpoint=True)) for length, n in zip(shape, size, strict=True)
    )
    return slice(top, top + size[0]), slice(left, left + size[1])
