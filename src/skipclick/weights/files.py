"""Our own weight files: safetensors that carry their configuration, and checks of any state dict."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from skipclick.errors import ModelError
from skipclick.model.config import ModelConfig
from skipclick.model.skipclick import SkipClick

FORMAT = "skipclick-1"
CONFIG_KEY = "skipclick_config"

State: TypeAlias = dict[str, Tensor]
"""Tensors by name."""


def save_model_file(
    path: Path | str,
    config: ModelConfig,
    state: Mapping[str, Tensor],
    *,
    dtype: Literal["float32", "float16"] = "float32",
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write a model as one `.safetensors` file; a file of that name is replaced only when all is written.

    Args:
        path: where to.
        config: the network; it travels in the file's metadata.
        state: tensors under our names; any device, floating point.
        dtype: how numbers are kept. "float16" halves matrices and convolutions; vectors (norms, biases,
            scales, rotary periods) stay float32: they are few, and some are too small for half precision.
        metadata: more entries for the file's metadata.

    Raises:
        ModelError: a number does not fit into float16, or the file cannot be written.
    """
    tensors = {name: _stored(name, tensor, dtype) for name, tensor in state.items()}
    write_tensors(path, tensors, {**(metadata or {}), "format": FORMAT, CONFIG_KEY: config.to_json()})


def load_model_file(path: Path | str) -> tuple[ModelConfig, State]:
    """Read what `save_model_file` wrote.

    Returns:
        The configuration, and the tensors on the CPU as float32.

    Raises:
        ModelError: no such file, damaged, or without our metadata.
    """
    state, metadata = read_tensors(path)
    if CONFIG_KEY not in metadata:
        raise ModelError(f"{path} is not a skipclick model: its metadata holds no configuration")
    if metadata.get("format") != FORMAT:
        raise ModelError(
            f"{path} is in the format {metadata.get('format')!r}, not {FORMAT!r}: update skipclick to read it"
        )
    return read_config(metadata[CONFIG_KEY], state, str(path)), state


def read_config(text: str, state: Mapping[str, Tensor], source: str) -> ModelConfig:
    """The configuration in a file that also held these tensors.

    Raises:
        ModelError: it cannot be read, or asks for more blocks than there are tensors (building such a
            network could take forever).
    """
    config = ModelConfig.from_json(text)
    for depth in (config.depth, config.backbone.depth):
        if not isinstance(depth, int) or not 0 < depth <= len(state):
            raise ModelError(f"{source} announces {depth!r} blocks but holds {len(state)} tensors")
    return config


def read_tensors(path: Path | str) -> tuple[State, dict[str, str]]:
    """All tensors of a safetensors file, on the CPU as float32, and its metadata.

    Raises:
        ModelError: no such file, damaged, or tensors that are not floating point.
    """
    try:
        with safe_open(path, framework="pt") as file:
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            metadata = dict(file.metadata() or {})
    except FileNotFoundError as error:
        raise ModelError(f"{path} does not exist") from error
    except (OSError, SafetensorError, ValueError) as error:
        raise ModelError(f"{path} cannot be read as a safetensors file: {error}") from error
    return as_float32(state, str(path)), metadata


def file_metadata(path: Path | str) -> dict[str, str]:
    """What a safetensors file says about itself, but for what `save_model_file` itself puts there.

    Raises:
        ModelError: no such file, or damaged.
    """
    try:
        with safe_open(path, framework="np") as file:
            metadata = dict(file.metadata() or {})
    except FileNotFoundError as error:
        raise ModelError(f"{path} does not exist") from error
    except (OSError, SafetensorError, ValueError) as error:
        raise ModelError(f"{path} cannot be read as a safetensors file: {error}") from error
    return {name: value for name, value in metadata.items() if name not in ("format", CONFIG_KEY)}


def write_tensors(path: Path | str, tensors: State, metadata: dict[str, str]) -> None:
    """Write a safetensors file with these tensors and metadata, whole or not at all.

    Raises:
        ModelError: the file cannot be written.
    """
    try:
        with replacing(path) as scratch:
            save_file(tensors, scratch, metadata=metadata)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{path} cannot be written: {error}") from error


@contextmanager
def replacing(path: Path | str) -> Iterator[Path]:
    """A scratch file beside `path` that takes its place if the block ends well, and vanishes if not."""
    path = Path(path)
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    scratch.touch(exist_ok=False)
    mode = scratch.stat().st_mode
    try:
        yield scratch
        # Some writers put a file of their own, readable by its owner alone, in the scratch file's place.
        scratch.chmod(mode)
        with scratch.open("rb") as file:
            os.fsync(file.fileno())
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def as_float32(state: Mapping[str, object], source: str) -> State:
    """The same tensors as contiguous float32.

    Raises:
        ModelError: something in `state` is not a floating-point tensor.
    """
    result: State = {}
    for name, tensor in state.items():
        if not isinstance(tensor, Tensor) or not tensor.is_floating_point():
            raise ModelError(f"{source} holds {name!r}, which is not a tensor of real numbers")
        result[name] = tensor.detach().to("cpu", torch.float32).contiguous()
    return result


def check_state(
    expected: Mapping[str, tuple[int, ...]], state: Mapping[str, Tensor], source: Path | str
) -> None:
    """Make sure that a state dict holds exactly the tensors that a network needs.

    Args:
        expected: shapes by name.
        state: what a file held.
        source: what to call the file in the message.

    Raises:
        ModelError: names the first few missing, surplus and wrongly shaped tensors, and counts them.
    """
    missing = [repr(name) for name in expected if name not in state]
    surplus = [repr(name) for name in state if name not in expected]
    misshapen = [
        f"{name!r} is {tuple(state[name].shape)}, not {tuple(shape)}"
        for name, shape in expected.items()
        if name in state and tuple(state[name].shape) != tuple(shape)
    ]
    groups = [("missing", missing), ("surplus", surplus), ("of another shape", misshapen)]
    complaints = [f"{len(items)} {kind} ({_some(items)})" for kind, items in groups if items]
    if complaints:
        raise ModelError(f"{source} does not fit its network: tensors {', '.join(complaints)}")


def expected_shapes(config: ModelConfig) -> dict[str, tuple[int, ...]]:
    """The shapes of all tensors of a network, without making it.

    Raises:
        ModelError: no network can have this configuration.
    """
    return shapes_of(lambda: SkipClick(config))


def shapes_of(build: Callable[[], nn.Module]) -> dict[str, tuple[int, ...]]:
    """The shapes of a module's tensors; `build` is run without memory being taken for them.

    Raises:
        ModelError: it cannot be built.
    """
    try:
        with torch.device("meta"):
            return {name: tuple(tensor.shape) for name, tensor in build().state_dict().items()}
    except (TypeError, ValueError, RuntimeError, ArithmeticError) as error:
        raise ModelError(f"no network can have this configuration: {error}") from error


def _stored(name: str, tensor: Tensor, dtype: str) -> Tensor:
    # Cloned, because safetensors refuses tensors that share memory.
    tensor = tensor.detach().to("cpu", torch.float32).clone(memory_format=torch.contiguous_format)
    if dtype == "float32" or tensor.ndim < 2:
        return tensor
    half = tensor.to(torch.float16)
    if not torch.equal(half.isinf(), tensor.isinf()):
        raise ModelError(f"{name!r} holds numbers too large for float16: keep float32")
    return half


def _some(items: list[str], most: int = 3) -> str:
    return ", ".join(items[:most]) + (", …" if len(items) > most else "")
