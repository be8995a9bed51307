"""The line for names keeps Enter and Escape to itself."""

from __future__ import annotations

from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow

from skipclick.apps.desktop.filter_field import FilterField

QtBot = Any


@pytest.fixture
def field(qtbot: QtBot) -> FilterField:
    made = FilterField()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_keeps_the_text(key: Qt.Key, field: FilterField) -> None:
    told: list[str] = []
    field.entered.connect(lambda: told.append("entered"))
    field.left.connect(lambda: told.append("left"))
    QTest.keyClicks(field, "snow")
    QTest.keyClick(field, key)
    assert (field.text(), told) == ("snow", ["entered", "left"])


def test_escape_empties_it(field: FilterField) -> None:
    told: list[str] = []
    field.entered.connect(lambda: told.append("entered"))
    field.left.connect(lambda: told.append(f"left with {field.text()!r}"))
    QTest.keyClicks(field, "snow")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert told == ["left with ''"]


def test_shortcuts_of_the_window_do_not_take_its_keys(field: FilterField, qtbot: QtBot) -> None:
    window, fired = QMainWindow(), []
    qtbot.addWidget(window)
    action = QAction("finish", window)
    action.setShortcuts(["Return", "Esc", "x"])
    action.triggered.connect(lambda: fired.append("action"))
    window.addAction(action)
    window.setCentralWidget(field)
    window.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    told: list[str] = []
    field.left.connect(lambda: told.append("left"))
    for key in (Qt.Key.Key_X, Qt.Key.Key_Return, Qt.Key.Key_Escape):
        QTest.keyClick(window.windowHandle(), key)
    assert (fired, told) == ([], ["left", "left"])
    field.setParent(None)
