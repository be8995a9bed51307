"""The configuration inside the authors' checkpoints, both ways (specification 3.1)."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Literal

from skipclick.errors import ModelError
from skipclick.model.config import ModelConfig
from skipclick.weights.backbones import backbone_config, count_blocks, shape_of, square_side
from skipclick.weights.files import State

TAPS = (2, 5, 8, 11)
"""The blocks that the published code extracts, whatever its configuration lists (specification 2.8)."""

HEADS: Mapping[str, int] = {"s": 6, "b": 12, "l": 16, "g": 24}
"""Attention heads of an encoder by the letter in its name."""

_UPSAMPLE: Mapping[str, Literal[1, 2, 4]] = {"x1": 1, "x2": 2, "x4": 4}
_NORMALISATION = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])

# Settings that no published model uses and we have not built: (group, name, the value that we have).
_SUPPORTED: tuple[tuple[str | None, str, object], ...] = (
    (None, "use_disks", True),
    (None, "with_prev_mask", True),
    (None, "with_aux_output", False),
    (None, "use_rgb_conv", False),
    ("backbone_params", "primitive_stack", True),
    ("head_params", "align_corners", False),
)


def config_from_params(params: object, state: State, source: str) -> ModelConfig:
    """Our configuration of a published model.

    Args:
        params: the file's `config["params"]`: name to {"type", "value", "specified"}. Missing entries have
            the published defaults; paths of the authors' machine are ignored (trap 39).
        state: its tensors under our names; they tell widths, depths and grids.
        source: what to call the file in a message.

    Raises:
        ModelError: entries that cannot be read, or settings that no published model uses.
    """
    values = _Values(params, source)
    values.check_supported()
    encoder = {
        name.removeprefix("backbone."): value for name, value in state.items() if name.startswith("backbone.")
    }
    backbone = backbone_config(encoder, source, heads=_heads(values))
    conv = values.get("use_conv_stack", False)
    width, _, patch, _ = shape_of(state, "prompt_embed.weight", 4, source)
    heads = values.get("num_heads", 12, "backbone_params")
    if heads < 1 or width % heads:
        raise ModelError(f"{source} divides {width} channels among {heads} attention heads")
    size = _train_size(values)
    positions = (size // patch) ** 2 if conv else shape_of(state, "fusion.pos_embed", 3, source)[1]
    pyramid, inner = _pyramid(state, source)
    config = ModelConfig(
        backbone,
        taps=_taps(values, fuses="fuse.weight" in state),
        skip=values.get("skip_connections", False),
        width=width,
        depth=count_blocks(state, "fusion.blocks."),
        heads=heads,
        hidden=shape_of(state, "fusion.blocks.0.mlp.fc1.weight", 4 if conv else 2, source)[0],
        fusion="conv" if conv else "transformer",
        grid=square_side(positions, source),
        pyramid=pyramid,
        head=shape_of(state, "head.mix.weight", 4, source)[0],
        upsample=_UPSAMPLE[values.choice("upsample", tuple(_UPSAMPLE), "head_params")],
        spare_upsampling="head.up2.0.weight" in state,
        dropout=values.get("dropout_ratio", 0.1, "head_params"),
        disk_radius=values.get("norm_radius", 5.0),
        train_backbone=values.get("trained_extractor", False),
        train_size=size,
    )
    return config if inner == config.inner_channels else dataclasses.replace(config, pyramid_inner=inner)


def params_from_config(config: ModelConfig) -> OrderedDict[str, dict[str, object]]:
    """The published configuration of a network, in the order of the published files.

    Raises:
        ModelError: the published code can build no such network.
    """
    encoder = config.backbone
    letters = {heads: letter for letter, heads in HEADS.items()}
    if config.normalise_taps or config.detail or config.width != encoder.width:
        raise ModelError("the published format knows no tap norms, no image branch and no narrower fusion")
    if config.taps not in (TAPS, TAPS[:1]) or encoder.heads not in letters:
        raise ModelError("the published code can build no network with these taps or this encoder")
    if config.pyramid_inner is not None or config.hidden % config.width or not config.spare_upsampling:
        raise ModelError("the published code can build no network with these inner widths or this head")
    conv = config.fusion == "conv"
    registers = "_reg" if encoder.family == "dinov2" and encoder.registers else ""
    stack: dict[str, object] = {
        "img_size": (config.train_size, config.train_size),
        "patch_size": (encoder.patch, encoder.patch),
        "embed_dim": config.width,
        "depth": config.depth,
    }
    if not conv:
        stack |= {
            "num_heads": config.heads,
            "mlp_ratio": config.hidden // config.width,
            "qkv_bias": True,
            "primitive_stack": True,
        }
    head: dict[str, object] = {
        "in_channels": list(config.pyramid),
        "in_index": [0, 1, 2, 3],
        "dropout_ratio": config.dropout,
        "num_classes": 1,
        "loss_decode": None,
        "align_corners": False,
        "upsample": f"x{config.upsample}",
        "channels": config.head,
    }
    rows: list[tuple[str, object, bool]] = [
        ("use_disks", True, True),
        ("norm_radius", int(config.disk_radius) if config.disk_radius % 1 == 0 else config.disk_radius, True),
        ("with_prev_mask", True, True),
        ("extractor_type", f"{encoder.family}_vit{letters[encoder.heads]}{encoder.patch}{registers}", True),
        ("backbone_params", stack, True),
        ("neck_params", {"in_dim": config.width, "out_dims": list(config.pyramid)}, True),
        ("head_params", head, True),
        ("random_split", False, True),
        ("trained_extractor", config.train_backbone, True),
        ("use_intermediate", list(TAPS) if config.fuses else [11], True),
        ("skip_connections", config.skip, config.skip),
        ("backbone_weight_path", None, False),
        ("backbone_repo_path", None, False),
        ("use_conv_stack", conv, conv),
        ("with_aux_output", False, False),
        ("cpu_dist_maps", False, False),
        ("use_rgb_conv", False, False),
        ("use_leaky_relu", False, False),
        ("norm_mean_std", _NORMALISATION, False),
    ]
    return OrderedDict(
        (name, {"type": "builtin", "value": value, "specified": specified}) for name, value, specified in rows
    )


class _Values:
    """The parameters of a published configuration, each checked for its type."""

    def __init__(self, params: object, source: str) -> None:
        self.source = source
        if not isinstance(params, dict):
            raise ModelError(f"{source} is not a SkipClick checkpoint: its configuration has no params")
        self.params: dict[object, object] = {
            name: entry["value"]
            for name, entry in params.items()
            if isinstance(entry, dict) and "value" in entry
        }

    def get(self, name: str, default: Any, group: str | None = None) -> Any:
        """A parameter, or one inside the dictionary `group`; it must be of the default's type."""
        where: dict[object, object] = self.params if group is None else self.get(group, {})
        value = where.get(name, default)
        if isinstance(default, float) and type(value) is int:
            return float(value)
        if isinstance(default, list) and isinstance(value, tuple):
            return list(value)
        if type(value) is not type(default):
            raise ModelError(f"{self.source} has a setting that cannot be read: {name}")
        return value

    def choice(self, name: str, choices: tuple[str, ...], group: str) -> str:
        """One of several words; the first is the default."""
        value: str = self.get(name, choices[0], group)
        if value not in choices:
            raise ModelError(f"{self.source} has {name}={value!r}, which is none of {', '.join(choices)}")
        return value

    def check_supported(self) -> None:
        """Refuse what would change the network's answer and we have not built."""
        for group, name, ours in _SUPPORTED:
            if self.get(name, ours, group) != ours:
                raise ModelError(f"{self.source} has {name}={not ours}, which skipclick does not support")
        if self.params.get("norm_mean_std", _NORMALISATION) not in (_NORMALISATION, list(_NORMALISATION)):
            raise ModelError(f"{self.source} normalises colours in its own way, which is not supported")


def _taps(values: _Values, *, fuses: bool) -> tuple[int, ...]:
    """The first extracted block without `fuse`, else all four (specification 2.8)."""
    listed = values.get("use_intermediate", list(TAPS) if fuses else [11])
    return TAPS if len(listed) > 1 else TAPS[:1]


def _heads(values: _Values) -> int:
    name: str = values.get("extractor_type", "")
    letter = name.partition("_vit")[2][:1]
    if not name.startswith(("dinov2", "dinov3")) or letter not in HEADS:
        raise ModelError(f"{values.source} has the encoder {name!r}, which is not a DINOv2 or DINOv3 ViT")
    return HEADS[letter]


def _train_size(values: _Values) -> int:
    size = values.get("img_size", [448], "backbone_params")
    if not size or type(size[0]) is not int or size[0] < 1:
        raise ModelError(f"{values.source} has a setting that cannot be read: img_size")
    side: int = size[0]
    return side


def _pyramid(state: State, source: str) -> tuple[tuple[int, int, int, int], tuple[int, int, int, int]]:
    """Output and inner channels of the levels, in the order of `ModelConfig`."""

    def channels(layer: str, axis: int) -> int:
        return shape_of(state, f"pyramid.{layer}.weight", 4, source)[axis]

    outer = (
        channels("level4.5", 0),
        channels("level8.2", 0),
        channels("level16.0", 0),
        channels("level32.2", 0),
    )
    # Transposed convolutions keep their output channels on axis 1.
    inner = (
        channels("level4.0", 1),
        channels("level4.3", 1),
        channels("level8.0", 1),
        channels("level32.0", 0),
    )
    return outer, inner
