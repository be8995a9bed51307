"""The DINOv3 encoder (specification 2.5): rotary positions, features through the last LayerNorm."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from skipclick.model.config import BackboneConfig
from skipclick.model.transformer import Block, PatchEmbed, Rotate


def rotary_periods(count: int) -> Tensor:
    """Periods 100^(i / count) of one axis, (count,) float32."""
    return torch.pow(100.0, torch.arange(count) / count)


class RotaryPositions(nn.Module):
    """Angles of the rotary embedding; `periods` is a buffer of the original files."""

    periods: Tensor

    def __init__(self, count: int) -> None:
        super().__init__()
        self.register_buffer("periods", rotary_periods(count))

    def forward(self, grid: tuple[int, int], scale: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Cosine and sine for each patch, (n, 4 · periods) each, float32.

        Args:
            grid: rows and columns of patches; each axis is normalised to [-1, 1] by its own length.
            scale: one factor on all coordinates (training mode of the published recipe).
        """
        device, periods = self.periods.device, self.periods.float()
        rows = 2 * (torch.arange(grid[0], device=device, dtype=torch.float32) + 0.5) / grid[0] - 1
        columns = 2 * (torch.arange(grid[1], device=device, dtype=torch.float32) + 0.5) / grid[1] - 1
        y, x = torch.meshgrid(rows, columns, indexing="ij")
        coordinates = torch.stack([y.flatten(), x.flatten()], dim=1)
        if scale is not None:
            coordinates = coordinates * scale
        angles = 2 * math.pi * coordinates[:, :, None] / periods
        angles = angles.flatten(1).repeat(1, 2)
        return angles.cos(), angles.sin()


def _rotation(angles: tuple[Tensor, Tensor], prefix: int) -> Rotate:
    """Rotate all tokens after the first `prefix` (cls and storage tokens have no position)."""
    cos, sin = angles

    def rotate(x: Tensor) -> Tensor:
        kept, turned = x[:, :, :prefix], x[:, :, prefix:].float()
        first, second = turned.chunk(2, dim=-1)
        turned = turned * cos + torch.cat([-second, first], dim=-1) * sin
        return torch.cat([kept, turned.to(x.dtype)], dim=2)

    return rotate


class DinoV3(nn.Module):
    """A ViT with rotary positions and storage tokens; parameters are named as in the original files.

    Attributes:
        rescale_positions: in training mode, draw one coordinate factor in [1/2, 2] per block, as the
            published recipe does because its frozen encoder runs in training mode (trap 22).
    """

    def __init__(self, config: BackboneConfig) -> None:
        super().__init__()
        self.config = config
        self.rescale_positions = True
        width = config.width
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.storage_tokens = nn.Parameter(torch.zeros(1, config.registers, width))
        self.mask_token = nn.Parameter(torch.zeros(1, width))
        self.patch_embed = PatchEmbed(3, width, config.patch)
        self.rope_embed = RotaryPositions(config.periods)
        self.blocks = nn.ModuleList(
            Block(
                width,
                config.heads,
                config.hidden,
                eps=1e-5,
                layer_scale=True,
                swiglu=config.feed_forward == "swiglu",
                masked_key_bias=True,
            )
            for _ in range(config.depth)
        )
        self.norm = nn.LayerNorm(width, eps=1e-5)

    def forward(self, image: Tensor, taps: tuple[int, ...]) -> list[Tensor]:
        """Encode normalised images; arguments and result as in `DinoV2.forward`, but normed."""
        grid = image.shape[-2] // self.config.patch, image.shape[-1] // self.config.patch
        tokens = self.patch_embed(image)
        batch = tokens.shape[0]
        prefix = 1 + self.config.registers
        parts = [self.cls_token.expand(batch, -1, -1), self.storage_tokens.expand(batch, -1, -1), tokens]
        x = torch.cat(parts, dim=1)
        rotate = _rotation(self.rope_embed(grid), prefix)
        features = []
        for index in range(taps[-1] + 1):
            if self.training and self.rescale_positions:
                scale = torch.empty(1, device=x.device).uniform_(-math.log(2), math.log(2)).exp()
                rotate = _rotation(self.rope_embed(grid, scale), prefix)
            x = self.blocks[index](x, rotate)
            if index in taps:
                features.append(self.norm(x)[:, prefix:])
        return features
