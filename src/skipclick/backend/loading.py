"""From a name or a file to a model that answers."""

from __future__ import annotations

import importlib.util
import os
import sys
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from skipclick.backend.exported import Format, exported_format
from skipclick.backend.protocol import StoringBackend
from skipclick.errors import ModelError

if TYPE_CHECKING:
    from skipclick.backend.graphs import GraphBackend

Precision: TypeAlias = Literal["auto", "float32", "bf16", "int8"]
"""Of the arithmetic; "auto" is what `automatic_precision` chooses."""

PRECISIONS = ("auto", "float32", "bf16", "int8")


def load_model(
    source: str | PathLike[str] = "skipclick-s", *, device: str = "auto", precision: Precision | None = None
) -> StoringBackend:
    """Load a model.

    Args:
        source: the name of an embedded or published model (`skipclick models` lists them), a published
            `.pth` checkpoint, our `.safetensors`, a folder in Hugging Face layout, a Hugging Face
            repository "owner/name", or a folder that `skipclick export` wrote, which needs no PyTorch.
        device: "auto" (CUDA if there is one, then MPS, then the CPU), "cpu", "cuda", "cuda:1" or "mps".
        precision: None for the model's own: float32, or that of an exported model. "float32", "bf16", "int8"
            (exported models alone), or "auto": bf16 where the device has instructions for it, else the
            model's own. Other precisions give other masks; see docs/speed.md.

    Raises:
        ModelError: nothing can be loaded from the source, or not so; the message says what can.
    """
    if precision is not None and precision not in PRECISIONS:
        raise ModelError(f"there is no precision {precision!r}: use {', '.join(PRECISIONS)}")
    kind = None if isinstance(source, str) and not source else exported_format(Path(source))
    if kind is not None:
        model = _open_exported(Path(source), kind, device)
        if precision not in (None, "auto", model.precision):
            raise ModelError(
                f"{source} computes in {model.precision} here, not in {precision}: export it again, or leave "
                "the precision out"
            )
        return model
    if precision == "int8":
        raise ModelError(
            f"int8 needs an exported model: skipclick export {source} -o FOLDER --precision int8, then give "
            "FOLDER as the model"
        )
    require_torch(str(source))
    # PyTorch takes a second to import: only who loads such a model pays for it.
    from skipclick.backend.torch import TorchBackend, build_network, one_thread
    from skipclick.weights.loading import load_weights

    if precision == "auto":
        precision = automatic_precision(source, device)
    wanted: Literal["float32", "bf16"] = "bf16" if precision == "bf16" else "float32"
    with one_thread():
        config, state, name = load_weights(source)
        network = build_network(config, state, name)
    return TorchBackend(network, name=name, device=device, precision=wanted)


def automatic_precision(source: str | PathLike[str], device: str = "auto") -> Precision | None:
    """The precision that a model answers in most quickly here, of those that cost next to no clicks.

    Args:
        source, device: as for `load_model`.

    Returns:
        "bf16" or "float32"; None for an exported model, which has but one.

    Raises:
        ModelError: the device does not exist here, or PyTorch is missing.
    """
    if exported_format(Path(source)) is not None:
        return None
    require_torch(str(source))
    from skipclick.backend.torch import choose_device, has_bf16

    return "bf16" if has_bf16(choose_device(device)) else "float32"


def require_torch(what: str) -> None:
    """Make sure that PyTorch is installed, before it is imported.

    On a Mac it is told to compute on the CPU what its GPU has no operator for, unless the user's environment
    says otherwise; a program that has imported PyTorch before must set that itself.

    Raises:
        ModelError: it is not; `what` needs it.
    """
    try:
        found = importlib.util.find_spec("torch") is not None
    except (ImportError, ValueError):  # someone keeps it out on purpose
        found = False
    if not found:
        raise ModelError(
            f'{what} needs PyTorch: pip install "skipclick[torch]", or, without it, give as the model a '
            "folder that `skipclick export` wrote elsewhere"
        )
    if sys.platform == "darwin":
        os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")


def _open_exported(path: Path, kind: Format, device: str) -> GraphBackend:
    if kind == "openvino":
        from skipclick.backend.openvino import OpenVinoBackend

        return OpenVinoBackend(path, device=device)
    from skipclick.backend.onnx import OnnxBackend

    return OnnxBackend(path, device=device)
