"""Clicks for the model: left belongs to the object, right does not."""

from __future__ import annotations

from PySide6.QtCore import Signal

from skipclick.apps.desktop.tools.base import Pointer, Tool


class ClickTool(Tool):
    """Left and right click; with Control to pick an object, with Alt to take a click away.

    Signals:
        clicked: (x, y, positive), on the image.
        picked: (x, y), to select what is there.
        removed: (x, y), to take away the click that is there, if one is.
        hovered: (x, y), where the pointer rests over the image with nothing pressed.
        left: the pointer is no longer over the image.
    """

    clicked = Signal(float, float, bool)
    picked = Signal(float, float)
    removed = Signal(float, float)
    hovered = Signal(float, float)
    left = Signal()

    def press(self, pointer: Pointer) -> None:
        """See `Tool`. A click counts as soon as the button is down."""
        if not pointer.inside:
            return
        if pointer.alt:
            self.removed.emit(pointer.x, pointer.y)
        elif pointer.control:
            self.picked.emit(pointer.x, pointer.y)
        else:
            self.clicked.emit(pointer.x, pointer.y, pointer.button == "left")

    def move(self, pointer: Pointer) -> None:
        """See `Tool`."""
        if pointer.inside and pointer.button == "none" and not (pointer.alt or pointer.control):
            self.hovered.emit(pointer.x, pointer.y)
        else:
            self.left.emit()

    def leave(self) -> None:
        """See `Tool`."""
        self.left.emit()
