"""What every data set consists of: samples, each one image with its objects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from skipclick.errors import DatasetError

IMAGE_SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
"""File names that count as images, in any case; other files in a data set's folders are passed over."""


@dataclass(frozen=True, slots=True, eq=False)
class TargetObject:
    """One object to be segmented.

    Attributes:
        id: its label, unique within the sample.
        truth: ground truth, (H, W) int8: 1 object, 0 background, -1 ignored.
    """

    id: int
    truth: NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class LoadedSample:
    """A sample in memory.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        objects: at least one, each with a ground truth of the image's size and at least one object pixel.
    """

    image: NDArray[np.uint8]
    objects: tuple[TargetObject, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One image of a data set, still on disk.

    Attributes:
        name: unique within the data set; the image's file name up to its first dot.
        image_file: the image.
        truth_file: where the ground truth is read from; named in error messages.
        read_truth: turns `truth_file` into the ground truths.
    """

    name: str
    image_file: Path
    truth_file: Path
    read_truth: Callable[[Path], tuple[TargetObject, ...]]

    def load(self) -> LoadedSample:
        """Read the image and its objects.

        Raises:
            DatasetError: a file cannot be read, a ground truth has another size than the image, or an
                object has no pixel.
        """
        image = np.ascontiguousarray(read_colour(self.image_file)[:, :, ::-1])
        objects = self.read_truth(self.truth_file)
        for target in objects:
            if target.truth.shape != image.shape[:2]:
                raise DatasetError(
                    f"{self.truth_file} is {_size(target.truth)} pixels (width x height) but its image "
                    f"{self.image_file.name} is {_size(image)}: fetch both again"
                )
            if not (target.truth == 1).any():
                raise DatasetError(
                    f"{self.truth_file} has no pixel for object {target.id}: remove the mask and its image"
                )
        return LoadedSample(image, objects)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set on disk, listed but not read.

    Attributes:
        reader: which rules it was read by, a key of `DATASETS`; decides the evaluation size.
        label: what tables and traces call it; the reader's name unless the user says otherwise.
        samples: in the order of their file names.
    """

    reader: str
    label: str
    samples: tuple[Sample, ...]


def read_colour(path: Path) -> NDArray[np.uint8]:
    """Read a file as OpenCV does: (H, W, 3) uint8 in the order blue, green, red, EXIF orientation applied.

    Raises:
        DatasetError: no image can be read from it.
    """
    pixels: NDArray[np.uint8] | None = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise DatasetError(f"{path} cannot be read as an image: fetch it again")
    return pixels


def pair_files(
    root: Path, images: str, masks: str, read_truth: Callable[[Path], tuple[TargetObject, ...]]
) -> tuple[Sample, ...]:
    """List a data set that keeps images in one folder and one mask for each in another.

    An image and its mask have the same name up to the first dot (specification 5.1).

    Args:
        root: the data set's folder.
        images: name of the image folder inside it.
        masks: name of the mask folder inside it.
        read_truth: reads a mask.

    Raises:
        DatasetError: a folder is missing or empty, an image has no mask, or a name occurs twice.
    """
    layout = f"expected images in {images}/ and masks in {masks}/ inside {root}"
    image_files = _by_stem(root / images, layout)
    mask_files = _by_stem(root / masks, layout)
    lacking = [file.name for stem, file in image_files.items() if stem not in mask_files]
    if lacking:
        others = f" (and {len(lacking) - 1} others)" if len(lacking) > 1 else ""
        raise DatasetError(f"{root / masks} has no mask for {lacking[0]}{others}: {layout}, of equal names")
    return tuple(Sample(stem, file, mask_files[stem], read_truth) for stem, file in image_files.items())


def _by_stem(folder: Path, layout: str) -> dict[str, Path]:
    """The images in a folder by their stems, sorted by file name."""
    if not folder.is_dir():
        raise DatasetError(f"the folder {folder} does not exist: {layout}")
    files: dict[str, Path] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.suffix.lower() not in IMAGE_SUFFIXES or file.name.startswith("."):
            continue
        stem = file.name.split(".", 1)[0]
        if stem in files:
            raise DatasetError(
                f"{files[stem].name} and {file.name} in {folder} have the same name up to the first dot: "
                "rename or remove one"
            )
        files[stem] = file
    if not files:
        raise DatasetError(f"the folder {folder} holds no images: {layout}")
    return files


def _size(pixels: NDArray[np.uint8] | NDArray[np.int8]) -> str:
    return f"{pixels.shape[1]} x {pixels.shape[0]}"
