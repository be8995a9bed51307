"""With a filter, all ways from image to image keep to those that it shows."""

from __future__ import annotations

from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

User = Any  # of the conftest


def test_keys_go_through_what_the_filter_shows(user: User) -> None:
    user.window.folder.filter.setText(".png")
    user.key("D")
    assert user.window.work.image == "b.png"
    user.window.folder.filter.setText("a")
    user.key("D")
    assert user.window.work.image == "b.png"
    assert user.said == ["The filter shows no further image."]
    user.key("A")
    assert user.window.work.image == "a.png"
    user.key("A")
    assert user.said[-1] == "This is the first image."
    user.window.folder.filter.setText("C Ä")
    user.key("D")
    assert user.window.work.image == "c ä.png"
    user.key("D")
    assert user.said[-1] == "This is the last image."
    assert len(user.said) == 3


def test_they_go_on_from_an_image_that_the_filter_hides_by_now(user: User) -> None:
    states = user.window.folder.states
    states.setCurrentIndex(states.findData("untouched"))
    user.click(60, 60)  # begun, so the list shows it no more
    user.key("D")
    assert user.window.work.image == "b.png"
    user.key("A")
    assert user.window.work.image == "b.png"
    states.setCurrentIndex(states.findData("begun"))
    user.key("A")
    assert user.window.work.image == "a.png"


def test_the_next_unfinished_is_one_that_the_filter_shows(user: User) -> None:
    user.window.folder.filter.setText("c")
    user.key("N")
    assert user.window.work.image == "c ä.png"
    user.key("X", "Shift")
    assert user.window.work.image == "c ä.png"
    assert user.said == ["The filter shows no other image that is not done."]
    user.window.folder.filter.setText("")
    user.key("N")
    assert user.window.work.image == "a.png"


def test_copies_and_images_read_ahead_follow_the_filter(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[str, list[str]]] = []
    worker, work = user.window.worker, user.window.work
    monkeypatch.setattr(
        worker, "open", lambda image, ahead: opened.append((image.name, [one.name for one in ahead]))
    )
    user.click(60, 60)
    user.window.folder.filter.setText("c")
    user.key("D", "Control")
    assert work.image == "c ä.png"
    assert len(user.objects) == 1
    assert opened == [("c ä.png", [])]
    work.go("a.png")
    assert opened[-1] == ("a.png", ["c ä.png"])


class TestTyping:
    """Ctrl+F begins to type a name; Enter and Escape give the keys back to the image."""

    @staticmethod
    def type_in(user: User, text: str) -> None:
        from PySide6.QtTest import QTest

        user.key("F", "Control")
        field = user.window.folder.filter
        user.bot.waitUntil(field.hasFocus)
        QTest.keyClicks(field, text)

    @staticmethod
    def press(user: User, name: str) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        QTest.keyClick(user.window.folder.filter, getattr(Qt.Key, f"Key_{name}"))

    def test_enter_opens_the_first_image_found(self, user: User) -> None:
        self.type_in(user, "B.P")
        assert user.window.work.image == "a.png"
        self.press(user, "Return")
        assert user.window.work.image == "b.png"
        assert user.window.canvas.hasFocus()
        user.key("X")
        assert user.window.work.record.done

    def test_enter_stays_where_the_image_at_hand_is_shown(self, user: User) -> None:
        user.window.work.go("b.png")
        self.type_in(user, ".png")
        self.press(user, "Return")
        assert user.window.work.image == "b.png"
        assert user.window.canvas.hasFocus()

    def test_nothing_found_opens_nothing(self, user: User) -> None:
        self.type_in(user, "zebra")
        self.press(user, "Return")
        assert user.window.work.image == "a.png"
        assert user.window.canvas.hasFocus()

    def test_escape_shows_all_images_again(self, user: User) -> None:
        self.type_in(user, "b")
        self.press(user, "Escape")
        assert user.window.folder.filter.text() == ""
        assert user.window.folder.chosen.rowCount() == 3
        assert user.window.canvas.hasFocus()

    def test_what_was_typed_before_is_typed_over(self, user: User) -> None:
        self.type_in(user, "b")
        self.press(user, "Return")
        self.type_in(user, "c")
        assert user.window.folder.filter.text() == "c"

    def test_letters_are_no_keys_there(self, user: User) -> None:
        self.type_in(user, "xh")
        assert not user.window.work.record.done
        assert user.window.toolbox.current == "click"
