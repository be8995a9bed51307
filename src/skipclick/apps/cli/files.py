"""Writing pictures without ever losing one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from skipclick.errors import ImageError


def check_targets(targets: Sequence[Path], *, sources: Sequence[Path] = (), force: bool = False) -> None:
    """Refuse output files that cannot be written, or that would destroy something.

    Args:
        targets: the files to be written.
        sources: files that are never overwritten, not even with `force`.
        force: other existing files may be replaced.

    Raises:
        ImageError: a name does not end in .png, its folder does not exist, two targets are one file, or a
            file would be lost.
    """
    for index, target in enumerate(targets):
        if target.suffix.lower() != ".png":
            raise ImageError(f"{target}: masks and overlays are PNG files; end the name with .png")
        if not target.parent.is_dir():
            raise ImageError(f"{target}: the folder {target.parent} does not exist; create it first")
        if target.is_dir():
            raise ImageError(f"{target} is a folder; name a file")
        if any(_same(target, other) for other in targets[:index]):
            raise ImageError(f"{target} is named for two results; give each its own file")
        if any(_same(target, source) for source in sources):
            raise ImageError(f"{target} is the photo itself; write to another file")
        if target.exists() and not force:
            raise ImageError(f"{target} exists already; name another file or allow it with --force")


def free_name(wanted: Path) -> Path:
    """`wanted`, or the first of wanted-2, wanted-3, … that does not exist yet."""
    path, number = wanted, 1
    while path.exists():
        number += 1
        path = wanted.with_stem(f"{wanted.stem}-{number}")
    return path


def write_png(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write a picture in one piece: the file is whole, or what was there before.

    Args:
        path: the file, in an existing folder.
        picture: (H, W) grey or (H, W, 3) RGB, uint8.

    Raises:
        ImageError: the file cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            with part.open("wb") as file:
                Image.fromarray(picture).save(file, format="PNG")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise ImageError(f"{path} cannot be written: {error.strerror or error}") from error


def _same(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()
