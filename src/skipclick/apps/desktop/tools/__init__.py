"""What the pointer does on the canvas, one file per tool.

A tool hears presses, moves and keys in image pixels and says what is wanted by a signal. It knows neither
the document nor the model, and changes nothing.
"""

from __future__ import annotations

from skipclick.apps.desktop.tools.base import Pointer, Tool
from skipclick.apps.desktop.tools.box import BoxTool
from skipclick.apps.desktop.tools.brush import BrushTool
from skipclick.apps.desktop.tools.click import ClickTool
from skipclick.apps.desktop.tools.hand import HandTool
from skipclick.apps.desktop.tools.polygon import PolygonTool

__all__ = ["BoxTool", "BrushTool", "ClickTool", "HandTool", "Pointer", "PolygonTool", "Tool"]
