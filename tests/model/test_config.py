"""Configurations: sizes of the published networks, JSON round trips, refusals."""

import dataclasses

import pytest
import torch

from skipclick.errors import ModelError
from skipclick.model.config import MODELS, ModelConfig, skipclick
from skipclick.model.skipclick import SkipClick

COUNTS = [
    # name, all parameters, without the encoder, entries of the state dict (specification 2.11)
    ("baseline", 126_589_505, 40_005_953, 287),
    ("frozen", 126_589_505, 40_005_953, 287),
    ("intermediate", 128_949_569, 42_366_017, 289),
    ("skip", 153_164_417, 66_580_865, 289),
    ("skip-depth2", 138_988_673, 52_405_121, 265),
    ("skip-depth3", 146_076_545, 59_492_993, 277),
    ("skip-depth5", 160_252_289, 73_668_737, 301),
    ("skip-depth6", 167_340_161, 80_756_609, 313),
    ("skip-conv", 150_519_425, 63_935_873, 320),
    ("skip-vits", 40_781_249, 18_723_137, 289),
    ("skip-vitl", 419_570_433, 115_197_697, 457),
    ("intermediate-vitg", 1_300_450_609, 163_963_697, 681),
    ("skip-dinov3-vitb", 152_204_417, 66_534_785, 301),  # 13 of them buffers
]


def on_paper(config: ModelConfig) -> SkipClick:
    with torch.device("meta"):
        return SkipClick(config)


@pytest.mark.parametrize(("name", "total", "light", "entries"), COUNTS)
def test_sizes_of_the_published_networks(name: str, total: int, light: int, entries: int) -> None:
    network = on_paper(MODELS[name])
    encoder = sum(p.numel() for p in network.backbone.parameters())
    assert sum(p.numel() for p in network.parameters()) == total
    assert total - encoder == light
    assert len(network.state_dict()) == entries


@pytest.mark.parametrize(
    ("backbone", "heads", "total"), [("dinov2_vitb14", 12, 153_161_345), ("dinov2_vits14", 6, 40_779_713)]
)
def test_sizes_without_registers(backbone: str, heads: int, total: int) -> None:
    network = on_paper(skipclick(backbone, heads=heads))
    assert sum(p.numel() for p in network.parameters()) == total
    assert len(network.state_dict()) == 288


@pytest.mark.parametrize("name", MODELS)
def test_every_configuration_builds_and_survives_json(name: str) -> None:
    config = MODELS[name]
    assert ModelConfig.from_json(config.to_json()) == config
    assert on_paper(config).config is config


def test_only_the_baseline_trains_its_encoder() -> None:
    trained = {
        name
        for name, config in MODELS.items()
        if any(p.requires_grad for p in on_paper(config).backbone.parameters())
    }
    assert trained == {"baseline", "baseline-last-block"}


def test_the_published_single_tap_is_block_two_and_the_papers_is_the_last() -> None:
    assert MODELS["baseline"].taps == MODELS["frozen"].taps == (2,)
    assert MODELS["baseline-last-block"].taps == MODELS["frozen-last-block"].taps == (11,)


def test_the_embedded_model_is_small() -> None:
    network = on_paper(MODELS["skipclick-s"])
    light = sum(p.numel() for p in network.parameters()) - sum(
        p.numel() for p in network.backbone.parameters()
    )
    assert light < 4_500_000


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"taps": (2, 5)}, "exactly four taps"),
        ({"taps": (2, 5, 8, 12)}, "do not exist"),
        ({"taps": ()}, "do not exist"),
        ({"detail": (8,)}, "image branch"),
        ({"taps": (2,), "skip": False, "width": 256}, "as wide as its encoder"),
    ],
)
def test_impossible_configurations_are_refused(changes: dict, complaint: str) -> None:
    with pytest.raises(ModelError, match=complaint):
        dataclasses.replace(MODELS["skip"], **changes)


def test_unknown_encoder_is_named() -> None:
    with pytest.raises(ModelError, match="dinov2_vits14"):
        skipclick("resnet50")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"backbone": {}}', '{"backbone": 3}'])
def test_damaged_json_is_one_line(text: str) -> None:
    with pytest.raises(ModelError, match="configuration cannot be read") as caught:
        ModelConfig.from_json(text)
    assert "\n" not in str(caught.value)


def test_an_entry_from_the_future_is_refused() -> None:
    text = MODELS["skip"].to_json().replace('"depth":4', '"depth":4,"colour":"red"')
    with pytest.raises(ModelError, match="colour"):
        ModelConfig.from_json(text)
