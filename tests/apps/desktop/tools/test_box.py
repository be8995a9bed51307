"""Boxes by a real mouse."""

from __future__ import annotations

from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

Hand = Any  # Hand of the conftest
QtBot = Any

from skipclick.apps.desktop.canvas import Canvas
from skipclick.apps.desktop.tools import BoxTool

Boxes = list[tuple[float, float, float, float]]


@pytest.fixture
def tool(canvas: Canvas) -> BoxTool:
    made = BoxTool()
    canvas.set_tool(made)
    return made


@pytest.fixture
def boxes(tool: BoxTool) -> Boxes:
    made: Boxes = []
    tool.box.connect(lambda *box: made.append(box))
    return made


@pytest.mark.parametrize(
    ("start", "end"),
    [((50, 60), (200, 180)), ((200, 180), (50, 60)), ((200, 60), (50, 180)), ((50, 180), (200, 60))],
)
def test_from_any_corner(
    start: tuple[int, int], end: tuple[int, int], hand: Hand, boxes: Boxes, tool: BoxTool
) -> None:
    hand.press(*start)
    hand.move(120, 100)
    assert tool.busy
    hand.move(*end)
    hand.release(*end)
    assert boxes == [pytest.approx((50, 60, 200, 180), abs=0.5)]
    assert not tool.busy


def test_it_ends_at_the_image_s_border(hand: Hand, boxes: Boxes) -> None:
    hand.drag([(300, 200), (415, 310)])
    hand.drag([(-9, -9), (30, 40)])
    assert boxes[0][2:] == (399.5, 299.5)
    assert boxes[1][:2] == (-0.5, -0.5)


def test_beside_the_image_there_is_none(hand: Hand, boxes: Boxes) -> None:
    hand.drag([(-9, 20), (-2, 200)])
    assert boxes == []


def test_a_mere_click_is_none(hand: Hand, boxes: Boxes) -> None:
    hand.click(50, 50)
    hand.drag([(50, 50), (51, 50)])
    assert boxes == []


def test_the_right_button_draws_none(hand: Hand, boxes: Boxes, tool: BoxTool) -> None:
    hand.drag([(50, 50), (150, 150)], "right")
    assert boxes == []
    assert not tool.busy


def test_escape_throws_it_away(hand: Hand, boxes: Boxes, tool: BoxTool) -> None:
    hand.press(50, 50)
    hand.move(150, 150)
    hand.key("Escape")
    hand.release(150, 150)
    assert boxes == []
    assert not tool.busy


def test_it_is_shown_while_drawn(canvas: Canvas, hand: Hand, tool: BoxTool) -> None:
    plain = canvas.grab().toImage()
    hand.press(50, 50)
    hand.move(150, 150)
    side = hand.at(150, 100)
    assert canvas.grab().toImage().pixelColor(side) != plain.pixelColor(side)
    hand.release(150, 150)
    assert canvas.grab().toImage() == plain
