"""Positional tables resized by matrices are those that PyTorch resizes."""

from __future__ import annotations

import dataclasses

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from skipclick.export.positions import open_sizes, resize_plain, resize_smooth
from skipclick.model.config import BackboneConfig, ModelConfig
from skipclick.model.skipclick import SkipClick

ENCODER = BackboneConfig("dinov2", 14, 24, 2, heads=3, hidden=48, registers=4, grid=7)
CONFIG = ModelConfig(
    ENCODER,
    taps=(1,),
    skip=False,
    width=24,
    depth=1,
    heads=3,
    hidden=48,
    grid=6,
    pyramid=(8, 8, 8, 8),
    head=8,
)
TOLERANCE = 1e-4

sizes = st.integers(2, 60)


def table(side: int) -> Tensor:
    return torch.randn(side, side, 3, generator=torch.Generator().manual_seed(side))


def as_pytorch(given_table: Tensor, **arguments: object) -> Tensor:
    square = given_table.permute(2, 0, 1)[None]
    return F.interpolate(square, mode="bicubic", **arguments)[0].permute(1, 2, 0)  # type: ignore[arg-type]


@settings(deadline=None, max_examples=60)
@given(side=st.integers(3, 40), rows=sizes, columns=sizes)
def test_with_antialiasing(side: int, rows: int, columns: int) -> None:
    ours = resize_smooth(table(side), (rows, columns))
    expected = as_pytorch(table(side), size=(rows, columns), antialias=True)
    torch.testing.assert_close(ours, expected, atol=TOLERANCE, rtol=0)


@settings(deadline=None, max_examples=60)
@given(side=st.integers(3, 40), rows=sizes, columns=sizes)
def test_without_it(side: int, rows: int, columns: int) -> None:
    ours = resize_plain(table(side), (rows, columns))
    expected = as_pytorch(table(side), size=(rows, columns))
    torch.testing.assert_close(ours, expected, atol=TOLERANCE, rtol=0)


@settings(deadline=None, max_examples=60)
@given(rows=sizes, columns=sizes)
def test_with_the_offset_of_the_original(rows: int, columns: int) -> None:
    ours = resize_plain(table(37), (rows, columns), 0.1)
    expected = table(37)
    if (rows, columns) != (37, 37):
        expected = as_pytorch(expected, scale_factor=((rows + 0.1) / 37, (columns + 0.1) / 37))
    torch.testing.assert_close(ours, expected, atol=TOLERANCE, rtol=0)


def test_the_table_s_own_size_is_the_table() -> None:
    for resized in (
        resize_plain(table(9), (9, 9), 0.1),
        resize_plain(table(9), (9, 9)),
        resize_smooth(table(9), (9, 9)),
    ):
        torch.testing.assert_close(resized, table(9), atol=1e-6, rtol=0)


@pytest.mark.parametrize("registers", [0, 4])
@pytest.mark.parametrize("grid", [(7, 7), (6, 6), (3, 11)])
def test_the_network_answers_the_same(registers: int, grid: tuple[int, int]) -> None:
    torch.manual_seed(0)
    config = dataclasses.replace(CONFIG, backbone=dataclasses.replace(ENCODER, registers=registers))
    network = SkipClick(config).eval()
    torch.nn.init.normal_(network.backbone.pos_embed)
    image, points = torch.rand(1, 3, 14 * grid[0], 14 * grid[1]), torch.full((1, 2, 1, 2), 9.0)
    with torch.inference_mode():
        expected = network(image, points, image[:, :1])
        with open_sizes(network):
            ours = network(image, points, image[:, :1])
        after = network(image, points, image[:, :1])
    assert not torch.equal(ours, expected) or grid == (7, 7)
    assert (ours - expected).abs().max() <= 1e-4 * expected.std()
    assert torch.equal(after, expected)


def test_the_network_is_itself_again_after_a_failure() -> None:
    network = SkipClick(CONFIG).eval()
    with pytest.raises(RuntimeError, match="on purpose"), open_sizes(network):
        raise RuntimeError("on purpose")
    assert "positions" not in vars(network.backbone)
    assert "positions" not in vars(network.fusion)
