"""A key that is held does what matters once, also where the system does not say that it is held."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QWindow

from skipclick.apps.desktop.actions import BY_ID
from skipclick.apps.desktop.key_repeat import repeats
from skipclick.apps.desktop.keys import Keys


class HeldKeys(QObject):
    """Keeps presses from a window that only repeat a key, if its action is not to be repeated.

    Qt knows repeated presses and spares such actions by itself, unless they look like those of `repeats`.
    The space bar is left to the canvas.

    Args:
        keys: which key belongs to which action.
        window: the system's window; it also owns this.
    """

    def __init__(self, keys: Keys, window: QWindow) -> None:
        super().__init__(window)
        self._keys = keys
        self._released: dict[int, int] = {}
        window.installEventFilter(self)

    def eventFilter(self, window: QObject, event: QEvent) -> bool:  # noqa: N802
        """As Qt asks for it, before shortcuts are looked for."""
        if not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.KeyRelease:
            self._released[event.key()] = event.timestamp()
            return False
        if repeats(event, self._released.get(event.key())) and self._done_once(event):
            event.accept()
            return True
        return False

    def _done_once(self, event: QKeyEvent) -> bool:
        owner = self._keys.owner(QKeySequence(event.keyCombination()).toString())
        return owner is not None and not BY_ID[owner].repeats and event.key() != Qt.Key.Key_Space
