"""COCO+LVIS as it lies on disk (specification 5.6): what is there of it, and its fingerprint.

It is trained on, and no rule is published for evaluating on it. Its annotations are read where training is;
here they are files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from skipclick.errors import DatasetError

SPLITS = ("train", "val")

ANNOTATIONS = "hannotation.pickle"
"""The file beside `images/` and `masks/` that lists images and how their objects lie in one another."""

PUBLISHED = {"train": 99_000}
"""About so many images, as published; not to the image."""


@dataclass(frozen=True, slots=True)
class Split:
    """A part of COCO+LVIS.

    Attributes:
        folder: holds `images/ID.jpg`, `masks/ID.pickle` and `ANNOTATIONS`.
        images: the images' ids, sorted.
        masks: ids of the images whose masks are there, sorted.
    """

    folder: Path
    images: tuple[str, ...]
    masks: tuple[str, ...]

    @property
    def lacking(self) -> list[str]:
        """Ids of images that have masks and are not there."""
        return sorted(set(self.masks) - set(self.images))

    @property
    def annotated(self) -> bool:
        """Whether the list of annotations is there."""
        return (self.folder / ANNOTATIONS).is_file()

    @property
    def whole(self) -> bool:
        """Whether it can be trained on."""
        return bool(self.masks) and self.annotated and not self.lacking


def list_split(root: Path, name: str) -> Split:
    """What is there of a part; nothing is read.

    Args:
        root: the folder of both parts.
        name: one of `SPLITS`.
    """
    folder = root / name
    images = sorted(file.stem for file in (folder / "images").glob("*.jpg"))
    masks = sorted(file.stem for file in (folder / "masks").glob("*.pickle"))
    return Split(folder, tuple(images), tuple(masks))


def fingerprint_split(split: Split, *, progress: Callable[[int], None] | None = None) -> str:
    """Whether two people train on the same: a hash of the annotations, not of the photos.

    Unlike `fingerprint` it is of the files as they are: the same masks packed in another way differ.

    Args:
        split: what `list_split` returned.
        progress: told how many files of masks are read.

    Returns:
        64 hexadecimal digits.

    Raises:
        DatasetError: a file cannot be read.
    """
    digest = hashlib.sha256()
    files = [split.folder / "masks" / f"{name}.pickle" for name in split.masks]
    for count, file in enumerate([split.folder / ANNOTATIONS, *files]):
        try:
            content = file.read_bytes()
        except OSError as error:
            raise DatasetError(f"{file} cannot be read: {error.strerror or error}") from error
        digest.update(f"{file.name} {len(content)}\n".encode() + content)
        if progress is not None:
            progress(count)
    return digest.hexdigest()
