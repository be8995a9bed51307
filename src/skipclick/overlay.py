"""Drawing masks and clicks on photos; every function returns a new picture, (H, W, 3) uint8 RGB."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from skipclick.errors import ImageError
from skipclick.prompt import Click

Colour = tuple[int, int, int]

MASK: Colour = (38, 132, 255)
POSITIVE: Colour = (32, 158, 84)
NEGATIVE: Colour = (214, 48, 49)
WHITE: Colour = (255, 255, 255)

_CHECKERS: tuple[int, int] = (255, 226)


def draw_mask(
    image: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    *,
    colour: Colour = MASK,
    strength: float = 0.45,
    edge: int | None = None,
) -> NDArray[np.uint8]:
    """Tint the object and trace its border.

    Args:
        image: (H, W, 3) uint8 RGB.
        mask: (H, W) bool, True on the object.
        colour: the tint, RGB in 0..255.
        strength: share of the tint in the object's pixels, in [0, 1].
        edge: width of the border line in pixels, drawn inside the object; 0 for none, None for one that
            fits the photo's size.

    Raises:
        ImageError: image and mask do not fit each other.
    """
    _check(image, mask)
    result = image.copy()
    tint = np.asarray(colour, dtype=np.float32)
    inside = image[mask].astype(np.float32)
    result[mask] = np.rint(inside + (tint - inside) * np.float32(strength)).astype(np.uint8)
    width = _line_width(image) if edge is None else edge
    result[_border(mask, width)] = colour
    return result


def draw_clicks(
    image: NDArray[np.uint8], clicks: Sequence[Click], *, radius: float | None = None
) -> NDArray[np.uint8]:
    """Draw each click as a disk with a white ring: green with a plus, or red with a minus.

    Args:
        image: (H, W, 3) uint8 RGB.
        clicks: in image pixels; later clicks lie on top.
        radius: of a disk in pixels; None for one that fits the photo's size.

    Raises:
        ImageError: not such an image.
    """
    _check(image, None)
    size = max(5.0, 0.016 * max(image.shape[:2])) if radius is None else radius
    result = image.copy()
    for click in clicks:
        _stamp(result, click, size)
    return result


def cut_out(image: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The object alone, on the chequered ground that stands for transparency.

    Args:
        image: (H, W, 3) uint8 RGB.
        mask: (H, W) bool, True on the object.

    Raises:
        ImageError: image and mask do not fit each other.
    """
    _check(image, mask)
    height, width = mask.shape
    side = max(4, round(max(height, width) / 50))
    odd = (np.arange(height)[:, None] // side + np.arange(width)[None, :] // side) % 2
    ground = np.where(odd[..., None] == 1, np.uint8(_CHECKERS[1]), np.uint8(_CHECKERS[0]))
    return np.where(mask[..., None], image, ground)


def _check(image: NDArray[np.uint8], mask: NDArray[np.bool_] | None) -> None:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ImageError(f"a photo to draw on is (H, W, 3) uint8, not {image.shape} {image.dtype}")
    if mask is None:
        return
    if mask.dtype != np.bool_:
        raise ImageError(f"a mask is bool, not {mask.dtype}; threshold a probability first")
    if mask.shape != image.shape[:2]:
        raise ImageError(f"the mask has the size {mask.shape}, the photo {image.shape[:2]}: they must agree")


def _line_width(image: NDArray[np.uint8]) -> int:
    longest: int = max(image.shape[:2])
    return min(6, max(1, round(longest / 240)))


def _border(mask: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """The object's pixels within `width` steps of the background; the photo's frame is not a border."""
    inner = mask
    for _ in range(width):
        padded = np.pad(inner, 1, mode="edge")
        inner = inner & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & ~inner


def _stamp(picture: NDArray[np.uint8], click: Click, radius: float) -> None:
    """Draw one click into the picture, with smooth edges; what lies outside is cut off."""
    height, width = picture.shape[:2]
    ring = max(1.0, 0.22 * radius)
    reach = radius + ring + 1
    top, bottom = max(0, math.floor(click.y - reach)), min(height, math.ceil(click.y + reach) + 1)
    left, right = max(0, math.floor(click.x - reach)), min(width, math.ceil(click.x + reach) + 1)
    if top >= bottom or left >= right:
        return
    dy = np.abs(np.arange(top, bottom) - click.y)[:, None]
    dx = np.abs(np.arange(left, right) - click.x)[None, :]
    distance = np.hypot(dx, dy)
    long, thick = 0.58 * radius, 0.13 * radius
    layers = [
        (_cover(radius + ring - distance), WHITE),
        (_cover(radius - distance), POSITIVE if click.positive else NEGATIVE),
        (_cover(long - dx) * _cover(thick - dy), WHITE),
    ]
    if click.positive:
        layers.append((_cover(thick - dx) * _cover(long - dy), WHITE))
    patch = picture[top:bottom, left:right].astype(np.float64)
    for cover, colour in layers:
        patch += (np.asarray(colour, np.float64) - patch) * cover[..., None]
    picture[top:bottom, left:right] = np.rint(patch).astype(np.uint8)


def _cover(inside: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of a pixel that is covered, from how far its centre lies inside the edge."""
    return np.clip(inside + 0.5, 0.0, 1.0)
