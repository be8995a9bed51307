"""The feature pyramid with skip connections to the encoder (specification 2.9)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from skipclick.model.config import ModelConfig


def group_norm(channels: int) -> nn.GroupNorm:
    """Group normalisation with one group, the only norm of pyramid and head."""
    return nn.GroupNorm(1, channels)


class Pyramid(nn.Module):
    """Four levels from one grid: 4×, 2×, 1× and ½ its size.

    The names of the levels are the strides that a patch of 16 would give. Where an activation seems to be
    missing, the published network has none.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        wide = config.level_channels
        out4, out8, out16, out32 = config.pyramid
        first4, second4, inner8, inner32 = config.inner_channels
        self.level4 = nn.Sequential(
            nn.ConvTranspose2d(wide, first4, 2, stride=2),
            group_norm(first4),
            nn.GELU(),
            nn.ConvTranspose2d(first4, second4, 2, stride=2),
            group_norm(second4),
            nn.Conv2d(second4, out4, 1),
            group_norm(out4),
            nn.GELU(),
        )
        self.level8 = nn.Sequential(
            nn.ConvTranspose2d(wide, inner8, 2, stride=2),
            group_norm(inner8),
            nn.Conv2d(inner8, out8, 1),
            group_norm(out8),
            nn.GELU(),
        )
        self.level16 = nn.Sequential(nn.Conv2d(wide, out16, 1), group_norm(out16), nn.GELU())
        self.level32 = nn.Sequential(
            nn.Conv2d(wide, inner32, 2, stride=2),
            group_norm(inner32),
            nn.Conv2d(inner32, out32, 1),
            group_norm(out32),
            nn.GELU(),
        )

    def forward(self, x: Tensor, skips: tuple[Tensor, ...]) -> list[Tensor]:
        """Build the levels, fine to coarse.

        Args:
            x: fused map, (B, C, g_h, g_w).
            skips: none, or the four tapped maps, shallowest first; the shallowest joins the finest level.

        Returns:
            Four maps of sizes 4g, 2g, g and ⌊g/2⌋.
        """
        levels = (self.level4, self.level8, self.level16, self.level32)
        inputs = [torch.cat([x, skip], dim=1) for skip in skips] if skips else [x] * 4
        return [level(value) for level, value in zip(levels, inputs, strict=True)]
