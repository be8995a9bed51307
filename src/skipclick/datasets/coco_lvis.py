"""COCO+LVIS (specification 5.6): what is there of it, its fingerprint, and its instances to evaluate on.

It was published to train on, and no rule for evaluating on it is; ours is that of `read_instances`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from skipclick.datasets.coco_lvis_files import ANNOTATIONS, read_annotations, read_masks
from skipclick.datasets.sample import Sample, TargetObject, check_files
from skipclick.errors import DatasetError

SPLITS = {"train": "COCO_LVIS_train", "val": "COCO_LVIS"}
"""The parts, and as what they are evaluated on."""

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


def read_coco_lvis(root: Path, split: str) -> tuple[Sample, ...]:
    """List a part of COCO+LVIS to evaluate on.

    Args:
        root: the folder of both parts.
        split: one of `SPLITS`.

    Raises:
        DatasetError: the folder is not laid out like this, or the annotations are damaged.
    """
    folder = root / split
    samples = tuple(
        Sample(
            name,
            folder / "images" / f"{name}.jpg",
            folder / "masks" / f"{name}.pickle",
            partial(read_instances, count=len(parents)),
        )
        for name, parents in read_annotations(folder).items()
    )
    files = (file for one in samples for file in (one.image_file, one.truth_file))
    check_files(files, f"{folder / ANNOTATIONS} lists it")
    return samples


read_coco_lvis_val = partial(read_coco_lvis, split="val")
read_coco_lvis_train = partial(read_coco_lvis, split="train")


def read_instances(path: Path, count: int) -> tuple[TargetObject, ...]:
    """Read the instances of an image, each an object of its own with all of its pixels, nested or not.

    Regions such as sky are background, as in the published validation set; no pixel is ignored.

    Args:
        path: `masks/ID.pickle`.
        count: how many of its objects, the first, are instances.

    Returns:
        The instances by their numbers, from 0.

    Raises:
        DatasetError: the file is damaged.
    """
    layers, places = read_masks(path, count)
    targets = []
    for number, (layer, value) in enumerate(places[:count]):
        truth = (layers[:, :, layer] == value).astype(np.int8)
        if not truth.any():
            raise DatasetError(f"{path} is damaged (instance {number} has no pixel): fetch it again")
        targets.append(TargetObject(number, truth))
    return tuple(targets)
