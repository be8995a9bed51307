"""The authors' checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from skipclick.errors import ModelError
from skipclick.model.config import BackboneConfig, ModelConfig
from skipclick.weights.checkpoint import read_checkpoint
from skipclick.weights.files import check_state, expected_shapes
from skipclick.weights.published import MODEL_CLASS, our_name, published_name, read_published, write_published

DINOV2 = BackboneConfig("dinov2", 14, 24, 12, 12, 48, registers=4, grid=3)
DINOV3 = BackboneConfig("dinov3", 16, 24, 12, 6, 48, registers=4, periods=1)
SMALL: dict[str, Any] = {
    "width": 24,
    "hidden": 48,
    "heads": 12,
    "depth": 2,
    "grid": 4,
    "pyramid": (8, 8, 16, 16),
    "head": 8,
}
TOYS = {
    "baseline": ModelConfig(DINOV2, taps=(2,), skip=False, train_backbone=True, **SMALL),
    "frozen": ModelConfig(DINOV2, taps=(2,), skip=False, **SMALL),
    "intermediate": ModelConfig(DINOV2, skip=False, **SMALL),
    "skip": ModelConfig(DINOV2, **SMALL),
    "dinov3": ModelConfig(DINOV3, **SMALL),
    "conv": ModelConfig(DINOV2, fusion="conv", **{**SMALL, "grid": 32}),
    "x2": ModelConfig(DINOV2, upsample=2, **SMALL),
}


def toy_state(config: ModelConfig) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(7)
    return {name: torch.randn(shape, generator=generator) for name, shape in expected_shapes(config).items()}


# Specification 3.2, one of each kind.
NAMES = {
    "patch_embed_coords.proj.weight": "prompt_embed.weight",
    "feature_extractor.dinov2.cls_token": "backbone.cls_token",
    "feature_extractor.dinov2.blocks.11.attn.qkv.bias": "backbone.blocks.11.attn.qkv.bias",
    "backbone_mix.pos_embed": "fusion.pos_embed",
    "backbone_mix.blocks.3.mlp.fc2.bias": "fusion.blocks.3.mlp.fc2.bias",
    "backbone_mix.blocks.0.layer_scale_1": "fusion.blocks.0.layer_scale_1",
    "neck.down_4.0.weight": "pyramid.level4.0.weight",
    "neck.down_8.2.bias": "pyramid.level8.2.bias",
    "neck.down_16.1.weight": "pyramid.level16.1.weight",
    "neck.down_32.3.bias": "pyramid.level32.3.bias",
    "head.convs.3.conv.weight": "head.levels.3.weight",
    "head.fusion_conv.conv.bias": "head.mix.bias",
    "head.up_conv1.0.weight": "head.up1.0.weight",
    "head.up_conv2.3.bias": "head.up2.3.bias",
    "head.conv_seg.weight": "head.classify.weight",
    "fuse.bias": "fuse.bias",
}


@pytest.mark.parametrize(("theirs", "ours"), NAMES.items())
def test_names_both_ways(theirs: str, ours: str) -> None:
    assert our_name(theirs) == ours
    assert published_name(ours, "dinov2") == theirs


def test_dinov3_names() -> None:
    assert our_name("feature_extractor.dinov3.norm.bias") == "backbone.norm.bias"
    assert published_name("backbone.norm.bias", "dinov3") == "feature_extractor.dinov3.norm.bias"


@pytest.mark.parametrize("name", ["neck.down_5.0.weight", "weight", "", "module.fuse.weight"])
def test_unknown_published_names(name: str) -> None:
    with pytest.raises(ModelError, match="is not the name"):
        our_name(name)


@pytest.mark.parametrize("name", ["tap_norms.0.weight", "detail.stem2.0.weight"])
def test_our_own_tensors_have_no_published_name(name: str) -> None:
    with pytest.raises(ModelError, match="no counterpart"):
        published_name(name, "dinov2")


@pytest.mark.parametrize("name", TOYS)
def test_writing_and_reading(name: str, tmp_path: Path) -> None:
    config, state = TOYS[name], toy_state(TOYS[name])
    write_published(tmp_path / "m.pth", config, state)
    read, tensors = read_published(tmp_path / "m.pth")
    assert read == config
    assert list(tensors) == list(state)
    assert all(torch.equal(tensors[key], tensor) for key, tensor in state.items())


def test_what_is_written_is_the_published_container(tmp_path: Path) -> None:
    write_published(tmp_path / "m.pth", TOYS["skip"], toy_state(TOYS["skip"]))
    # Nothing in it needs PyTorch's unsafe mode.
    content = torch.load(tmp_path / "m.pth", weights_only=True)
    assert set(content) == {"state_dict", "config"}
    assert content["config"]["class"] == MODEL_CLASS
    assert "feature_extractor.dinov2.register_tokens" in content["state_dict"]
    assert content["config"]["params"]["norm_radius"] == {"type": "builtin", "value": 5, "specified": True}


def test_an_incomplete_model_is_not_written(tmp_path: Path) -> None:
    state = toy_state(TOYS["skip"])
    del state["fuse.bias"]
    with pytest.raises(ModelError, match=r"1 missing \('fuse.bias'\)"):
        write_published(tmp_path / "m.pth", TOYS["skip"], state)
    assert not list(tmp_path.iterdir())


def test_a_failed_write_keeps_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.pth"
    path.write_bytes(b"precious")

    def fail(*args: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(ModelError, match="No space"):
        write_published(path, TOYS["skip"], toy_state(TOYS["skip"]))
    assert path.read_bytes() == b"precious"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.fixture
def content(tmp_path: Path) -> dict[str, Any]:
    write_published(tmp_path / "m.pth", TOYS["skip"], toy_state(TOYS["skip"]))
    result = read_checkpoint(tmp_path / "m.pth")
    assert isinstance(result, dict)
    return result


def test_a_list_of_one_network_is_its_network(content: dict[str, Any], tmp_path: Path) -> None:
    torch.save([content], tmp_path / "list.pth")
    assert read_published(tmp_path / "list.pth")[0] == TOYS["skip"]
    torch.save([content, content], tmp_path / "list.pth")
    with pytest.raises(ModelError, match="holds 2 networks"):
        read_published(tmp_path / "list.pth")


@pytest.mark.parametrize(
    "value", [torch.zeros(3), "text", {}, {"state_dict": {}}, {"config": {}, "state_dict": []}]
)
def test_other_checkpoints_are_refused(value: object, tmp_path: Path) -> None:
    torch.save(value, tmp_path / "m.pth")
    with pytest.raises(ModelError, match="not a SkipClick checkpoint"):
        read_published(tmp_path / "m.pth")


def test_models_of_another_class_are_refused(content: dict[str, Any], tmp_path: Path) -> None:
    content["config"]["class"] = "isegm.model.is_plainvit_model.PlainVitModel"
    torch.save(content, tmp_path / "m.pth")
    with pytest.raises(ModelError, match=r"its class is 'isegm\.model\.is_plainvit"):
        read_published(tmp_path / "m.pth")


def test_tensors_that_are_none_are_refused(content: dict[str, Any], tmp_path: Path) -> None:
    content["state_dict"]["fuse.bias"] = 3
    torch.save(content, tmp_path / "m.pth")
    with pytest.raises(ModelError, match=r"'fuse.bias'.*real numbers"):
        read_published(tmp_path / "m.pth")


def test_half_precision_checkpoints_become_float32(content: dict[str, Any], tmp_path: Path) -> None:
    content["state_dict"] = {name: tensor.half() for name, tensor in content["state_dict"].items()}
    torch.save(content, tmp_path / "m.pth")
    _, state = read_published(tmp_path / "m.pth")
    assert {tensor.dtype for tensor in state.values()} == {torch.float32}


# What the recorded files are (their own widths; heads by their names).
RECORDED = {
    "baseline_vitb14_reg": {"taps": (2,), "skip": False, "train_backbone": True, "depth": 4},
    "frozen_vitb14_reg": {"taps": (2,), "skip": False, "train_backbone": False, "depth": 4},
    "intermediate_vitb14_reg": {"taps": (2, 5, 8, 11), "skip": False, "depth": 4},
    "skip_vitb14_reg": {"taps": (2, 5, 8, 11), "skip": True, "depth": 4},
    "skip_depth2_vitb14_reg": {"skip": True, "depth": 2},
    "skip_depth6_vitb14_reg": {"skip": True, "depth": 6},
    "skip_vits14": {"skip": True},
    "skip_vitl14_reg": {"skip": True},
    "intermediate_vitg14_reg": {"skip": False},
    "skip_dinov3_vitb16": {"skip": True},
    "trace_model": {"skip": True},
}
HEADS = {"vits": 6, "vitb": 12, "vitl": 16, "vitg": 24}


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_checkpoints(name: str, shared: Path) -> None:
    config, state = read_published(shared / "reference" / "parity" / f"{name}.pth")
    check_state(expected_shapes(config), state, name)
    for field, value in RECORDED[name].items():
        assert getattr(config, field) == value, field
    assert config.backbone.family == ("dinov3" if "dinov3" in name else "dinov2")
    assert config.backbone.registers == (0 if name == "skip_vits14" else 4)
    assert config.backbone.feed_forward == ("swiglu" if "vitg" in name else "mlp")
    for letter, heads in HEADS.items():
        if letter in name:
            assert config.backbone.heads == heads
