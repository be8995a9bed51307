"""What a view of an image with masks looks like, as plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from skipclick.apps.desktop.pyramid import Pyramid
from skipclick.errors import ImageError

Colour: TypeAlias = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

Box: TypeAlias = tuple[int, int, int, int]
"""Left, top, right, bottom, the last two exclusive."""

Style: TypeAlias = Literal["object", "selected", "preview", "flash"]
"""Of a mask: one of many, the one in hand, what a click would give, what was before the last click."""

MARGIN = 4
"""How far, in scaled pixels, a mask's line reaches beyond the mask."""

_HALF = 127
"""A screen pixel whose coverage is above this shows the mask."""

_WHITE: Colour = (255, 255, 255)
_STRENGTH: dict[Style, float] = {"object": 0.7, "selected": 1.0, "preview": 0.6, "flash": 1.3}
"""Opacity of a mask's fill, as a share of what is set."""

_LINE: dict[Style, int] = {"object": 3, "selected": 5, "preview": 3, "flash": 3}
"""Side of the square that the line is blurred with: about its width in pixels, plus one."""


@dataclass(frozen=True, slots=True)
class Look:
    """How image and masks are shown; nothing here changes either.

    Attributes:
        opacity: of a mask's fill, in [0, 1].
        outline: draw only the masks' outlines.
        on_black: show the image inside the masks and black elsewhere.
        brightness: in [-1, 1]; positive lifts the shadows, negative darkens the highlights.
        contrast: in [-1, 1].

    Raises:
        ImageError: a value out of its range.
    """

    opacity: float = 0.45
    outline: bool = False
    on_black: bool = False
    brightness: float = 0.0
    contrast: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.opacity <= 1 and -1 <= self.brightness <= 1 and -1 <= self.contrast <= 1):
            raise ImageError("opacity lies in [0, 1], brightness and contrast in [-1, 1]; choose within them")


@dataclass(frozen=True, slots=True, eq=False)
class MaskLayer:
    """One mask to show.

    Attributes:
        key: whose mask it is, such as the object's id; unique among the layers shown together.
        mask: (h, w) bool, all of the image or a part of it. Layers with the same array share their work,
            so hand in the same array again as long as the mask stays; never change it.
        colour: of fill and line.
        left, top: the image pixel at which the mask's first pixel lies.
        style: see `Style`.

    Raises:
        ImageError: the mask is not a bool array of two dimensions.
    """

    key: str
    mask: NDArray[np.bool_]
    colour: Colour
    left: int = 0
    top: int = 0
    style: Style = "object"

    def __post_init__(self) -> None:
        if self.mask.ndim != 2 or self.mask.dtype != np.bool_:
            raise ImageError(f"a mask to show is (h, w) bool, not {self.mask.shape} {self.mask.dtype}")

    @property
    def box(self) -> Box:
        """The image pixels that the array covers: left, top, right, bottom, the last two exclusive."""
        return self.left, self.top, self.left + self.mask.shape[1], self.top + self.mask.shape[0]

    def same_as(self, other: MaskLayer) -> bool:
        """Whether both are drawn alike; masks are compared by identity."""
        return self.mask is other.mask and (self.colour, self.left, self.top, self.style) == (
            other.colour,
            other.left,
            other.top,
            other.style,
        )


_STRENGTH_OF_LINE = np.minimum(1.6 * (1 - np.abs(np.linspace(-1, 1, 256))), 1).astype(np.float32)
"""Of a mask's line, by the blurred mask: nothing at 0 and 255, full near one half."""


def coverage(mask: NDArray[np.bool_], left: int, top: int) -> tuple[Pyramid, Box]:
    """A mask's pyramid, from its bounding box alone, and that box in image pixels; empty for no object."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return Pyramid(np.zeros((1, 1), np.uint8), origin=(left, top), edge="zero"), (left, top, left, top)
    y0, y1, x0, x1 = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    part = np.ascontiguousarray(mask[y0:y1, x0:x1]).view(np.uint8) * np.uint8(255)
    box = left + x0, top + y0, left + x1, top + y1
    return Pyramid(part, origin=(left + x0, top + y0), edge="zero"), box


def tone_table(look: Look) -> NDArray[np.uint8] | None:
    """The new value of each of the 256 brightnesses, (256,) uint8; None if nothing changes.

    Brightness is a power, so that black and white stay and nothing is cut off; contrast a slope around
    the middle.
    """
    if not look.brightness and not look.contrast:
        return None
    value = np.linspace(0, 1, 256) ** (2.0 ** (-1.6 * look.brightness))
    value = (value - 0.5) * 2.0 ** (2 * look.contrast) + 0.5
    return np.asarray(np.rint(np.clip(value, 0, 1) * 255), np.uint8)


def compose(
    image: NDArray[np.uint8], masks: Sequence[tuple[MaskLayer, NDArray[np.uint8]]], look: Look
) -> NDArray[np.uint8]:
    """Draw masks over a view of an image.

    Args:
        image: (h, w, 3) uint8 RGB; changed in place.
        masks: back to front, each with its coverage, (h, w) uint8 of the same view, 255 on the object.
        look: how to draw.

    Returns:
        (h, w, 3) uint8 RGB, `image` or a new array.
    """
    table = tone_table(look)
    if table is not None:
        image = np.asarray(cv2.LUT(image, table), np.uint8)
    hard = [(layer, _hard(cover)) for layer, cover in masks if cover.max() > _HALF]
    if look.on_black:
        image = _on_black(image, [cover for layer, cover in hard if layer.style in ("object", "selected")])
    for layer, cover in hard:
        if _fills(layer.style, look):
            image = _fill(image, cover, layer.colour, min(1.0, look.opacity * _STRENGTH[layer.style]))
        if cover.min() == 0 and not (look.on_black and layer.style == "object"):
            _draw_line(image, cover, layer)
    return image


def _fills(style: Style, look: Look) -> bool:
    if style == "flash":
        return True
    return not look.outline and not (look.on_black and style != "preview")


def _hard(cover: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.threshold(cover, _HALF, 255, cv2.THRESH_BINARY)[1], np.uint8)


def _on_black(image: NDArray[np.uint8], covers: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    black = np.zeros_like(image)
    for cover in covers:
        cv2.copyTo(image, cover, black)
    return black


def _fill(
    image: NDArray[np.uint8], cover: NDArray[np.uint8], colour: Colour, opacity: float
) -> NDArray[np.uint8]:
    """Mix the colour into the mask's pixels, by a table per channel."""
    value = np.arange(256)[:, None]
    table = np.rint(value + (np.asarray(colour) - value) * opacity).astype(np.uint8)[None]
    cv2.copyTo(np.asarray(cv2.LUT(image, table), np.uint8), cover, image)
    return image


def _draw_line(image: NDArray[np.uint8], cover: NDArray[np.uint8], layer: MaskLayer) -> None:
    """Trace the mask's border with a smooth line, half inside and half outside.

    A blurred mask runs through one half exactly on the border; how near it is to one half is the line's
    strength.
    """
    side = _LINE[layer.style]
    blurred = np.asarray(cv2.blur(cover, (side, side), borderType=cv2.BORDER_REPLICATE), np.uint8)
    where = np.flatnonzero((blurred > 0) & (blurred < 255))
    flat = image.reshape(-1, 3)
    pixels, share = flat[where], _STRENGTH_OF_LINE[blurred.ravel()[where], None]
    colour = np.asarray(_WHITE if layer.style == "flash" else layer.colour, np.float32)
    flat[where] = np.rint(pixels + (colour - pixels) * share).astype(np.uint8)
