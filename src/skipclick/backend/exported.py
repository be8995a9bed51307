"""What an exported model tells about itself, and where its two graphs are; no runtime here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from skipclick.errors import ModelError

Format: TypeAlias = Literal["onnx", "openvino"]

FORMAT = "skipclick-graphs-1"
SUFFIXES: Mapping[Format, str] = {"onnx": ".onnx", "openvino": ".xml"}
ENCODE, CLICK = "encode", "click"
"""Names of the two graphs' files, without suffix."""

_PREFIX = "skipclick_"


@dataclass(frozen=True, slots=True)
class GraphInfo:
    """What both graphs of a model carry as metadata, all of it text.

    Attributes:
        name: what the model is called.
        fingerprint: see `Backend.fingerprint`.
        stride: see `Backend.stride`.
        precision: "float32", "bf16" or "int8".
        features: names of the image graph's outputs, in order, which are inputs of the click graph.
        config: the network's configuration as JSON, for whoever wants to know.
    """

    name: str
    fingerprint: str
    stride: int
    precision: str
    features: tuple[str, ...]
    config: str

    def to_metadata(self) -> dict[str, str]:
        """As text by key."""
        return {
            f"{_PREFIX}format": FORMAT,
            f"{_PREFIX}name": self.name,
            f"{_PREFIX}fingerprint": self.fingerprint,
            f"{_PREFIX}stride": str(self.stride),
            f"{_PREFIX}precision": self.precision,
            f"{_PREFIX}features": ",".join(self.features),
            f"{_PREFIX}config": self.config,
        }

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], source: Path) -> GraphInfo:
        """Read what `to_metadata` wrote.

        Raises:
            ModelError: it is not there, or of another format.
        """
        given = metadata.get(f"{_PREFIX}format")
        if given is None:
            raise ModelError(f"{source} was not written by `skipclick export`: export the model again")
        if given != FORMAT:
            raise ModelError(f"{source} is in the format {given!r}, not {FORMAT!r}: export the model again")
        try:
            return cls(
                name=metadata[f"{_PREFIX}name"],
                fingerprint=metadata[f"{_PREFIX}fingerprint"],
                stride=int(metadata[f"{_PREFIX}stride"]),
                precision=metadata[f"{_PREFIX}precision"],
                features=tuple(metadata[f"{_PREFIX}features"].split(",")),
                config=metadata[f"{_PREFIX}config"],
            )
        except (KeyError, ValueError) as error:
            raise ModelError(f"{source} has damaged metadata ({error}): export the model again") from error


def exported_format(path: Path) -> Format | None:
    """Which kind of exported model a file or folder is, by file names alone; None if it is none."""
    for kind, suffix in SUFFIXES.items():
        if path.suffix.lower() == suffix or (path / f"{CLICK}{suffix}").is_file():
            return kind
    return None


def graph_paths(path: Path, kind: Format) -> tuple[Path, Path]:
    """The image graph and the click graph of a folder, or of either file in it.

    Raises:
        ModelError: one of them is missing, or the file has another name.
    """
    suffix = SUFFIXES[kind]
    folder = path
    if path.suffix.lower() == suffix:
        folder = path.parent
        if path.stem not in (ENCODE, CLICK):
            raise ModelError(
                f"{path} is not one of the two graphs of an exported model, {ENCODE}{suffix} and "
                f"{CLICK}{suffix}: name the folder that `skipclick export` wrote"
            )
    paths = folder / f"{ENCODE}{suffix}", folder / f"{CLICK}{suffix}"
    for needed in paths:
        if not needed.is_file():
            raise ModelError(f"{needed} is missing: export the model again")
    return paths
