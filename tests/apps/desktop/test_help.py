"""The key overview's size: all of it where the screen has room, never more than the screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import QSize
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget

from skipclick.apps.desktop.help import COLUMNS, KeysDialog
from skipclick.apps.desktop.keys import Keys
from skipclick.apps.desktop.layout import FRAME
from skipclick.apps.desktop.menus import actions_of
from skipclick.apps.desktop.theme import LIGHT, apply_theme
from skipclick.apps.desktop.translate import LANGUAGES, Language

QtBot = Any


@pytest.fixture(autouse=True, params=sorted(LANGUAGES))
def language(request: pytest.FixtureRequest, qapp: Any) -> Iterator[str]:
    """Every language, in the program's style; German words are longer."""
    apply_theme(qapp, LIGHT)
    speaking = Language()
    speaking.choose(request.param)
    yield request.param
    speaking.choose("en")


def open_on(screen: tuple[int, int], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> KeysDialog:
    """The overview on a screen with this much room for windows."""
    monkeypatch.setattr(QScreen, "availableSize", lambda _: QSize(*screen))
    dialog = KeysDialog(Keys({}), lambda: None)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.isVisible)
    qtbot.wait(1)
    return dialog


def bars(dialog: KeysDialog) -> tuple[int, int]:
    """How far it can be scrolled down and across, in screen units."""
    area = dialog.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    return area.verticalScrollBar().maximum(), area.horizontalScrollBar().maximum()


@pytest.mark.parametrize("screen", [(1366, 728), (1440, 860), (3840, 2100)])
def test_where_there_is_room_all_of_it_is_seen(
    screen: tuple[int, int], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = open_on(screen, qtbot, monkeypatch)
    assert bars(dialog) == (0, 0)
    assert dialog.size() == dialog.full_size
    assert dialog.width() + FRAME.width() <= screen[0]
    assert dialog.height() + FRAME.height() <= screen[1]


@pytest.mark.parametrize("screen", [(1366, 560), (1024, 728), (800, 560)])
def test_on_a_small_screen_it_scrolls_and_stays_on_it(
    screen: tuple[int, int], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = open_on(screen, qtbot, monkeypatch)
    assert max(bars(dialog)) > 0
    assert dialog.width() + FRAME.width() <= screen[0]
    assert dialog.height() + FRAME.height() <= screen[1]


def test_its_size_is_that_of_its_content(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = open_on((3840, 2100), qtbot, monkeypatch)
    lowest = max(
        label.mapTo(dialog, label.rect().bottomLeft()).y()
        for label in dialog.findChildren(QLabel)
        if label.objectName() == ""
    )
    assert dialog.height() - 120 < lowest < dialog.height()


def test_columns_are_about_as_long(qapp: Any) -> None:
    rows = [sum(len(actions_of(group)) + 1 for group in groups) for groups in COLUMNS]
    rows[0] += 10  # the mouse
    assert max(rows) - min(rows) <= 5


def test_it_takes_the_screen_of_the_window_below(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    below = QWidget()
    qtbot.addWidget(below)
    monkeypatch.setattr(below, "screen", lambda: (asked.append("below"), QWidget.screen(below))[1])
    qtbot.addWidget(KeysDialog(Keys({}), lambda: None, below))
    assert asked == ["below"]
