"""Encoders under original and Hugging Face names; the mapping is tested by inverting it on toy encoders."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file as load_numpy
from safetensors.torch import save_file

from skipclick.errors import DownloadError, ModelError
from skipclick.model.config import BACKBONES, BackboneConfig
from skipclick.model.dinov2 import DinoV2
from skipclick.model.dinov3 import DinoV3
from skipclick.weights import backbones, registry
from skipclick.weights.backbones import backbone_config, original_names, read_backbone
from skipclick.weights.files import file_metadata

TOOL = Path(__file__).parents[2] / "tools" / "build_backbone.py"

State = dict[str, torch.Tensor]

TOYS = {
    "dinov2": BackboneConfig("dinov2", 2, 64, 3, heads=1, hidden=96, grid=3),
    "dinov2_reg": BackboneConfig("dinov2", 2, 128, 11, heads=2, hidden=96, grid=3, registers=4),
    "swiglu": BackboneConfig("dinov2", 2, 64, 2, heads=1, hidden=40, feed_forward="swiglu", grid=3),
    "dinov3": BackboneConfig("dinov3", 2, 64, 3, heads=1, hidden=96, registers=4),
}


def toy(name: str) -> State:
    """Random tensors; what is no parameter keeps its proper value."""
    config = TOYS[name]
    network = DinoV2(config) if config.family == "dinov2" else DinoV3(config)
    generator = torch.Generator().manual_seed(3)
    parameters = dict(network.named_parameters())
    return {
        key: torch.randn(tensor.shape, generator=generator) if key in parameters else tensor.clone()
        for key, tensor in network.state_dict().items()
    }


def replaced(name: str, table: list[tuple[str, str]]) -> str:
    for pattern, replacement in table:
        if re.fullmatch(pattern, name):
            return re.sub(pattern, replacement, name)
    raise AssertionError(name)


DINOV2_TO_HF = [
    (r"(cls_token|mask_token|register_tokens)", r"embeddings.\1"),
    (r"pos_embed", r"embeddings.position_embeddings"),
    (r"patch_embed\.proj\.(.*)", r"embeddings.patch_embeddings.projection.\1"),
    (r"blocks\.(\d+)\.(norm\d.*)", r"encoder.layer.\1.\2"),
    (r"blocks\.(\d+)\.attn\.(query|key|value)\.(.*)", r"encoder.layer.\1.attention.attention.\2.\3"),
    (r"blocks\.(\d+)\.attn\.proj\.(.*)", r"encoder.layer.\1.attention.output.dense.\2"),
    (r"blocks\.(\d+)\.ls(\d)\.gamma", r"encoder.layer.\1.layer_scale\2.lambda1"),
    (r"blocks\.(\d+)\.mlp\.w12\.(.*)", r"encoder.layer.\1.mlp.weights_in.\2"),
    (r"blocks\.(\d+)\.mlp\.w3\.(.*)", r"encoder.layer.\1.mlp.weights_out.\2"),
    (r"blocks\.(\d+)\.(mlp\.fc.*)", r"encoder.layer.\1.\2"),
    (r"norm\.(.*)", r"layernorm.\1"),
]
DINOV3_TO_HF = [
    (r"(cls_token|mask_token)", r"embeddings.\1"),
    (r"storage_tokens", r"embeddings.register_tokens"),
    (r"patch_embed\.proj\.(.*)", r"embeddings.patch_embeddings.\1"),
    (r"blocks\.(\d+)\.(norm\d.*)", r"layer.\1.\2"),
    (r"blocks\.(\d+)\.attn\.(q|k|v)(?:uery|ey|alue)\.(.*)", r"layer.\1.attention.\2_proj.\3"),
    (r"blocks\.(\d+)\.attn\.proj\.(.*)", r"layer.\1.attention.o_proj.\2"),
    (r"blocks\.(\d+)\.ls(\d)\.gamma", r"layer.\1.layer_scale\2.lambda1"),
    (r"blocks\.(\d+)\.mlp\.fc1\.(.*)", r"layer.\1.mlp.up_proj.\2"),
    (r"blocks\.(\d+)\.mlp\.fc2\.(.*)", r"layer.\1.mlp.down_proj.\2"),
    (r"(norm\..*)", r"\1"),
]
PRE_RELEASE = [
    (r"patch_embed\.proj\.(.*)", r"embeddings.patch_embeddings.proj.\1"),
    (r"blocks\.(\d+)\.attn\.(query|key|value)\.(.*)", r"layer.\1.attention.\2.\3"),
    (r"blocks\.(\d+)\.ls(\d)\.gamma", r"layer.\1.layer_scale\2.gamma"),
    (r"blocks\.(\d+)\.(mlp\.fc.*)", r"layer.\1.\2"),
    *DINOV3_TO_HF,
]


def split_attention(state: State, *, key_bias: bool) -> State:
    """The state with queries, keys and values apart."""
    result: State = {}
    for name, tensor in state.items():
        if ".attn.qkv." not in name:
            result[name] = tensor
            continue
        for part, value in zip(("query", "key", "value"), tensor.chunk(3), strict=True):
            if part != "key" or key_bias or name.endswith("weight"):
                result[name.replace("qkv", part)] = value.clone()
    return result


def to_hugging_face(name: str, state: State) -> State:
    if TOYS[name].family == "dinov2":
        return {
            replaced(key, DINOV2_TO_HF): value for key, value in split_attention(state, key_bias=True).items()
        }
    kept = {key: value for key, value in state.items() if not key.endswith(("periods", "bias_mask"))}
    kept["mask_token"] = kept["mask_token"][None]
    return {
        replaced(key, DINOV3_TO_HF): value for key, value in split_attention(kept, key_bias=False).items()
    }


def without_key_bias(state: State) -> State:
    """What Hugging Face's DINOv3 keeps: the masked third of the bias is zero there."""
    return {
        key: value * state[f"{key}_mask"] if f"{key}_mask" in state else value for key, value in state.items()
    }


def assert_same(ours: State, theirs: State) -> None:
    assert ours.keys() == theirs.keys()
    for key, tensor in theirs.items():
        assert ours[key].shape == tensor.shape, key
        assert torch.equal(ours[key], tensor), key


@pytest.mark.parametrize("name", TOYS)
def test_original_files(name: str, tmp_path: Path) -> None:
    state = toy(name)
    torch.save(state, tmp_path / "b.pth")
    config, read = read_backbone(tmp_path / "b.pth")
    assert config == TOYS[name]
    assert_same(read, state)


@pytest.mark.parametrize("name", TOYS)
def test_hugging_face_names(name: str, tmp_path: Path) -> None:
    state = toy(name)
    save_file(
        {key: value.contiguous() for key, value in to_hugging_face(name, state).items()},
        tmp_path / "m.safetensors",
    )
    for source in (tmp_path, tmp_path / "m.safetensors"):
        config, read = read_backbone(source)
        assert config == TOYS[name]
        assert_same(read, without_key_bias(state))


def test_pre_release_names() -> None:
    state = toy("dinov3")
    kept = {key: value for key, value in state.items() if not key.endswith(("periods", "bias_mask"))}
    theirs = {
        replaced(key, PRE_RELEASE): value for key, value in split_attention(kept, key_bias=False).items()
    }
    assert any("layer_scale1.gamma" in key for key in theirs)
    assert_same(original_names(theirs, "f"), without_key_bias(state))


@pytest.mark.parametrize(
    "prefix", ["dinov2.", "dinov2_with_registers.", "model.", "backbone.", "module.teacher."]
)
@pytest.mark.parametrize("name", TOYS)
@pytest.mark.parametrize(
    "convert", [lambda name, state: state, to_hugging_face], ids=["original", "hugging face"]
)
def test_prefixes_and_task_heads(prefix: str, name: str, convert: Callable[[str, State], State]) -> None:
    state = toy(name)
    theirs = {prefix + key: value for key, value in convert(name, state).items()}
    theirs["classifier.weight"] = torch.zeros(1000, 2)
    expected = state if convert is not to_hugging_face else without_key_bias(state)
    assert_same(original_names(theirs, "f"), expected)


def test_parts_of_a_folder_are_joined(tmp_path: Path) -> None:
    theirs = {key: value.contiguous() for key, value in to_hugging_face("swiglu", toy("swiglu")).items()}
    names = sorted(theirs)
    save_file({key: theirs[key] for key in names[:10]}, tmp_path / "model-00001-of-00002.safetensors")
    save_file({key: theirs[key] for key in names[10:]}, tmp_path / "model-00002-of-00002.safetensors")
    assert_same(read_backbone(tmp_path)[1], toy("swiglu"))


def test_half_precision_becomes_float32(tmp_path: Path) -> None:
    torch.save({key: value.half() for key, value in toy("dinov2").items()}, tmp_path / "b.pth")
    _, state = read_backbone(tmp_path / "b.pth")
    assert {tensor.dtype for tensor in state.values()} == {torch.float32}


def test_what_can_be_computed_may_be_missing(tmp_path: Path) -> None:
    state = toy("dinov3")
    partial = {
        key: value for key, value in state.items() if not key.endswith(("periods", "bias_mask", "mask_token"))
    }
    torch.save(partial, tmp_path / "b.pth")
    _, read = read_backbone(tmp_path / "b.pth")
    periods = torch.tensor([100 ** (index / 16) for index in range(16)])
    torch.testing.assert_close(read["rope_embed.periods"], periods)
    mask = read["blocks.2.attn.qkv.bias_mask"]
    assert mask.tolist() == [1.0] * 64 + [0.0] * 64 + [1.0] * 64
    assert read["mask_token"].tolist() == [[0.0] * 64]


@pytest.mark.parametrize("name", ["dinov2_vits14", "dinov2_vitl14_reg", "dinov2_vitg14_reg", "dinov3_vitb16"])
def test_full_size_encoders_are_told_by_their_shapes(name: str) -> None:
    config = BACKBONES[name]
    with torch.device("meta"):
        network = DinoV2(config) if config.family == "dinov2" else DinoV3(config)
    assert backbone_config(network.state_dict(), "f") == config


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"blocks.1.norm1.weight": None}, "1 missing"),
        ({"blocks.1.norm1.weight": torch.zeros(3)}, "1 of another shape"),
        ({"patch_embed.proj.weight": None}, "patch_embed"),
        ({"pos_embed": torch.zeros(1, 8, 64)}, "7 entries"),
        ({"neck.weight": torch.zeros(1)}, "1 other tensors.*'neck.weight'"),
        ({"blocks.0.attn.extra.weight": torch.zeros(1)}, "other tensors"),
        ({"x.cls_token": torch.zeros(1)}, "other tensors"),
        ({"blocks.0.mlp.fc2.weight": torch.zeros(0, 3)}, "fc2"),
        ({"cls_token": torch.arange(64)}, "real numbers"),
        ({f"blocks.{'9' * 5000}.norm1.weight": torch.zeros(1)}, "other tensors"),
    ],
)
def test_other_files_are_refused(
    change: dict[str, torch.Tensor | None], complaint: str, tmp_path: Path
) -> None:
    state = {key: value for key, value in {**toy("dinov2"), **change}.items() if value is not None}
    torch.save(state, tmp_path / "b.pth")
    with pytest.raises(ModelError, match=complaint):
        read_backbone(tmp_path / "b.pth")


def test_a_width_without_a_whole_number_of_heads(tmp_path: Path) -> None:
    config = BackboneConfig("dinov2", 2, 24, 1, heads=1, hidden=8, grid=2)
    torch.save(DinoV2(config).state_dict(), tmp_path / "b.pth")
    with pytest.raises(ModelError, match="24 channels"):
        read_backbone(tmp_path / "b.pth")


def test_a_lone_query_is_refused() -> None:
    state = split_attention(toy("dinov2"), key_bias=True)
    theirs = {replaced(key, DINOV2_TO_HF): value for key, value in state.items()}
    del theirs["encoder.layer.1.attention.attention.value.weight"]
    with pytest.raises(ModelError, match=r"value weight of 'blocks\.1"):
        original_names(theirs, "f")


def test_sources_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no encoder is called 'dino'"):
        read_backbone("dino")
    with pytest.raises(ModelError, match="no encoder is called"):
        read_backbone(tmp_path / "none.pth")
    with pytest.raises(ModelError, match="whole model"):
        read_backbone("skip")
    with pytest.raises(ModelError, match=r"holds no \.safetensors"):
        read_backbone(tmp_path)
    torch.save([1], tmp_path / "b.pth")
    with pytest.raises(ModelError, match="by name"):
        read_backbone(tmp_path / "b.pth")


def test_a_named_encoder_comes_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKIPCLICK_CACHE", str(tmp_path))
    monkeypatch.setenv("SKIPCLICK_OFFLINE", "1")
    with pytest.raises(DownloadError, match="switched off"):
        read_backbone("dinov2_vits14")
    torch.save(toy("dinov2"), registry.find("dinov2_vits14").paths[0])
    assert_same(read_backbone("dinov2_vits14")[1], toy("dinov2"))


def test_a_repository_is_asked_for_its_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.safetensors"
    save_file(
        {key: value.contiguous() for key, value in to_hugging_face("dinov2", toy("dinov2")).items()}, path
    )
    asked = []

    def hub_file(repository: str, name: str) -> Path:
        asked.append((repository, name))
        return path

    monkeypatch.setattr("skipclick.weights.pretrained.hub_file", hub_file)
    assert_same(read_backbone("facebook/dinov2-small")[1], toy("dinov2"))
    assert asked == [("facebook/dinov2-small", "model.safetensors")]


def test_the_embedded_encoder_is_complete() -> None:
    if not registry.find("dinov2_vits14-embedded").here:
        pytest.skip("the embedded encoder is not in this checkout")
    config, state = read_backbone("dinov2_vits14-embedded")
    assert config == BACKBONES["dinov2_vits14"]
    assert sum(tensor.numel() for tensor in state.values()) == 22_056_576
    assert all(bool(tensor.isfinite().all()) for tensor in state.values())


def test_the_embedded_encoder_is_what_its_tool_builds() -> None:
    """The tool writes nothing else than these tensors, and it says from which package they are."""
    entry = registry.find("dinov2_vits14-embedded")
    if not entry.here:
        pytest.skip("the embedded encoder is not in this checkout")
    spec = importlib.util.spec_from_file_location("build_backbone", TOOL)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    state = load_numpy(entry.paths[0])
    assert tool.tensors_sha256(state) == tool.TARGET_SHA256
    assert file_metadata(entry.paths[0]) == {k: v for k, v in tool.METADATA.items() if k != "format"}
    changed = state["norm.bias"].copy()
    changed[0] = np.nextafter(changed[0], np.float16(9))
    assert tool.tensors_sha256(state | {"norm.bias": changed}) != tool.TARGET_SHA256


def test_the_head_width_is_that_of_all_known_encoders() -> None:
    assert {config.width // config.heads for config in BACKBONES.values()} == {backbones.HEAD_WIDTH}
