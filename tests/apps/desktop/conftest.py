"""Qt without a screen, and pytest-qt's robot, for the tests of the desktop program.

pytest-qt is not loaded as a plugin: that would end the whole test run on a machine where Qt's system
libraries are missing. Test files that need Qt say so in their first lines and are skipped there.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from skipclick.backend.protocol import Backend, Features
from skipclick.prompt import Prompt


@pytest.fixture(scope="session")
def qapp() -> Any:
    """The one application object."""
    import PySide6
    from PySide6.QtWidgets import QApplication

    if PySide6.__version__ == "6.12.0" and sys.version_info < (3, 12):
        pytest.skip("PySide6 6.12.0 crashes under this Python after some hundred signals; install 6.11")
    return QApplication.instance() or QApplication(["skipclick"])


@pytest.fixture
def qtbot(qapp: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """pytest-qt's robot; an exception inside Qt's calls fails the test, and widgets are closed after it."""
    from pytestqt.exceptions import capture_exceptions
    from pytestqt.qt_compat import qt_api
    from pytestqt.qtbot import QtBot

    qt_api.set_qt_api("pyside6")

    class Bot(QtBot):
        def __init__(self) -> None:
            super().__init__(request)
            self.widgets: list[Any] = []

        def addWidget(self, widget: Any, **options: Any) -> None:  # noqa: N802
            self.widgets.append(widget)

        def waitUntil(self, callback: Any, *, timeout: int = 20_000) -> None:  # noqa: N802
            super().waitUntil(callback, timeout=timeout)  # a busy machine is no failure

        def _should_raise(self, raising_arg: bool | None) -> bool:
            return raising_arg is not False

    bot = Bot()
    with capture_exceptions() as errors:
        yield bot
        for widget in bot.widgets:
            widget.close()
            widget.deleteLater()
        qapp.processEvents()
    assert not errors, errors


@pytest.fixture
def picture() -> Callable[[int, int], NDArray[np.uint8]]:
    """Make an image of a width and height in which every pixel differs from its neighbours."""

    def make(width: int, height: int) -> NDArray[np.uint8]:
        x, y = np.meshgrid(np.arange(width), np.arange(height))
        channels = [(7 * x + 3 * y) % 256, (5 * x + 11 * y + 80) % 256, (x * y + 40) % 256]
        return np.stack(channels, axis=-1).astype(np.uint8)

    return make


class SlowModel:
    """A model that draws disks like DiskModel, notes its calls, and can be held up.

    Attributes:
        encodes: sizes of what was encoded, in order.
        decodes: number of clicks in each decoded prompt, in order.
        gate: while it is closed, every encode and decode waits.
        entered: is set by each call that begins.
        fails: raised by the next calls.
    """

    name = "slow disks"
    fingerprint = "no weights"
    stride = 14
    device = "cpu"

    def __init__(self, disks: Backend) -> None:
        self.disks = disks
        self.encodes: list[tuple[int, int]] = []
        self.decodes: list[int] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.fails: Exception | None = None

    def encode(self, images: NDArray[np.float32]) -> Features:
        self._enter()
        self.encodes.append((images.shape[2], images.shape[3]))
        return self.disks.encode(images)

    def decode(self, features: Features, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
        self._enter()
        self.decodes.append(len(prompts[0].clicks))
        return self.disks.decode(features, prompts)

    def _enter(self) -> None:
        self.entered.set()
        assert self.gate.wait(20)
        if self.fails is not None:
            raise self.fails


@pytest.fixture
def slow_model(disk_model: Backend) -> Iterator[SlowModel]:
    """A model that notes its calls; let go at the end whatever happens."""
    model = SlowModel(disk_model)
    yield model
    model.gate.set()


@pytest.fixture
def photo_files(tmp_path: Path, picture: Callable[[int, int], NDArray[np.uint8]]) -> list[Path]:
    """Three photos of different sizes on disk."""
    paths = []
    for number, size in enumerate([(300, 200), (240, 320), (500, 100)]):
        path = tmp_path / f"photo {number} ä.png"
        Image.fromarray(picture(*size)).save(path)
        paths.append(path)
    return paths


class Hand:
    """A user's hand on a canvas: real mouse and key events, at image positions.

    Args:
        canvas: a shown canvas with an image.
    """

    def __init__(self, canvas: Any) -> None:
        self.canvas = canvas

    def at(self, x: float, y: float) -> Any:
        """The widget's pixel over an image position."""
        from PySide6.QtCore import QPoint

        across, down = self.canvas.viewport.to_screen(x, y)
        return QPoint(round(across), round(down))

    def press(self, x: float, y: float, button: str = "left", *keys: str) -> None:
        self._mouse("mousePress", x, y, button, keys)

    def release(self, x: float, y: float, button: str = "left", *keys: str) -> None:
        self._mouse("mouseRelease", x, y, button, keys)

    def click(self, x: float, y: float, button: str = "left", *keys: str) -> None:
        self._mouse("mouseClick", x, y, button, keys)

    def double_click(self, x: float, y: float) -> None:
        """As a system sends it: press, release, double click, release."""
        self.click(x, y)
        self._mouse("mouseDClick", x, y, "left", ())
        self.release(x, y)

    def move(self, x: float, y: float, *keys: str) -> None:
        from PySide6.QtCore import QEvent, QPointF, Qt
        from PySide6.QtGui import QMouseEvent
        from PySide6.QtWidgets import QApplication

        point = QPointF(self.at(x, y))
        none = Qt.MouseButton.NoButton
        globally = self.canvas.mapToGlobal(point)
        event = QMouseEvent(QEvent.Type.MouseMove, point, globally, none, none, self._modifiers(keys))
        QApplication.sendEvent(self.canvas, event)

    def drag(self, points: Sequence[tuple[float, float]], button: str = "left") -> None:
        self.press(*points[0], button)
        for point in points[1:]:
            self.move(*point)
        self.release(*points[-1], button)

    def wheel(self, x: float, y: float, notches: float, *keys: str) -> None:
        from PySide6.QtCore import QPoint, QPointF, Qt
        from PySide6.QtGui import QWheelEvent
        from PySide6.QtWidgets import QApplication

        point = QPointF(self.at(x, y))
        event = QWheelEvent(
            point,
            self.canvas.mapToGlobal(point),
            QPoint(),
            QPoint(0, round(120 * notches)),
            Qt.MouseButton.NoButton,
            self._modifiers(keys),
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.canvas, event)

    def key(self, name: str) -> None:
        from PySide6.QtTest import QTest

        QTest.keyClick(self.canvas, self._key(name))

    def key_down(self, name: str) -> None:
        from PySide6.QtTest import QTest

        QTest.keyPress(self.canvas, self._key(name))

    def key_up(self, name: str) -> None:
        from PySide6.QtTest import QTest

        QTest.keyRelease(self.canvas, self._key(name))

    def _mouse(self, what: str, x: float, y: float, button: str, keys: Sequence[str]) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        name = getattr(Qt.MouseButton, f"{button.capitalize()}Button")
        getattr(QTest, what)(self.canvas, name, self._modifiers(keys), self.at(x, y))

    @staticmethod
    def _key(name: str) -> Any:
        from PySide6.QtCore import Qt

        return getattr(Qt.Key, f"Key_{name}")

    @staticmethod
    def _modifiers(keys: Sequence[str]) -> Any:
        from PySide6.QtCore import Qt

        held = Qt.KeyboardModifier.NoModifier
        for key in keys:
            held |= getattr(Qt.KeyboardModifier, f"{key.capitalize()}Modifier")
        return held


@pytest.fixture
def canvas(qtbot: Any, picture: Callable[[int, int], NDArray[np.uint8]]) -> Any:
    """A canvas of 640 × 480 that shows an image of 400 × 300, and has the keyboard."""
    from skipclick.apps.desktop.canvas import Canvas
    from skipclick.apps.desktop.pyramid import Pyramid

    made = Canvas()
    qtbot.addWidget(made)
    made.resize(640, 480)
    made.show_image(Pyramid(picture(400, 300)))
    made.show()
    made.setFocus()
    qtbot.waitUntil(made.isVisible)
    return made


@pytest.fixture
def hand(canvas: Any) -> Hand:
    """A hand on that canvas."""
    return Hand(canvas)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder with other things in it."""
    place = tmp_path / "shelf"
    place.mkdir()
    (place / "letter.txt").write_text("Dear")
    return place
