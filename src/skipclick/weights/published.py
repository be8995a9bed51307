"""The authors' checkpoints, read and written (specification section 3)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from skipclick.errors import ModelError
from skipclick.model.config import ModelConfig
from skipclick.weights.checkpoint import read_checkpoint
from skipclick.weights.files import State, as_float32, check_state, expected_shapes, replacing
from skipclick.weights.published_config import config_from_params, params_from_config

MODEL_CLASS = "isegm.model.is_featurevit_model.FeatureVitModel"

_ENCODERS: Mapping[Literal["dinov2", "dinov3"], str] = {
    "dinov2": "feature_extractor.dinov2.",
    "dinov3": "feature_extractor.dinov3.",
}
_PREFIXES: tuple[tuple[str, str], ...] = (
    ("patch_embed_coords.proj.", "prompt_embed."),
    ("fuse.", "fuse."),
    ("backbone_mix.", "fusion."),
    ("neck.down_4.", "pyramid.level4."),
    ("neck.down_8.", "pyramid.level8."),
    ("neck.down_16.", "pyramid.level16."),
    ("neck.down_32.", "pyramid.level32."),
    ("head.convs.0.conv.", "head.levels.0."),
    ("head.convs.1.conv.", "head.levels.1."),
    ("head.convs.2.conv.", "head.levels.2."),
    ("head.convs.3.conv.", "head.levels.3."),
    ("head.fusion_conv.conv.", "head.mix."),
    ("head.up_conv1.", "head.up1."),
    ("head.up_conv2.", "head.up2."),
    ("head.conv_seg.", "head.classify."),
)
"""Published prefix and ours; what follows a prefix is the same in both."""


def our_name(name: str) -> str:
    """Our name of a published tensor.

    Raises:
        ModelError: no SkipClick checkpoint holds such a tensor.
    """
    for theirs, ours in (*((prefix, "backbone.") for prefix in _ENCODERS.values()), *_PREFIXES):
        if name.startswith(theirs):
            return ours + name.removeprefix(theirs)
    raise ModelError(f"{name!r} is not the name of a tensor of a published SkipClick model")


def published_name(name: str, family: Literal["dinov2", "dinov3"]) -> str:
    """The published name of one of our tensors, for an encoder of this family.

    Raises:
        ModelError: it has no published counterpart.
    """
    for theirs, ours in ((_ENCODERS[family], "backbone."), *_PREFIXES):
        if name.startswith(ours):
            return theirs + name.removeprefix(ours)
    raise ModelError(f"{name!r} has no counterpart in the published format")


def read_published(path: Path | str) -> tuple[ModelConfig, State]:
    """Read a published checkpoint; nothing in it is executed.

    Widths, depths and grids are told by the tensors, the rest by the file's configuration, whose missing
    entries have the published defaults and whose machine paths are ignored (traps 38, 39). A configuration
    with one feature uses block 2 (trap 1).

    Returns:
        The configuration, and the tensors under our names, float32 on the CPU.

    Raises:
        ModelError: unreadable, not a SkipClick checkpoint, or with settings that we do not support.
    """
    content = _container(read_checkpoint(path), path)
    state, stored = content.get("state_dict"), content.get("config")
    if not isinstance(state, dict) or not isinstance(stored, dict):
        raise ModelError(f"{path} is not a SkipClick checkpoint: it needs the entries state_dict and config")
    kind = stored.get("class")
    if kind != MODEL_CLASS:
        raise ModelError(f"{path} is not a SkipClick checkpoint: its class is {kind!r}")
    tensors = as_float32({our_name(str(name)): value for name, value in state.items()}, str(path))
    return config_from_params(stored.get("params"), tensors, str(path)), tensors


def write_published(path: Path | str, config: ModelConfig, state: Mapping[str, Tensor]) -> None:
    """Write a checkpoint in the published container, for interchange.

    The configuration's `loss_decode`, an object of the authors' package that inference never uses, is
    written as None because it cannot be pickled without their class.

    Args:
        path: where to; replaced only when all is written.
        config: a network that the published code can build.
        state: tensors under our names.

    Raises:
        ModelError: the published code has no such network, or the file cannot be written.
    """
    params = params_from_config(config)
    check_state(expected_shapes(config), state, "the model to be written")
    tensors = OrderedDict(
        (published_name(name, config.backbone.family), tensor.detach().to("cpu", torch.float32).clone())
        for name, tensor in state.items()
    )
    container = {"state_dict": tensors, "config": {"class": MODEL_CLASS, "params": params}}
    try:
        with replacing(path) as scratch, scratch.open("wb") as file:
            torch.save(container, file)
    except (OSError, RuntimeError) as error:
        raise ModelError(f"{path} cannot be written: {error}") from error


def _container(content: object, path: Path | str) -> dict[object, object]:
    if isinstance(content, list):
        if len(content) != 1:
            raise ModelError(f"{path} holds {len(content)} networks, one per click; SkipClick files hold one")
        content = content[0]
    if not isinstance(content, dict):
        raise ModelError(f"{path} is not a SkipClick checkpoint: it holds no dictionary")
    return content
