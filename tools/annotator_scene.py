"""What the pictures and the recording of the annotator share: photos, clicks, and small pictures."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image
from PySide6.QtCore import QBuffer
from PySide6.QtWidgets import QApplication, QWidget

Clicks: TypeAlias = Sequence[tuple[float, float, bool]]
"""x, y in image pixels, and whether the click is positive."""

ROOT = Path(__file__).parents[1]
COFFEE = ROOT / "src/skipclick/apps/cli/assets/coffee.jpg"
PHOTOS = (COFFEE, *(ROOT / f"tests/data/{name}.jpg" for name in ("astronaut", "chelsea", "rocket")))
PATIENCE = 1800.0
"""Seconds until something must have happened."""

# Of astronaut.jpg, then of others; found by trying, as whoever annotates does.
ASTRONAUT: Clicks = ((154, 217, True), (240, 310, False), (130, 278, True), (220, 265, True))
SHUTTLE: Clicks = ((318, 60, True), (290, 120, True), (270, 165, True))
PATCH = (130, 278)
WINGS: Clicks = ((228, 269, True),)
HELMET_BOX = ((214, 256), (383, 383))
HELMET: Clicks = ((300, 320, True), (230, 270, False), (372, 280, False), (378, 315, False))
ROCKET: Clicks = ((203, 200, True),)
CUP: Clicks = ((200, 120, True),)

_FLAT = 0.0002
"""Share of a picture from which on a colour is one of the window's, not one of the photo's."""


def fill_folder(folder: Path) -> None:
    """Make a folder of the photos."""
    folder.mkdir()
    for photo in PHOTOS:
        shutil.copy(photo, folder)


def wait(done: Callable[[], bool]) -> None:
    """Let the program go on until something has happened."""
    end = time.monotonic() + PATIENCE
    while not done():
        QApplication.processEvents()
        time.sleep(0.005)
        if time.monotonic() > end:
            raise SystemExit("the annotator does not answer")


def grab(widget: QWidget) -> Image.Image:
    """What a widget shows."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    widget.grab().save(buffer, "BMP")
    return Image.open(io.BytesIO(buffer.data().data())).convert("RGB")


def reduce_colours(picture: Image.Image, kept: Sequence[tuple[int, ...]]) -> Image.Image:
    """The picture with 256 colours: those wanted and those of flat areas exactly, then the photo's."""
    exact = flat_colours(picture, kept)
    found = picture.quantize(256 - len(exact), Image.Quantize.MEDIANCUT).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*(part for colour in exact for part in colour), *found[: 3 * (256 - len(exact))]])
    small = picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    values, places = np.asarray(picture), np.array(small)
    for place, colour in enumerate(exact):  # Pillow takes colours that are merely near
        places[(values == colour).all(axis=2)] = place
    small.putdata(places.ravel().tolist())
    return small


def flat_colours(picture: Image.Image, kept: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Colours that a picture cannot do without: those wanted, and those of large flat areas."""
    counted = picture.getcolors(picture.width * picture.height) or []
    least = _FLAT * picture.width * picture.height
    flat = [colour for count, colour in sorted(counted, reverse=True)[:90] if count > least]
    return list(dict.fromkeys([*kept, *(colour for colour in flat if isinstance(colour, tuple))]))
