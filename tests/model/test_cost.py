"""Multiply-adds are counted as one counts them by hand."""

import pytest
import torch

from skipclick.model.config import BackboneConfig, ModelConfig
from skipclick.model.cost import matrix_peak, multiply_adds
from skipclick.model.fast import fast
from skipclick.model.skipclick import SkipClick

ENCODER = BackboneConfig("dinov2", 14, 24, 2, heads=3, hidden=48, grid=4)
CONFIG = ModelConfig(
    ENCODER, taps=(1,), skip=False, width=24, depth=1, heads=3, hidden=96, pyramid=(8, 8, 8, 8), head=8
)


def block(tokens: int, width: int, hidden: int) -> int:
    linear = tokens * (3 * width * width + width * width + 2 * width * hidden)
    return linear + 2 * tokens * tokens * width


@pytest.fixture(scope="module")
def counted() -> dict[str, int]:
    return multiply_adds(fast(SkipClick(CONFIG).eval()), (42, 56))


def test_the_encoder(counted: dict[str, int]) -> None:
    patches = 3 * 4
    assert counted["encoder"] == patches * 3 * 14 * 14 * 24 + 2 * block(patches + 1, 24, 48)


def test_the_fusion_blocks(counted: dict[str, int]) -> None:
    assert counted["fusion"] == block(12, 24, 96)


def test_pyramid_and_head(counted: dict[str, int]) -> None:
    # 12 tokens of 24 channels to levels of 8: inner channels are 16, 8, 12 and 48.
    assert CONFIG.inner_channels == (16, 8, 12, 48)
    fine = 12 * 24 * 4 * 16 + 48 * 16 * 4 * 8 + 192 * 8 * 8
    middle = 12 * 24 * 4 * 12 + 48 * 12 * 8 + 12 * 24 * 8
    coarse = 2 * 4 * 24 * 48 + 2 * 48 * 8  # ⌊3/2⌋ · ⌊4/2⌋ pixels
    assert counted["pyramid"] == fine + middle + coarse
    assert counted["head"] == (192 + 48 + 12 + 2) * 8 * 8 + 192 * 32 * 8 + 192 * 8


def test_mixing_the_taps(counted: dict[str, int]) -> None:
    assert counted["fuse"] == 0, "there is only one"
    several = ModelConfig(
        ENCODER, taps=(0, 1), skip=False, width=24, depth=1, heads=3, hidden=96, pyramid=(8,) * 4, head=8
    )
    assert multiply_adds(fast(SkipClick(several).eval()), (42, 56))["fuse"] == 12 * 48 * 24


def test_parts_are_smaller_than_the_whole(counted: dict[str, int]) -> None:
    # Without skip connections and image branch, nothing but the encoder is in `encode`.
    assert counted["encode"] == counted["encoder"]
    assert counted["fusion"] < counted["click"]


def test_precision_changes_nothing(counted: dict[str, int]) -> None:
    assert multiply_adds(fast(SkipClick(CONFIG).eval().bfloat16()), (42, 56)) == counted


def test_a_larger_image_costs_more(counted: dict[str, int]) -> None:
    larger = multiply_adds(fast(SkipClick(CONFIG).eval()), (56, 56))
    assert all(larger[part] > counted[part] for part in counted if part != "fuse")


def test_a_peak_is_measured() -> None:
    peak = matrix_peak(torch.device("cpu"), torch.float32, repeats=1)
    assert 1e8 < peak < 1e15
