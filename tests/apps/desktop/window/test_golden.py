"""The window looks as it did: its main states beside the pictures in tests/data/golden.

The pictures are small, and cells of them are compared, not pixels: other fonts and versions of Qt pass, a
panel or a mask that is missing does not. After a change that is meant, make them again and look at them:

    SKIPCLICK_RENEW_GOLDEN=1 pytest tests/apps/desktop/window/test_golden.py
"""

from __future__ import annotations

import io
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import QBuffer, QPoint, Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from skipclick.apps.desktop.dialogs import ExportDialog
from skipclick.apps.desktop.settings import Settings
from skipclick.apps.desktop.window import Window
from skipclick.apps.desktop.worker import ModelWorker
from skipclick.backend.protocol import Features
from skipclick.prompt import Prompt

DATA = Path(__file__).parents[3] / "data"
GOLDEN = DATA / "golden"
RENEW = bool(os.environ.get("SKIPCLICK_RENEW_GOLDEN"))
SHRINK = 2
"""By how much the pictures kept are smaller than the window."""

CELL = 20
"""Side of what is compared, in pixels of the window."""

FAR = 35.0
"""Cells whose mean colours are further apart than this, of 255, differ."""

ALIKE = 0.01
"""Pictures are alike if no more than this share of their cells differs."""

STATES = (
    "empty",
    "open",
    "clicked",
    "several",
    "brush",
    "history",
    "view",
    "keys",
    "export",
    "dark",
    "german",
)


@dataclass(frozen=True)
class NoFeatures:
    """What Ellipses keeps of an image: its size."""

    batch: int
    size: tuple[int, int]
    nbytes: int = 0


class Ellipses:
    """A model whose masks are always the same: an ellipse around each click, later clicks on top."""

    name = "ellipses"
    fingerprint = "no weights"
    stride = 14
    device = "cpu"

    def encode(self, images: NDArray[np.float32]) -> Features:
        return NoFeatures(len(images), (images.shape[2], images.shape[3]))

    def decode(self, features: Features, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
        height, width = features.size
        rows, columns = np.mgrid[:height, :width]
        logits = np.full((len(prompts), height, width), -8.0, np.float32)
        for item, prompt in zip(logits, prompts, strict=True):
            for click in prompt.clicks:
                size = 70.0 if click.positive else 35.0
                near = ((columns - click.x) / size) ** 2 + ((rows - click.y) / (1.3 * size)) ** 2 <= 1
                item[near] = 8.0 if click.positive else -8.0
        return logits


class Studio:
    """Brings the window into its states, one after another, and takes a picture of each."""

    def __init__(self, folder: Path) -> None:
        self.window = Window(ModelWorker(), Settings(theme="light"))
        self.window.resize(1100, 720)
        self.window.show()
        self.folder = folder
        self.taken: dict[str, Image.Image] = {}

    def wait(self, done: Callable[[], bool]) -> None:
        end = time.monotonic() + 20
        while not done():
            assert time.monotonic() < end
            QTest.qWait(5)

    def click(self, x: float, y: float, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        canvas = self.window.canvas
        assert canvas.viewport is not None
        at = QPoint(*map(round, canvas.viewport.to_screen(x, y)))
        QTest.mouseClick(canvas, button, Qt.KeyboardModifier.NoModifier, at)
        self.wait(lambda: not self.window.clicking.waiting)

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.window.canvas, key)

    def take(self, name: str, widget: QWidget | None = None) -> Image.Image:
        QApplication.processEvents()
        self.taken[name] = grab(widget or self.window)
        return self.taken[name]

    def through_all_states(self) -> None:
        """Take every picture of `STATES`."""
        window = self.window
        self.take("empty")
        window.worker.load(Ellipses)
        window.files.open(self.folder)
        role = Qt.ItemDataRole.DecorationRole
        images = window.folder.model
        self.wait(lambda: window.display.ready)
        self.wait(lambda: all(images.index(row).data(role) for row in range(images.rowCount())))
        self.take("open")
        window.objects.edit_class(1, name="cup")
        window.objects.add_class("spoon")
        window.work.choose_class(1)
        window.display.set_look(opacity=0.75)
        self.click(190, 90)
        self.click(230, 110)
        self.click(205, 140, Qt.MouseButton.RightButton)
        self.take("clicked")
        self.key(Qt.Key.Key_Space)
        self.key(Qt.Key.Key_2)
        self.click(60, 60)
        self.key(Qt.Key.Key_Space)
        self.click(330, 210)
        self.key(Qt.Key.Key_Space)
        self.key(Qt.Key.Key_X)
        self.take("several")
        window.work.select((2,))
        self.key(Qt.Key.Key_B)
        assert window.canvas.viewport is not None
        QTest.mouseMove(window.canvas, QPoint(*map(round, window.canvas.viewport.to_screen(190, 220))))
        window.toolbox.larger()
        self.take("brush")
        self.key(Qt.Key.Key_C)
        for name, tab in (("history", 1), ("view", 2)):
            window.tabs.setCurrentIndex(tab)
            self.take(name)
        window.tabs.setCurrentIndex(0)
        window.show_keys()
        window.keys_dialog.resize(window.keys_dialog.full_size)  # the screen may be small
        self.take("keys", window.keys_dialog)
        window.keys_dialog.accept()
        dialog = ExportDialog({"all": 1, "this": 1, "chosen": 1, "done": 1, "reviewed": 0}, window)
        dialog.show()
        self.take("export", dialog)
        dialog.close()
        window.switch_theme()
        self.take("dark")
        window.switch_theme()
        window.files.language_wanted.emit("de")
        self.take("german")
        window.files.language_wanted.emit("en")


def grab(widget: QWidget) -> Image.Image:
    """What a widget shows, as a picture."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    widget.grab().save(buffer, "PNG")
    return Image.open(io.BytesIO(buffer.data().data())).convert("RGB")


def cells(picture: Image.Image, size: tuple[int, int]) -> NDArray[np.float64]:
    """Mean colours of the cells of a picture of a window of this (width, height), (rows, columns, 3)."""
    counts = (max(size[0] // CELL, 1), max(size[1] // CELL, 1))
    return np.asarray(picture.resize(counts, Image.Resampling.BOX), np.float64)


def difference(one: Image.Image, other: Image.Image) -> float:
    """The share of cells that differ between two pictures of one thing; the first one sets the size."""
    apart = np.abs(cells(one, one.size) - cells(other, one.size)).max(axis=-1)
    return float((apart > FAR).mean())


def make_studio(folder: Path, family: str) -> Iterator[Studio]:
    """A window in a font, with all pictures taken, closed at the end."""
    folder.mkdir()
    for name in ("astronaut", "chelsea", "coffee", "rocket"):
        shutil.copy(DATA / f"{name}.jpg", folder / f"{'0 ' if name == 'coffee' else ''}{name}.jpg")
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before, font = app.font(), QFont(family)
    font.setPointSizeF(9.0)
    app.setFont(font)
    studio = Studio(folder)
    try:
        studio.through_all_states()
        yield studio
    finally:
        studio.window.close()
        studio.window.deleteLater()
        app.processEvents()
        app.setFont(before)


@pytest.fixture(scope="module")
def studio(qapp: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """The window with all pictures taken, still open with three objects."""
    yield from make_studio(tmp_path_factory.mktemp("photos") / "kitchen", "DejaVu Sans")


@pytest.mark.parametrize("state", STATES)
def test_it_looks_as_it_did(studio: Studio, state: str) -> None:
    taken, path = studio.taken[state], GOLDEN / f"{state}.png"
    if RENEW:
        GOLDEN.mkdir(exist_ok=True)
        small = taken.resize((taken.width // SHRINK, taken.height // SHRINK), Image.Resampling.BOX)
        small.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    with Image.open(path) as golden:
        assert abs(taken.width / golden.width / SHRINK - 1) < 0.15  # dialogs are as wide as their texts
        assert difference(taken, golden.convert("RGB")) <= ALIKE


@pytest.mark.parametrize("part", ["folder", "tabs", "class_bar", "status", "menuBar", "canvas"])
def test_a_part_that_is_missing_is_noticed(studio: Studio, part: str) -> None:
    widget = getattr(studio.window, part)
    widget = widget() if callable(widget) else widget
    widget.hide()
    try:
        assert difference(studio.take(f"without {part}"), studio.taken["several"]) > 2 * ALIKE
    finally:
        widget.show()
    assert difference(studio.take("whole again"), studio.taken["several"]) <= ALIKE


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_mask_that_is_not_painted_is_noticed(studio: Studio, number: int) -> None:
    studio.window.work.select(())
    layers = studio.window.canvas._layers
    studio.window.canvas.set_layers([layer for layer in layers if layer.key != str(number)])
    assert difference(studio.take("fewer masks"), studio.taken["several"]) > ALIKE
    studio.window.canvas.set_layers(layers)
    assert difference(studio.take("all masks"), studio.taken["several"]) <= ALIKE


@pytest.mark.parametrize(("state", "other"), [("several", "clicked"), ("several", "dark"), ("empty", "open")])
def test_states_differ_from_one_another(studio: Studio, state: str, other: str) -> None:
    assert difference(studio.taken[state], studio.taken[other]) > 2 * ALIKE


@pytest.mark.slow
@pytest.mark.parametrize("family", ["DejaVu Serif", "DejaVu Sans Mono"])
def test_another_font_is_no_difference(studio: Studio, family: str, tmp_path: Path) -> None:
    for other in make_studio(tmp_path / "kitchen", family):
        assert all(difference(studio.taken[state], other.taken[state]) <= ALIKE for state in STATES)
