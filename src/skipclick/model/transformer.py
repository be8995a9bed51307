"""A pre-norm transformer block: the one both encoders and the fusion stack are made of."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Rotate = Callable[[Tensor], Tensor]
"""Turns queries or keys, (B, heads, n, C / heads), by their position."""


class LayerScale(nn.Module):
    """One learned factor per channel for what a residual branch adds."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor, branch: Tensor) -> Tensor:
        """Tokens x (B, n, C) plus the scaled branch, in the precision of x."""
        return torch.addcmul(x, branch, self.gamma)


class Sum(nn.Module):
    """What adds a residual branch where there is no layer scale."""

    def forward(self, x: Tensor, branch: Tensor) -> Tensor:
        """Tokens x (B, n, C) plus the branch."""
        return x + branch


class Attention(nn.Module):
    """Multi-head self-attention; q, k, v in one linear layer, in this order."""

    def __init__(self, width: int, heads: int, *, masked_key_bias: bool = False) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = MaskedBiasLinear(width, 3 * width) if masked_key_bias else nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor, rotate: Rotate | None = None) -> Tensor:
        """Attend among tokens (B, n, C); every token sees every other."""
        return self.proj(self.mix(self.qkv(x), rotate))

    def mix(self, qkv: Tensor, rotate: Rotate | None = None) -> Tensor:
        """Mean of the values by query and key, (B, n, C), of what the first layer made, (B, n, 3 · C)."""
        query, key, value = qkv.unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        if rotate is not None:
            query, key = rotate(query), rotate(key)
        mixed = F.scaled_dot_product_attention(query, key, value)
        return mixed.transpose(1, 2).flatten(2)


def key_bias_mask(width: int) -> Tensor:
    """Ones for the biases of queries and values, zeros for those of keys, (3 · width,)."""
    return torch.ones(3, 1).index_fill(0, torch.tensor([1]), 0.0).expand(3, width).flatten()


class MaskedBiasLinear(nn.Linear):
    """DINOv3's qkv layer: the bias of the key third is masked to zero (specification 2.5)."""

    bias_mask: Tensor

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.register_buffer("bias_mask", key_bias_mask(inputs))

    def forward(self, x: Tensor) -> Tensor:
        """Linear map with the masked bias."""
        return F.linear(x, self.weight, self.bias * self.bias_mask)


class Mlp(nn.Module):
    """Two linear layers with a GELU between them."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        """Map tokens (B, n, C) one by one."""
        return self.fc2(F.gelu(self.fc1(x)))


class SwiGlu(nn.Module):
    """ViT-g's gated feed-forward layer: silu(a) * b, both from one linear layer."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.w12 = nn.Linear(width, 2 * hidden)
        self.w3 = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        """Map tokens (B, n, C) one by one."""
        gate, value = self.w12(x).chunk(2, dim=-1)
        return self.w3(F.silu(gate) * value)


class Block(nn.Module):
    """x + attention(norm(x)), then x + feed-forward(norm(x)), each scaled if `layer_scale`.

    The encoders have layer scale, the fusion blocks have not (specification 2.4 to 2.6). The two branches may
    be in a lower precision than the tokens, see `SkipClick.round_weights`.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        hidden: int,
        *,
        eps: float,
        layer_scale: bool = False,
        swiglu: bool = False,
        masked_key_bias: bool = False,
    ) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=eps)
        self.attn = Attention(width, heads, masked_key_bias=masked_key_bias)
        self.ls1 = LayerScale(width) if layer_scale else Sum()
        self.norm2 = nn.LayerNorm(width, eps=eps)
        self.mlp = SwiGlu(width, hidden) if swiglu else Mlp(width, hidden)
        self.ls2 = LayerScale(width) if layer_scale else Sum()

    def forward(self, x: Tensor, rotate: Rotate | None = None) -> Tensor:
        """Transform tokens (B, n, C)."""
        dtype = self.attn.proj.weight.dtype
        x = self.ls1(x, self.attn(self.norm1(x).to(dtype), rotate))
        return self.ls2(x, self.mlp(self.norm2(x).to(dtype)))


class PatchEmbed(nn.Module):
    """A strided convolution that turns each patch into one token, row-major."""

    def __init__(self, channels: int, width: int, patch: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(channels, width, kernel_size=patch, stride=patch)

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels, H, W) to (B, n, C), n = H/p · W/p, in the precision of the weights."""
        return as_tokens(self.proj(x.to(self.proj.weight.dtype)))


def as_map(tokens: Tensor, grid: tuple[int, int]) -> Tensor:
    """Tokens (B, n, C) as a map (B, C, g_h, g_w)."""
    return tokens.transpose(1, 2).unflatten(2, grid)


def as_tokens(maps: Tensor) -> Tensor:
    """A map (B, C, g_h, g_w) as tokens (B, n, C), row-major."""
    return maps.flatten(2).transpose(1, 2)
