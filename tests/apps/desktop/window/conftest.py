"""Somebody at the whole window, with real mouse and key events and a model of disks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from skipclick.apps.desktop.window import Window


class User:
    """Somebody at the window."""

    def __init__(self, window: Window, bot: Any) -> None:
        self.window, self.bot = window, bot
        self.said: list[str] = []
        window.work.notice.connect(lambda text, _: self.said.append(text))

    def open(self, path: Path) -> None:
        self.window.files.open(path)
        self.ready()

    def ready(self) -> None:
        self.bot.waitUntil(lambda: self.window.display.ready)
        self.window.canvas.setFocus()

    def at(self, x: float, y: float) -> Any:
        from PySide6.QtCore import QPoint

        assert self.window.canvas.viewport is not None
        across, down = self.window.canvas.viewport.to_screen(x, y)
        return QPoint(round(across), round(down))

    def drag(self, points: Sequence[tuple[float, float]]) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
        QTest.mousePress(self.window.canvas, left, none, self.at(*points[0]))
        for point in points[1:]:
            QTest.mouseMove(self.window.canvas, self.at(*point))
        QTest.mouseRelease(self.window.canvas, left, none, self.at(*points[-1]))

    def press(self, x: float, y: float, button: str = "Left", *keys: str) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        held = Qt.KeyboardModifier.NoModifier
        for key in keys:
            held |= getattr(Qt.KeyboardModifier, f"{key}Modifier")
        which = getattr(Qt.MouseButton, f"{button}Button")
        QTest.mouseClick(self.window.canvas, which, held, self.at(x, y))

    def click(self, x: float, y: float, button: str = "Left", *keys: str) -> None:
        self.press(x, y, button, *keys)
        self.rest()

    def rest(self) -> None:
        self.bot.waitUntil(lambda: not self.window.clicking.waiting)

    def key(self, name: str, held: str = "No") -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        modifier = getattr(Qt.KeyboardModifier, f"{held}Modifier")
        QTest.keyClick(self.window.canvas, getattr(Qt.Key, f"Key_{name}"), modifier)

    @property
    def objects(self) -> tuple[Any, ...]:
        record = self.window.work.record
        return record.objects if record else ()

    def mask(self, number: int = -1) -> NDArray[np.bool_]:
        mask: NDArray[np.bool_] = self.objects[number].mask.to_mask()
        return mask


@pytest.fixture
def window(qtbot: Any, slow_model: Any, tmp_path: Path) -> Iterator[Window]:
    """A window without a folder, whose settings are kept in settings.json of the test's folder."""
    from skipclick.apps.desktop.settings import Settings
    from skipclick.apps.desktop.window import Window
    from skipclick.apps.desktop.worker import ModelWorker

    worker = ModelWorker()
    made = Window(worker, Settings(theme="light"), tmp_path / "settings.json")
    made.resize(900, 640)
    made.show()
    worker.load(lambda: slow_model)
    yield made
    slow_model.gate.set()
    made.close()
    made.deleteLater()


@pytest.fixture
def folder(tmp_path: Path, picture: Callable[[int, int], NDArray[np.uint8]]) -> Path:
    """Three images of 300 × 200."""
    place = tmp_path / "winter"
    place.mkdir()
    for name in ("a.png", "b.png", "c ä.png"):
        Image.fromarray(picture(300, 200)).save(place / name)
    return place


@pytest.fixture
def user(window: Window, qtbot: Any, folder: Path) -> User:
    """Somebody who has opened that folder."""
    made = User(window, qtbot)
    made.open(folder)
    return made
