"""Encoders from elsewhere: Meta's DINOv2 and DINOv3 files, and Hugging Face's (specification 3.4).

Both are mapped to the original names (`blocks.0.attn.qkv.weight`), which are also ours below `backbone.`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from skipclick.errors import ModelError
from skipclick.model.config import BackboneConfig
from skipclick.model.dinov2 import DinoV2
from skipclick.model.dinov3 import DinoV3
from skipclick.weights import pretrained, registry
from skipclick.weights.checkpoint import read_checkpoint
from skipclick.weights.files import State, as_float32, check_state, read_tensors, shapes_of

HEAD_WIDTH = 64
"""Channels of an attention head, in all DINOv2 and DINOv3 encoders."""

# A name's ending to its original name; the first match counts. Whatever stands in front of it (a task head's
# or a library's prefix) is dropped.
_TOP = [
    (r"cls_token", "cls_token"),
    (r"mask_token", "mask_token"),
    (r"(?:register|storage)_tokens", "register_tokens"),
    (r"(?:pos_embed|embeddings\.position_embeddings)", "pos_embed"),
    (r"patch_embed(?:\.proj|dings(?:\.projection|\.proj)?)\.(weight|bias)", r"patch_embed.proj.\1"),
    (r"rope_embed\.periods", "rope_embed.periods"),
    (r"(?:layer)?norm\.(weight|bias)", r"norm.\1"),
]
_IN_BLOCK = [
    (r"(norm[12]\.(?:weight|bias))", r"\1"),
    (r"(attn\.qkv\.(?:weight|bias|bias_mask))", r"\1"),
    (r"attention\.(?:attention\.)?(?:query|q_proj)\.(weight|bias)", r"query.\1"),
    (r"attention\.(?:attention\.)?(?:key|k_proj)\.(weight|bias)", r"key.\1"),
    (r"attention\.(?:attention\.)?(?:value|v_proj)\.(weight|bias)", r"value.\1"),
    (r"(?:attn\.proj|attention\.output\.dense|attention\.o_proj)\.(weight|bias)", r"attn.proj.\1"),
    (r"(?:ls|layer_scale)([12])\.(?:gamma|lambda1)", r"ls\1.gamma"),
    (r"mlp\.(?:fc1|up_proj)\.(weight|bias)", r"mlp.fc1.\1"),
    (r"mlp\.(?:fc2|down_proj)\.(weight|bias)", r"mlp.fc2.\1"),
    (r"mlp\.(?:w12|weights_in)\.(weight|bias)", r"mlp.w12.\1"),
    (r"mlp\.(?:w3|weights_out)\.(weight|bias)", r"mlp.w3.\1"),
]
_BLOCK = re.compile(r"(?:^|\.)(?:blocks|layer)\.([0-9]{1,3})\.(.+)$")
# What task heads add; no part of the encoder.
_FOREIGN = re.compile(r"(?:^|\.)(?:classifier|decode_head|linear_head)\.")


def read_backbone(source: Path | str) -> tuple[BackboneConfig, State]:
    """Read an encoder.

    Args:
        source: the name of an encoder in the registry (fetched if need be), a `.pth`, `.bin` or
            `.safetensors` file, a folder of safetensors files, or a Hugging Face repository "org/name".

    Returns:
        Its configuration, and its tensors under their original names, float32 on the CPU. `mask_token`,
        which nothing uses, is zero where a file lacks it.

    Raises:
        ModelError: nothing of that name, unreadable, or not a DINOv2 or DINOv3 encoder.
        DownloadError: it could not be fetched.
    """
    path = _locate(source)
    state = original_names(_read(path), str(source))
    config = backbone_config(state, str(source))
    check_state(_expected(config), state, str(source))
    return config, state


def original_names(state: Mapping[str, Tensor], source: str) -> State:
    """Map an encoder's tensors to the original names; separate queries, keys and values are joined.

    Args:
        state: tensors under original or Hugging Face names, with any prefix.
        source: what to call the file in a message.

    Raises:
        ModelError: names that belong to no DINOv2 or DINOv3 encoder.
    """
    renamed: State = {}
    unknown = []
    for name, tensor in state.items():
        if _FOREIGN.search(name):
            continue
        new = _original_name(name)
        if new is None or new in renamed:
            unknown.append(name)
        else:
            renamed[new] = tensor
    if unknown:
        raise ModelError(
            f"{source} is not a DINOv2 or DINOv3 encoder: it holds {len(unknown)} other tensors, "
            f"for example {unknown[0]!r}"
        )
    _join_attention(renamed, source)
    return _complete(renamed)


def backbone_config(state: Mapping[str, Tensor], source: str, heads: int | None = None) -> BackboneConfig:
    """Tell an encoder's configuration by the shapes of its tensors.

    Args:
        state: tensors under original names.
        source: what to call the file in a message.
        heads: attention heads, which no shape tells; by default one per 64 channels.

    Raises:
        ModelError: a tensor that tells something is missing or makes no sense.
    """
    family: Literal["dinov2", "dinov3"] = "dinov2" if "pos_embed" in state else "dinov3"
    width, _, patch, _ = shape_of(state, "patch_embed.proj.weight", 4, source)
    if heads is None and width % HEAD_WIDTH:
        raise ModelError(f"{source} has {width} channels, which is not a multiple of {HEAD_WIDTH}")
    gated = "blocks.0.mlp.w12.weight" in state
    hidden = shape_of(state, f"blocks.0.mlp.{'w3' if gated else 'fc2'}.weight", 2, source)[1]
    tokens = "register_tokens" if family == "dinov2" else "storage_tokens"
    if family == "dinov2":
        positions = shape_of(state, "pos_embed", 3, source)[1]
        tables = {"grid": square_side(positions - 1, source)}
    else:
        tables = {"periods": shape_of(state, "rope_embed.periods", 1, source)[0]}
    return BackboneConfig(
        family,
        patch,
        width,
        depth=count_blocks(state, "blocks."),
        heads=heads or width // HEAD_WIDTH,
        hidden=hidden,
        feed_forward="swiglu" if gated else "mlp",
        registers=shape_of(state, tokens, 3, source)[1] if tokens in state else 0,
        **tables,
    )


def shape_of(state: Mapping[str, Tensor], name: str, dimensions: int, source: str) -> tuple[int, ...]:
    """The shape of a tensor that must be there.

    Raises:
        ModelError: it is missing, or has another number of dimensions.
    """
    shape = tuple(state[name].shape) if name in state else ()
    if len(shape) != dimensions or 0 in shape:
        raise ModelError(f"{source} lacks the tensor {name!r} of {dimensions} dimensions")
    return shape


def count_blocks(state: Mapping[str, Tensor], prefix: str) -> int:
    """How many blocks there are below a prefix."""
    names = (name.removeprefix(prefix) for name in state if name.startswith(prefix))
    return len({name.split(".", 1)[0] for name in names})


def square_side(count: int, source: str) -> int:
    """The side of a square table of `count` positions.

    Raises:
        ModelError: it is not square.
    """
    side = math.isqrt(max(count, 0))
    if side * side != count or not side:
        raise ModelError(f"{source} has a positional table of {count} entries, which is not a square")
    return side


def _locate(source: Path | str) -> Path:
    if isinstance(source, str):
        entry = registry.entries().get(source)
        if entry is not None:
            if entry.kind != "backbone":
                raise ModelError(f"{source!r} is a whole model, not an encoder")
            return registry.obtain(entry)[0]
        if not Path(source).exists() and pretrained.is_repository(source):
            return pretrained.hub_file(source, "model.safetensors")
    if not Path(source).exists():
        raise ModelError(
            f"no encoder is called {str(source)!r}: give {', '.join(registry.names('backbone'))}, a file, "
            "or a Hugging Face repository"
        )
    return Path(source)


def _read(path: Path) -> State:
    if path.is_dir():
        state: State = {}
        for part in sorted(path.glob("*.safetensors")):
            state |= read_tensors(part)[0]
        if not state:
            raise ModelError(f"{path} holds no .safetensors file")
        return state
    if path.suffix == ".safetensors":
        return read_tensors(path)[0]
    content = read_checkpoint(path)
    if not isinstance(content, dict):
        raise ModelError(f"{path} does not hold tensors by name")
    return as_float32({str(name): value for name, value in content.items()}, str(path))


def _original_name(name: str) -> str | None:
    block = _BLOCK.search(name)
    table, tail = (_TOP, name) if block is None else (_IN_BLOCK, block[2])
    for pattern, replacement in table:
        # Inside a block the whole rest must match; at the top anything may stand in front.
        match = re.fullmatch(pattern if block else rf"(?:.*\.)?{pattern}", tail)
        if match is not None:
            new = match.expand(replacement)
            return f"blocks.{int(block[1])}.{new}" if block else new
    return None


def _join_attention(state: State, source: str) -> None:
    """Put query, key and value of each block into one `attn.qkv`."""
    for name in [name for name in state if name.endswith(".query.weight")]:
        block = name.removesuffix("query.weight")
        for kind in ("weight", "bias"):
            parts = [state.pop(f"{block}{part}.{kind}", None) for part in ("query", "key", "value")]
            query, key, value = parts
            if key is None and kind == "bias" and query is not None:
                key = torch.zeros_like(query)  # DINOv3's keys have no bias.
            if query is None or key is None or value is None:
                raise ModelError(f"{source} lacks a query, key or value {kind} of {block.rstrip('.')!r}")
            state[f"{block}attn.qkv.{kind}"] = torch.cat([query, key, value])


def _complete(state: State) -> State:
    """Bring shapes to the originals' and add what can be computed."""
    if "cls_token" in state:
        width = state["cls_token"].shape[-1]
        state.setdefault("mask_token", torch.zeros(1, width))
        state["mask_token"] = state["mask_token"].reshape(1, -1)
    if "pos_embed" in state:
        return state
    if "register_tokens" in state:
        state["storage_tokens"] = state.pop("register_tokens")
    # 16 periods for heads of 64 channels (specification 2.5).
    count = HEAD_WIDTH // 4
    state.setdefault("rope_embed.periods", 100.0 ** (torch.arange(count) / count))
    for name in [name for name in state if name.endswith(".attn.qkv.bias")]:
        mask = torch.ones_like(state[name])
        third = mask.numel() // 3
        mask[third : 2 * third] = 0
        state.setdefault(f"{name}_mask", mask)
    return state


def _expected(config: BackboneConfig) -> dict[str, tuple[int, ...]]:
    return shapes_of(lambda: DinoV2(config) if config.family == "dinov2" else DinoV3(config))
