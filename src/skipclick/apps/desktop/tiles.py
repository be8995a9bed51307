"""The picture on the screen in square tiles: panning reuses them, a changed mask redraws only its own."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from skipclick.apps.desktop.layers import MARGIN, Box, Look, MaskLayer, compose, coverage
from skipclick.apps.desktop.pyramid import Pyramid

TILE = 256
"""Side of a tile in scaled pixels."""

_KEPT = 3.0
"""How many screens of tiles are kept."""


class Tiles:
    """An image with masks, drawn piece by piece at one scale and kept.

    A tile (column, row) covers the scaled pixels from (column * TILE, row * TILE) on, counted from the
    image's top left corner; those at the right and bottom edge are smaller.
    """

    def __init__(self) -> None:
        self._photo: Pyramid | None = None
        self._layers: tuple[MaskLayer, ...] = ()
        self._covers: dict[tuple[int, int, int], tuple[NDArray[np.bool_], Pyramid, Box]] = {}
        self._look = Look()
        self._scale = 1.0
        self._drawn: OrderedDict[tuple[int, int], NDArray[np.uint8]] = OrderedDict()

    @property
    def look(self) -> Look:
        """How image and masks are shown."""
        return self._look

    @property
    def layers(self) -> tuple[MaskLayer, ...]:
        """The masks shown, back to front."""
        return self._layers

    def set_photo(self, photo: Pyramid | None) -> None:
        """Show another image, without masks."""
        self._photo, self._layers, self._covers = photo, (), {}
        self._drawn.clear()

    def set_look(self, look: Look) -> None:
        """Show everything in another way."""
        if look != self._look:
            self._look = look
            self._drawn.clear()

    def set_layers(self, layers: Sequence[MaskLayer]) -> None:
        """Show these masks, back to front; only what differs from those before is drawn again."""
        before, self._layers = self._layers, tuple(layers)
        covers = {}
        for layer in self._layers:
            known = self._cover_of(layer)
            covers[_place(layer)] = (layer.mask, *known)
        kept = {layer.key: layer for layer in before}
        shared = [layer.key for layer in self._layers if layer.key in kept]
        stays = {layer.key for layer in self._layers}
        order_kept = shared == [layer.key for layer in before if layer.key in stays]
        changed = [
            layer
            for layer in self._layers
            if not (order_kept and layer.key in kept and layer.same_as(kept[layer.key]))
        ]
        gone = {layer.key for layer in changed} | (set(kept) - stays)
        boxes = [self._covers[_place(layer)][2] for layer in before if layer.key in gone]
        self._covers = covers
        boxes += [covers[_place(layer)][2] for layer in changed]
        for box in boxes:
            self._forget(box)

    def draw(self, scale: float, column: int, row: int) -> NDArray[np.uint8]:
        """One tile, from memory if it is still right.

        Args:
            scale: scaled pixels per image pixel; another scale than before drops all tiles kept.
            column, row: which tile, within `count(scale)`.

        Returns:
            (h, w, 3) uint8 RGB, at most TILE in either direction; not to be changed.
        """
        if scale != self._scale:
            self._scale = scale
            self._drawn.clear()
        tile = self._drawn.get((column, row))
        if tile is None:
            tile = self._drawn[column, row] = self._render(column, row)
        self._drawn.move_to_end((column, row))
        return tile

    def count(self, scale: float) -> tuple[int, int]:
        """How many columns and rows of tiles the image has at this scale; (0, 0) without an image."""
        width, height = self.extent(scale)
        return -(-width // TILE), -(-height // TILE)

    def extent(self, scale: float) -> tuple[int, int]:
        """The image's width and height in whole scaled pixels, at least 1; (0, 0) without an image."""
        if self._photo is None:
            return 0, 0
        width, height = self._photo.size
        return max(1, round(width * scale)), max(1, round(height * scale))

    def trim(self, seen: int) -> None:
        """Let go of the tiles unused for longest, given how many the screen needs."""
        while len(self._drawn) > max(_KEPT * seen, 16):
            self._drawn.popitem(last=False)

    def _render(self, column: int, row: int) -> NDArray[np.uint8]:
        if self._photo is None:
            return np.zeros((1, 1, 3), np.uint8)
        scale, (width, height) = self._scale, self.extent(self._scale)
        x0, y0 = column * TILE, row * TILE
        x1, y1 = min(x0 + TILE, width), min(y0 + TILE, height)
        # Drawn with a margin, so that lines do not see where one tile ends.
        left, top = max(x0 - MARGIN, 0), max(y0 - MARGIN, 0)
        right, bottom = min(x1 + MARGIN, width), min(y1 + MARGIN, height)
        where = (left, top, right - left, bottom - top)
        image = self._photo.view(scale, *where)
        masks = []
        for layer in self._layers:
            _, cover, box = self._covers[_place(layer)]
            if _meet(_scaled(box, scale), (left, top, right, bottom)):
                masks.append((layer, cover.view(scale, *where)))
        picture = compose(image, masks, self._look)
        return np.ascontiguousarray(picture[y0 - top : y1 - top, x0 - left : x1 - left])

    def _cover_of(self, layer: MaskLayer) -> tuple[Pyramid, Box]:
        known = self._covers.get(_place(layer))
        if known is not None and known[0] is layer.mask:
            return known[1], known[2]
        return coverage(layer.mask, layer.left, layer.top)

    def _forget(self, box: Box) -> None:
        """Drop the tiles that show any of these image pixels."""
        area = _scaled(box, self._scale)
        for column, row in list(self._drawn):
            tile = column * TILE, row * TILE, (column + 1) * TILE, (row + 1) * TILE
            if _meet(area, tile):
                del self._drawn[column, row]


def _place(layer: MaskLayer) -> tuple[int, int, int]:
    """What tells a layer's coverage from others: its array, kept alive beside it, and where it lies."""
    return id(layer.mask), layer.left, layer.top


def _scaled(box: Box, scale: float) -> Box:
    """Where image pixels are seen, with the width of a line around them; empty stays empty."""
    left, top, right, bottom = box
    if left >= right or top >= bottom:
        return 0, 0, 0, 0
    return (
        math.floor(left * scale) - MARGIN,
        math.floor(top * scale) - MARGIN,
        math.ceil(right * scale) + MARGIN,
        math.ceil(bottom * scale) + MARGIN,
    )


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
