"""Positional tables resized by two small matrices, for graphs whose image size is open.

Bicubic resizing is linear and acts on rows and columns apart: resized = A · table · Bᵀ. A and B follow from
the number of rows and columns by arithmetic alone, which a graph can hold; PyTorch's own resizing takes its
factor as a number when the graph is made. Same result as `DinoV2.positions` and `Fusion.positions`, up to
rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import MethodType

import torch
from torch import Tensor

from skipclick.model.dinov2 import DinoV2
from skipclick.model.fusion import Fusion
from skipclick.model.skipclick import SkipClick

_PAD = 3
"""Places beyond the table's border that a kernel of four taps may reach."""


@contextmanager
def open_sizes(network: SkipClick) -> Iterator[None]:
    """Inside the block the network resizes its positional tables by `resize_plain` and `resize_smooth`."""
    changed: list[DinoV2 | Fusion] = []
    if isinstance(network.backbone, DinoV2):
        network.backbone.positions = MethodType(_backbone_positions, network.backbone)  # type: ignore[method-assign]
        changed.append(network.backbone)
    if isinstance(network.fusion, Fusion):
        network.fusion.positions = MethodType(_fusion_positions, network.fusion)  # type: ignore[method-assign]
        changed.append(network.fusion)
    try:
        yield
    finally:
        for module in changed:
            del module.positions


def resize_plain(table: Tensor, grid: tuple[int, int], offset: float = 0.0) -> Tensor:
    """Bicubic without antialiasing (coefficient -0.75), borders repeated (specification 2.4, 2.6).

    Args:
        table: (side, side, C).
        grid: rows and columns wanted.
        offset: added to the counts in the scale factor, (count + offset) / side, except where the grid is the
            table's own; DINOv2 without registers has 0.1.

    Returns:
        (rows, columns, C).
    """
    side = table.shape[0]
    same = torch.logical_and(_count(grid[0]) == side, _count(grid[1]) == side)
    shift = torch.where(same, 0.0, offset)

    def matrix(count: int) -> Tensor:
        factor = (_count(count) + shift) / side
        source = (torch.arange(count).float() + 0.5) / factor - 0.5
        places = torch.arange(-_PAD, side + _PAD)
        # A tap outside the table reads the border.
        nearest = places.clamp(0, side - 1)[:, None] == torch.arange(side)
        return _cubic(source[:, None] - places, -0.75) @ nearest.float()

    return _apply(table, matrix(grid[0]), matrix(grid[1]))


def resize_smooth(table: Tensor, grid: tuple[int, int]) -> Tensor:
    """Bicubic with antialiasing (coefficient -0.5): the kernel widens where the table shrinks.

    Arguments and result as those of `resize_plain`.
    """
    side = table.shape[0]

    def matrix(count: int) -> Tensor:
        scale = side / _count(count)
        centre = (torch.arange(count).float() + 0.5) * scale
        distance = torch.arange(side) + 0.5 - centre[:, None]
        weights = _cubic(distance / scale.clamp(min=1.0), -0.5)
        return weights / weights.sum(dim=1, keepdim=True)

    return _apply(table, matrix(grid[0]), matrix(grid[1]))


def _backbone_positions(backbone: DinoV2, grid: tuple[int, int]) -> tuple[Tensor, Tensor]:
    side = backbone.config.grid
    cls, table = backbone.pos_embed[:, :1], backbone.pos_embed[0, 1:].unflatten(0, (side, side))
    resized = resize_smooth(table, grid) if backbone.config.registers else resize_plain(table, grid, 0.1)
    return cls, resized.flatten(0, 1)[None]


def _fusion_positions(fusion: Fusion, grid: tuple[int, int]) -> Tensor:
    table = fusion.pos_embed[0].unflatten(0, (fusion.grid, fusion.grid))
    return resize_plain(table, grid).flatten(0, 1)[None]


def _count(count: int) -> Tensor:
    """A number of rows or columns as a tensor, so that it stays open in a graph."""
    return torch.scalar_tensor(count, dtype=torch.float32)


def _cubic(distance: Tensor, a: float) -> Tensor:
    """Keys' cubic kernel (1981) with coefficient `a`, 0 from a distance of 2 on."""
    x = distance.abs()
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return torch.where(x <= 1, near, torch.where(x < 2, far, 0.0))


def _apply(table: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    tall = (rows @ table.flatten(1)).unflatten(1, (table.shape[1], table.shape[2]))
    return columns @ tall
