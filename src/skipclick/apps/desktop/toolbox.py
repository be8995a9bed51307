"""The tools, which of them is in use, and what their signals do."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from skipclick.apps.desktop.canvas import Canvas
from skipclick.apps.desktop.clicking import Clicking
from skipclick.apps.desktop.display import Display
from skipclick.apps.desktop.editing import Editing
from skipclick.apps.desktop.preview import Preview
from skipclick.apps.desktop.tools import BoxTool, BrushTool, ClickTool, HandTool, PolygonTool, Tool


class Toolbox(QObject):
    """Owns one tool of each kind.

    Signals:
        changed: another tool is in use.
    """

    changed = Signal()

    def __init__(
        self,
        canvas: Canvas,
        clicking: Clicking,
        preview: Preview,
        editing: Editing,
        display: Display,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._canvas, self._clicking = canvas, clicking
        click, hand, box = ClickTool(), HandTool(), BoxTool()
        self._brushes = BrushTool(), BrushTool(erase=True)
        fill, cut = PolygonTool(), PolygonTool(cut=True)
        self._tools: dict[str, Tool] = {
            "click": click,
            "brush": self._brushes[0],
            "eraser": self._brushes[1],
            "fill": fill,
            "cut": cut,
            "box": box,
            "hand": hand,
        }
        for tool in self._tools.values():
            tool.setParent(self)
        click.clicked.connect(clicking.add)
        click.picked.connect(display.pick)
        click.removed.connect(self._remove)
        click.hovered.connect(preview.hover)
        click.left.connect(preview.leave)
        hand.picked.connect(display.pick)
        box.box.connect(editing.box)
        box.box.connect(self.click)
        for brush in self._brushes:
            brush.stroke.connect(editing.stroke)
            brush.resized.connect(self._same_size)
        for polygon in (fill, cut):
            polygon.polygon.connect(editing.polygon)
        self.current = "click"
        canvas.set_tool(click)

    def click(self, *_: object) -> None:
        """Click for the model; also what comes after a box."""
        self._take("click")

    def brush(self) -> None:
        """Paint."""
        self._take("brush")

    def eraser(self) -> None:
        """Erase."""
        self._take("eraser")

    def fill(self) -> None:
        """Fill along a polygon."""
        self._take("fill")

    def cut(self) -> None:
        """Cut along a polygon."""
        self._take("cut")

    def box(self) -> None:
        """Begin with a box."""
        self._take("box")

    def hand(self) -> None:
        """Move the image and choose objects."""
        self._take("hand")

    def smaller(self) -> None:
        """A smaller brush."""
        self._brushes[0].wheel(-1)

    def larger(self) -> None:
        """A larger brush."""
        self._brushes[0].wheel(1)

    @property
    def radius(self) -> float:
        """Of brush and eraser, in image pixels."""
        return self._brushes[0].radius

    def _take(self, name: str) -> None:
        self.current = name
        self._canvas.set_tool(self._tools[name])
        self.changed.emit()

    def _same_size(self, radius: float) -> None:
        for brush in self._brushes:
            brush.set_radius(radius)
        self.changed.emit()

    def _remove(self, x: float, y: float) -> None:
        index = self._canvas.click_at(x, y)
        if index is not None:
            self._clicking.remove(index)
