"""Painting and erasing by a real mouse."""

from __future__ import annotations

from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

Hand = Any  # Hand of the conftest
QtBot = Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from skipclick.apps.desktop.canvas import Canvas
from skipclick.apps.desktop.tools import BrushTool
from skipclick.apps.desktop.tools.brush import LARGEST, SMALLEST


@pytest.fixture
def brush(canvas: Canvas) -> BrushTool:
    tool = BrushTool()
    canvas.set_tool(tool)
    return tool


@pytest.fixture
def strokes(brush: BrushTool) -> list[tuple[list[tuple[float, float]], float, bool]]:
    made: list[tuple[list[tuple[float, float]], float, bool]] = []
    brush.stroke.connect(lambda *stroke: made.append(stroke))
    return made


Strokes = list[tuple[list[tuple[float, float]], float, bool]]


class TestStroke:
    def test_it_is_handed_out_on_release(self, hand: Hand, strokes: Strokes) -> None:
        hand.press(50, 50)
        hand.move(80, 60)
        assert strokes == []
        hand.move(100, 90)
        hand.release(120, 90)
        (points, radius, erase) = strokes[0]
        for point, expected in zip(points, [(50, 50), (80, 60), (100, 90), (120, 90)], strict=True):
            assert point == pytest.approx(expected, abs=0.5)
        assert radius == 12
        assert erase is False

    def test_a_single_dab_is_one_point(self, hand: Hand, strokes: Strokes) -> None:
        hand.click(50, 50)
        assert len(strokes[0][0]) == 1

    @pytest.mark.parametrize(
        ("eraser", "button", "erases"),
        [(False, "left", False), (False, "right", True), (True, "left", True), (True, "right", False)],
    )
    def test_left_and_right(
        self, eraser: bool, button: str, erases: bool, canvas: Canvas, hand: Hand
    ) -> None:
        tool = BrushTool(erase=eraser)
        canvas.set_tool(tool)
        erased: list[bool] = []
        tool.stroke.connect(lambda points, radius, erase: erased.append(erase))
        hand.drag([(50, 50), (70, 70)], button)
        assert erased == [erases]

    def test_it_may_leave_the_image(self, hand: Hand, strokes: Strokes) -> None:
        hand.drag([(5, 5), (-8, 5), (5, 20)])
        assert strokes[0][0][1][0] < 0

    def test_a_resting_hand_adds_no_points(self, hand: Hand, strokes: Strokes) -> None:
        hand.press(50, 50)
        for _ in range(20):
            hand.move(50, 50)
        hand.release(50, 50)
        assert len(strokes[0][0]) == 1

    def test_escape_takes_it_back(self, hand: Hand, strokes: Strokes, brush: BrushTool) -> None:
        hand.press(50, 50)
        hand.move(80, 60)
        assert brush.busy
        hand.key("Escape")
        assert not brush.busy
        hand.release(90, 60)
        assert strokes == []

    def test_zooming_during_a_stroke_keeps_its_points(self, hand: Hand, strokes: Strokes) -> None:
        hand.press(50, 50)
        hand.wheel(50, 50, 4)
        hand.move(60, 50)
        hand.release(60, 50)
        assert strokes[0][0][0] == pytest.approx((50, 50), abs=0.5)
        assert strokes[0][0][-1] == pytest.approx((60, 50), abs=0.5)


class TestSize:
    def test_brackets_change_it(self, hand: Hand, brush: BrushTool) -> None:
        told: list[float] = []
        brush.resized.connect(told.append)
        hand.key("BracketRight")
        assert brush.radius == pytest.approx(15)
        hand.key("BracketLeft")
        hand.key("BracketLeft")
        assert brush.radius == pytest.approx(9.6)
        assert told == pytest.approx([15, 12, 9.6])

    def test_other_keys_if_bound_so(self, hand: Hand, brush: BrushTool) -> None:
        brush.larger_key = Qt.Key.Key_Plus
        hand.key("Plus")
        hand.key("BracketRight")
        assert brush.radius == pytest.approx(15)

    def test_the_wheel_with_shift_does_too(self, hand: Hand, brush: BrushTool) -> None:
        hand.wheel(50, 50, 2, "shift")
        assert brush.radius == pytest.approx(12 * 1.25**2)

    def test_there_is_a_smallest_and_a_largest(self, hand: Hand, brush: BrushTool) -> None:
        for _ in range(60):
            hand.key("BracketRight")
        assert brush.radius == LARGEST
        for _ in range(60):
            hand.key("BracketLeft")
        assert brush.radius == SMALLEST

    def test_a_stroke_has_the_size_of_its_end(self, hand: Hand, brush: BrushTool, strokes: Strokes) -> None:
        brush.set_radius(33)
        hand.click(50, 50)
        assert strokes[0][1] == 33


class TestPainting:
    def test_the_ring_goes_with_the_pointer(self, canvas: Canvas, hand: Hand, brush: BrushTool) -> None:
        plain = canvas.grab().toImage()
        hand.move(50, 50)
        assert canvas.grab().toImage() != plain
        QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
        assert canvas.grab().toImage() == plain

    def test_taken_up_it_shows_its_size_without_a_move(self, canvas: Canvas, hand: Hand) -> None:
        hand.move(50, 50)
        plain = canvas.grab().toImage()
        canvas.set_tool(brush := BrushTool())
        taken = canvas.grab().toImage()
        brush.wheel(3)
        assert taken != plain
        assert canvas.grab().toImage() not in (taken, plain)

    def test_taken_up_again_it_shows_no_ring_where_it_was_left(
        self, canvas: Canvas, hand: Hand, brush: BrushTool
    ) -> None:
        plain = canvas.grab().toImage()
        hand.move(50, 50)
        canvas.set_tool(other := BrushTool(erase=True))
        QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
        canvas.set_tool(brush)
        assert canvas.grab().toImage() == plain
        assert not other.busy

    def test_brush_and_eraser_look_different(self, canvas: Canvas, hand: Hand, brush: BrushTool) -> None:
        hand.move(50, 50)
        painting = canvas.grab().toImage()
        canvas.set_tool(eraser := BrushTool(erase=True))
        hand.move(50, 50)
        assert canvas.grab().toImage() != painting
        assert eraser.radius == brush.radius

    @pytest.mark.parametrize("button", ["left", "right"])
    def test_the_way_is_shown_while_painting(
        self, button: str, canvas: Canvas, hand: Hand, brush: BrushTool
    ) -> None:
        plain = canvas.grab().toImage()
        hand.press(100, 100, button)
        hand.move(200, 100)
        shown = canvas.grab().toImage()
        middle = hand.at(150, 100)
        assert shown.pixelColor(middle) != plain.pixelColor(middle)
        hand.release(200, 100, button)
        assert canvas.grab().toImage().pixelColor(middle) == plain.pixelColor(middle)
