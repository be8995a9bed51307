"""The DINOv2 encoder (specification 2.4): tokens in, raw block outputs out."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from skipclick.model.config import BackboneConfig
from skipclick.model.transformer import Block, PatchEmbed


class DinoV2(nn.Module):
    """A plain ViT with layer scale and, in some variants, register tokens.

    The names of the parameters are those of the original weight files.
    """

    def __init__(self, config: BackboneConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + config.grid**2, width))
        if config.registers:
            self.register_tokens = nn.Parameter(torch.zeros(1, config.registers, width))
        # Never used; every original file has it.
        self.mask_token = nn.Parameter(torch.zeros(1, width))
        self.patch_embed = PatchEmbed(3, width, config.patch)
        self.blocks = nn.ModuleList(
            Block(
                width,
                config.heads,
                config.hidden,
                eps=1e-6,
                layer_scale=True,
                swiglu=config.feed_forward == "swiglu",
            )
            for _ in range(config.depth)
        )
        # Never used by SkipClick: features are taken before it.
        self.norm = nn.LayerNorm(width, eps=1e-6)

    def forward(self, image: Tensor, taps: tuple[int, ...]) -> list[Tensor]:
        """Encode normalised images.

        Args:
            image: (B, 3, H, W), H and W multiples of the patch.
            taps: block indices, ascending; blocks after the last one are not run.

        Returns:
            The raw output of each tapped block without cls and registers, (B, n, C) each.
        """
        grid = image.shape[-2] // self.config.patch, image.shape[-1] // self.config.patch
        tokens = self.patch_embed(image)
        batch = tokens.shape[0]
        cls, table = self.positions(grid)
        parts = [(self.cls_token + cls).expand(batch, -1, -1)]
        if self.config.registers:
            parts.append(self.register_tokens.expand(batch, -1, -1))
        x = torch.cat([*parts, tokens + table], dim=1)
        prefix = 1 + self.config.registers
        features = []
        for index in range(taps[-1] + 1):
            x = self.blocks[index](x)
            if index in taps:
                features.append(x[:, prefix:])
        return features

    def positions(self, grid: tuple[int, int]) -> tuple[Tensor, Tensor]:
        """The positional embedding of cls, (1, 1, C), and of a grid of patches, (1, n, C).

        Models with registers resize the table with antialiasing to the exact size; the others without it
        and with the scale factor (size + 0.1) / 37 (specification 2.4, trap 4).
        """
        cls, table = self.pos_embed[:, :1], self.pos_embed[:, 1:]
        side = self.config.grid
        if grid == (side, side):
            return cls, table
        square = table.reshape(1, side, side, -1).permute(0, 3, 1, 2).float()
        if self.config.registers:
            resized = F.interpolate(square, size=grid, mode="bicubic", antialias=True)
        else:
            factors = (grid[0] + 0.1) / side, (grid[1] + 0.1) / side
            resized = F.interpolate(square, scale_factor=factors, mode="bicubic")
        return cls, resized.flatten(2).transpose(1, 2).to(table.dtype)
