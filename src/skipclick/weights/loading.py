"""From whatever names a model to its configuration and tensors."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from skipclick.errors import ModelError
from skipclick.model.config import MODELS, ModelConfig
from skipclick.weights import registry
from skipclick.weights.backbones import read_backbone
from skipclick.weights.download import Progress
from skipclick.weights.files import State, load_model_file
from skipclick.weights.pretrained import from_pretrained, is_repository
from skipclick.weights.published import read_published

_SUFFIXES = (".safetensors", ".pth", ".pt")


def load_weights(
    source: str | PathLike[str], *, progress: Progress | None = None
) -> tuple[ModelConfig, State, str]:
    """Find and read a model.

    Args:
        source: in this order of precedence: a name of the registry (`skipclick models` lists them; fetched
            if need be), a published `.pth` checkpoint, a `.safetensors` file of ours, a folder in Hugging
            Face's layout, or a Hugging Face repository "org/name". A path object is never taken for a name.
        progress: told how far a download is.

    Returns:
        The configuration; the tensors under our names, float32 on the CPU, not yet compared with what the
        network needs (`files.check_state` does); and a name for tables and messages.

    Raises:
        ModelError: nothing of that name, or it cannot be read.
        DownloadError: it could not be fetched.
    """
    if isinstance(source, str) and source in registry.entries():
        return _named(registry.entries()[source], progress)
    path = Path(source)
    # An empty text is not the folder that one is in.
    if str(source) and path.is_dir():
        return *from_pretrained(path), path.resolve().name
    if path.suffix.lower() in _SUFFIXES:
        read = load_model_file if path.suffix.lower() == ".safetensors" else read_published
        return *read(path), path.stem
    if isinstance(source, str) and not path.exists() and is_repository(source):
        return *from_pretrained(source), source
    if not isinstance(source, str) and not path.exists():
        raise ModelError(f"{path} does not exist")
    raise ModelError(_explain(str(source), exists=bool(str(source)) and path.exists()))


def _named(entry: registry.Entry, progress: Progress | None) -> tuple[ModelConfig, State, str]:
    if entry.kind != "model":
        raise ModelError(f"{entry.name} is an encoder alone, not a whole model: {_possible()}")
    first, *rest = registry.obtain(entry, progress=progress)
    config, state = load_model_file(first) if first.suffix == ".safetensors" else read_published(first)
    for path in rest:
        _, encoder = read_backbone(path)
        state |= {f"backbone.{name}": tensor for name, tensor in encoder.items()}
    return config, state, entry.name


def _explain(source: str, *, exists: bool) -> str:
    if exists:
        return f"{source} is not a model file: its name must end in {', '.join(_SUFFIXES)}"
    if source in MODELS:
        return f"nobody publishes weights of {source!r}: train it, or {_possible()}"
    return f"no model is called {source!r}{registry.near(source)}: {_possible()}"


def _possible() -> str:
    return (
        f"use {', '.join(registry.names('model'))}, a .pth or .safetensors file, a model folder, "
        "or a Hugging Face repository"
    )
