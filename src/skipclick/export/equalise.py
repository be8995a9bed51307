"""Channels made equally large before a network is quantised, without changing what it computes.

An int8 activation has one scale for all channels, and the transformers that we use have a few channels many
times larger than the others: those alone would use up the 256 steps. What a layer takes can be divided by a
factor per channel, and the layer's columns multiplied by it, if what comes before is linear. Factors follow
from real images (Xiao et al., "SmoothQuant", 2023, equation 4 with α = 1/2).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from skipclick.model.skipclick import SkipClick
from skipclick.model.transformer import Block, Mlp

Feed = Callable[[SkipClick], None]


def equalise(network: SkipClick, feed: Feed) -> None:
    """Change a network's weights in place; it answers the same, up to rounding.

    Args:
        network: float32, in eval mode, on the CPU.
        feed: runs the network on real images and clicks.
    """
    blocks = [module for module in network.modules() if isinstance(module, Block)]
    inputs = [layer for block in blocks for layer in _inputs(block)]
    largest = _largest(network, inputs, feed)
    with torch.no_grad():
        for block in blocks:
            _equalise_block(block, largest)


def _inputs(block: Block) -> tuple[nn.Linear, ...]:
    """The layers whose inputs come of something linear."""
    if isinstance(block.mlp, Mlp):
        # Between fc1 and fc2 lies a GELU.
        return block.attn.qkv, block.attn.proj, block.mlp.fc1
    return block.attn.qkv, block.attn.proj, block.mlp.w12, block.mlp.w3


def _largest(network: SkipClick, layers: Sequence[nn.Linear], feed: Feed) -> dict[nn.Linear, Tensor]:
    """The largest magnitude of each input channel of these layers on what is fed, (inputs,) each."""
    largest: dict[nn.Linear, Tensor] = {}

    def note(layer: nn.Module, arguments: tuple[Tensor, ...], _result: Tensor) -> None:
        seen = arguments[0].detach().abs().amax(dim=(0, 1))
        if isinstance(layer, nn.Linear):
            largest[layer] = torch.maximum(largest[layer], seen) if layer in largest else seen

    handles = [layer.register_forward_hook(note) for layer in layers]
    try:
        feed(network)
    finally:
        for handle in handles:
            handle.remove()
    return largest


def _equalise_block(block: Block, largest: dict[nn.Linear, Tensor]) -> None:
    attention = block.attn
    width = attention.proj.in_features
    _divide_norm(block.norm1, _widen(attention.qkv, largest))
    # A head mixes values, which is linear in each channel: the last third of qkv.
    _divide_rows(attention.qkv, slice(2 * width, 3 * width), _widen(attention.proj, largest))
    if isinstance(block.mlp, Mlp):
        _divide_norm(block.norm2, _widen(block.mlp.fc1, largest))
    else:
        _divide_norm(block.norm2, _widen(block.mlp.w12, largest))
        hidden = block.mlp.w3.in_features
        # The gated half of w12 is linear; the gate is not.
        _divide_rows(block.mlp.w12, slice(hidden, 2 * hidden), _widen(block.mlp.w3, largest))


def _widen(layer: nn.Linear, largest: dict[nn.Linear, Tensor]) -> Tensor:
    """Multiply a layer's columns by its factors, and return them, (inputs,)."""
    ours, weights = largest[layer], layer.weight.abs().amax(dim=0)
    factors = (ours.clamp(min=1e-5) / weights.clamp(min=1e-5)).sqrt()
    # A channel that is never used, or a weight that is zero, decides nothing.
    factors = torch.where((ours > 0) & (weights > 0), factors, 1.0)
    layer.weight.mul_(factors)
    return factors


def _divide_norm(norm: nn.LayerNorm, factors: Tensor) -> None:
    norm.weight.div_(factors)
    norm.bias.div_(factors)


def _divide_rows(layer: nn.Linear, rows: slice, factors: Tensor) -> None:
    layer.weight[rows].div_(factors[:, None])
    layer.bias[rows].div_(factors)
