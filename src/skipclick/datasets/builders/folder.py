"""The folder that a builder fills: files appear whole, and nothing of the user's is ever replaced."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from skipclick.errors import DatasetError

MANIFEST = "skipclick-build.json"
VERSION = 1


class BuildFolder:
    """A folder with a manifest that says which builder fills it, from what.

    Attributes:
        root: the folder.
    """

    def __init__(self, root: Path, builder: str, sources: Mapping[str, Path]) -> None:
        """Begin a folder, or go on with one that was begun with the same sources.

        Args:
            root: made if it does not exist.
            builder: name of the builder.
            sources: the files that it is built from, by what they are called to users.

        Raises:
            DatasetError: the folder holds something else, or was built from other sources; or a source
                cannot be read.
        """
        self.root = root
        manifest: dict[str, Any] = {
            "builder": builder,
            "version": VERSION,
            "sources": {name: _sha256_of(path) for name, path in sources.items()},
        }
        try:
            root.mkdir(parents=True, exist_ok=True)
            before = _read_manifest(root)
            # A manifest whose writing was cut off is no one else's file.
            others = (path for path in root.iterdir() if not path.name.startswith(f".{MANIFEST}."))
            if before is None and any(others):
                raise DatasetError(f"{root} holds other files: name an empty or new folder with -o")
        except OSError as error:
            raise DatasetError(f"{root} cannot be used: {error.strerror or error}") from error
        if before is None:
            self.put(MANIFEST, json.dumps(manifest, indent=2).encode())
        elif before != manifest:
            raise DatasetError(f"{root} was built from {_difference(before, manifest)}: name another folder")

    def has(self, name: str) -> bool:
        """Whether there is a file of this name, "/" parting folders."""
        return (self.root / name).exists()

    def add(self, name: str, data: bytes) -> None:
        """Write a file; if it is there already it must have this content, and stays as it is.

        Raises:
            DatasetError: another file is there, or it cannot be written.
        """
        path = self.root / name
        if not path.exists():
            self.put(name, data)
        elif not path.is_file() or path.read_bytes() != data:
            raise DatasetError(f"{path} is not what it would be: move it away, then try again")

    def put(self, name: str, data: bytes) -> None:
        """Write a file that the builder itself may have written before.

        Raises:
            DatasetError: it cannot be written.
        """
        self._place(name, lambda scratch: scratch.write_bytes(data))

    def take(self, name: str, source: Path, *, link: bool = False) -> None:
        """Copy a file, unless there is one of this name.

        Args:
            name: what it will be called.
            source: the file.
            link: where the file system can, give the file a second name instead of a copy; whoever changes
                one then changes both.

        Raises:
            DatasetError: it cannot be read or written.
        """
        if not self.has(name):
            self._place(name, lambda scratch: _copy(source, scratch, link))

    def _place(self, name: str, write: Callable[[Path], object]) -> None:
        """Let `write` make a file beside its place, and move it there."""
        path = self.root / name
        scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                write(scratch)
                scratch.replace(path)
            finally:
                scratch.unlink(missing_ok=True)
        except OSError as error:
            raise DatasetError(f"{path} cannot be written: {error.strerror or error}") from error


def _copy(source: Path, target: Path, link: bool) -> None:
    if link:
        try:
            os.link(source, target)
        except OSError:  # another disk, or a file system without links
            pass
        else:
            return
    shutil.copyfile(source, target)


def _read_manifest(root: Path) -> Any:
    file = root / MANIFEST
    if not file.is_file():
        return None
    try:
        return json.loads(file.read_bytes())
    except ValueError as error:
        raise DatasetError(f"{file} is damaged: name a new folder with -o") from error


def _difference(before: Any, now: Mapping[str, Any]) -> str:
    """What a folder was built from that is not there now, in words."""
    sources = before.get("sources") if isinstance(before, dict) else None
    if not isinstance(sources, dict) or before.get("builder") != now["builder"]:
        return "something else"
    other = [name for name, value in now["sources"].items() if sources.get(name) != value]
    return " and ".join(f"another {name}" for name in other) or "something else"


def _sha256_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}") from error
