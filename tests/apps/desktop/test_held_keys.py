"""Held keys as remote desktops send them: releases and presses without a pause."""

from __future__ import annotations

from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMainWindow

from skipclick.apps.desktop.held_keys import HeldKeys
from skipclick.apps.desktop.key_repeat import REPEAT_MS
from skipclick.apps.desktop.keys import Keys
from skipclick.apps.desktop.menus import build_actions

QtBot = Any
Key = Qt.Key


class Parts(dict[str, Any]):
    """Handlers for all actions that note what was done."""

    def __init__(self, done: list[str]) -> None:
        self._done = done

    def __getitem__(self, part: str) -> Any:
        done = self._done

        class Part:
            def __getattr__(self, name: str) -> Any:
                return lambda: done.append(name)

        return Part()


@pytest.fixture
def done() -> list[str]:
    """What was done, in order."""
    return []


@pytest.fixture
def window(qtbot: QtBot, done: list[str]) -> QMainWindow:
    """A window with all actions and a line of text, at the front."""
    made, keys = QMainWindow(), Keys({"fit": ["F7"]})
    qtbot.addWidget(made)
    build_actions(made, keys, Parts(done))
    made.setCentralWidget(QLineEdit())
    made.show()
    HeldKeys(keys, made.windowHandle())
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def hold(window: QMainWindow, key: Key, times: int, held: Qt.KeyboardModifier | None = None) -> None:
    """Press a key and let the system repeat it."""
    for _ in range(times):
        QTest.keyClick(window.windowHandle(), key, held or Qt.KeyboardModifier.NoModifier)


@pytest.mark.parametrize(
    ("key", "name"), [(Key.Key_F1, "show_keys"), (Key.Key_F7, "fit"), (Key.Key_F11, "switch_theme")]
)
def test_what_is_done_once_is(key: Key, name: str, window: QMainWindow, done: list[str]) -> None:
    hold(window, key, 5)
    assert done == [name]


def test_with_modifiers_too(window: QMainWindow, done: list[str]) -> None:
    hold(window, Key.Key_D, 5, Qt.KeyboardModifier.ControlModifier)
    assert done == ["copy_to_next"]


def test_what_may_repeat_does(window: QMainWindow, done: list[str]) -> None:
    hold(window, Key.Key_PageUp, 3)
    assert done == ["forward", "forward", "forward"]


def test_pressed_again_it_is_done_again(window: QMainWindow, done: list[str], qtbot: QtBot) -> None:
    for _ in range(2):
        hold(window, Key.Key_F7, 1)
        qtbot.wait(2 * REPEAT_MS)
    assert done == ["fit", "fit"]


def test_another_key_is_no_repetition(window: QMainWindow, done: list[str]) -> None:
    for key in (Key.Key_F7, Key.Key_F11):
        hold(window, key, 2)
    assert done == ["fit", "switch_theme"]


def test_text_may_repeat(window: QMainWindow, done: list[str]) -> None:
    line = window.centralWidget()
    assert isinstance(line, QLineEdit)
    line.setFocus()
    hold(window, Key.Key_Backspace, 2)
    hold(window, Key.Key_9, 4)
    assert (line.text(), done) == ("9999", [])
