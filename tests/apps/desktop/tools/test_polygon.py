"""Polygons by real clicks and keys."""

from __future__ import annotations

from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

Hand = Any  # Hand of the conftest
QtBot = Any

from skipclick.apps.desktop.canvas import Canvas
from skipclick.apps.desktop.tools import PolygonTool

Polygons = list[tuple[list[tuple[float, float]], bool]]
CORNERS = [(50, 50), (150, 60), (140, 200)]


@pytest.fixture
def tool(canvas: Canvas) -> PolygonTool:
    made = PolygonTool()
    canvas.set_tool(made)
    return made


@pytest.fixture
def polygons(tool: PolygonTool) -> Polygons:
    made: Polygons = []
    tool.polygon.connect(lambda *polygon: made.append(polygon))
    return made


def corners(hand: Hand) -> None:
    for x, y in CORNERS:
        hand.click(x, y)


def check(polygons: Polygons, expected: list[tuple[int, int]] = CORNERS) -> None:
    ((points, cut),) = polygons
    assert cut is False
    for point, corner in zip(points, expected, strict=True):
        assert point == pytest.approx(corner, abs=0.5)


@pytest.mark.parametrize("key", ["Return", "Enter"])
def test_enter_closes_it(key: str, hand: Hand, polygons: Polygons, tool: PolygonTool) -> None:
    corners(hand)
    assert polygons == []
    assert tool.busy
    hand.key(key)
    check(polygons)
    assert not tool.busy


def test_the_first_corner_closes_it(hand: Hand, polygons: Polygons) -> None:
    corners(hand)
    hand.click(51, 51)
    check(polygons)


def test_a_double_click_closes_it_with_its_own_corner(hand: Hand, polygons: Polygons) -> None:
    hand.click(50, 50)
    hand.click(150, 60)
    hand.double_click(140, 200)
    check(polygons)


def test_a_line_is_no_polygon_yet(hand: Hand, polygons: Polygons, tool: PolygonTool) -> None:
    hand.click(50, 50)
    hand.click(150, 60)
    hand.key("Return")
    hand.click(50, 50)  # the first corner does not close two
    assert polygons == []
    assert tool.busy
    hand.key("Return")
    check(polygons, [(50, 50), (150, 60), (50, 50)])


@pytest.mark.parametrize("how", ["key", "button"])
def test_a_corner_is_taken_back(how: str, hand: Hand, polygons: Polygons) -> None:
    hand.click(50, 50)
    hand.click(300, 250)
    if how == "key":
        hand.key("Backspace")
    else:
        hand.click(10, 10, "right")
    for x, y in CORNERS[1:]:
        hand.click(x, y)
    hand.key("Return")
    check(polygons)


def test_with_the_last_corner_gone_it_was_never_begun(hand: Hand, tool: PolygonTool) -> None:
    hand.click(50, 50)
    hand.key("Backspace")
    assert not tool.busy
    hand.click(10, 10, "right")
    assert not tool.busy


def test_escape_throws_it_away(hand: Hand, polygons: Polygons, tool: PolygonTool) -> None:
    corners(hand)
    hand.key("Escape")
    assert not tool.busy
    hand.key("Return")
    assert polygons == []


def test_to_cut(canvas: Canvas, hand: Hand) -> None:
    tool = PolygonTool(cut=True)
    canvas.set_tool(tool)
    cuts: list[bool] = []
    tool.polygon.connect(lambda points, cut: cuts.append(cut))
    corners(hand)
    hand.key("Return")
    assert cuts == [True]


def test_corners_may_lie_outside(hand: Hand, polygons: Polygons) -> None:
    for x, y in ((-10, -10), (410, -5), (200, 310)):
        hand.click(x, y)
    hand.key("Return")
    check(polygons, [(-10, -10), (410, -5), (200, 310)])


def test_it_takes_its_keys_from_the_window_only_while_begun(hand: Hand, tool: PolygonTool) -> None:
    from PySide6.QtCore import Qt

    keys = (Qt.Key.Key_Return, Qt.Key.Key_Backspace, Qt.Key.Key_Escape)
    assert not any(tool.wants(key) for key in keys)
    hand.click(50, 50)
    assert all(tool.wants(key) for key in keys)
    assert not tool.wants(Qt.Key.Key_A)


def test_sides_are_drawn_and_follow_the_pointer(canvas: Canvas, hand: Hand, tool: PolygonTool) -> None:
    plain = canvas.grab().toImage()
    hand.click(50, 50)
    hand.click(250, 50)
    side = hand.at(150, 50)
    assert canvas.grab().toImage().pixelColor(side) != plain.pixelColor(side)
    hand.move(250, 250)
    to_pointer = hand.at(250, 150)
    assert canvas.grab().toImage().pixelColor(to_pointer) != plain.pixelColor(to_pointer)
    tool.leave()
    assert canvas.grab().toImage().pixelColor(to_pointer) == plain.pixelColor(to_pointer)
    hand.key("Escape")
    assert canvas.grab().toImage() == plain


def test_near_the_first_corner_it_shows_that_it_would_close(
    canvas: Canvas, hand: Hand, tool: PolygonTool
) -> None:
    corners(hand)
    hand.move(70, 70)
    first = hand.at(50, 50)
    first.setY(first.y() - 5)
    before = canvas.grab().toImage().pixelColor(first)
    hand.move(50, 52)
    assert canvas.grab().toImage().pixelColor(first) != before
