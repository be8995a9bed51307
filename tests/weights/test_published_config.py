"""The published configuration, both ways; full-size networks are told by shapes alone."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from typing import Any

import pytest
import torch

from skipclick.errors import ModelError
from skipclick.model.config import MODELS, ModelConfig
from skipclick.unpickle import Placeholder
from skipclick.weights.files import State, expected_shapes
from skipclick.weights.published_config import config_from_params, params_from_config

# Not of the published code: its own taps, tap norms, image branch.
OURS = {"baseline-last-block", "frozen-last-block", "skipclick-s"}
PUBLISHED = [name for name in MODELS if name not in OURS]

# Specification 3.1: the skip model, in file order.
ORDER = (
    "use_disks norm_radius with_prev_mask extractor_type backbone_params neck_params head_params "
    "random_split trained_extractor use_intermediate skip_connections"
)


def shapes(config: ModelConfig) -> State:
    """A state dict without memory."""
    return {name: torch.empty(shape, device="meta") for name, shape in expected_shapes(config).items()}


def params_of(name: str) -> OrderedDict[str, dict[str, Any]]:
    return params_from_config(MODELS[name])


SKIP = shapes(MODELS["skip"])


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_network_comes_back(name: str) -> None:
    config = MODELS[name]
    assert config_from_params(params_from_config(config), shapes(config), "f") == config


@pytest.mark.parametrize("name", sorted(OURS))
def test_networks_of_our_own_have_no_published_form(name: str) -> None:
    with pytest.raises(ModelError, match="published"):
        params_from_config(MODELS[name])


@pytest.mark.parametrize(
    "changes",
    [{"hidden": 1000}, {"spare_upsampling": False}, {"pyramid_inner": (1, 2, 3, 4)}, {"taps": (3, 5, 8, 11)}],
)
def test_inner_changes_have_no_published_form(changes: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="published"):
        params_from_config(dataclasses.replace(MODELS["skip"], **changes))


def test_the_written_entries_are_those_of_the_specification() -> None:
    params = params_of("skip")
    assert [name for name, entry in params.items() if entry["specified"]] == ORDER.split()
    assert set(params) - set(ORDER.split()) == {
        "backbone_weight_path",
        "backbone_repo_path",
        "use_conv_stack",
        "with_aux_output",
        "cpu_dist_maps",
        "use_rgb_conv",
        "use_leaky_relu",
        "norm_mean_std",
    }
    assert params["extractor_type"]["value"] == "dinov2_vitb14_reg"
    assert params["backbone_params"]["value"] == {
        "img_size": (448, 448),
        "patch_size": (14, 14),
        "embed_dim": 768,
        "depth": 4,
        "num_heads": 12,
        "mlp_ratio": 4,
        "qkv_bias": True,
        "primitive_stack": True,
    }
    assert params["head_params"]["value"]["loss_decode"] is None
    assert params["norm_radius"]["value"] == 5
    assert type(params["norm_radius"]["value"]) is int


@pytest.mark.parametrize(
    ("name", "extractor"),
    [
        ("skip-vits", "dinov2_vits14_reg"),
        ("skip-vitl", "dinov2_vitl14_reg"),
        ("intermediate-vitg", "dinov2_vitg14_reg"),
        ("skip-dinov3-vitb", "dinov3_vitb16"),
    ],
)
def test_encoders_have_their_hub_names(name: str, extractor: str) -> None:
    assert params_of(name)["extractor_type"]["value"] == extractor


def test_the_feature_list_of_one_is_eleven_and_means_block_two() -> None:
    params = params_of("frozen")
    assert params["use_intermediate"]["value"] == [11]
    assert config_from_params(params, shapes(MODELS["frozen"]), "f").taps == (2,)
    params["use_intermediate"]["value"] = [7]
    assert config_from_params(params, shapes(MODELS["frozen"]), "f").taps == (2,)


@pytest.mark.parametrize("name", ["frozen", "intermediate"])
def test_missing_entries_have_their_defaults(name: str) -> None:
    config = MODELS[name]
    params = {"extractor_type": params_of(name)["extractor_type"]}
    assert config_from_params(params, shapes(config), "f") == config


def test_missing_skip_connections_mean_none() -> None:
    params = params_of("intermediate")
    del params["skip_connections"]
    assert config_from_params(params, shapes(MODELS["intermediate"]), "f").skip is False


def test_tuples_and_lists_are_the_same() -> None:
    params = params_of("skip")
    params["backbone_params"]["value"]["img_size"] = [448, 448]
    params["use_intermediate"]["value"] = (2, 5, 8, 11)
    params["norm_mean_std"]["value"] = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]]
    assert config_from_params(params, SKIP, "f") == MODELS["skip"]


def test_paths_of_the_authors_machine_are_ignored() -> None:
    params = params_of("skip-dinov3-vitb")
    for key in ("backbone_weight_path", "backbone_repo_path"):
        params[key] = {"type": "builtin", "value": "/nowhere/at/all", "specified": True}
    config = MODELS["skip-dinov3-vitb"]
    assert config_from_params(params, shapes(config), "f") == config


def test_inner_widths_of_their_own_are_kept() -> None:
    config = dataclasses.replace(MODELS["skip"], pyramid_inner=(64, 32, 48, 96))
    assert config_from_params(params_of("skip"), shapes(config), "f") == config


def test_upsampling_is_read() -> None:
    config = dataclasses.replace(MODELS["skip"], upsample=4)
    assert config_from_params(params_from_config(config), shapes(config), "f") == config


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("use_disks", False, "use_disks=False"),
        ("with_prev_mask", False, "with_prev_mask=False"),
        ("use_rgb_conv", True, "use_rgb_conv=True"),
        ("with_aux_output", True, "with_aux_output=True"),
        ("norm_mean_std", ([0.5] * 3, [0.5] * 3), "normalises colours"),
        ("norm_mean_std", None, "normalises colours"),
        ("extractor_type", "mae_base", "encoder 'mae_base'"),
        ("extractor_type", "dinov2_vitx14", "encoder"),
        ("extractor_type", Placeholder("os.system"), "cannot be read: extractor_type"),
        ("backbone_params", Placeholder("os.system"), "cannot be read: backbone_params"),
        ("backbone_params", {"img_size": []}, "img_size"),
        ("backbone_params", {"img_size": ["a"]}, "img_size"),
        ("backbone_params", {"num_heads": 0}, "0 attention heads"),
        ("backbone_params", {"num_heads": 7}, "7 attention heads"),
        ("backbone_params", {"num_heads": True}, "num_heads"),
        ("backbone_params", {"primitive_stack": False}, "primitive_stack=False"),
        ("head_params", {"upsample": "x3"}, "upsample='x3'"),
        ("head_params", {"align_corners": True}, "align_corners=True"),
        ("head_params", {"dropout_ratio": "high"}, "dropout_ratio"),
        ("skip_connections", 1, "skip_connections"),
        ("use_intermediate", "2,5,8,11", "use_intermediate"),
        ("norm_radius", None, "norm_radius"),
    ],
)
def test_settings_that_cannot_be_used(key: str, value: object, complaint: str) -> None:
    params = params_of("skip")
    params[key] = {"type": "builtin", "value": value, "specified": True}
    with pytest.raises(ModelError, match=complaint) as caught:
        config_from_params(params, SKIP, "the file")
    assert "the file" in str(caught.value)


@pytest.mark.parametrize("params", [None, [], "text", Placeholder("easydict.EasyDict")])
def test_no_parameters_at_all(params: object) -> None:
    with pytest.raises(ModelError, match="no params"):
        config_from_params(params, SKIP, "f")


@pytest.mark.parametrize(
    "missing",
    [
        "prompt_embed.weight",
        "head.mix.weight",
        "fusion.pos_embed",
        "pyramid.level8.2.weight",
        "backbone.patch_embed.proj.weight",
        "backbone.blocks.0.mlp.fc2.weight",
        "fusion.blocks.0.mlp.fc1.weight",
    ],
)
def test_missing_tensors_are_named(missing: str) -> None:
    state = {name: tensor for name, tensor in SKIP.items() if name != missing}
    with pytest.raises(ModelError, match=missing.removeprefix("backbone.").replace(".", r"\.")):
        config_from_params(params_of("skip"), state, "f")


def test_a_positional_table_that_is_no_square() -> None:
    state = {**SKIP, "fusion.pos_embed": torch.empty(1, 1000, 768, device="meta")}
    with pytest.raises(ModelError, match="1000 entries"):
        config_from_params(params_of("skip"), state, "f")
