"""Held keys are told from pressed ones by the time between."""

from __future__ import annotations

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from skipclick.apps.desktop.key_repeat import repeats

Key = Qt.Key


@pytest.mark.parametrize(
    ("press", "released", "repeated"),
    [(1000, 1000, True), (1000, 985, True), (1000, 900, False), (1000, None, False), (0, 0, False)],
)
def test_it_is_told_by_the_time_between(press: int, released: int | None, repeated: bool) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, Key.Key_X, Qt.KeyboardModifier.NoModifier)
    event.setTimestamp(press)
    assert repeats(event, released) is repeated


def test_what_qt_knows_to_be_repeated_is_left_to_it() -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, Key.Key_X, Qt.KeyboardModifier.NoModifier, "x", True)
    event.setTimestamp(1000)
    assert not repeats(event, 1000)
