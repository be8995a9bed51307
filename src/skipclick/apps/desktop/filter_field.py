"""Where part of an image's name is typed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class FilterField(QLineEdit):
    """A line whose Enter and Escape are its own, whatever shortcuts the window has on them.

    Signals:
        left: it was left by Enter, or by Escape, which empties it first.
        entered: it was left by Enter; comes before `left`.
    """

    left = Signal()
    entered = Signal()

    def event(self, event: QEvent) -> bool:
        """As Qt asks for it: the keys that are not for the window."""
        mine = isinstance(event, QKeyEvent) and event.key() in (*_ENTER, Qt.Key.Key_Escape)
        if mine and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """As Qt asks for it."""
        if event.key() in _ENTER:
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.clear()
        else:
            super().keyPressEvent(event)
            return
        self.left.emit()
