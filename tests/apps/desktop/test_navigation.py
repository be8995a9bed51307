"""Zooming and panning by real wheel, mouse and key events, and what reaches the tool."""

from __future__ import annotations

from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QAction, QEnterEvent, QFocusEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow

from skipclick.apps.desktop import navigation
from skipclick.apps.desktop.canvas import Canvas
from skipclick.apps.desktop.tools import Pointer, Tool
from skipclick.apps.desktop.viewport import Viewport

Hand = Any  # Hand of the conftest
QtBot = Any


class Recorder(Tool):
    """Notes what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, Any]] = []
        self.uses_wheel = True
        self.uses_keys: set[int] = set()

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]

    def press(self, pointer: Pointer) -> None:
        self.calls.append(("press", pointer))

    def move(self, pointer: Pointer) -> None:
        self.calls.append(("move", pointer))

    def release(self, pointer: Pointer) -> None:
        self.calls.append(("release", pointer))

    def leave(self) -> None:
        self.calls.append(("leave", None))

    def cancel(self) -> None:
        self.calls.append(("cancel", None))

    def wants(self, key: int) -> bool:
        return key in self.uses_keys

    def key(self, key: int) -> bool:
        self.calls.append(("key", key))
        return key in self.uses_keys

    def wheel(self, steps: float) -> bool:
        self.calls.append(("wheel", steps))
        return self.uses_wheel


@pytest.fixture
def tool(canvas: Canvas) -> Recorder:
    made = Recorder()
    canvas.set_tool(made)
    return made


class TestWheel:
    @pytest.mark.parametrize(("x", "y"), [(0, 0), (300, 40), (399, 299)])
    def test_it_zooms_at_the_pointer(self, x: float, y: float, canvas: Canvas, hand: Hand) -> None:
        before, at = canvas.viewport, hand.at(x, y)
        hand.wheel(x, y, 3)
        assert before is not None
        assert canvas.viewport is not None
        assert canvas.viewport.scale == pytest.approx(before.scale * 1.25**3)
        now = canvas.viewport.to_image(at.x(), at.y())
        assert now == pytest.approx(before.to_image(at.x(), at.y()), abs=1e-6)

    def test_back_out_the_whole_image_is_seen(self, canvas: Canvas, hand: Hand) -> None:
        start = canvas.viewport
        hand.wheel(10, 20, 8)
        hand.wheel(10, 20, -20)
        assert start is not None
        assert canvas.viewport is not None
        assert canvas.viewport.scale == pytest.approx(1.0)  # smaller than the view: not below 100 %

    def test_with_shift_it_is_the_tool_s(self, canvas: Canvas, hand: Hand, tool: Recorder) -> None:
        before = canvas.viewport
        hand.wheel(10, 20, -2, "shift")
        assert canvas.viewport == before
        assert tool.calls == [("wheel", -2.0)]

    def test_parts_of_a_notch_count(self, canvas: Canvas, hand: Hand) -> None:
        before = canvas.viewport
        hand.wheel(10, 20, 0.25)
        assert before is not None
        assert canvas.viewport is not None
        assert canvas.viewport.scale == pytest.approx(before.scale * 1.25**0.25)


class TestPan:
    @pytest.fixture(autouse=True)
    def zoomed(self, canvas: Canvas) -> None:
        canvas.zoom(6.0)

    def test_the_middle_button_drags_the_image(self, canvas: Canvas, hand: Hand, tool: Recorder) -> None:
        before, start, end = canvas.viewport, (200, 150), (210, 145)
        shift = hand.at(*end) - hand.at(*start)
        hand.drag([start, end], "middle")
        assert before is not None
        assert canvas.viewport == before.panned(shift.x(), shift.y())
        assert "press" not in tool.names()
        assert "move" not in tool.names()

    def test_held_space_makes_the_left_button_drag(
        self, canvas: Canvas, hand: Hand, tool: Recorder, qtbot: QtBot
    ) -> None:
        before = canvas.viewport
        hand.key_down("Space")
        assert canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
        hand.press(200, 150)
        assert canvas.cursor().shape() == Qt.CursorShape.ClosedHandCursor
        hand.move(205, 150)
        hand.release(205, 150)
        with qtbot.assertNotEmitted(canvas.space_tapped):
            hand.key_up("Space")
        assert canvas.viewport != before
        assert canvas.cursor().shape() == Qt.CursorShape.CrossCursor
        assert "press" not in tool.names()

    def test_the_image_cannot_be_dragged_away(self, canvas: Canvas, hand: Hand) -> None:
        for _ in range(30):
            hand.press(200, 150, "middle")
            QTest.mouseMove(canvas, canvas.rect().topLeft())
            hand.move(0, 0)
            hand.move(399, 299)
            hand.release(399, 299, "middle")
        assert canvas.viewport is not None
        x, y = canvas.viewport.to_image(*canvas.viewport.centre)
        assert canvas.viewport.holds(x, y)

    def test_other_buttons_do_not_end_it(self, canvas: Canvas, hand: Hand, tool: Recorder) -> None:
        hand.press(200, 150, "middle")
        hand.press(200, 150, "right")
        hand.release(200, 150, "right")
        before = canvas.viewport
        hand.move(210, 150)
        assert canvas.viewport != before
        hand.release(210, 150, "middle")
        assert "press" not in tool.names()


class TestSpace:
    def test_a_tap_is_for_the_window(self, canvas: Canvas, hand: Hand, qtbot: QtBot) -> None:
        with qtbot.waitSignal(canvas.space_tapped):
            hand.key("Space")

    def test_held_long_it_was_no_tap(
        self, canvas: Canvas, hand: Hand, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(navigation, "TAP_MS", 5)
        hand.key_down("Space")
        qtbot.wait(20)
        with qtbot.assertNotEmitted(canvas.space_tapped):
            hand.key_up("Space")

    @staticmethod
    def space(canvas: Canvas, *downs: bool) -> None:
        """Space goes down or up, as the system tells it, with a time."""
        for down in downs:
            (QTest.keyPress if down else QTest.keyRelease)(canvas.windowHandle(), Qt.Key.Key_Space)

    def test_a_hold_that_a_remote_desktop_repeats_is_one(
        self, canvas: Canvas, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(navigation, "TAP_MS", 30)
        self.space(canvas, True)
        qtbot.wait(60)
        with qtbot.assertNotEmitted(canvas.space_tapped):
            self.space(canvas, *[False, True] * 5, False)  # none of them is marked as repeated

    def test_repeated_after_a_pan_it_is_no_tap_either(
        self, canvas: Canvas, hand: Hand, qtbot: QtBot, tool: Recorder
    ) -> None:
        self.space(canvas, True)
        hand.press(200, 150)
        self.space(canvas, False, True)
        hand.release(205, 150)
        with qtbot.assertNotEmitted(canvas.space_tapped):
            self.space(canvas, False)
        assert "press" not in tool.names()

    def test_after_a_pause_it_is_another_tap(self, canvas: Canvas, hand: Hand, qtbot: QtBot) -> None:
        self.space(canvas, True)
        hand.press(200, 150)
        hand.release(205, 150)
        self.space(canvas, False)
        qtbot.wait(40)
        with qtbot.waitSignal(canvas.space_tapped):
            self.space(canvas, True, False)

    def test_held_while_the_window_changes_it_is_forgotten(
        self, canvas: Canvas, hand: Hand, tool: Recorder
    ) -> None:
        hand.key_down("Space")
        QApplication.sendEvent(canvas, QFocusEvent(QEvent.Type.FocusOut))
        hand.press(5, 5)
        assert tool.names() == ["press"]

    def test_a_shortcut_of_the_window_does_not_take_it_away(
        self, canvas: Canvas, hand: Hand, qtbot: QtBot
    ) -> None:
        window, fired = QMainWindow(), []
        qtbot.addWidget(window)
        action = QAction("finish", window)
        action.setShortcut(QKeySequence(Qt.Key.Key_Space))
        action.triggered.connect(lambda: fired.append("action"))
        window.addAction(action)
        window.setCentralWidget(canvas)
        canvas.space_tapped.connect(lambda: fired.append("tap"))
        window.show()
        window.activateWindow()
        canvas.setFocus()
        qtbot.waitUntil(lambda: canvas.hasFocus())
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_Space)
        assert fired == ["tap"]
        canvas.setParent(None)


class TestTool:
    def test_it_hears_image_positions(self, canvas: Canvas, hand: Hand, tool: Recorder) -> None:
        hand.click(120, 80, "right", "shift")
        name, pointer = tool.calls[0]
        assert (name, pointer.button, pointer.shift, pointer.control, pointer.double) == (
            "press",
            "right",
            True,
            False,
            False,
        )
        assert (pointer.x, pointer.y) == pytest.approx((120, 80), abs=0.5)
        assert pointer.viewport == canvas.viewport
        assert pointer.inside
        assert tool.names() == ["press", "release"]

    def test_moving_with_and_without_a_button(self, hand: Hand, tool: Recorder) -> None:
        hand.move(10, 10)
        hand.press(10, 10)
        hand.move(20, 10)
        hand.release(20, 10)
        hand.move(30, 10)
        assert [(name, pointer.button) for name, pointer in tool.calls] == [
            ("move", "none"),
            ("press", "left"),
            ("move", "left"),
            ("release", "left"),
            ("move", "none"),
        ]

    def test_a_second_button_is_not_heard(self, hand: Hand, tool: Recorder) -> None:
        hand.press(10, 10)
        hand.click(12, 10, "right")
        hand.click(12, 10, "middle")
        hand.release(14, 10)
        assert [(name, pointer.button) for name, pointer in tool.calls] == [
            ("press", "left"),
            ("release", "left"),
        ]

    def test_two_quick_clicks_are_two_presses(self, hand: Hand, tool: Recorder) -> None:
        hand.double_click(10, 10)
        assert [pointer.double for name, pointer in tool.calls if name == "press"] == [False, True]
        assert tool.names() == ["press", "release", "press", "release"]

    def test_keys_it_does_not_use_go_on(
        self, canvas: Canvas, hand: Hand, tool: Recorder, qtbot: QtBot
    ) -> None:
        tool.uses_keys = {Qt.Key.Key_X}
        hand.key("X")
        hand.key("Y")
        assert tool.calls == [("key", Qt.Key.Key_X), ("key", Qt.Key.Key_Y)]

    def test_another_tool_ends_what_was_begun(self, canvas: Canvas, hand: Hand, tool: Recorder) -> None:
        hand.press(10, 10)
        other = Recorder()
        canvas.set_tool(other)
        assert tool.names() == ["press", "cancel", "leave"]
        hand.release(10, 10)
        hand.click(20, 20)
        assert other.names() == ["move", "press", "release"]
        assert canvas.tool is other

    def test_so_does_another_image(self, canvas: Canvas, hand: Hand, tool: Recorder) -> None:
        hand.press(10, 10)
        canvas.set_image_size((50, 60))
        hand.release(10, 10)
        assert tool.names() == ["press", "cancel", "move"]

    def test_the_same_tool_again_changes_nothing(self, canvas: Canvas, tool: Recorder) -> None:
        canvas.set_tool(tool)
        assert tool.calls == []

    def test_it_may_pan(self, canvas: Canvas, tool: Recorder) -> None:
        canvas.zoom(6)
        before = canvas.viewport
        tool.panned.emit(15.0, -4.0)
        assert before is not None
        assert canvas.viewport == before.panned(15, -4)
        canvas.set_tool(Recorder())
        tool.panned.emit(15.0, -4.0)
        assert canvas.viewport == before.panned(15, -4)

    def test_leaving_is_told(self, canvas: Canvas, tool: Recorder) -> None:
        QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
        assert tool.names() == ["leave"]

    def test_without_an_image_nothing_is(self, canvas: Canvas, hand: Hand, tool: Recorder) -> None:
        points = hand.at(10, 10)
        canvas.set_image_size(None)
        tool.calls.clear()
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, points)
        QTest.mouseMove(canvas, points)
        canvas.zoom(2)
        canvas.fit()
        canvas.actual_size()
        canvas.pan(3, 3)
        canvas.centre_on(1, 1)
        assert tool.calls == []
        assert canvas.viewport is None
        assert canvas.zoom_percent == 0


class TestResting:
    """The tool knows where the pointer rests, whatever comes to lie under it."""

    def test_a_tool_that_is_taken_up_hears_it(self, canvas: Canvas, hand: Hand, tool: Recorder) -> None:
        hand.move(120, 80)
        other = Recorder()
        canvas.set_tool(other)
        [(name, pointer)] = other.calls
        assert (name, pointer.button) == ("move", "none")
        assert (pointer.x, pointer.y) == pytest.approx((120, 80), abs=0.5)

    @pytest.mark.parametrize("change", ["fit", "zoom", "another image"])
    def test_so_does_the_tool_when_the_image_moves(
        self, change: str, canvas: Canvas, hand: Hand, tool: Recorder
    ) -> None:
        canvas.zoom(6)
        hand.move(180, 140)
        screen = hand.at(180, 140)
        {
            "fit": canvas.fit,
            "zoom": lambda: canvas.zoom(1.7),
            "another image": lambda: canvas.set_image_size((640, 480)),
        }[change]()
        name, pointer = tool.calls[-1]
        assert name == "move"
        assert pointer.viewport == canvas.viewport
        assert pointer.viewport.to_screen(pointer.x, pointer.y) == pytest.approx((screen.x(), screen.y()))

    def test_not_in_the_middle_of_a_drag(self, canvas: Canvas, hand: Hand, tool: Recorder) -> None:
        hand.press(120, 80)
        canvas.zoom(2)
        assert tool.names() == ["press"]

    def test_not_after_it_left(self, canvas: Canvas, hand: Hand, tool: Recorder) -> None:
        hand.move(120, 80)
        QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
        canvas.fit()
        canvas.point()
        assert tool.names() == ["move", "leave"]

    def test_when_it_comes_back_without_a_move(self, canvas: Canvas, hand: Hand, tool: Recorder) -> None:
        place = QPointF(hand.at(50, 60))
        QApplication.sendEvent(canvas, QEnterEvent(place, place, place))
        [(name, pointer)] = tool.calls
        assert name == "move"
        assert (pointer.x, pointer.y) == pytest.approx((50, 60), abs=0.5)


class TestViews:
    def test_fit_and_100_percent(self, canvas: Canvas) -> None:
        canvas.zoom(7)
        canvas.actual_size()
        assert canvas.zoom_percent == pytest.approx(100)
        canvas.zoom(3)
        canvas.fit()
        assert canvas.viewport == Viewport.fitted((400, 300), (640, 480))

    def test_zoom_around_a_place(self, canvas: Canvas) -> None:
        assert canvas.viewport is not None
        before = canvas.viewport.to_image(100, 100)
        canvas.zoom(2.0, QPointF(100, 100))
        assert canvas.viewport.to_image(100, 100) == pytest.approx(before)

    def test_a_place_comes_to_the_middle(self, canvas: Canvas) -> None:
        canvas.zoom(10)
        canvas.centre_on(300, 100)
        assert canvas.viewport is not None
        assert canvas.viewport.to_image(320, 240) == pytest.approx((300, 100))

    def test_a_resized_window_stays_fitted(self, canvas: Canvas) -> None:
        canvas.resize(300, 500)
        assert canvas.viewport == Viewport.fitted((400, 300), (300, 500))

    def test_every_change_is_told_once(self, canvas: Canvas, qtbot: QtBot) -> None:
        told: list[float] = []
        canvas.viewport_changed.connect(lambda: told.append(canvas.zoom_percent))
        canvas.zoom(2.0)
        canvas.fit()
        canvas.fit()
        assert len(told) == 2

    def test_the_pointer_s_place_is_told(self, canvas: Canvas, hand: Hand, qtbot: QtBot) -> None:
        with qtbot.waitSignal(canvas.pointer_moved) as signal:
            hand.move(42, 24)
        assert signal.args == pytest.approx([42, 24], abs=0.5)
