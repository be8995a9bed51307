"""What the whole window shows: looks, previews, the filter, statistics, and clicks that come early."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from skipclick.mask import RunLengths

User = Any  # of the conftest
Picture = Callable[[int, int], NDArray[np.uint8]]
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def grey(tmp_path: Path) -> Path:
    """Two images of 300 × 200 in one grey, and one of another size."""
    place = tmp_path / "grey"
    place.mkdir()
    for name, size in (("a.png", (300, 200)), ("b.png", (300, 200)), ("c.png", (200, 300))):
        Image.new("RGB", size, (100, 100, 100)).save(place / name)
    return place


def colour(user: User, x: float, y: float) -> QColor:
    """What the screen shows at an image position."""
    shown: QColor = user.window.canvas.grab().toImage().pixelColor(user.at(x, y))
    return shown


def choose(user: User, group: str, action: str) -> None:
    """Choose something from a menu with the mouse."""
    menu = user.window.menus[group]
    menu.popup(user.window.pos())
    QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(user.window.actions_by_id[action]).center())
    user.awake()


PLAIN, BLACK = QColor(100, 100, 100), QColor(0, 0, 0)


class TestLooks:
    @pytest.fixture
    def masked(self, user: User, grey: Path) -> User:
        """A mask that holds (150, 100) and not (20, 20), on grey; nothing is chosen."""
        user.open(grey)
        user.click(150, 100)
        user.key("Space")
        assert user.mask()[100, 150]
        assert not user.mask()[20, 20]
        return user

    def test_a_mask_is_a_coloured_veil(self, masked: User) -> None:
        assert colour(masked, 20, 20) == PLAIN
        veiled = colour(masked, 160, 110)
        assert veiled != PLAIN
        masked.key("Period")
        assert colour(masked, 160, 110) not in (PLAIN, veiled)
        masked.key("Comma")
        assert colour(masked, 160, 110) == veiled

    def test_outlines_leave_the_inside_free(self, masked: User) -> None:
        masked.key("O")
        assert colour(masked, 160, 110) == PLAIN
        edge = int(np.flatnonzero(masked.mask()[110])[0])
        assert colour(masked, edge, 110) != PLAIN
        assert masked.window.actions_by_id["outline"].isChecked()
        masked.key("O")
        assert colour(masked, 160, 110) != PLAIN

    def test_masks_on_black_leave_nothing_else(self, masked: User) -> None:
        masked.key("B", "Shift")
        assert colour(masked, 160, 110) == PLAIN
        assert colour(masked, 20, 20) == BLACK
        masked.key("B", "Shift")
        assert colour(masked, 20, 20) == PLAIN

    def test_colours_by_class(self, masked: User) -> None:
        masked.window.objects.add_class("ski")
        masked.window.objects.edit_class(1, colour=(255, 0, 0))
        before = colour(masked, 160, 110)
        masked.key("C", "Shift")
        after = colour(masked, 160, 110)
        assert after.red() > max(before.red(), after.green() + 50)

    def test_the_mask_before_flashes_and_goes(self, masked: User) -> None:
        masked.key("V")
        assert masked.said == ["There is no earlier mask to show."]
        masked.press(150, 100, "Left", "Control")
        before = masked.mask()
        masked.click(60, 60)  # the mask grows to the left; the one before does not reach there
        assert (masked.mask() & ~before)[60, 60]
        calm = masked.window.canvas.grab().toImage()
        masked.key("V")
        assert colour(masked, 170, 110) != calm.pixelColor(masked.at(170, 110))
        assert colour(masked, 50, 55) == calm.pixelColor(masked.at(50, 55))
        masked.bot.waitUntil(lambda: masked.window.canvas.grab().toImage() == calm)
        assert len(masked.objects[0].clicks) == 2


class TestPreview:
    def hover(self, user: User, x: float, y: float) -> None:
        place = QPointF(user.at(x, y))
        none = Qt.MouseButton.NoButton
        globally = user.window.canvas.mapToGlobal(place)
        moved = QMouseEvent(QMouseEvent.Type.MouseMove, place, globally, none, none, NONE)
        QApplication.sendEvent(user.window.canvas, moved)

    def test_it_shows_what_a_click_would_give(self, user: User, grey: Path) -> None:
        user.open(grey)
        user.click(60, 100)
        before = user.objects
        bare = colour(user, 250, 100)
        self.hover(user, 250, 100)
        user.key("P")
        assert colour(user, 250, 100) == bare  # not before the pointer moves on
        self.hover(user, 250, 101)
        user.bot.waitUntil(lambda: colour(user, 240, 90) != bare)
        assert user.objects == before
        preview = user.window.canvas._preview.mask
        user.click(250, 101)
        np.testing.assert_array_equal(user.mask(), preview)
        user.key("P")
        assert user.window.canvas._preview is None

    def test_leaving_the_image_takes_it_away(self, user: User, grey: Path) -> None:
        user.open(grey)
        user.key("P")
        self.hover(user, 100, 100)
        user.bot.waitUntil(lambda: user.window.canvas._preview is not None)
        self.hover(user, -5, 100)
        assert user.window.canvas._preview is None


class TestMagnifying:
    def test_the_model_sees_a_part_and_the_mask_lies_in_it(self, user: User, slow_model: Any) -> None:
        user.bot.waitUntil(lambda: len(slow_model.encodes) == 3)  # this image and two ahead
        user.key("Z")
        assert user.window.actions_by_id["focus"].isChecked()
        user.click(60, 60)
        assert len(slow_model.encodes) == 4
        inside = user.mask()
        assert inside[60, 60]
        assert not inside[:, 120:].any()  # the part is 96 pixels wide
        user.key("Space")
        user.key("Z")
        user.click(60, 60)
        assert len(slow_model.encodes) == 4
        assert user.mask().sum() > 2 * inside.sum()


class TestEarlyClicks:
    def test_clicks_before_the_image_is_encoded_are_answered_in_order(
        self, user: User, slow_model: Any, grey: Path
    ) -> None:
        slow_model.gate.clear()
        slow_model.entered.clear()
        user.open(grey)
        user.bot.waitUntil(slow_model.entered.is_set)
        for x, button in ((60, "Left"), (90, "Left"), (200, "Right")):
            user.press(x, 100, button)
        user.bot.waitUntil(lambda: "encoding the image" in user.window.status.model.text())
        assert user.objects == ()
        assert [click.positive for click in user.window.canvas._clicks] == [True, True, False]
        user.key("Space")  # finished before there is any answer
        user.press(250, 40)
        slow_model.gate.set()
        user.rest()
        assert [[(round(c.x / 10), c.positive) for c in one.clicks] for one in user.objects] == [
            [(6, True), (9, True), (20, False)],
            [(25, True)],
        ]

    def test_before_there_is_a_model_too(
        self, window: Any, slow_model: Any, grey: Path, request: Any
    ) -> None:
        slow_model.gate.clear()
        window.worker.load(lambda: slow_model.gate.wait(20) and slow_model)
        user = request.getfixturevalue("user")
        user.press(60, 100)
        assert user.window.clicking.waiting
        slow_model.gate.set()
        user.rest()
        assert len(user.objects) == 1


class TestNumbers:
    def test_clicks_and_seconds_of_the_session(self, user: User, folder: Path) -> None:
        said = user.window.status.session
        assert said.text() == ""
        user.click(60, 60)
        user.click(80, 60)
        user.key("Space")
        user.click(200, 100)
        assert re.fullmatch(r"2 objects now · 1\.5 clicks and \d+\.\d s each", said.text())
        spent = user.objects[0].seconds + user.objects[1].seconds
        assert f"and {spent / 2:.1f} s" in said.text()
        user.key("Delete")
        assert said.text().startswith("1 object now · 2.0 clicks")
        user.window.work.open(None)
        user.open(folder)
        assert said.text() == ""  # another session
        assert len(user.objects) == 1

    def test_the_filter_by_state_follows_the_keyboard(self, user: User) -> None:
        panel = user.window.folder

        def listed() -> list[str]:
            return [panel.chosen.index(row, 0).data() for row in range(panel.chosen.rowCount())]

        user.click(60, 60)
        user.key("D")
        user.key("X")
        seen = []
        panel.states.setFocus()
        for _ in range(5):
            seen.append((panel.states.currentText(), listed()))
            QTest.keyClick(panel.states, Qt.Key.Key_Down)
        assert seen == [
            ("All images", ["a.png", "b.png", "c ä.png"]),
            ("Untouched", ["c ä.png"]),
            ("Begun", ["a.png"]),
            ("Done", ["b.png"]),
            ("Reviewed", []),
        ]
        QTest.keyClick(panel.states, Qt.Key.Key_Up)
        user.window.canvas.setFocus()
        user.key("X")  # not done any more: it leaves the list while it is at hand
        assert listed() == []
        assert user.window.work.image == "b.png"
        user.key("X")
        assert listed() == ["b.png"]


class TestOverlaps:
    def areas(self, user: User, out: Path) -> list[RunLengths]:
        out.mkdir()
        user.will_answer(lambda dialog: dialog.accept(), out)
        user.key("E", "Control")
        user.awake()
        content = json.loads((out / "annotations.json").read_bytes())
        return [one["area"] for one in content["annotations"]]

    def test_the_rule_is_chosen_from_the_menu_and_holds_for_exports(self, user: User, tmp_path: Path) -> None:
        for x in (100, 130):
            user.click(x, 100)
            user.key("Space")
        back, front = user.mask(0), user.mask(1)
        both = [int(back.sum()), int(front.sum())]
        assert (back & front).any()
        assert self.areas(user, tmp_path / "both") == both
        choose(user, "Object", "front_wins")
        assert user.window.actions_by_id["front_wins"].isChecked()
        assert self.areas(user, tmp_path / "front") == [int((back & ~front).sum()), both[1]]
        np.testing.assert_array_equal(user.mask(0), back)  # the project keeps it whole
        user.key("U")
        assert not user.window.actions_by_id["front_wins"].isChecked()
        assert self.areas(user, tmp_path / "again") == both


class TestCopies:
    def test_to_the_next_image_as_something_to_refine(self, user: User, grey: Path) -> None:
        user.open(grey)
        user.click(60, 60)
        mask = user.mask()
        user.key("D", "Control")
        user.ready()
        assert user.window.work.image == "b.png"
        np.testing.assert_array_equal(user.mask(), mask)
        assert user.objects[0].clicks == ()
        user.press(60, 60, "Left", "Control")
        user.click(200, 100)
        assert (user.mask() & mask).sum() > 0.9 * mask.sum()
        user.key("D", "Control")
        assert user.said[-1] == "b.png and c.png differ in size: nothing can be copied"
        assert user.window.work.image == "b.png"
        user.key("D")
        user.key("D", "Control")
        assert user.said[-1] == "This is the last image."
