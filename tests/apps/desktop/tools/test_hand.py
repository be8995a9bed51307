"""Moving the image and picking objects."""

from __future__ import annotations

from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

Hand = Any  # Hand of the conftest
QtBot = Any

from PySide6.QtCore import Qt

from skipclick.apps.desktop.canvas import Canvas
from skipclick.apps.desktop.tools import HandTool

Picks = list[tuple[float, float]]


@pytest.fixture
def picks(canvas: Canvas) -> Picks:
    tool = HandTool()
    canvas.set_tool(tool)
    canvas.zoom(5)
    canvas.centre_on(200, 150)
    made: Picks = []
    tool.picked.connect(lambda *place: made.append(place))
    return made


def test_a_click_picks(canvas: Canvas, hand: Hand, picks: Picks) -> None:
    before = canvas.viewport
    hand.click(210, 140)
    assert picks == [pytest.approx((210, 140), abs=0.5)]
    assert canvas.viewport == before


def test_a_trembling_hand_picks_too(canvas: Canvas, hand: Hand, picks: Picks) -> None:
    before = canvas.viewport
    hand.drag([(210, 140), (210.2, 140)])
    assert len(picks) == 1
    assert canvas.viewport == before


def test_a_drag_moves_the_image_with_the_pointer(canvas: Canvas, hand: Hand, picks: Picks) -> None:
    before, start, end = canvas.viewport, hand.at(200, 150), hand.at(215, 160)
    hand.press(200, 150)
    hand.move(215, 160)
    assert canvas.cursor().shape() == Qt.CursorShape.ClosedHandCursor
    hand.release(200, 150)
    assert before is not None
    assert canvas.viewport == before.panned(end.x() - start.x(), end.y() - start.y())
    assert canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
    assert picks == []


def test_the_right_button_does_nothing(canvas: Canvas, hand: Hand, picks: Picks) -> None:
    before = canvas.viewport
    hand.drag([(200, 150), (215, 160)], "right")
    hand.click(200, 150, "right")
    assert picks == []
    assert canvas.viewport == before


def test_beside_the_image_nothing_is_picked(canvas: Canvas, hand: Hand, picks: Picks) -> None:
    canvas.fit()
    hand.click(-4, 100)
    assert picks == []
