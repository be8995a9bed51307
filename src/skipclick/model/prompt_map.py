"""Clicks drawn as disks: the prompt as a three-channel map (specification 2.3)."""

from __future__ import annotations

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
