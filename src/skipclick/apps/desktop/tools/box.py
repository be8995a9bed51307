"""A box around the object, as a start."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter

from skipclick.apps.desktop.tools.base import DRAG, Pointer, Tool, outline_pens
from skipclick.apps.desktop.viewport import Viewport

_FILL = QColor(255, 255, 255, 36)


class BoxTool(Tool):
    """Drag from one corner to the other.

    Signals:
        box: (left, top, right, bottom) in image pixels, on the image, left < right and top < bottom.
    """

    box = Signal(float, float, float, float)

    def __init__(self) -> None:
        super().__init__()
        self._start: tuple[float, float] | None = None
        self._end = (0.0, 0.0)

    @property
    def busy(self) -> bool:
        """See `Tool`."""
        return self._start is not None

    def press(self, pointer: Pointer) -> None:
        """See `Tool`."""
        if pointer.button == "left":
            self._start = self._end = (pointer.x, pointer.y)

    def move(self, pointer: Pointer) -> None:
        """See `Tool`."""
        if self._start is not None:
            self._end = (pointer.x, pointer.y)
            self.changed.emit()

    def release(self, pointer: Pointer) -> None:
        """See `Tool`. Less than a drag is no box."""
        if self._start is None:
            return
        corners = self._corners(self._start, (pointer.x, pointer.y), pointer.viewport)
        left, top, right, bottom = corners
        far = pointer.distance(*self._start) >= DRAG
        self.cancel()
        if far and left < right and top < bottom:
            self.box.emit(*corners)

    def cancel(self) -> None:
        """See `Tool`."""
        self._start = None
        self.changed.emit()

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """See `Tool`."""
        if self._start is None:
            return
        left, top, right, bottom = self._corners(self._start, self._end, viewport)
        area = QRectF(QPointF(*viewport.to_screen(left, top)), QPointF(*viewport.to_screen(right, bottom)))
        painter.fillRect(area, _FILL)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in outline_pens():
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(area)

    @staticmethod
    def _corners(
        one: tuple[float, float], other: tuple[float, float], viewport: Viewport
    ) -> tuple[float, float, float, float]:
        """The box between two points, cut at the image's border."""
        width, height = viewport.image
        across = sorted(min(max(x, -0.5), width - 0.5) for x in (one[0], other[0]))
        down = sorted(min(max(y, -0.5), height - 0.5) for y in (one[1], other[1]))
        return across[0], down[0], across[1], down[1]
