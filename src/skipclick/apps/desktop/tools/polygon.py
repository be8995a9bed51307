"""Filling and cutting along a polygon."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPolygonF

from skipclick.apps.desktop.tools.base import DARK, LIGHT, Pointer, Tool, outline_pens
from skipclick.apps.desktop.viewport import Viewport

_NEAR = 9.0
"""A press within this distance of the first corner, in screen units, closes the polygon."""

_CORNER = 3.5
_FILL = QColor(255, 255, 255, 60)
_CUT = QColor(0, 0, 0, 90)


class PolygonTool(Tool):
    """Left click for each corner; a double click, Enter or the first corner closes it.

    A right click or Backspace takes the last corner back, Escape all of them.

    Args:
        cut: take the polygon away from the mask rather than adding it.

    Signals:
        polygon: (points, cut): a list of at least three (x, y) in image pixels, which may lie outside.
    """

    polygon = Signal(list, bool)

    def __init__(self, *, cut: bool = False) -> None:
        super().__init__()
        self._cut = cut
        self._points: list[tuple[float, float]] = []
        self._at: tuple[float, float] | None = None
        self._closing = False

    @property
    def busy(self) -> bool:
        """See `Tool`."""
        return bool(self._points)

    def press(self, pointer: Pointer) -> None:
        """See `Tool`."""
        self._at = (pointer.x, pointer.y)
        if pointer.button == "right":
            self._step_back()
        elif pointer.double or self._closes(pointer):
            self._close()
        else:
            self._points.append(self._at)
        self._closing = self._closes(pointer)
        self.changed.emit()

    def move(self, pointer: Pointer) -> None:
        """See `Tool`."""
        self._at = (pointer.x, pointer.y)
        self._closing = self._closes(pointer)
        self.changed.emit()

    def leave(self) -> None:
        """See `Tool`."""
        self._at, self._closing = None, False
        self.changed.emit()

    def cancel(self) -> None:
        """See `Tool`."""
        self._points, self._closing = [], False
        self.changed.emit()

    def wants(self, key: int) -> bool:
        """See `Tool`."""
        mine = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Backspace, Qt.Key.Key_Escape)
        return self.busy and key in mine

    def key(self, key: int) -> bool:
        """See `Tool`."""
        if not self.wants(key):
            return False
        if key == Qt.Key.Key_Escape:
            self.cancel()
        elif key == Qt.Key.Key_Backspace:
            self._step_back()
        else:
            self._close()
        return True

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """See `Tool`. The sides so far, one to the pointer, and the corners; the first swells to close."""
        if not self._points:
            return
        corners = [QPointF(*viewport.to_screen(*point)) for point in self._points]
        way = corners if self._at is None else [*corners, QPointF(*viewport.to_screen(*self._at))]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_CUT if self._cut else _FILL)
        painter.drawPolygon(QPolygonF(way))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in outline_pens():
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF(way))
        painter.setPen(DARK)
        painter.setBrush(LIGHT)
        for number, corner in enumerate(corners):
            size = _CORNER * (1.8 if number == 0 and self._closing else 1.0)
            painter.drawEllipse(corner, size, size)

    def _closes(self, pointer: Pointer) -> bool:
        return len(self._points) >= 3 and pointer.distance(*self._points[0]) <= _NEAR

    def _step_back(self) -> None:
        self._points = self._points[:-1]
        self.changed.emit()

    def _close(self) -> None:
        """Hand out the polygon; with fewer than three corners it is not done yet and stays."""
        if len(self._points) >= 3:
            points, self._points = self._points, []
            self.polygon.emit(points, self._cut)
        self.changed.emit()
