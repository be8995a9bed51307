"""The same network as the published code computes it: what the fast form is measured against.

Nothing is saved: attention forms its matrix of weights, the encoder's taps are mixed at every click, maps are
concatenated before each convolution, every pixel is tested against every click.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from skipclick.model.skipclick import ImageFeatures, SkipClick
from skipclick.model.transformer import Attention, Block, as_map, as_tokens


class SoftmaxAttention(nn.Module):
    """`Attention` with its matrix of weights formed and normalised by softmax."""

    def __init__(self, attention: Attention) -> None:
        super().__init__()
        self.qkv, self.proj, self.heads = attention.qkv, attention.proj, attention.heads

    def forward(self, x: Tensor, rotate: Callable[[Tensor], Tensor] | None = None) -> Tensor:
        """See `Attention.forward`."""
        batch, count, width = x.shape
        qkv = self.qkv(x).view(batch, count, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        if rotate is not None:
            query, key = rotate(query), rotate(key)
        scale = (width // self.heads) ** -0.5
        weights = (query @ key.transpose(-2, -1) * scale).softmax(dim=-1)
        mixed: Tensor = self.proj((weights @ value).transpose(1, 2).reshape(batch, count, width))
        return mixed


class PlainSkipClick(SkipClick):
    """A `SkipClick` network that saves nothing; for timing.

    Its features differ from those of `SkipClick`: `fused` holds the taps side by side, not mixed.
    """

    @classmethod
    def of(cls, network: SkipClick) -> PlainSkipClick:
        """The plain form of a network: a copy of its weights in float32, on its device, in eval mode."""
        with torch.device("meta"):  # weights that are overwritten at once need no memory
            result = cls(network.config)
        state = network.state_dict()
        copies = {name: tensor.to(torch.float32, copy=True) for name, tensor in state.items()}
        result.load_state_dict(copies, assign=True)
        for module in result.modules():
            if isinstance(module, Block):
                module.add_module("attn", SoftmaxAttention(module.attn))
        return result.eval().requires_grad_(False)

    def mix_taps(self, taps: list[Tensor]) -> Tensor:
        """The taps side by side; `decode` mixes them."""
        return torch.cat(taps, dim=-1)

    def decode(self, features: ImageFeatures, points: Tensor, previous: Tensor) -> Tensor:
        """Mix the taps, then `SkipClick.decode`."""
        if self.config.fuses:
            grid = features.fused.shape[-2], features.fused.shape[-1]
            features = features._replace(fused=as_map(self.fuse(as_tokens(features.fused)), grid))
        return super().decode(features, points, previous)
