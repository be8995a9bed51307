"""Fusion blocks that begin as the encoder's own."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor

from skipclick.model.config import BACKBONES, MODELS, ModelConfig
from skipclick.model.skipclick import SkipClick
from skipclick.training.encoder_start import PROMPT_GAIN, start_fusion
from skipclick.training.recipes import TrainingError

WIDE: dict[str, Any] = {"heads": 1, "taps": (0, 1), "skip": False, "depth": 2, "hidden": 64}
"""Two taps, two fusion blocks, and two blocks of the toy's encoder left for them."""


def taps_of(network: SkipClick, count: int = 3) -> list[Tensor]:
    image = torch.rand(count, 3, 56, 56, generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        taps: list[Tensor] = network.backbone(image, network.config.taps)
    return taps


def tap_norms(network: SkipClick, taps: list[Tensor]) -> list[Tensor]:
    if not network.config.normalise_taps:
        return taps
    return [norm(tap) for norm, tap in zip(network.tap_norms, taps, strict=True)]


@torch.no_grad()
def test_without_a_prompt_the_fusion_blocks_do_what_the_encoders_do(toy: ModuleType) -> None:
    """The encoder's second and third block, on its first two taps, without the token of the whole image."""
    network = toy.network(toy.config(**WIDE))
    taps = taps_of(network)
    expected = taps[1]
    for block in network.backbone.blocks[2:]:
        expected = block(expected)
    start_fusion(network, taps)
    mixed = network.mix_taps(taps)
    torch.testing.assert_close(mixed, taps[1])
    torch.testing.assert_close(network.fusion(mixed, (4, 4)), expected, rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_normalised_taps_are_brought_back_to_the_size_of_the_encoders_tokens(toy: ModuleType) -> None:
    network = toy.network(toy.config(**WIDE, normalise_taps=True))
    taps = taps_of(network)
    start_fusion(network, taps)
    mixed = network.mix_taps(tap_norms(network, taps))
    assert mixed.std(dim=-1).mean().item() == pytest.approx(taps[1].std(dim=-1).mean().item(), rel=0.02)
    pair = torch.stack([(x - x.mean(-1, keepdim=True)).flatten() for x in (mixed, taps[1])])
    assert torch.corrcoef(pair)[0, 1] > 0.97


@torch.no_grad()
def test_prompts_are_heard_beside_the_image(toy: ModuleType) -> None:
    """The tokens of prompts grow with those of the image."""
    network = toy.network(toy.config(**WIDE))
    before = network.prompt_embed.weight.clone()
    taps = taps_of(network)
    start_fusion(network, taps)
    size = taps[1].std(dim=-1).mean()
    torch.testing.assert_close(network.prompt_embed.weight, PROMPT_GAIN * size * before)


@torch.no_grad()
def test_a_narrower_feed_forward_layer_keeps_what_matters(toy: ModuleType) -> None:
    """Channels that hardly act are left out first; whichever are, the mean answer stays as it was."""
    network = toy.network(toy.config(**WIDE | {"hidden": 48}))
    source = network.backbone.blocks[2]
    quiet = torch.arange(0, 64, 4)
    source.mlp.fc2.weight[:, quiet] *= 1e-3
    taps = taps_of(network)
    start_fusion(network, taps)
    block = network.fusion.blocks[0]
    loud = [channel for channel in range(64) if channel % 4]
    rows = {tuple(row.tolist()) for row in block.mlp.fc1.weight}
    assert rows == {tuple(row.tolist()) for row in source.mlp.fc1.weight[loud]}
    expected, found = source(taps[1]), block(taps[1])
    moved = (expected - taps[1]).norm()
    assert (found - expected).norm() < 0.01 * moved
    torch.testing.assert_close(found.mean((0, 1)), expected.mean((0, 1)), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "change",
    [
        {"heads": 2},
        {"hidden": 128},
        {"depth": 4},
        {"taps": (2, 3)},
        {"fusion": "conv"},
        {"taps": (1,)},
        {"width": 32},
    ],
)
def test_blocks_that_do_not_fit_are_refused(toy: ModuleType, change: dict[str, Any]) -> None:
    network = toy.network(toy.config(**WIDE | change))
    with pytest.raises(TrainingError, match="fusion blocks begin as the encoder's only where"):
        start_fusion(network, taps_of(network))


def test_other_encoders_are_refused() -> None:
    config: ModelConfig = MODELS["skip-dinov3-vits"]
    with torch.device("meta"):
        network = SkipClick(config)
    with pytest.raises(TrainingError, match="fusion blocks begin as the encoder's only where"):
        start_fusion(network, [torch.ones(1, 4, 384)] * 4)
    gated = replace(BACKBONES["dinov2_vits14"], feed_forward="swiglu")
    with torch.device("meta"):
        network = SkipClick(replace(config, backbone=gated))
    with pytest.raises(TrainingError, match="fusion blocks begin as the encoder's only where"):
        start_fusion(network, [torch.ones(1, 4, 384)] * 4)
