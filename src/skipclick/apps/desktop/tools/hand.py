"""Moving the image and picking objects."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal

from skipclick.apps.desktop.tools.base import DRAG, Pointer, Tool


class HandTool(Tool):
    """Drag to move the image; a click without moving picks what is there.

    Signals:
        picked: (x, y), on the image.
    """

    picked = Signal(float, float)

    def __init__(self) -> None:
        super().__init__()
        self._start: tuple[float, float] | None = None
        self._at = (0.0, 0.0)
        self._moving = False

    @property
    def cursor(self) -> Qt.CursorShape:
        """See `Tool`."""
        return Qt.CursorShape.ClosedHandCursor if self._moving else Qt.CursorShape.OpenHandCursor

    def press(self, pointer: Pointer) -> None:
        """See `Tool`."""
        if pointer.button == "left":
            self._start = self._at = pointer.viewport.to_screen(pointer.x, pointer.y)

    def move(self, pointer: Pointer) -> None:
        """See `Tool`."""
        if self._start is None:
            return
        at = pointer.viewport.to_screen(pointer.x, pointer.y)
        far = abs(at[0] - self._start[0]) + abs(at[1] - self._start[1])
        if not self._moving and far < DRAG:
            return
        if not self._moving:
            self._moving = True
            self.changed.emit()
        before, self._at = self._at, at
        self.panned.emit(at[0] - before[0], at[1] - before[1])

    def release(self, pointer: Pointer) -> None:
        """See `Tool`."""
        if self._start is not None and not self._moving and pointer.inside:
            self.picked.emit(pointer.x, pointer.y)
        self.cancel()

    def cancel(self) -> None:
        """See `Tool`."""
        self._start, self._moving = None, False
        self.changed.emit()
