"""How large the window is at first."""

from __future__ import annotations

from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import QSize
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QMainWindow, QWidget

from skipclick.apps.desktop.actions import ACTIONS
from skipclick.apps.desktop.keys import Keys
from skipclick.apps.desktop.layout import FRAME, Columns, lay_out, room_on_screen
from skipclick.apps.desktop.menus import build_actions

QtBot = Any


class Nothing:
    """A part whose methods do nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda: None


def laid_out(qtbot: QtBot) -> QMainWindow:
    """A window of empty parts."""
    window = QMainWindow()
    qtbot.addWidget(window)
    parts = {action.handler.split(".")[0]: Nothing() for action in ACTIONS}
    actions = build_actions(window, Keys({}), parts)
    lay_out(window, Columns(*(QWidget() for _ in range(7))), actions)
    return window


@pytest.mark.parametrize(
    ("screen", "size"),
    [
        ((1920, 1040), (1360, 860)),
        ((1366, 728), (1366 - FRAME.width(), 728 - FRAME.height())),
        ((1600, 800), (1360, 800 - FRAME.height())),
        ((640, 480), (720, 480)),  # less cannot be worked with
    ],
)
def test_it_is_no_larger_than_the_screen(
    screen: tuple[int, int], size: tuple[int, int], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QScreen, "availableSize", lambda _: QSize(*screen))
    assert laid_out(qtbot).size().toTuple() == size


def test_room_is_what_the_screen_has_without_frames(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    assert room_on_screen(widget) + FRAME == widget.screen().availableSize()
