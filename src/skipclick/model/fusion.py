"""The fusion blocks, where image and prompt features meet (specification 2.6, paper section 3)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from skipclick.model.config import ModelConfig
from skipclick.model.transformer import Block, as_map, as_tokens


class Fusion(nn.Module):
    """Plain transformer blocks with global attention and a learned positional table."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.grid = config.grid
        self.pos_embed = nn.Parameter(torch.empty(1, config.grid**2, config.width))
        self.blocks = nn.ModuleList(
            Block(config.width, config.heads, config.hidden, eps=1e-6) for _ in range(config.depth)
        )
        self.reset()

    def reset(self) -> None:
        """Draw fresh weights as the published recipe does (specification 6.1)."""
        if not self.pos_embed.is_meta:  # normal numbers there would import PyTorch's whole compiler
            nn.init.normal_(self.pos_embed, std=0.02)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)

    def forward(self, x: Tensor, grid: tuple[int, int]) -> Tensor:
        """Mix the sum of image and prompt tokens, (B, n, C), on a grid of patches."""
        x = x + self.positions(grid)
        for block in self.blocks:
            x = block(x)
        return x

    def positions(self, grid: tuple[int, int]) -> Tensor:
        """The positional table resized to the grid, (1, n, C); plain bicubic (trap 4)."""
        if grid == (self.grid, self.grid):
            return self.pos_embed
        square = self.pos_embed.reshape(1, self.grid, self.grid, -1).permute(0, 3, 1, 2).float()
        resized = F.interpolate(square, size=grid, mode="bicubic")
        return resized.flatten(2).transpose(1, 2).to(self.pos_embed.dtype)


class ChannelNorm(nn.LayerNorm):
    """LayerNorm over the channels of each pixel of a map (B, C, h, w)."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalise each pixel."""
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvAttention(nn.Module):
    """A large depth-wise convolution that gates a value (specification 2.7, M)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = ChannelNorm(width, eps=1e-6)
        self.a = nn.Sequential(
            nn.Conv2d(width, width, 1),
            nn.GELU(),
            nn.Conv2d(width, width, 11, padding=5, groups=width),
        )
        self.v = nn.Conv2d(width, width, 1)
        self.proj = nn.Conv2d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, h, w) to the same shape."""
        x = self.norm(x)
        return self.proj(self.a(x) * self.v(x))


class ConvMlp(nn.Module):
    """A feed-forward layer with a depth-wise 3×3 convolution inside (specification 2.7, F)."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.norm = ChannelNorm(width, eps=1e-6)
        self.fc1 = nn.Conv2d(width, hidden, 1)
        self.pos = nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden)
        self.fc2 = nn.Conv2d(hidden, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, h, w) to the same shape."""
        x = F.gelu(self.fc1(self.norm(x)))
        return self.fc2(x + F.gelu(self.pos(x)))


class ConvBlock(nn.Module):
    """One block of the convolutional stack, both halves scaled per channel."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.layer_scale_1 = nn.Parameter(torch.full((width,), 1e-6))
        self.layer_scale_2 = nn.Parameter(torch.full((width,), 1e-6))
        self.attn = ConvAttention(width)
        self.mlp = ConvMlp(width, hidden)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, h, w) to the same shape."""
        x = x + self.layer_scale_1[:, None, None] * self.attn(x)
        return x + self.layer_scale_2[:, None, None] * self.mlp(x)


class ConvFusion(nn.Module):
    """The convolutional stack (published as code, not in the paper); no positional table."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(ConvBlock(config.width, config.hidden) for _ in range(config.depth))

    def forward(self, x: Tensor, grid: tuple[int, int]) -> Tensor:
        """Mix the sum of image and prompt tokens, (B, n, C), on a grid of patches."""
        x = as_map(x, grid)
        for block in self.blocks:
            x = block(x)
        return as_tokens(x)
