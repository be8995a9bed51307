"""The bottom line where there is little room."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtGui import QImage

from skipclick.apps.desktop.status import Line

User = Any  # of the conftest
LONG = "the folder that holds the project cannot be written because the disk is full: make room, or " * 2


def drawn(line: Line) -> np.ndarray[Any, Any]:
    """What a line shows, as brightness."""
    image = line.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width()].copy()  # the image goes with this call


def numbers(user: User) -> list[bool]:
    status = user.window.status
    return [label.isVisible() for label in (status.quality, status.image, status.session, status.model)]


def test_a_short_notice_leaves_the_numbers_where_they_are(user: User) -> None:
    user.window.status.say("Saved.")
    assert numbers(user) == [True] * 4


def test_a_long_one_gets_their_room_for_a_while(user: User) -> None:
    status = user.window.status
    status.say(LONG, True)
    assert numbers(user) == [False] * 4
    assert status.notice.toolTip() == LONG
    status._end.timeout.emit()
    assert numbers(user) == [True] * 4


def test_in_a_larger_window_they_are_back(user: User) -> None:
    user.window.status.say(LONG, True)
    user.window.resize(3000, 640)
    user.bot.waitUntil(lambda: numbers(user) == [True] * 4)


def test_no_text_makes_the_window_wider(user: User) -> None:
    before = user.window.status.minimumSizeHint().width()
    user.window.status.say(LONG, True)
    assert user.window.status.minimumSizeHint().width() <= before
    assert user.window.width() == 900


def test_what_has_no_room_ends_in_an_ellipsis(qtbot: Any) -> None:
    line, other = Line(), Line()
    for one, text in ((line, "a" * 300), (other, "a" * 200)):
        qtbot.addWidget(one)
        one.setText(text)
        one.resize(120, 20)
    assert drawn(line).min() < drawn(line).max()
    assert np.array_equal(drawn(line), drawn(other))  # neither is cut in the middle of a letter


def test_serious_notices_have_a_colour_of_their_own(user: User) -> None:
    status = user.window.status
    status.say("Saved.")
    plain = status.notice.grab().toImage()
    status.say("Saved.", True)
    assert status.notice.grab().toImage() != plain
