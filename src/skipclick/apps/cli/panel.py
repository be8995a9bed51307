"""The demo's picture: the photo, the mask after each click, and the object cut out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from skipclick.overlay import cut_out, draw_clicks, draw_mask
from skipclick.prompt import Click

TILE = 420
GAP = 18
MARGIN = 26
CAPTION = 34
TEXT_SIZE = 17
PAPER = (255, 255, 255)
INK = (28, 30, 34)
FAINT = (118, 122, 130)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What one click gave.

    Attributes:
        clicks: all clicks so far, in image pixels.
        mask: (H, W) bool after the last of them.
        seconds: what that click took.
    """

    clicks: tuple[Click, ...]
    mask: NDArray[np.bool_]
    seconds: float


def draw_panel(
    image: NDArray[np.uint8], steps: Sequence[Step], *, encode_seconds: float
) -> NDArray[np.uint8]:
    """Lay out photo, steps and cut-out as captioned tiles, left to right and downwards.

    Args:
        image: (H, W, 3) uint8 RGB.
        steps: at least one.
        encode_seconds: what encoding the photo took.

    Returns:
        (height, width, 3) uint8 RGB.
    """
    scale = min(1.0, TILE / max(image.shape[:2]))
    small = _shrink_photo(image, scale)
    tiles = [(small, "photo", f"encoded once, {_milliseconds(encode_seconds)}")]
    for number, step in enumerate(steps, start=1):
        clicks = [Click(click.x * scale, click.y * scale, click.positive) for click in step.clicks]
        picture = draw_clicks(draw_mask(small, _shrink_mask(step.mask, small.shape)), clicks, radius=7)
        kind = "object" if step.clicks[-1].positive else "background"
        tiles.append((picture, f"click {number}: {kind}", _milliseconds(step.seconds)))
    count = "1 click" if len(steps) == 1 else f"{len(steps)} clicks"
    tiles.append((cut_out(small, _shrink_mask(steps[-1].mask, small.shape)), "cut out", count))
    return _lay_out(tiles)


def _lay_out(tiles: Sequence[tuple[NDArray[np.uint8], str, str]]) -> NDArray[np.uint8]:
    height, width = tiles[0][0].shape[:2]
    columns = min(len(tiles), 4 if len(tiles) > 6 else 3)
    rows = -(-len(tiles) // columns)
    across, down = width + GAP, height + CAPTION + GAP
    page = Image.new("RGB", (2 * MARGIN + columns * across - GAP, 2 * MARGIN + rows * down - GAP), PAPER)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=TEXT_SIZE)
    for index, (picture, left, right) in enumerate(tiles):
        x, y = MARGIN + index % columns * across, MARGIN + index // columns * down
        page.paste(Image.fromarray(picture), (x, y))
        middle = y + height + CAPTION / 2
        draw.text((x, middle), left, fill=INK, font=font, anchor="lm")
        draw.text((x + width, middle), right, fill=FAINT, font=font, anchor="rm")
    return np.array(page)


def _shrink_photo(image: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    if scale == 1.0:
        return image
    height, width = image.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.array(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS))


def _shrink_mask(mask: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    if mask.shape == shape[:2]:
        return mask
    grey = Image.fromarray(mask.astype(np.uint8) * np.uint8(255))
    return np.asarray(grey.resize((shape[1], shape[0]), Image.Resampling.BOX)) >= 128


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"
