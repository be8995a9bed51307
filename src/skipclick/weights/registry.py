"""The models that have a name, from `models.toml`: what they are, where from, and whether they are here.

No PyTorch here.
"""

from __future__ import annotations

import difflib
import functools
import secrets
import tomllib
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from skipclick.errors import DownloadError, ModelError
from skipclick.weights.download import Progress, cache_folder, fetch, sha256_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One model or encoder.

    Attributes:
        name: what users call it.
        kind: a whole model, or an encoder alone.
        title: a few words.
        config: its name in `MODELS` or `BACKBONES` of `model.config`.
        licence: of the weights.
        source: whose they are.
        files: names of its files in the package, if it is part of it; the model's own first.
        url: where it can be fetched without asking anyone; None if it cannot.
        filename: what it is called in the cache; by default the last part of the url.
        sha256: of the file at `url`, if its owner or we know it.
        size: bytes of the file at `url`, if known exactly.
        parameters: how many numbers it holds, if known.
        note: what else one should know.
    """

    name: str
    kind: Literal["model", "backbone"]
    title: str
    config: str
    licence: str
    source: str
    files: tuple[str, ...] = ()
    url: str | None = None
    filename: str | None = None
    sha256: str | None = None
    size: int | None = None
    parameters: int | None = None
    note: str = ""

    @property
    def embedded(self) -> bool:
        """Whether it is part of the package."""
        return bool(self.files)

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where its files are, or would be once fetched."""
        if self.embedded:
            return tuple(embedded_folder() / name for name in self.files)
        name = self.filename or (self.url or "").rstrip("/").rsplit("/", 1)[-1]
        return (cache_folder() / name,)

    @property
    def here(self) -> bool:
        """Whether all its files are on this computer."""
        return all(path.is_file() for path in self.paths)

    @property
    def bytes(self) -> int | None:
        """Size of its files: as they lie here, as stated, or else 4 bytes for each parameter."""
        if self.here:
            return sum(path.stat().st_size for path in self.paths)
        return self.size or (4 * self.parameters if self.parameters else None)


def embedded_folder() -> Path:
    """The folder of the weights that are part of the package."""
    return Path(str(resources.files("skipclick.weights"))) / "embedded"


@functools.cache
def entries() -> Mapping[str, Entry]:
    """Everything that has a name, in the order of `models.toml`."""
    text = resources.files("skipclick.weights").joinpath("models.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["entry"]
    table = (Entry(**{**row, "files": tuple(row.get("files", ()))}) for row in rows)
    return MappingProxyType({entry.name: entry for entry in table})


def names(kind: Literal["model", "backbone"]) -> list[str]:
    """The names of all models, or of all encoders."""
    return [entry.name for entry in entries().values() if entry.kind == kind]


def find(name: str) -> Entry:
    """The entry of that name.

    Raises:
        ModelError: there is none; the message gives near names.
    """
    entry = entries().get(name)
    if entry is None:
        raise ModelError(f"nothing is called {name!r}{near(name)}: see `skipclick models`")
    return entry


def near(name: str) -> str:
    """ " (did you mean ...?)" with known names like this one, or nothing."""
    close = difflib.get_close_matches(name.lower(), entries(), n=3, cutoff=0.6)
    return f" (did you mean {' or '.join(close)}?)" if close else ""


def obtain(entry: Entry, *, progress: Progress | None = None) -> tuple[Path, ...]:
    """The files of an entry, fetched first if need be.

    Where no checksum is published, the SHA-256 of the first download is written down beside the file, and a
    later download must agree with it.

    Raises:
        ModelError: part of the package but missing from this installation.
        DownloadError: it cannot be fetched, or must be fetched by hand.
    """
    if entry.here:
        return entry.paths
    if entry.embedded:
        gone = next(path.name for path in entry.paths if not path.is_file())
        raise ModelError(f"this installation of skipclick lacks {gone}: install it again")
    (path,) = entry.paths
    if entry.url is None:
        raise DownloadError(
            f"{entry.name} cannot be fetched for you ({entry.note}): put {path.name} into {path.parent}"
        )
    fetch(entry.url, path, sha256=entry.sha256, size=entry.size, check=_check(path), progress=progress)
    if entry.sha256 is None and not _record_file(path).exists():
        _write_record(path, sha256_of(path))
    return entry.paths


def known_sha256(entry: Entry) -> str | None:
    """The SHA-256 that its file must have: the published one, or else the one of the first download."""
    if entry.sha256 is not None or entry.embedded:
        return entry.sha256
    return _read_record(entry.paths[0])


def _check(path: Path) -> Callable[[Path], None]:
    """A check of what is to become `path`: a zip archive, as all checkpoints that we fetch, and the same one
    as before."""

    def check(arrived: Path) -> None:
        if not zipfile.is_zipfile(arrived):
            raise DownloadError("what arrived is not a PyTorch checkpoint: the link may have changed")
        recorded = _read_record(path)
        if recorded is not None and sha256_of(arrived) != recorded:
            raise DownloadError(
                f"what arrived is not the file fetched before: delete {_record_file(path)} if you trust it"
            )

    return check


def _record_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _read_record(path: Path) -> str | None:
    record = _record_file(path)
    words = record.read_text(encoding="utf-8").split() if record.is_file() else []
    return words[0] if words else None


def _write_record(path: Path, digest: str) -> None:
    record = _record_file(path)
    scratch = record.with_name(f".{record.name}.{secrets.token_hex(4)}.part")
    # The form that `sha256sum --check` reads.
    scratch.write_text(f"{digest}  {path.name}\n", encoding="utf-8")
    scratch.replace(record)
