"""The image with its masks and clicks: zoom, pan, and a tool under the pointer."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QImage,
    QPainter,
    QPaintEvent,
    QPalette,
)
from PySide6.QtWidgets import QWidget

from skipclick.apps.desktop.layers import Look, MaskLayer
from skipclick.apps.desktop.markers import RADIUS, paint_click
from skipclick.apps.desktop.navigation import Navigation
from skipclick.apps.desktop.pyramid import Pyramid
from skipclick.apps.desktop.tiles import TILE, Tiles
from skipclick.apps.desktop.viewport import Viewport
from skipclick.prompt import Click

FLASH_MS = 450
"""How long `Canvas.flash` shows a mask, in milliseconds."""


class Canvas(Navigation):
    """Shows what it is given and passes the pointer on to a tool; it knows no document.

    Zooming, panning and the tool's events are those of `Navigation`.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles = Tiles()
        self._layers: tuple[MaskLayer, ...] = ()
        self._preview: MaskLayer | None = None
        self._flashed: MaskLayer | None = None
        self._clicks: tuple[Click, ...] = ()
        self._message = ""
        self._flash_end = QTimer(self)
        self._flash_end.setSingleShot(True)
        self._flash_end.timeout.connect(self.end_flash)

    def sizeHint(self) -> QSize:  # noqa: N802
        """As Qt asks for it."""
        return QSize(960, 640)

    def show_image(self, photo: Pyramid | None) -> None:
        """Show another image, whole and without masks and clicks, or none."""
        self._flash_end.stop()
        self._layers, self._preview, self._flashed, self._clicks = (), None, None, ()
        self._tiles.set_photo(photo)
        self.set_image_size(None if photo is None else photo.size)

    def set_message(self, text: str) -> None:
        """What to say while there is no image; may have several lines."""
        self._message = text
        self.update()

    @property
    def look(self) -> Look:
        """How image and masks are shown."""
        return self._tiles.look

    def set_look(self, look: Look) -> None:
        """Show image and masks in another way."""
        self._tiles.set_look(look)
        self.update()

    def set_layers(self, layers: Sequence[MaskLayer]) -> None:
        """Show these masks, back to front. Costs what has changed, see `MaskLayer.mask`."""
        self._layers = tuple(layers)
        self._renew_layers()

    def set_preview(self, layer: MaskLayer | None) -> None:
        """Show what a click would give, over all masks, or nothing."""
        self._preview = layer
        self._renew_layers()

    def flash(self, layer: MaskLayer) -> None:
        """Show a mask for a moment, such as the one before the last click."""
        self._flashed = layer
        self._flash_end.start(FLASH_MS)
        self._renew_layers()

    def end_flash(self) -> None:
        """Show no such mask any more."""
        self._flash_end.stop()
        self._flashed = None
        self._renew_layers()

    def set_clicks(self, clicks: Sequence[Click]) -> None:
        """Mark these clicks; the last one counts as the newest."""
        self._clicks = tuple(clicks)
        self.update()

    def click_at(self, x: float, y: float) -> int | None:
        """Which of the clicks marked has its marker over an image position; None for none."""
        if self.viewport is None:
            return None
        near = [math.hypot(click.x - x, click.y - y) * self.viewport.scale for click in self._clicks]
        hits = [index for index, distance in enumerate(near) if distance <= RADIUS + 2]
        return min(hits, key=near.__getitem__, default=None)

    def _renew_layers(self) -> None:
        extra = [layer for layer in (self._preview, self._flashed) if layer is not None]
        self._tiles.set_layers([*self._layers, *extra])
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """As Qt asks for it."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._ground())
        if self.viewport is None:
            self._paint_message(painter)
            return
        self._paint_tiles(painter, self.viewport, QRectF(event.rect()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, click in enumerate(self._clicks, start=1):
            centre = QPointF(*self.viewport.to_screen(click.x, click.y))
            paint_click(painter, centre, click, last=number == len(self._clicks))
        self.tool.paint(painter, self.viewport)

    def _paint_tiles(self, painter: QPainter, viewport: Viewport, area: QRectF) -> None:
        """Draw the tiles that meet the area, each pixel of theirs on one pixel of the screen."""
        density = self.devicePixelRatioF()
        scale = viewport.scale * density
        left, top = round(viewport.left * density), round(viewport.top * density)
        columns, rows = self._tiles.count(scale)
        first_column = max(math.floor((area.left() * density - left) / TILE), 0)
        first_row = max(math.floor((area.top() * density - top) / TILE), 0)
        last_column = min(math.floor((area.right() * density - left) / TILE), columns - 1)
        last_row = min(math.floor((area.bottom() * density - top) / TILE), rows - 1)
        for row in range(first_row, last_row + 1):
            for column in range(first_column, last_column + 1):
                tile = self._tiles.draw(scale, column, row)
                height, width = tile.shape[:2]
                image = QImage(tile.data, width, height, 3 * width, QImage.Format.Format_RGB888)
                image.setDevicePixelRatio(density)
                corner = QPointF((left + column * TILE) / density, (top + row * TILE) / density)
                painter.drawImage(corner, image)
        screen = (self.width() * density / TILE + 2) * (self.height() * density / TILE + 2)
        self._tiles.trim(math.ceil(screen))

    def _ground(self) -> QColor:
        """A grey beside which photos look right, darker in a dark theme."""
        dark = self.palette().color(QPalette.ColorRole.Window).lightness() < 128
        return QColor(30, 31, 33) if dark else QColor(226, 227, 229)

    def _paint_message(self, painter: QPainter) -> None:
        dark = self._ground().lightness() < 128
        painter.setPen(QColor(176, 179, 184) if dark else QColor(92, 96, 102))
        font = self.font()
        font.setPointSizeF(1.3 * self.fontInfo().pointSizeF())
        painter.setFont(font)
        painter.drawText(self.rect().adjusted(24, 24, -24, -24), Qt.AlignmentFlag.AlignCenter, self._message)
