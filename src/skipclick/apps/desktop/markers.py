"""Clicks on the canvas: a round marker with a plus, or a square one with a minus."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from skipclick.overlay import NEGATIVE, POSITIVE
from skipclick.prompt import Click

RADIUS = 7.0
"""Of a marker in screen units, whatever the zoom."""

_SHADOW = QColor(0, 0, 0, 90)


def paint_click(painter: QPainter, centre: QPointF, click: Click, *, last: bool) -> None:
    """Draw one click.

    Colour, shape and sign all tell positive from negative, so that no one needs to see the colours.

    Args:
        painter: in screen units, antialiased.
        centre: where, in screen units.
        click: which kind.
        last: whether it is the newest click, which is drawn a little larger.
    """
    size = RADIUS + (1.0 if last else -0.5)
    painter.setPen(Qt.PenStyle.NoPen)
    for grow, colour in (
        (2.6, _SHADOW),
        (1.6, QColor(255, 255, 255)),
        (0.0, QColor(*(POSITIVE if click.positive else NEGATIVE))),
    ):
        painter.setBrush(colour)
        if click.positive:
            painter.drawEllipse(centre, size + grow, size + grow)
        else:
            side = 0.88 * size + grow
            area = QRectF(centre.x() - side, centre.y() - side, 2 * side, 2 * side)
            painter.drawRoundedRect(area, 2.5 + grow / 2, 2.5 + grow / 2)
    pen = QPen(QColor(255, 255, 255), 2.0)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    arm = 0.5 * size
    painter.drawLine(centre - QPointF(arm, 0), centre + QPointF(arm, 0))
    if click.positive:
        painter.drawLine(centre - QPointF(0, arm), centre + QPointF(0, arm))
