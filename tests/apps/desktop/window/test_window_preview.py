"""What the model says of its own masks, and of those that a click would give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from skipclick.apps.desktop import preview

User = Any  # of the conftest


class TestPredictedQuality:
    """How sure the model is stands in the bottom line, as long as the mask is its own."""

    @pytest.fixture
    def label(self, user: User) -> Any:
        return user.window.status.quality

    def test_it_comes_with_an_answer_and_goes_with_the_object(self, user: User, label: Any) -> None:
        assert label.text() == ""
        user.click(60, 60)
        assert label.text() == "Quality 99 %"  # the disks are sure of every pixel, not wholly
        user.key("Space")
        assert label.text() == ""
        user.window.work.select((1,))
        assert label.text() == "Quality 99 %"

    def test_it_is_that_of_each_mask_also_after_undo(
        self, user: User, label: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for x, sure in ((60, 0.9), (90, 0.7)):
            monkeypatch.setattr("skipclick.apps.desktop.answering.score", lambda _, sure=sure: sure)
            user.click(x, 60)
        assert label.text() == "Quality 70 %"
        user.key("U")
        assert label.text() == "Quality 90 %"
        user.key("Y", "Control")
        assert label.text() == "Quality 70 %"

    def test_what_a_hand_has_painted_has_none(self, user: User, label: Any) -> None:
        user.click(60, 60)
        user.window.editing.stroke([(200, 100)], 8, False)
        assert label.text() == ""
        user.click(90, 60)
        assert label.text().startswith("Quality")


class TestPreview:
    def test_preview_shows_and_goes_without_changing_anything(self, user: User) -> None:
        user.click(60, 60)
        user.key("P")
        shown: list[object] = []
        user.window.preview.changed.connect(shown.append)
        user.window.preview.hover(200, 100)
        user.bot.waitUntil(lambda: any(isinstance(mask, np.ndarray) for mask in shown))
        user.key("P")
        assert shown[-1] is None
        assert len(user.objects[0].clicks) == 1

    def test_it_is_there_at_once_where_the_pointer_rests(self, user: User, qtbot: Any) -> None:
        from PySide6.QtTest import QTest

        user.click(60, 60)
        QTest.mouseMove(user.window.canvas, user.at(200, 100))
        qtbot.wait(20)
        with qtbot.waitSignal(user.window.preview.changed, timeout=20_000) as shown:
            user.key("P")
        assert shown.args[0][100, 200]

    @pytest.mark.parametrize("what", ["a click", "Space", "undo", "another image"])
    def test_it_goes_when_it_is_no_longer_true(self, what: str, user: User) -> None:
        user.click(60, 60)
        user.key("P")
        shown: list[object] = []
        user.window.preview.changed.connect(shown.append)
        user.window.preview.hover(200, 100)
        user.bot.waitUntil(lambda: any(isinstance(mask, np.ndarray) for mask in shown))
        {
            "a click": lambda: user.click(200, 100),
            "Space": lambda: user.key("Space"),
            "undo": lambda: user.key("U"),
            "another image": lambda: user.key("D"),
        }[what]()
        assert shown[-1] is None
        assert user.window.canvas._preview is None

    def test_a_locked_object_has_none(self, user: User) -> None:
        user.click(60, 60)
        assert user.window.clicking.ask_about(200, 100) is not None
        user.key("K")
        assert user.window.clicking.ask_about(200, 100) is None

    @pytest.fixture
    def slow(self, user: User, monkeypatch: pytest.MonkeyPatch) -> User:
        """Every model is too slow for a preview."""
        monkeypatch.setattr(preview, "SLOWEST", 0.0)
        return user

    @staticmethod
    def click_three_times(user: User) -> None:
        heard: list[object] = []
        user.window.worker.answered.connect(heard.append)  # after the preview, so that it has heard it too
        for x in (60, 90, 120):
            user.click(x, 60)
        user.bot.waitUntil(lambda: len(heard) == 3)

    def test_it_goes_off_by_itself_where_the_model_is_too_slow(self, slow: User) -> None:
        shown: list[object] = []
        slow.window.preview.changed.connect(shown.append)
        slow.key("P")
        assert slow.window.actions_by_id["preview"].isChecked()
        for number, x in enumerate((60, 90, 120)):
            slow.window.preview.hover(x, 60)
            slow.bot.waitUntil(lambda number=number: len(shown) > number)
        assert slow.said[-1].startswith("No preview: the model takes")
        assert not slow.window.actions_by_id["preview"].isChecked()
        assert shown[-1] is None

    def test_it_stays_off_where_clicks_were_answered_too_slowly(self, slow: User) -> None:
        self.click_three_times(slow)
        slow.key("P")
        assert "ms a click" in slow.said[-1]
        assert not slow.window.preview.on
        assert not slow.window.actions_by_id["preview"].isChecked()
        slow.key("P")  # the machine may be at rest now
        assert slow.window.preview.on

    def test_another_model_is_tried_anew(self, slow: User, disk_model: Any) -> None:
        self.click_three_times(slow)
        with slow.bot.waitSignal(slow.window.worker.model_ready):
            slow.window.worker.load(lambda: disk_model)
        slow.key("P")
        assert slow.window.preview.on
