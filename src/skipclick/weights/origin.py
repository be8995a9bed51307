"""Whose weights they are and under which licence: what travels with them in the metadata of our files."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from skipclick.weights import registry
from skipclick.weights.files import file_metadata
from skipclick.weights.pretrained import is_repository, weights_file

_KEPT = ("licence", "source", "note")


def origin_of(source: str | PathLike[str]) -> dict[str, str]:
    """What is known of the origin of a model or an encoder.

    Args:
        source: anything that `load_weights` or `read_backbone` has just read, found in the same order.

    Returns:
        Entries for a file's metadata: "licence", "source" and "note" of a name in the registry, and for the
        encoder in a file of its own the same as "encoder_licence" and so on; all that our files carry
        besides their configuration; nothing for files of others.

    Raises:
        ModelError: the file has gone, or is damaged.
        DownloadError: a repository's file has gone.
    """
    if isinstance(source, str) and source in registry.entries():
        return _named(registry.entries()[source])
    path = Path(source)
    if path.is_dir() or (isinstance(source, str) and not path.exists() and is_repository(source)):
        path = weights_file(source)
    # An encoder's folder may name its files otherwise.
    known = path.suffix.lower() == ".safetensors" and (path.is_file() or not Path(source).is_dir())
    return file_metadata(path) if known else {}


def _named(entry: registry.Entry) -> dict[str, str]:
    first, *rest = entry.paths
    about = file_metadata(first) if first.suffix == ".safetensors" else {}
    about |= {name: getattr(entry, name) for name in _KEPT if getattr(entry, name)}
    for path in rest:
        # What said that the encoder lies elsewhere.
        about.pop("backbone", None)
        encoder = file_metadata(path)
        about |= {f"encoder_{name}": encoder[name] for name in _KEPT if name in encoder}
    return about
