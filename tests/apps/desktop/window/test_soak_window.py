"""A long day at the window: everything that mouse and keys can do, in any order, and nothing is lost."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListView

from skipclick.annotation import Project, journal
from skipclick.annotation.document import Document
from skipclick.annotation.volume import replayed, volumes
from skipclick.apps.desktop.objects_panel import icon_places
from skipclick.apps.desktop.settings import Settings
from skipclick.apps.desktop.window import Window
from skipclick.apps.desktop.worker import ModelWorker

Picture = Callable[[int, int], NDArray[np.uint8]]
Key, Held, Button = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton
FREE, CONTROL, SHIFT, ALT = Held.NoModifier, Held.ControlModifier, Held.ShiftModifier, Held.AltModifier
LEFT, RIGHT, MIDDLE = Button.LeftButton, Button.RightButton, Button.MiddleButton
MEBIBYTE = 1 << 20


class Somebody:
    """Works the window at random, with real mouse and key events and nothing else.

    Attributes:
        did: how often each kind of action was taken, by its name.
    """

    def __init__(self, window: Window, bot: Any, generator: np.random.Generator) -> None:
        self.window, self.bot, self.generator = window, bot, generator
        self.did: dict[str, int] = {}
        self._actions: list[tuple[Callable[[], None], float]] = [
            (self.click, 26),
            (self.change_click, 3),
            (self.undo, 8),
            (self.redo, 5),
            (self.finish, 12),
            (self.go, 8),
            (self.brush, 5),
            (self.polygon, 4),
            (self.box, 3),
            (self.kind, 3),
            (self.object, 6),
            (self.mask, 5),
            (self.copy, 2),
            (self.look, 5),
            (self.zoom, 4),
            (self.pan, 3),
            (self.lists, 5),
            (self.hover, 2),
        ]
        weights = np.array([weight for _, weight in self._actions])
        self._shares = weights / weights.sum()

    def act(self) -> None:
        """Do something, and sometimes wait until all clicks are answered."""
        action = self._actions[self.generator.choice(len(self._actions), p=self._shares)][0]
        self.did[action.__name__] = self.did.get(action.__name__, 0) + 1
        action()
        QApplication.processEvents()
        if self.generator.random() < 0.3:
            self.rest()

    def rest(self) -> None:
        """Wait until the image is there and nothing is asked any more."""
        work, window = self.window.work, self.window
        self.bot.waitUntil(lambda: window.display.ready and not window.clicking.waiting)
        assert work.project is not None
        assert work.project.unsaved == 0

    # What people do.

    def click(self) -> None:
        self._mouse(self._anywhere(), LEFT if self.generator.random() < 0.7 else RIGHT)

    def change_click(self) -> None:
        """Pick an object with Control, or take a click away with Alt, on a marker if there is one."""
        clicks, viewport = self.window.clicking.clicks, self.window.canvas.viewport
        at = self._anywhere()
        if clicks and viewport is not None and self.generator.random() < 0.7:
            one = clicks[int(self.generator.integers(len(clicks)))]
            at = QPoint(*map(round, viewport.to_screen(one.x, one.y)))
        self._mouse(at, LEFT, self._one_of([ALT, CONTROL]))

    def undo(self) -> None:
        self._key(*self._one_of([(Key.Key_Z, CONTROL), (Key.Key_U,)]))

    def redo(self) -> None:
        self._key(*self._one_of([(Key.Key_Z, CONTROL | SHIFT), (Key.Key_Y, CONTROL)]))

    def finish(self) -> None:
        self._key(self._one_of([Key.Key_Space, Key.Key_Return]))

    def go(self) -> None:
        ways = [(Key.Key_D,), (Key.Key_D,), (Key.Key_A,), (Key.Key_N,), (Key.Key_X,), (Key.Key_X, SHIFT)]
        ways += [(Key.Key_Y,), (Key.Key_Y, SHIFT), (Key.Key_Right,), (Key.Key_F5,)]
        self._key(*self._one_of(ways))

    def brush(self) -> None:
        self._key(self._one_of([Key.Key_B, Key.Key_E]))
        self._key(self._one_of([Key.Key_BracketLeft, Key.Key_BracketRight]))
        self._drag(self._one_of([LEFT, LEFT, RIGHT]), int(self.generator.integers(1, 6)))
        self._back_to_clicks()

    def polygon(self) -> None:
        self._key(Key.Key_G, self._one_of([FREE, SHIFT]))
        for _ in range(int(self.generator.integers(1, 6))):
            self._mouse(self._anywhere(), self._one_of([LEFT, LEFT, LEFT, RIGHT]))
        self._key(self._one_of([Key.Key_Return, Key.Key_Return, Key.Key_Escape, Key.Key_Backspace]))
        self._back_to_clicks()

    def box(self) -> None:
        self._key(Key.Key_R)
        self._drag(LEFT, 3)
        self._back_to_clicks()

    def kind(self) -> None:
        if self.generator.random() < 0.5:
            self._key(self._one_of([Key.Key_1, Key.Key_2, Key.Key_3]))
        else:
            QTest.mouseClick(self._one_of(list(self.window.class_bar.buttons.values())), LEFT)

    def object(self) -> None:
        ways = [(Key.Key_Delete,), (Key.Key_H,), (Key.Key_H, SHIFT), (Key.Key_K,), (Key.Key_W,)]
        self._key(*self._one_of([*ways, (Key.Key_A, CONTROL), (Key.Key_PageUp,), (Key.Key_PageDown,)]))

    def mask(self) -> None:
        ways = [(Key.Key_J,), (Key.Key_I,), (Key.Key_M,), (Key.Key_Plus, SHIFT), (Key.Key_Minus, SHIFT)]
        self._key(*self._one_of(ways))

    def copy(self) -> None:
        self._key(Key.Key_D, CONTROL)

    def look(self) -> None:
        ways = [(Key.Key_F11,), (Key.Key_O,), (Key.Key_B, SHIFT), (Key.Key_C, SHIFT), (Key.Key_V,)]
        ways += [(Key.Key_Period,), (Key.Key_Comma,), (Key.Key_Z,), (Key.Key_P,), (Key.Key_H, CONTROL)]
        self._key(*self._one_of(ways))

    def zoom(self) -> None:
        if self.generator.random() < 0.5:
            self._wheel(self._anywhere(), int(self.generator.choice([-240, -120, 120, 240])))
        else:
            self._key(*self._one_of([(Key.Key_F,), (Key.Key_1, CONTROL), (Key.Key_Plus,), (Key.Key_Minus,)]))

    def pan(self) -> None:
        if self.generator.random() < 0.5:
            self._drag(MIDDLE, 3)
            return
        QTest.keyPress(self.window.canvas, Key.Key_Space)
        self._drag(LEFT, 3)
        QTest.keyRelease(self.window.canvas, Key.Key_Space)

    def lists(self) -> None:
        """Click into the list of images, of objects (its eye and lock too), or into the history."""
        tabs = self.window.tabs
        which = int(self.generator.integers(4))
        if which == 0:
            self._row(self.window.folder.list)
        elif which == 1:
            tabs.setCurrentIndex(1)
            self._row(self.window.history)
            tabs.setCurrentIndex(0)
        else:
            tabs.setCurrentIndex(0)
            self._row(self.window.object_list, held=self._one_of([FREE, FREE, CONTROL, SHIFT]))
        self.window.canvas.setFocus()

    def hover(self) -> None:
        for _ in range(3):
            self._move(self._anywhere(), Button.NoButton)
            QApplication.processEvents()

    # How they do it.

    def _one_of(self, things: list[Any]) -> Any:
        return things[int(self.generator.integers(len(things)))]

    def _anywhere(self) -> QPoint:
        """On the canvas, nearly always on the image."""
        viewport, canvas = self.window.canvas.viewport, self.window.canvas
        if viewport is None or self.generator.random() < 0.03:
            return QPoint(*(int(self.generator.integers(size)) for size in (canvas.width(), canvas.height())))
        left, top, right, bottom = viewport.visible()
        x, y = self.generator.uniform((left, top), (right, bottom)) - 0.5
        across, down = viewport.to_screen(float(x), float(y))
        return QPoint(
            min(max(round(across), 0), canvas.width() - 1), min(max(round(down), 0), canvas.height() - 1)
        )

    def _key(self, key: Qt.Key, held: Qt.KeyboardModifier = FREE) -> None:
        QTest.keyClick(self.window.canvas, key, held)

    def _mouse(self, at: QPoint, button: Qt.MouseButton, held: Qt.KeyboardModifier = FREE) -> None:
        QTest.mouseClick(self.window.canvas, button, held, at)

    def _drag(self, button: Qt.MouseButton, steps: int) -> None:
        QTest.mousePress(self.window.canvas, button, FREE, self._anywhere())
        for _ in range(steps):
            self._move(self._anywhere(), button)
        QTest.mouseRelease(self.window.canvas, button, FREE, self._anywhere())

    def _move(self, at: QPoint, button: Qt.MouseButton) -> None:
        canvas = self.window.canvas
        point = QPointF(at)
        kind, none = QEvent.Type.MouseMove, Button.NoButton
        QApplication.sendEvent(
            canvas, QMouseEvent(kind, point, canvas.mapToGlobal(point), none, button, FREE)
        )

    def _wheel(self, at: QPoint, turned: int) -> None:
        canvas = self.window.canvas
        phase, none = Qt.ScrollPhase.NoScrollPhase, Button.NoButton
        where, far = QPointF(at), QPoint(0, turned)
        event = QWheelEvent(where, canvas.mapToGlobal(where), QPoint(), far, none, FREE, phase, False)
        QApplication.sendEvent(canvas, event)

    def _row(self, view: QListView, held: Qt.KeyboardModifier = FREE) -> None:
        """Click a row that is in sight; in the list of objects on its eye or lock as well."""
        rows = view.model().rowCount()
        if not rows:
            return
        index = view.model().index(int(self.generator.integers(rows)), 0)
        view.scrollTo(index)
        place = view.visualRect(index)
        spots = [place.center()]
        if view is self.window.object_list:
            spots += [spot.center() for spot in icon_places(place)]
        QTest.mouseClick(view.viewport(), LEFT, held, self._one_of(spots))

    def _back_to_clicks(self) -> None:
        if self.generator.random() < 0.9:
            self._key(Key.Key_C)


def check_shown(window: Window) -> None:
    """The canvas and the lists show what the document holds."""
    work, record = window.work, window.work.record
    assert record is not None
    visible = {str(one.id): one for one in record.objects if not one.hidden}
    layers = {layer.key: layer for layer in window.canvas._layers}
    assert set(layers) == set(visible)
    for key, layer in layers.items():
        whole = np.zeros(visible[key].mask.size, np.bool_)
        left, top, right, bottom = layer.box
        whole[top:bottom, left:right] = layer.mask
        assert np.array_equal(whole, visible[key].mask.to_mask())
    assert window.object_list.count() == len(record.objects)
    assert {one.id for one in record.objects} >= set(work.selected)
    assert window.folder.model.row_of(work.image) == work.names.index(str(work.image))


def fingerprints(folder: Path) -> dict[str, str]:
    """What lies in a folder beside the project, with the content of each file."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("[!.]*")}


def resident() -> int:
    """Memory that this program has now, in bytes; 0 where the system does not say."""
    table = Path("/proc/self/statm")
    return 4096 * int(table.read_text().split()[1]) if table.exists() else 0


@pytest.fixture
def window(qtbot: Any, slow_model: Any) -> Iterator[Window]:
    """A window with a model of small disks that sees images small."""
    slow_model.disks.radius = 14.0
    worker = ModelWorker(size=112)
    made = Window(worker, Settings(theme="light"))
    made.resize(900, 640)
    made.show()
    worker.load(lambda: slow_model)
    yield made
    made.close()
    made.deleteLater()


def soak(
    window: Window, bot: Any, folder: Path, picture: Picture, images: int, actions: int, seed: int
) -> tuple[dict[str, int], int]:
    """A day's work and all checks after it.

    Returns:
        How often each kind of action was taken, and by how many bytes memory grew after its first third.
    """
    for number in range(images):
        Image.fromarray(picture(64 + number % 7, 48 + number % 5)).save(folder / f"photo {number}.png")
    before = fingerprints(folder)
    troubles: list[str] = []
    window.worker.model_failed.connect(troubles.append)
    window.worker.failed.connect(lambda _, message: troubles.append(message))
    window.worker.image_failed.connect(lambda _, message: troubles.append(message))
    window.files.open(folder)
    for name in ("ski", "pole"):
        window.objects.add_class(name)
    somebody = Somebody(window, bot, np.random.default_rng(seed))
    somebody.rest()
    warm = 0
    for number in range(actions):
        somebody.act()
        if number % 20 == 0:
            somebody.rest()
            check_shown(window)
        if number == actions // 3:
            gc.collect()
            warm = resident()
    somebody.rest()
    check_shown(window)
    gc.collect()
    grown = resident() - warm
    assert not troubles
    project = window.work.project
    assert project is not None
    document, home = project.document, project.home
    window.work.open(None)
    assert fingerprints(folder) == before
    check_kept(folder, home, document)
    return somebody.did, grown


def check_kept(folder: Path, home: Path, document: Document) -> None:
    """What is on disk leads to this document, and undo from there to the very beginning."""
    assert replayed(home) == document
    with Project.open(folder) as project:
        assert project.notes == ()
        assert project.document == document
        for name in project.names:
            shape = project.shape_of(name)
            assert all(one.mask.to_mask().shape == shape for one in document.image(name).objects)
        while project.can_undo:
            project.undo()
        assert project.document == Document()


def test_two_hundred_actions(
    window: Window, qtbot: Any, tmp_path: Path, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Low: how much is written depends on how many answers come in time.
    monkeypatch.setattr(journal, "ROLL_AT", 4_000)
    did, _ = soak(window, qtbot, tmp_path, picture, images=10, actions=200, seed=1)
    assert len(did) > 15
    assert len(volumes(tmp_path / ".skipclick")) > 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_three_thousand_actions(
    seed: int, window: Window, qtbot: Any, tmp_path: Path, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "ROLL_AT", 200_000)
    did, grown = soak(window, qtbot, tmp_path, picture, images=200, actions=3000, seed=seed)
    assert len(did) == 18
    assert len(volumes(tmp_path / ".skipclick")) > 1
    assert grown < 64 * MEBIBYTE
