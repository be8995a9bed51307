"""Somebody at the whole window, with real mouse and key events and a model of disks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from skipclick.apps.desktop.window import Window


Answer = str | Path | Callable[[Any], None]
"""To a dialog: the button to press, what to type into a file dialog, or what to do with it."""


class User:
    """Somebody at the window.

    Attributes:
        said: all notices so far.
        asked: what all dialogs so far said. One that has no answer is closed, and is in `surprises` too.
    """

    def __init__(self, window: Window, bot: Any) -> None:
        from PySide6.QtCore import QTimer

        self.window, self.bot = window, bot
        self.said: list[str] = []
        self.asked: list[str] = []
        self.surprises: list[str] = []
        self._answers: list[Answer] = []
        self._seen: Any = None
        window.work.notice.connect(lambda text, _: self.said.append(text))
        self._look = QTimer(window)
        self._look.timeout.connect(self._look_around)
        self._look.start(10)

    def will_answer(self, *answers: Answer) -> None:
        """The next dialogs are answered so, one each, in this order."""
        self._answers += answers

    def _look_around(self) -> None:
        from PySide6.QtWidgets import QApplication

        from skipclick.apps.desktop.beside import ProgressDialog

        dialog = QApplication.activeModalWidget()
        if dialog is None or dialog is self._seen:
            return
        if isinstance(dialog, ProgressDialog) and not self._answers:
            return  # it closes by itself
        self._seen = dialog
        dialog.finished.connect(lambda _: setattr(self, "_seen", None))
        said = getattr(dialog, "informativeText", dialog.windowTitle)()
        self.asked.append(said)
        if self._answers:
            answer_dialog(dialog, self._answers.pop(0))
        else:
            self.surprises.append(said)
            dialog.reject()

    def open(self, path: Path) -> None:
        self.window.files.open(path)
        self.ready()

    def ready(self) -> None:
        self.bot.waitUntil(lambda: self.window.display.ready)
        self.awake()

    def awake(self) -> None:
        """Bring the window back to the front, as a desktop does when a dialog or a menu has closed."""
        self.window.activateWindow()
        self.bot.waitUntil(self.window.isActiveWindow)
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


def answer_dialog(dialog: Any, answer: Answer) -> None:
    """Press a button, type a path, or do what was wanted, with mouse and keys."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QAbstractButton, QLineEdit

    if isinstance(answer, Path):
        dialog.setDirectory(str(answer if answer.is_dir() else answer.parent))
        line = dialog.findChild(QLineEdit)
        line.setText(str(answer))  # typing would be completed to something else
        dialog.accept()
    elif callable(answer):
        answer(dialog)
    else:
        buttons = {one.text().replace("&", ""): one for one in dialog.findChildren(QAbstractButton)}
        QTest.mouseClick(buttons[answer], Qt.MouseButton.LeftButton)


@pytest.fixture
def window(qtbot: Any, slow_model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    """A window without a folder, whose settings are kept in settings.json of the test's folder."""
    from skipclick.apps.desktop import preview
    from skipclick.apps.desktop.settings import Settings
    from skipclick.apps.desktop.window import Window
    from skipclick.apps.desktop.worker import ModelWorker

    monkeypatch.setattr(preview, "SLOWEST", 20.0)  # a busy machine switches no preview off
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


class Hostile:
    """A window that has to survive everything, with a folder in which good.png is a sound image.

    Attributes:
        user: somebody at the window, which all tests of a file share.
        folder: holds good.png; put in it what you like.
    """

    def __init__(self, user: User, folder: Path, model: Any) -> None:
        self.user, self.folder = user, folder
        self._model = model
        self._before: dict[Path, bytes] = {}

    @property
    def heard(self) -> list[str]:
        """Everything that the window has said, in its line or in a dialog."""
        return [*self.user.said, *self.user.asked]

    def open(self) -> None:
        """Open the folder at good.png, after a look at what is in it."""
        self._before = self._files()
        assert self.user.window.files.open(self.folder / "good.png")
        self.user.ready()

    def restart(self) -> None:
        """Close the project and forget all images, as when the program is started again."""
        window = self.user.window
        window.work.open(None)
        window.worker._photos._kept._kept.clear()
        with self.user.bot.waitSignal(window.worker.model_ready, timeout=20_000):
            window.worker.load(lambda: self._model)

    def go(self, name: str) -> None:
        """Open an image by a click in the list."""
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        panel = self.user.window.folder
        images, row = panel.list, panel.model.row_of(name)
        index = panel.chosen.mapFromSource(panel.model.index(row))
        assert index.isValid()
        images.scrollTo(index)
        QTest.mouseClick(
            images.viewport(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            images.visualRect(index).center(),
        )
        assert self.user.window.work.image == name

    def hears(self, part: str) -> None:
        """Wait for a message that holds this, and look whether it is one plain line."""
        self.user.bot.waitUntil(lambda: any(part in one for one in self.heard))
        message = next(one for one in self.heard if part in one)
        assert "\n" not in message
        assert "Traceback" not in message
        assert len(message) < 500

    def still_works(self) -> None:
        """The sound image opens and takes a click, and nothing of what was there has changed."""
        work = self.user.window.work
        if work.project is None or work.project.read_only:
            work.open(None)
            assert self.user.window.files.open(self.folder / "good.png")
        elif work.image != "good.png":
            self.go("good.png")
        self.user.ready()
        before = len(self.user.objects)
        self.user.key("Space")
        self.user.click(40, 30)
        assert len(self.user.objects) == before + 1
        assert self.user.surprises == []
        after = self._files()
        assert {path: after.get(path) for path in self._before} == self._before

    def _files(self) -> dict[Path, bytes]:
        """All files in the folder but the project's, by what they hold."""
        found = (path for path in self.folder.rglob("*") if ".skipclick" not in path.parts)
        return {path: path.read_bytes() for path in found if path.is_file() and not path.is_symlink()}


@pytest.fixture(scope="module")
def stage(qapp: Any) -> Iterator[User]:
    """Somebody at a window that is used by all tests of a file, one after the other."""
    from skipclick.apps.desktop.settings import Settings
    from skipclick.apps.desktop.window import Window
    from skipclick.apps.desktop.worker import ModelWorker

    window = Window(ModelWorker(), Settings(theme="light"))
    window.resize(900, 640)
    window.show()
    yield User(window, None)
    window.close()
    window.deleteLater()
    qapp.processEvents()


@pytest.fixture
def hostile(stage: User, qtbot: Any, disk_model: Any, tmp_path: Path) -> Iterator[Hostile]:
    """That window, without a project; an exception in any thread fails the test."""
    crashes: list[str] = []
    before = threading.excepthook
    threading.excepthook = lambda crash: crashes.append(f"{crash.thread}: {crash.exc_value!r}")
    stage.bot = qtbot
    stage.said.clear()
    stage.asked.clear()
    stage.surprises.clear()
    stage.window.worker.load(lambda: disk_model)
    stage.window.work.open(None)
    stage.window.toolbox.click()
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.new("RGB", (120, 90), (90, 120, 30)).save(folder / "good.png")
    yield Hostile(stage, folder, disk_model)
    stage.window.work.open(None)
    threading.excepthook = before
    assert crashes == []
