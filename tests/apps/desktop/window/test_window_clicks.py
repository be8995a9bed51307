"""Clicks, objects and undo in the whole window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from skipclick.annotation import Project

User = Any  # of the conftest


class TestClicks:
    def test_left_makes_an_object_and_right_takes_away(self, user: User) -> None:
        user.click(100, 100)
        assert len(user.objects) == 1
        assert user.mask()[100, 100]
        area = user.mask().sum()
        user.click(110, 100, "Right")
        assert len(user.objects) == 1
        assert user.mask().sum() < area
        assert [click.positive for click in user.objects[0].clicks] == [True, False]

    def test_space_and_enter_finish_so_that_the_next_click_begins_another(self, user: User) -> None:
        user.click(60, 60)
        user.key("Space")
        assert user.window.work.selected == ()
        user.click(200, 100)
        user.key("Return")
        user.click(250, 150)
        assert [len(one.clicks) for one in user.objects] == [1, 1, 1]

    def test_clicks_made_while_the_model_thinks_are_all_answered(self, user: User, slow_model: Any) -> None:
        slow_model.gate.clear()
        user.press(60, 60)
        user.press(90, 60)
        user.press(60, 90, "Right")
        assert len(user.window.clicking.clicks) == 3
        assert user.objects == ()
        slow_model.gate.set()
        user.rest()
        assert len(user.objects) == 1
        assert [(c.positive, round(c.x / 10)) for c in user.objects[0].clicks] == [
            (True, 6),
            (True, 9),
            (False, 6),
        ]

    def test_finishing_before_the_answer_keeps_the_object(self, user: User, slow_model: Any) -> None:
        slow_model.gate.clear()
        user.press(60, 60)
        user.key("Space")
        user.press(200, 100)
        slow_model.gate.set()
        user.rest()
        assert [len(one.clicks) for one in user.objects] == [1, 1]

    def test_an_answer_reaches_the_image_that_was_left(self, user: User, slow_model: Any) -> None:
        slow_model.gate.clear()
        user.press(60, 60)
        user.key("D")
        slow_model.gate.set()
        user.rest()
        project = user.window.work.project
        assert project is not None
        assert len(project.document.image("a.png").objects) == 1
        assert user.window.work.image == "b.png"
        assert user.objects == ()

    def test_alt_click_takes_away_any_click(self, user: User) -> None:
        for x in (60, 120, 180):
            user.click(x, 100)
        user.click(120, 100, "Left", "Alt")
        assert [round(click.x / 10) for click in user.objects[0].clicks] == [6, 18]
        only_two = user.mask()
        user.key("Z", "Control")
        assert len(user.objects[0].clicks) == 3
        assert only_two.sum() <= user.mask().sum()

    def test_taking_away_the_only_click_removes_the_object(self, user: User) -> None:
        user.click(60, 100)
        user.click(60, 100, "Left", "Alt")
        assert user.objects == ()

    def test_a_locked_object_is_not_changed(self, user: User) -> None:
        user.click(60, 60)
        user.key("K")
        before = user.objects[0]
        user.press(200, 100)
        user.rest()
        assert user.objects == (before,)
        assert "locked" in user.said[-1]

    def test_an_object_without_pixels_is_removed_when_finished(self, user: User) -> None:
        user.click(60, 60, "Right")
        assert user.objects[0].mask.area() == 0
        user.key("Space")
        assert user.objects == ()

    def test_a_model_that_fails_says_so_and_goes_on(self, user: User, slow_model: Any) -> None:
        user.click(60, 60)
        slow_model.fails = RuntimeError("no more")
        user.press(100, 60)
        user.bot.waitUntil(lambda: bool(user.said))
        assert "no more" in user.said[-1]
        slow_model.fails = None
        user.click(100, 60)
        assert len(user.objects[0].clicks) == 2


class TestRefining:
    def test_a_chosen_object_takes_further_clicks_from_its_mask(self, user: User) -> None:
        user.key("B")
        user.click(150, 100)  # a dot of the brush
        user.key("C")
        user.click(60, 60)
        assert len(user.objects) == 1
        assert user.mask()[100, 150]  # what was painted is still there
        assert user.mask()[60, 60]

    def test_a_box_begins_and_clicks_refine(self, user: User) -> None:
        user.key("R")
        user.drag([(50, 50), (99, 80)])
        assert 40 * 25 < user.mask().sum() < 60 * 40
        assert user.window.toolbox.current == "click"
        before = user.mask()
        user.click(200, 100)
        assert len(user.objects) == 1
        assert (user.mask() & before).sum() > 0.9 * before.sum()

    def test_magnifying_in_the_middle_keeps_the_mask(self, user: User) -> None:
        user.click(60, 60)
        before = user.mask()
        user.key("Z")
        user.click(70, 70)
        after = user.mask()
        assert len(user.objects[0].clicks) == 2
        assert (after & before).sum() > 0.9 * before.sum()

    def test_an_object_without_a_click_is_refined_from_one_place_in_memory(self, user: User) -> None:
        user.key("B")
        user.click(150, 100)
        about = user.window.clicking.ask_about
        first, second = about(60, 60), about(200, 100)
        assert first.object == second.object  # so that the model keeps one session for both
        assert first.start is second.start
        assert first.start.any()
        user.key("Space")
        assert about(60, 60).object == about(200, 100).object != first.object
        assert about(60, 60).start is None


class TestUndo:
    def test_every_step_back_and_forth_is_exact(self, user: User) -> None:
        states = []
        for x, y, button in ((60, 60, "Left"), (90, 60, "Right"), (120, 100, "Left")):
            user.click(x, y, button)
            states.append(user.objects)
        user.key("B")
        user.click(200, 150)
        states.append(user.objects)
        user.key("J")
        user.key("H")
        states.append(user.objects)
        project = user.window.work.project
        assert project is not None
        while user.objects != states[-2]:
            user.key("Z", "Control")
        for state in reversed(states[:-2]):
            user.key("U")
            assert user.objects == state
        user.key("U")
        assert user.objects == ()
        for state in states[:4]:
            user.key("Y", "Control")
            assert user.objects == state

    def test_undo_takes_back_a_click_without_an_answer(self, user: User, slow_model: Any) -> None:
        user.click(60, 60)
        slow_model.gate.clear()
        user.press(90, 60)
        user.press(120, 60)
        user.key("U")
        assert len(user.window.clicking.clicks) == 2
        slow_model.gate.set()
        user.rest()
        assert [round(click.x / 10) for click in user.objects[0].clicks] == [6, 9]

    def test_undo_goes_to_the_image_that_it_changes(self, user: User) -> None:
        user.click(60, 60)
        user.key("D")
        user.key("U")
        assert user.window.work.image == "a.png"
        user.ready()
        assert user.objects == ()

    def test_a_click_after_undo_continues_from_there(self, user: User) -> None:
        user.click(60, 60)
        user.click(120, 60)
        user.key("U")
        user.click(180, 60)
        assert [round(click.x / 10) for click in user.objects[0].clicks] == [6, 18]
        assert not user.mask()[60, 120]

    def test_the_history_goes_to_any_step(self, user: User) -> None:
        for x in (60, 120, 180):
            user.click(x, 60)
        history = user.window.history
        assert history.count() == 4
        history.itemClicked.emit(history.item(2))
        assert len(user.objects[0].clicks) == 1
        history.itemClicked.emit(history.item(0))
        assert len(user.objects[0].clicks) == 3


def test_all_of_it_is_on_disk_at_once(user: User, folder: Path) -> None:
    user.click(60, 60)
    user.click(90, 60, "Right")
    with Project.open(folder, read_only=True) as other:
        assert other.document.image("a.png").objects == user.objects
