"""Configurations: sizes of the published networks, JSON round trips, refusals."""

import dataclasses
import json

import pytest
import torch

from skipclick.errors import ModelError
from skipclick.model.config import BACKBONES, MODELS, ModelConfig, skipclick
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
    assert light < 5_200_000


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"taps": (2, 5)}, "exactly four taps"),
        ({"taps": (2, 5, 8, 12)}, "do not exist"),
        ({"taps": ()}, "do not exist"),
        ({"detail": (8,)}, "image branch"),
        ({"taps": (2,), "skip": False, "width": 256}, "as wide as its encoder"),
        ({"taps": (3, 2, 1, 0)}, r"different blocks, the shallowest first, not \(3, 2, 1, 0\)"),
        ({"taps": (1, 1, 2, 3)}, "different blocks"),
        ({"taps": (-1, 1, 2, 3)}, "taps must be a whole number from 0, not -1"),
        ({"taps": [2, 5, 8, 11]}, r"taps must be whole numbers, not \[2"),
        ({"taps": (2, 5, 8, "11")}, "taps must be a whole number from 0, not '11'"),
        ({"heads": 5}, "5 attention heads cannot share 768 channels equally"),
        ({"heads": 0}, "heads must be a whole number from 1, not 0"),
        ({"heads": True}, "heads must be a whole number from 1, not True"),
        ({"width": 768.0}, r"width must be a whole number from 1, not 768\.0"),
        ({"depth": 0}, "depth must be a whole number from 1, not 0"),
        ({"head": 2}, "head must be a whole number from 4, not 2"),
        ({"head": 1, "upsample": 2, "spare_upsampling": False}, "head must be a whole number from 2"),
        ({"upsample": 3}, "upsample must be one of 1, 2, 4, not 3"),
        ({"upsample": True}, "upsample must be one of 1, 2, 4, not True"),
        ({"fusion": "mamba"}, "fusion must be one of transformer, conv, not 'mamba'"),
        ({"pyramid": (8, 8, 8)}, "the pyramid has four levels"),
        ({"pyramid": (8, 8, 8, 0)}, "pyramid must be a whole number from 1, not 0"),
        ({"pyramid_inner": (8, 8)}, "the pyramid has four levels"),
        ({"detail": (8, None)}, "detail must be a whole number from 1, not None"),
        ({"disk_radius": "5"}, "disk_radius must be a number above 0, not '5'"),
        ({"disk_radius": 0.0}, "disk_radius must be a number above 0"),
        ({"disk_radius": float("nan")}, "disk_radius must be a number above 0"),
        ({"disk_radius": float("inf")}, "disk_radius must be a number above 0"),
        ({"dropout": 1}, "dropout must be a number from 0 to below 1"),
        ({"skip": 1}, "skip must be true or false, not 1"),
        ({"train_backbone": "no"}, "train_backbone must be true or false"),
        ({"backbone": None}, "backbone must be the configuration of an encoder"),
    ],
)
def test_impossible_configurations_are_refused(changes: dict, complaint: str) -> None:
    with pytest.raises(ModelError, match=complaint):
        dataclasses.replace(MODELS["skip"], **changes)


@pytest.mark.parametrize(
    ("name", "changes", "complaint"),
    [
        ("dinov2_vits14", {"heads": 5}, "5 attention heads cannot share 384 channels equally"),
        ("dinov2_vits14", {"heads": 0}, "heads must be a whole number from 1, not 0"),
        ("dinov2_vits14", {"patch": -14}, "patch must be a whole number from 1"),
        ("dinov2_vits14", {"registers": -1}, "registers must be a whole number from 0, not -1"),
        ("dinov2_vits14", {"family": "dinov4"}, "family must be one of dinov2, dinov3, not 'dinov4'"),
        ("dinov2_vits14", {"feed_forward": ["mlp"]}, "feed_forward must be one of mlp, swiglu"),
        ("dinov3_vits16", {"heads": 12}, "16 rotary periods need heads of 64 channels, not 32"),
    ],
)
def test_impossible_encoders_are_refused(name: str, changes: dict, complaint: str) -> None:
    with pytest.raises(ModelError, match=complaint):
        dataclasses.replace(BACKBONES[name], **changes)


def test_the_convolutional_stack_has_no_heads_to_share() -> None:
    assert on_paper(dataclasses.replace(MODELS["skip-conv"], heads=5)).config.heads == 5


ODD = [None, True, -1, 0, 2.5, float("nan"), "5", "", [], [3, 2, 1, 0], ["a"], {}, 10**9]


@pytest.mark.parametrize("part", ["model", "backbone"])
def test_whatever_stands_in_a_file_is_a_network_or_one_line(part: str) -> None:
    """Each entry replaced by each of some odd values: what is accepted can be built, and kept as JSON."""
    plain = json.loads(MODELS["skipclick-s"].to_json())
    accepted, refusals = set(), []
    for name in (plain if part == "model" else plain["backbone"]).keys() - {"backbone"}:
        for odd in ODD:
            changed = json.loads(json.dumps(plain))
            (changed if part == "model" else changed["backbone"])[name] = odd
            try:
                config = ModelConfig.from_json(json.dumps(changed))
            except ModelError as error:
                refusals.append(str(error))
                continue
            assert ModelConfig.from_json(config.to_json()) == config
            if odd != 10**9:
                on_paper(config)
                accepted.add((name, str(odd)))
    assert not [line for line in refusals if "\n" in line]
    wanted = {
        "model": {
            *((name, "True") for name in ("skip", "spare_upsampling", "train_backbone", "normalise_taps")),
            *((name, "2.5") for name in ("disk_radius",)),
            ("dropout", "0"),
            ("pyramid_inner", "None"),
            ("detail", "[]"),
        },
        "backbone": {("registers", "0")},
    }
    assert accepted == wanted[part]


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
