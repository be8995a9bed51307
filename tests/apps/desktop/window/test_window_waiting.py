"""What happens to clicks that have no answer yet when their object is finished, painted or locked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

User = Any  # of the conftest


class TestEmptyObjects:
    """Whether an object has pixels is seen when all of its clicks are answered."""

    def test_an_empty_object_with_a_click_to_come_is_kept(self, user: User, slow_model: Any) -> None:
        user.click(60, 60, "Right")
        assert user.objects[0].mask.area() == 0
        slow_model.gate.clear()
        user.press(150, 100)
        user.key("Space")
        assert len(user.objects) == 1
        slow_model.gate.set()
        user.rest()
        assert [len(one.clicks) for one in user.objects] == [2]
        assert user.mask()[100, 150]
        assert user.said == []
        assert user.window.work.selected == ()

    @pytest.mark.parametrize("answered", [0, 1])
    def test_an_object_that_the_last_answer_leaves_empty_is_removed(
        self, answered: int, user: User, slow_model: Any
    ) -> None:
        for _ in range(answered):
            user.click(60, 60, "Right")
        slow_model.gate.clear()
        user.press(200, 100, "Right")
        user.press(250, 100, "Right")
        user.key("Space")
        slow_model.gate.set()
        user.rest()
        assert user.objects == ()
        assert user.said == ["The object had no pixels and was removed."]

    def test_an_empty_object_that_was_chosen_again_is_kept(self, user: User, slow_model: Any) -> None:
        user.click(60, 60, "Right")
        slow_model.gate.clear()
        user.press(200, 100, "Right")
        user.key("Space")
        user.window.work.select((1,))
        slow_model.gate.set()
        user.rest()
        assert [len(one.clicks) for one in user.objects] == [2]
        user.key("Space")
        assert user.objects == ()

    def test_a_click_that_fails_after_finishing_leaves_no_empty_object(
        self, user: User, slow_model: Any
    ) -> None:
        user.click(60, 60, "Right")
        slow_model.gate.clear()
        user.press(150, 100)
        user.key("Space")
        slow_model.fails = RuntimeError("no more")
        slow_model.gate.set()
        user.rest()
        assert user.objects == ()
        assert "no more" in user.said[0]


class TestEditsWhileClicksWait:
    """What a tool does to an object whose clicks have no answer yet stays; the clicks are asked anew."""

    @pytest.fixture
    def waiting(self, user: User, slow_model: Any) -> User:
        """One click is answered, and two are not."""
        user.click(60, 60)
        slow_model.gate.clear()
        user.press(90, 60)
        user.press(60, 90)
        return user

    def let_go(self, user: User, slow_model: Any) -> None:
        slow_model.gate.set()
        user.rest()

    @staticmethod
    def at(user: User, number: int = 0) -> list[tuple[int, int]]:
        return [(round(click.x), round(click.y)) for click in user.objects[number].clicks]

    def test_a_brush_stroke_stays(self, waiting: User, slow_model: Any) -> None:
        waiting.window.editing.stroke([(250, 150)], 8, False)
        self.let_go(waiting, slow_model)
        assert waiting.mask()[150, 250]
        assert waiting.mask()[60, 60]
        assert waiting.mask()[90, 60]
        assert [label.label for label in waiting.window.work.project.done] == [
            "Add object",
            "Brush",
            "Clicks",
            "Clicks",
        ]
        assert len(self.at(waiting)) == 3
        waiting.click(200, 30)  # and the next click goes on from there
        assert waiting.mask()[150, 250]
        assert len(self.at(waiting)) == 4

    def test_so_does_what_was_erased_where_no_click_asks_for_it(self, waiting: User, slow_model: Any) -> None:
        waiting.window.editing.stroke([(30, 60)], 4, True)
        self.let_go(waiting, slow_model)
        assert not waiting.mask()[60, 30]
        assert waiting.mask()[60, 60]
        assert waiting.mask()[60, 90]

    def test_a_stroke_between_two_answers_stays(self, user: User, slow_model: Any) -> None:
        user.click(60, 60)
        done = user.window.work.project.done
        slow_model.gate.clear()
        user.press(90, 60)
        user.press(60, 90)

        def paint(_: float) -> None:
            user.window.clicking.answered.disconnect(paint)
            user.window.editing.stroke([(250, 150)], 8, False)

        user.window.clicking.answered.connect(paint)
        self.let_go(user, slow_model)
        labels = [command.label for command in user.window.work.project.done[len(done) :]]
        assert labels == ["Clicks", "Brush", "Clicks"]
        assert user.mask()[150, 250]
        assert len(self.at(user)) == 3

    def test_also_after_the_object_was_finished(self, waiting: User, slow_model: Any) -> None:
        waiting.key("Space")
        waiting.window.work.select((1,))
        waiting.window.editing.stroke([(250, 150)], 8, False)
        self.let_go(waiting, slow_model)
        assert len(waiting.objects) == 1
        assert waiting.mask()[150, 250]
        assert len(self.at(waiting)) == 3

    def test_clicks_on_the_same_object_chosen_again_add_up(self, waiting: User, slow_model: Any) -> None:
        waiting.key("Space")
        waiting.window.work.select((1,))
        waiting.press(200, 100)
        self.let_go(waiting, slow_model)
        assert len(waiting.objects) == 1
        assert len(self.at(waiting)) == 4
        assert all(waiting.mask()[y, x] for x, y in self.at(waiting))

    def test_a_click_that_was_to_be_taken_away_belongs_to_the_painted_mask(
        self, user: User, slow_model: Any
    ) -> None:
        for x in (60, 120, 180):
            user.click(x, 100)
        slow_model.gate.clear()
        user.press(120, 100, "Left", "Alt")
        user.window.editing.stroke([(250, 150)], 8, False)
        painted = user.mask()
        self.let_go(user, slow_model)
        assert user.said[-1] == "This click is part of the mask already; undo takes it back."
        np.testing.assert_array_equal(user.mask(), painted)

    def test_every_step_is_undone_exactly(self, waiting: User, slow_model: Any) -> None:
        first = waiting.objects
        waiting.window.editing.stroke([(250, 150)], 8, False)
        self.let_go(waiting, slow_model)
        for _ in range(3):
            waiting.key("U")
        assert waiting.objects == first

    def test_an_object_locked_meanwhile_stays_and_that_is_said(self, waiting: User, slow_model: Any) -> None:
        waiting.key("K")
        mask = waiting.mask()
        self.let_go(waiting, slow_model)
        np.testing.assert_array_equal(waiting.mask(), mask)
        assert "locked" in waiting.said[-1]
