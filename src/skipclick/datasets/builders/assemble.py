"""Putting masks from an archive beside the images that a user has fetched elsewhere."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from skipclick.datasets.builders.archive import Archive
from skipclick.datasets.builders.folder import BuildFolder
from skipclick.datasets.labels import UNREADABLE
from skipclick.errors import DatasetError

MISSING = "missing.csv"
"""The list of images that were not found, in the folder that was built."""


class ArchivedMask(NamedTuple):
    """A mask that an archive holds.

    Attributes:
        path: its name in the archive.
        folder: the folder that it goes to, "/" at the end; empty for the root.
        name: NAME of `mask_NAME.png` and of its image `NAME.jpg`.
    """

    path: str
    folder: str
    name: str


class MissingImage(NamedTuple):
    """An image that there is a mask for, but that was not found.

    Attributes:
        image: where it belongs, "/" parting folders.
        reason: why nothing is there, in a few words.
        page: where on the internet to look at it; empty if that is not known.
    """

    image: str
    reason: str
    page: str


@dataclass(frozen=True, slots=True)
class Built:
    """What a builder has made.

    Attributes:
        root: the folder.
        images: how many images have their masks beside them there.
        missing: the images that are still missing, by name.
    """

    root: Path
    images: int
    missing: tuple[MissingImage, ...]


def mask_name(path: str) -> str | None:
    """NAME, if this is a path of `mask_NAME.png`."""
    file = path.rsplit("/", 1)[-1]
    name = file[len("mask_") : -len(".png")]
    return name if name and file == f"mask_{name}.png" else None


def assemble(
    archive: Archive,
    masks: Sequence[ArchivedMask],
    folder: BuildFolder,
    find: Callable[[ArchivedMask], Sequence[Path]],
    page: Callable[[ArchivedMask], str],
    progress: Callable[[int], None] | None = None,
) -> Built:
    """Write masks and their images into a folder, and a list of the images that are missing.

    An image is taken if it can be decoded and has its mask's size, and if no other image fits as well.
    Images that lie there already are left alone, so that they can also be put there by hand.

    Args:
        archive: holds the masks.
        masks: which of them.
        folder: where they go.
        find: the images that a mask may belong to.
        page: where on the internet its image is, or an empty text.
        progress: told how many masks are finished.

    Raises:
        DatasetError: a mask is damaged, two have one name, or something cannot be written.
    """
    missing: list[MissingImage] = []
    seen: dict[str, str] = {}
    for count, mask in enumerate(masks, start=1):
        place = f"{mask.folder}mask_{mask.name}.png"
        if place in seen:
            raise DatasetError(f"{archive.path} holds {seen[place]} and {mask.path}, which have one name")
        seen[place] = mask.path
        data = archive.read(mask.path)
        size = _mask_size(archive.path, mask.path, data)
        folder.add(place, data)
        image = f"{mask.folder}{mask.name}.jpg"
        if not folder.has(image):
            try:
                folder.take(image, _choose(find(mask), size))
            except _NoImageError as reason:
                missing.append(MissingImage(image, str(reason), page(mask)))
        if progress is not None:
            progress(count)
    folder.put(MISSING, _as_csv(missing))
    return Built(folder.root, len(masks) - len(missing), tuple(missing))


def jpeg_files(root: Path, out: Path) -> Iterator[Path]:
    """The JPEG files in a folder and all folders below it, in the order of their names.

    Args:
        root: the folder.
        out: the folder that is built, which must lie elsewhere.

    Raises:
        DatasetError: `root` is no folder, or `out` lies in it.
    """
    if not root.is_dir():
        raise DatasetError(f"the folder {root} does not exist: name the folder with the images")
    if out.resolve().is_relative_to(root.resolve()):
        raise DatasetError(f"{out} lies inside {root}, where images are looked for: name a folder elsewhere")
    for path, folders, files in os.walk(root):
        folders.sort()
        for file in sorted(files):
            if file.lower().endswith((".jpg", ".jpeg")) and not file.startswith("."):
                yield Path(path, file)


class _NoImageError(Exception):
    """No image can be taken; says why."""


def _choose(candidates: Sequence[Path], size: tuple[int, int]) -> Path:
    """The one image that fits; of several files with the same content the first."""
    fitting: dict[bytes, Path] = {}
    reason = "not found"
    for path in candidates:
        found = _image_size(path)
        if found == size:
            fitting.setdefault(hashlib.sha256(path.read_bytes()).digest(), path)
        elif found is None:
            reason = f"{path} {'is damaged' if path.is_file() else 'does not exist'}"
        else:
            reason = f"{path} is {found[0]} x {found[1]} pixels, the mask {size[0]} x {size[1]}"
    if len(fitting) == 1:
        return next(iter(fitting.values()))
    if fitting:
        reason = f"several images fit: {' and '.join(map(str, fitting.values()))}"
    raise _NoImageError(reason)


def _image_size(path: Path) -> tuple[int, int] | None:
    """(width, height) as stored, without regard to EXIF; None if the image cannot be decoded."""
    try:
        with Image.open(path) as picture:
            picture.load()
            return picture.size
    except UNREADABLE:
        return None


def _mask_size(archive: Path, name: str, data: bytes) -> tuple[int, int]:
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
            return picture.size
    except UNREADABLE as error:
        raise DatasetError(f"{archive} is damaged: {name} is no PNG image; fetch it again") from error


def _as_csv(missing: Sequence[MissingImage]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerows([MissingImage._fields, *missing])
    return text.getvalue().encode()
