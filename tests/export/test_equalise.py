"""Channels are made equally large, and the network does not notice."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from skipclick.backend.torch import TorchBackend
from skipclick.export.equalise import equalise
from skipclick.export.quantise import COARSEST_STEP, coarse_layers, feed_images
from skipclick.model.config import BackboneConfig, ModelConfig
from skipclick.model.skipclick import SkipClick

V3 = BackboneConfig("dinov3", 16, 48, 4, heads=3, hidden=32, registers=2, periods=4, feed_forward="swiglu")
SWIGLU = ModelConfig(
    V3, taps=(1, 3), skip=False, width=24, depth=1, heads=3, hidden=48, grid=4, pyramid=(8, 8, 8, 8), head=8
)


def network_of(config: ModelConfig) -> SkipClick:
    generator = torch.Generator().manual_seed(1)
    network = SkipClick(config).eval().requires_grad_(False)
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.2, generator=generator)
    return network


def answer(network: SkipClick) -> Tensor:
    patch = network.config.patch
    image = torch.rand(1, 3, 5 * patch, 6 * patch, generator=torch.Generator().manual_seed(2))
    points = torch.full((1, 2, 1, 2), 30.0, dtype=torch.float64)
    with torch.inference_mode():
        return network(image, points, image[:, :1])


def spread(network: SkipClick, images: list[NDArray[np.uint8]]) -> float:
    """Largest channel of a layer's input over the middle one, on average of the layers."""
    ratios: list[float] = []

    def note(_layer: nn.Module, inputs: tuple[Tensor, ...], _result: Tensor) -> None:
        channels = inputs[0].abs().amax(dim=(0, 1))
        ratios.append(float(channels.max() / channels.median()))

    handles = [
        module.register_forward_hook(note)
        for name, module in network.named_modules()
        if name.endswith(("qkv", "fc1"))
    ]
    feed_images(images)(network)
    for handle in handles:
        handle.remove()
    return float(np.mean(ratios))


@pytest.mark.parametrize("kind", ["mlp", "swiglu"])
def test_the_answer_stays(kind: str, backend: TorchBackend, images: list[NDArray[np.uint8]]) -> None:
    network = copy.deepcopy(backend.network) if kind == "mlp" else network_of(SWIGLU)
    before, weights = answer(network), copy.deepcopy(network.state_dict())
    equalise(network, feed_images(images))
    assert (answer(network) - before).abs().max() <= 1e-4 * before.std()
    changed = [name for name, value in network.state_dict().items() if not torch.equal(value, weights[name])]
    ends = ("norm1.weight", "attn.qkv.weight", "attn.proj.weight", "norm2.bias")
    assert all(any(name.endswith(end) for name in changed) for end in ends)


def test_large_channels_become_smaller(backend: TorchBackend, images: list[NDArray[np.uint8]]) -> None:
    network = copy.deepcopy(backend.network)
    for block in network.backbone.blocks:
        # What the encoders that we use look like: a few channels many times larger than the others.
        block.norm1.weight[3] *= 50
        block.norm2.weight[5] *= 50
    before = spread(network, images)
    equalise(network, feed_images(images))
    assert spread(network, images) < before / 2


def test_a_channel_that_is_always_zero_does_no_harm(
    backend: TorchBackend, images: list[NDArray[np.uint8]]
) -> None:
    network = copy.deepcopy(backend.network)
    block = network.backbone.blocks[0]
    block.norm1.weight[2] = block.norm1.bias[2] = 0
    block.attn.proj.weight[:, 4] = 0
    before = answer(network)
    equalise(network, feed_images(images))
    assert (answer(network) - before).abs().max() <= 1e-4 * before.std()


def test_layers_dominated_by_a_few_numbers_are_found(
    backend: TorchBackend, images: list[NDArray[np.uint8]]
) -> None:
    network = copy.deepcopy(backend.network)
    usual = coarse_layers(network, feed_images(images))
    name = "backbone.blocks.1.mlp.fc2"
    assert name not in usual
    # One hidden channel that answers a hundred times as strongly as all others.
    network.backbone.blocks[1].mlp.fc1.weight[7] *= 300
    found = coarse_layers(network, feed_images(images))
    assert name in found
    assert 0 < COARSEST_STEP < 1


def test_nothing_stays_hooked(backend: TorchBackend, images: list[NDArray[np.uint8]]) -> None:
    network = copy.deepcopy(backend.network)
    equalise(network, feed_images(images[:1]))
    coarse_layers(network, feed_images(images[:1]))
    assert not any(module._forward_hooks for module in network.modules())
