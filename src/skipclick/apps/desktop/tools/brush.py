"""Painting and erasing with a round brush."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from skipclick.apps.desktop.tools.base import Pointer, Tool, outline_pens
from skipclick.apps.desktop.viewport import Viewport

SMALLEST, LARGEST = 0.5, 2000.0
_STEP = 1.25
_SPACING = 0.25
_PAINT = QColor(255, 255, 255, 110)
_ERASE = QColor(0, 0, 0, 120)


class BrushTool(Tool):
    """Drag with the left button to paint, with the right to erase; the eraser has it the other way round.

    Args:
        erase: be an eraser.

    Attributes:
        smaller_key, larger_key: what changes the size.

    Signals:
        stroke: (points, radius, erase) when the button is released: points is a list of (x, y) along the
            brush's way, at least one, radius in image pixels.
        resized: (radius) in image pixels.
    """

    stroke = Signal(list, float, bool)
    resized = Signal(float)

    def __init__(self, *, erase: bool = False) -> None:
        super().__init__()
        self.smaller_key: int = Qt.Key.Key_BracketLeft
        self.larger_key: int = Qt.Key.Key_BracketRight
        self._eraser = erase
        self._radius = 12.0
        self._points: list[tuple[float, float]] = []
        self._erasing = False
        self._at: tuple[float, float] | None = None

    @property
    def cursor(self) -> Qt.CursorShape:
        """See `Tool`. The ring that `paint` draws stands for the pointer."""
        return Qt.CursorShape.BlankCursor

    @property
    def busy(self) -> bool:
        """See `Tool`."""
        return bool(self._points)

    @property
    def radius(self) -> float:
        """Of the brush, in image pixels."""
        return self._radius

    def set_radius(self, radius: float) -> None:
        """Choose the size, in image pixels, within SMALLEST and LARGEST."""
        radius = min(max(radius, SMALLEST), LARGEST)
        if radius != self._radius:
            self._radius = radius
            self.resized.emit(radius)
            self.changed.emit()

    def press(self, pointer: Pointer) -> None:
        """See `Tool`."""
        self._erasing = self._eraser != (pointer.button == "right")
        self._points = [(pointer.x, pointer.y)]
        self._at = (pointer.x, pointer.y)
        self.changed.emit()

    def move(self, pointer: Pointer) -> None:
        """See `Tool`."""
        self._at = (pointer.x, pointer.y)
        if self._points and pointer.distance(*self._points[-1]) >= _SPACING:
            self._points.append(self._at)
        self.changed.emit()

    def release(self, pointer: Pointer) -> None:
        """See `Tool`."""
        if not self._points:
            return
        self.move(pointer)
        points, self._points = self._points, []
        self.stroke.emit(points, self._radius, self._erasing)
        self.changed.emit()

    def leave(self) -> None:
        """See `Tool`."""
        self._at = None
        self.changed.emit()

    def cancel(self) -> None:
        """See `Tool`."""
        self._points = []
        self.changed.emit()

    def key(self, key: int) -> bool:
        """See `Tool`."""
        if key in (self.smaller_key, self.larger_key):
            return self.wheel(1 if key == self.larger_key else -1)
        return super().key(key)

    def wheel(self, steps: float) -> bool:
        """See `Tool`."""
        self.set_radius(self._radius * _STEP**steps)
        return True

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """See `Tool`. The way painted so far, and a ring of the brush's size."""
        if self._points:
            painter.strokePath(self._way(viewport), self._pen(viewport))
        if self._at is None:
            return
        centre = QPointF(*viewport.to_screen(*self._at))
        size = max(self._radius * viewport.scale, 1.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in outline_pens(1.2):
            painter.setPen(pen)
            painter.drawEllipse(centre, size, size)
            if self._eraser or (self._erasing and self._points):  # a bar tells the eraser from the brush
                bar = min(5.0, size / 2)
                painter.drawLine(centre - QPointF(bar, 0), centre + QPointF(bar, 0))
            elif size > 8:
                painter.drawPoint(centre)

    def _way(self, viewport: Viewport) -> QPainterPath:
        path = QPainterPath(QPointF(*viewport.to_screen(*self._points[0])))
        for point in self._points[1:] or self._points:
            path.lineTo(QPointF(*viewport.to_screen(*point)))
        return path

    def _pen(self, viewport: Viewport) -> QPen:
        pen = QPen(_ERASE if self._erasing else _PAINT, max(2 * self._radius * viewport.scale, 1.0))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        return pen
