"""`tools/embedded/lean.py`, the form that the embedded decoder is trained in, against the network."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import nn

from skipclick.model.config import BackboneConfig, ModelConfig
from skipclick.model.skipclick import SkipClick

SCRIPT = Path(__file__).parents[2] / "tools" / "embedded" / "lean.py"

CONFIG = ModelConfig(
    BackboneConfig("dinov2", 14, 24, 4, heads=3, hidden=48, registers=0, grid=5),
    taps=(0, 1, 2, 3),
    width=24,
    depth=1,
    heads=3,
    hidden=48,
    grid=4,
    pyramid=(8, 8, 8, 8),
    head=8,
    detail=(4, 4),
    normalise_taps=True,
    spare_upsampling=False,
    dropout=0.0,
)


@pytest.fixture(scope="module")
def lean() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lean_form", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("grid", [(4, 4), (5, 6), (7, 3)])
def test_answers_and_gradients_are_the_network_s(lean: ModuleType, grid: tuple[int, int]) -> None:
    generator = torch.Generator().manual_seed(1)
    network = SkipClick(CONFIG).train()
    trained = {name: p for name, p in network.named_parameters() if p.requires_grad}
    for parameter in trained.values():
        nn.init.normal_(parameter, std=0.2, generator=generator)
    size = 14 * grid[0], 14 * grid[1]
    images = torch.randn(2, 3, *size, generator=generator)
    taps = [torch.randn(2, grid[0] * grid[1], 24, generator=generator) for _ in range(4)]
    points = torch.full((2, 2, 3, 2), -1.0)
    points[:, 0, 0], points[1, 1, 2] = 20, 33.5
    previous = torch.rand(2, 1, *size, generator=generator)

    def gradients(logits: torch.Tensor) -> dict[str, torch.Tensor]:
        network.zero_grad()
        logits.square().mean().backward()
        return {name: p.grad.clone() for name, p in trained.items() if p.grad is not None}

    expected = network.decode(network.prepare(images, taps), points, previous)
    theirs = gradients(expected)
    ours = lean.lean_decode(network, images, taps, points, previous)
    assert ours.shape == expected.shape
    assert (ours - expected).abs().max() <= 1e-4 * expected.std()
    own = gradients(ours)
    assert own.keys() == theirs.keys()
    for name, gradient in theirs.items():
        assert (own[name] - gradient).norm() <= 1e-3 * gradient.norm() + 1e-6, name


def test_dropout_leaves_out_whole_channels(lean: ModuleType) -> None:
    torch.manual_seed(0)
    network = SkipClick(replace(CONFIG, dropout=0.5)).train()
    inputs = (
        torch.randn(1, 3, 56, 56),
        [torch.randn(1, 16, 24) for _ in range(4)],
        torch.full((1, 2, 1, 2), 20.0),
        torch.zeros(1, 1, 56, 56),
    )
    answers = {round(float(lean.lean_decode(network, *inputs).detach().std()), 5) for _ in range(6)}
    assert len(answers) > 1
    assert len({float(lean.lean_decode(network.eval(), *inputs).detach().std()) for _ in range(3)}) == 1
