"""What every tool can do, and what it is told."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen

from skipclick.apps.desktop.viewport import Viewport

Button: TypeAlias = Literal["none", "left", "right"]

DRAG = 4.0
"""A pointer that moved less than this, in screen units, was only clicked."""

LIGHT = QColor(255, 255, 255)
DARK = QColor(0, 0, 0, 150)


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the pointer is and what is held down.

    Attributes:
        x, y: in image pixels; may lie outside the image.
        viewport: how the image lies on the screen at this moment.
        button: the one pressed, held or just released.
        shift, control, alt: the keys held. Control is Command on macOS.
        double: whether this press completes a double click.
    """

    x: float
    y: float
    viewport: Viewport
    button: Button = "none"
    shift: bool = False
    control: bool = False
    alt: bool = False
    double: bool = False

    @property
    def inside(self) -> bool:
        """Whether the pointer is on the image."""
        return self.viewport.holds(self.x, self.y)

    def distance(self, x: float, y: float) -> float:
        """How far an image position is from the pointer, in screen units."""
        return math.hypot(self.x - x, self.y - y) * self.viewport.scale


class Tool(QObject):
    """Does nothing; the others say what they do with these calls.

    Signals:
        changed: what `paint` draws, or the pointer's shape, is different now.
        panned: (across, down) in screen units by which the image should move.
    """

    changed = Signal()
    panned = Signal(float, float)

    @property
    def cursor(self) -> Qt.CursorShape:
        """The pointer's shape over the canvas."""
        return Qt.CursorShape.CrossCursor

    @property
    def busy(self) -> bool:
        """Whether something was begun that `cancel` would throw away."""
        return False

    def press(self, pointer: Pointer) -> None:
        """A button went down; until it is released, no other button is reported."""

    def move(self, pointer: Pointer) -> None:
        """The pointer moved, with or without a button held."""

    def release(self, pointer: Pointer) -> None:
        """The button went up."""

    def leave(self) -> None:
        """The pointer left the canvas."""

    def cancel(self) -> None:
        """Throw away what was begun: Escape, another tool or another image."""

    def wants(self, key: int) -> bool:
        """Whether a key is meant for the tool now, before any shortcut of the window."""
        return self.busy and key == Qt.Key.Key_Escape

    def key(self, key: int) -> bool:
        """A key was pressed; True if the tool used it."""
        if self.busy and key == Qt.Key.Key_Escape:
            self.cancel()
            return True
        return False

    def wheel(self, steps: float) -> bool:
        """The wheel was turned with Shift held, away from the user if positive; True if used."""
        return False

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Draw what is under way over the canvas, in screen units, antialiased."""


def outline_pens(width: float = 1.5) -> tuple[QPen, QPen]:
    """A dark pen and a lighter, thinner one over it: a line that shows on every ground."""
    under, over = QPen(DARK, width + 2.0), QPen(LIGHT, width)
    for pen in (under, over):
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return under, over
