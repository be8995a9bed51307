"""Clicks drawn as disks: the prompt as a three-channel map (specification 2.3)."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def click_disks(points: Tensor, size: tuple[int, int], radius: float) -> Tensor:
    """Draw one disk for each click.

    Clicks are not rounded and disks are cut at the border. The differences are formed in the points' own
    precision and compared in float32, as the published code does (specification 2.3, trap 42).

    Args:
        points: (B, 2, N, 2) rows and columns in network pixels; axis 1 is (positive, negative). A slot is
            unused if neither coordinate reaches 0, such as (-1, -1).
        size: (h, w) of the map.
        radius: in pixels; the border itself belongs to the disk.

    Returns:
        (B, 2, h, w) float32, 1 inside a disk and 0 elsewhere.
    """
    used = points.amax(dim=-1) >= 0
    rows = torch.arange(size[0], device=points.device, dtype=points.dtype)
    columns = torch.arange(size[1], device=points.device, dtype=points.dtype)
    down = (rows - points[..., :1]).float().square()
    across = (columns - points[..., 1:]).float().square()
    inside = (down[..., :, None] + across[..., None, :]) <= radius**2
    return (inside & used[..., None, None]).any(dim=2).float()


def near_disks(points: Tensor, size: tuple[int, int], radius: float) -> Tensor:
    """`click_disks`, the same to the pixel, from the small window around each click.

    A pixel outside a click's window is farther than `radius` + 1 from it in one direction, so rounding
    cannot bring it into the disk; inside the window the test is that of `click_disks`, number by number.
    Arguments and result, (B, 2, h, w) float32, are those of `click_disks`.
    """
    height, width = size
    reach = math.ceil(radius)
    steps = torch.arange(-reach, reach + 2, device=points.device, dtype=points.dtype)
    places = points.floor()[..., None] + steps
    rows, columns = places.unbind(dim=-2)
    on_map = (places >= 0) & torch.stack([rows < height, columns < width], dim=-2)
    used = points.amax(dim=-1) >= 0
    away = (places - points[..., None]).float().square()
    down, across = away.masked_fill(~(on_map & used[..., None, None]), math.inf).unbind(dim=-2)
    inside = (down[..., :, None] + across[..., None, :]) <= radius**2
    # Pixels that are in no disk all go to one place behind the map, which is cut off.
    index = rows.long()[..., :, None] * width + columns.long()[..., None, :]
    index = torch.where(inside, index, height * width).flatten(2)
    marks = torch.zeros(*points.shape[:2], height * width + 1, device=points.device)
    return marks.scatter_(2, index, 1.0)[..., :-1].unflatten(2, size)


def prompt_map(points: Tensor, previous: Tensor, radius: float) -> Tensor:
    """The network's second input.

    Args:
        points: (B, 2, N, 2), see `click_disks`.
        previous: (B, 1, h, w) float, the previous mask as a probability.
        radius: radius of a click's disk in pixels.

    Returns:
        (B, 3, h, w): previous mask, positive clicks, negative clicks.
    """
    size = previous.shape[-2], previous.shape[-1]
    return torch.cat([previous, click_disks(points, size, radius).to(previous.dtype)], dim=1)
