"""Changing the chosen object's mask by hand; each change is one command."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from skipclick.annotation import AddObject, RunLengths, SetMask
from skipclick.annotation.commands import Tool
from skipclick.annotation.edit import Points, box_mask, grow, paint, paint_polygon, shrink, smooth
from skipclick.apps.desktop.translate import explain, tr
from skipclick.apps.desktop.work import Work
from skipclick.errors import SkipClickError
from skipclick.mask import drop_islands, fill_holes

Mask = NDArray[np.bool_]

STEP = 2.0
"""Pixels by which a mask grows, shrinks or is smoothed at once."""


class Editing:
    """Brush, polygons, boxes and the rest on the object at hand.

    Args:
        work: what is being worked on.
        spent: how many seconds the change took.
    """

    def __init__(self, work: Work, spent: Callable[[], float]) -> None:
        self._work = work
        self._spent = spent

    def stroke(self, points: Points, radius: float, erase: bool) -> None:
        """The way of the brush or eraser, see `BrushTool`. Without a chosen object the brush begins one."""
        tool: Tool = "eraser" if erase else "brush"
        self._change(tool, lambda mask: paint(mask, points, radius, not erase), begins=not erase)

    def polygon(self, points: Points, cut: bool) -> None:
        """A polygon to fill or cut, see `PolygonTool`. Without a chosen object a filled one begins one."""
        tool: Tool = "polygon cut" if cut else "polygon fill"
        self._change(tool, lambda mask: paint_polygon(mask, points, not cut), begins=not cut)

    def box(self, left: float, top: float, right: float, bottom: float) -> None:
        """A box as something to begin with: clicks refine it. It replaces the mask of a chosen object."""
        self._change(
            "box",
            lambda mask: box_mask((mask.shape[0], mask.shape[1]), left, top, right, bottom),
            begins=True,
        )

    def fill_holes(self) -> None:
        """Fill all holes."""
        self._change("fill holes", fill_holes)

    def drop_islands(self) -> None:
        """Keep the largest part alone."""
        self._change("drop islands", drop_islands)

    def smooth(self) -> None:
        """Round corners."""
        self._change("smooth", lambda mask: smooth(mask, STEP))

    def grow(self) -> None:
        """Add a rim."""
        self._change("grow", lambda mask: grow(mask, STEP))

    def shrink(self) -> None:
        """Take a rim away."""
        self._change("shrink", lambda mask: shrink(mask, STEP))

    def _change(self, tool: Tool, change: Callable[[Mask], Mask], *, begins: bool = False) -> None:
        project, image, active = self._work.project, self._work.image, self._work.active
        if project is None or image is None:
            return
        if active is None and (self._work.selected or not begins):
            self._work.notice.emit(tr("Choose one object first."), True)
            return
        try:
            shape = project.shape_of(image)
            before = np.zeros(shape, np.bool_) if active is None else active.mask.to_mask()
            after = change(before)
        except SkipClickError as error:
            self._work.notice.emit(explain(error), True)
            return
        if np.array_equal(after, before):
            if tool not in ("brush", "eraser"):
                self._work.notice.emit(tr("That changes nothing here."), False)
            return
        mask, seconds, now = RunLengths.from_mask(after), self._spent(), time.time()
        if active is not None:
            self._work.do(SetMask(image, active.id, mask, tool, seconds=seconds, at=now))
        elif self._work.do(AddObject(image, self._work.class_id, mask, tool=tool, seconds=seconds, at=now)):
            self._work.select((project.document.image(image).objects[-1].id,))
