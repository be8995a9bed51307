"""Left and right clicks by a real mouse."""

from __future__ import annotations

from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

Hand = Any  # Hand of the conftest
QtBot = Any

from skipclick.apps.desktop.canvas import Canvas
from skipclick.apps.desktop.tools import ClickTool


class Heard:
    def __init__(self, tool: ClickTool) -> None:
        self.said: list[tuple[Any, ...]] = []
        tool.clicked.connect(lambda x, y, positive: self.said.append(("clicked", x, y, positive)))
        tool.picked.connect(lambda x, y: self.said.append(("picked", x, y)))
        tool.removed.connect(lambda x, y: self.said.append(("removed", x, y)))
        tool.hovered.connect(lambda x, y: self.said.append(("hovered", x, y)))
        tool.left.connect(lambda: self.said.append(("left",)))


@pytest.fixture
def heard(canvas: Canvas) -> Heard:
    tool = ClickTool()
    canvas.set_tool(tool)
    heard = Heard(tool)
    heard.tool = tool  # type: ignore[attr-defined]
    return heard


@pytest.mark.parametrize(("button", "positive"), [("left", True), ("right", False)])
def test_left_is_positive_right_is_negative(button: str, positive: bool, heard: Heard, hand: Hand) -> None:
    hand.click(123, 45, button)
    assert heard.said == [("clicked", pytest.approx(123, abs=0.5), pytest.approx(45, abs=0.5), positive)]


def test_a_click_counts_when_the_button_goes_down(heard: Heard, hand: Hand) -> None:
    hand.press(50, 50)
    assert len(heard.said) == 1
    hand.release(90, 50)
    assert len(heard.said) == 1


def test_two_quick_clicks_are_two_clicks(heard: Heard, hand: Hand) -> None:
    hand.double_click(50, 50)
    assert [name for name, *_ in heard.said] == ["clicked", "clicked"]


def test_the_outermost_pixels_can_be_clicked(canvas: Canvas, heard: Heard, hand: Hand) -> None:
    canvas.zoom(20)
    for x, y in ((0, 0), (399, 299)):
        canvas.centre_on(x, y)
        hand.click(x, y)
    clicked = [(round(x), round(y)) for name, x, y, *_ in heard.said if name == "clicked"]
    assert clicked == [(0, 0), (399, 299)]


@pytest.mark.parametrize(("x", "y"), [(-3, 50), (402, 50), (50, -3), (50, 303)])
def test_beside_the_image_nothing_happens(x: float, y: float, heard: Heard, hand: Hand) -> None:
    hand.click(x, y)
    assert heard.said == []


def test_with_control_it_picks_with_alt_it_removes(heard: Heard, hand: Hand) -> None:
    hand.click(50, 60, "left", "control")
    hand.click(70, 80, "left", "alt")
    assert [name for name, *_ in heard.said] == ["picked", "removed"]
    assert heard.said[1][1:] == pytest.approx((70, 80), abs=0.5)


def test_hovering_is_told_and_its_end_too(canvas: Canvas, heard: Heard, hand: Hand) -> None:
    hand.move(50, 60)
    hand.move(-5, 60)
    hand.move(50, 60)
    hand.move(51, 60, "control")
    heard.tool.leave()  # type: ignore[attr-defined]
    assert [name for name, *_ in heard.said] == ["hovered", "left", "hovered", "left", "left"]


def test_a_held_button_does_not_hover(heard: Heard, hand: Hand) -> None:
    hand.press(50, 50)
    hand.move(60, 50)
    assert [name for name, *_ in heard.said] == ["clicked", "left"]


def test_panning_does_not_click(canvas: Canvas, heard: Heard, hand: Hand) -> None:
    hand.drag([(50, 50), (90, 90)], "middle")
    hand.key_down("Space")
    hand.click(50, 50)
    hand.key_up("Space")
    assert heard.said == []
