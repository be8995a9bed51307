"""Fusion blocks that begin as the encoder's own. Ours, not the paper's."""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

from skipclick.model.config import ModelConfig
from skipclick.model.fusion import Fusion
from skipclick.model.skipclick import SkipClick
from skipclick.model.transformer import Block, LayerScale, Mlp
from skipclick.training.recipes import TrainingError

PROMPT_GAIN = 4.0
"""A click's tokens, as PyTorch draws the layer that makes them, are faint beside the image's."""


@torch.no_grad()
def start_fusion(network: SkipClick, taps: list[Tensor]) -> None:
    """Let the fusion blocks go on from a tap as the encoder itself does; the network is changed.

    `fuse` hands on the deepest tap that enough blocks of the encoder follow, and the fusion blocks are copies
    of these. Layer scale is folded into the linear layers. Where a copy's feed-forward layer is narrower, it
    keeps the hidden channels that move the tokens most, and the mean of the others becomes a bias.

    Args:
        network: freshly drawn, its encoder with its weights.
        taps: of a few images, (B, n, C) each, as the encoder returns them; they tell how large tokens are.

    Raises:
        TrainingError: fusion blocks that the encoder's do not fit.
    """
    config = network.config
    index = _tap(config)
    tap = taps[index]
    size = float(tap.std(dim=-1).mean())
    handed_on = torch.eye(config.width) * (size if config.normalise_taps else 1.0)
    network.fuse.weight.zero_()
    network.fuse.bias.zero_()
    network.fuse.weight.view(config.width, len(taps), config.width)[:, index] = handed_on
    network.prompt_embed.weight.mul_(PROMPT_GAIN * size)
    cast(Fusion, network.fusion).pos_embed.zero_()
    first = config.taps[index] + 1
    sources = list(network.backbone.blocks)[first : first + config.depth]
    for block, source in zip(network.fusion.blocks, sources, strict=True):
        _copy(cast(Block, source), cast(Block, block), tap)
        tap = block(tap)


def _tap(config: ModelConfig) -> int:
    """Which of the taps the fusion blocks go on from."""
    encoder = config.backbone
    fit = (
        encoder.family == "dinov2"
        and encoder.feed_forward == "mlp"
        and config.fusion == "transformer"
        and config.fuses
        and (config.width, config.heads) == (encoder.width, encoder.heads)
        and config.hidden <= encoder.hidden
    )
    followed = [index for index, block in enumerate(config.taps) if block + config.depth < encoder.depth]
    if not fit or not followed:
        raise TrainingError(
            "fusion blocks begin as the encoder's only where they are as wide, have as many heads and follow "
            "one of several taps of a DINOv2 encoder"
        )
    return followed[-1]


def _copy(source: Block, block: Block, tokens: Tensor) -> None:
    """Let a block without layer scale do to tokens, (B, n, C), what one with it does."""
    scale1, scale2 = cast(LayerScale, source.ls1).gamma, cast(LayerScale, source.ls2).gamma
    copied, narrow = cast(Mlp, source.mlp), cast(Mlp, block.mlp)
    block.norm1.load_state_dict(source.norm1.state_dict())
    block.norm2.load_state_dict(source.norm2.state_dict())
    block.attn.qkv.load_state_dict(source.attn.qkv.state_dict())
    block.attn.proj.weight.copy_(scale1[:, None] * source.attn.proj.weight)
    block.attn.proj.bias.copy_(scale1 * source.attn.proj.bias)
    between = source.norm2(tokens + scale1 * source.attn(source.norm1(tokens)))
    hidden = F.gelu(copied.fc1(between)).flatten(0, 1)
    weight = scale2[:, None] * copied.fc2.weight
    order = (hidden.std(0) * weight.norm(dim=0)).argsort(descending=True, stable=True)
    kept, left = (part.sort().values for part in order.tensor_split([narrow.fc1.out_features]))
    narrow.fc1.weight.copy_(copied.fc1.weight[kept])
    narrow.fc1.bias.copy_(copied.fc1.bias[kept])
    narrow.fc2.weight.copy_(weight[:, kept])
    narrow.fc2.bias.copy_(scale2 * copied.fc2.bias + weight[:, left] @ hidden.mean(0)[left])
