"""What every data set consists of: samples, each one image with its objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from skipclick.errors import DatasetError
from skipclick.image import IMAGE_SUFFIXES


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
        image: (H, W, 3) uint8 RGB. A session divides by 255, so readers whose rules speak of floats in
            [0, 1] (specification 5.4) mean the same pixels.
        objects: each with a ground truth of the image's size and at least one object pixel; none if a
            label map turns out to be all background.
    """

    image: NDArray[np.uint8]
    objects: tuple[TargetObject, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One image of a data set with all its objects, still on disk.

    Published evaluators count every object as a sample of its own. Ours keeps those of an image together,
    so that the image is encoded once; the objects are the same, in the order of image and label.

    Attributes:
        name: unique within the data set; the image's file name up to its first dot, unless the data set
            has names of its own.
        image_file: the image.
        truth_file: where the ground truth is read from; named in error messages.
        read_truth: turns `truth_file` into the ground truths.
        read_image: turns `image_file` into (H, W, 3) uint8 RGB; None reads it as OpenCV does.
    """

    name: str
    image_file: Path
    truth_file: Path
    read_truth: Callable[[Path], tuple[TargetObject, ...]]
    read_image: Callable[[Path], NDArray[np.uint8]] | None = None

    def load(self) -> LoadedSample:
        """Read the image and its objects.

        Raises:
            DatasetError: a file cannot be read, a ground truth has another size than the image, or an
                object has no pixel.
        """
        if self.read_image is None:
            image = np.ascontiguousarray(read_colour(self.image_file)[:, :, ::-1])
        else:
            image = self.read_image(self.image_file)
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
        samples: in the order of their names; HQSeg's part by part.
        missing: names of the images that ground truths exist for, but that are not there; they are passed
            over. Only data sets that are handed out without their images can have such.
    """

    reader: str
    label: str
    samples: tuple[Sample, ...]
    missing: tuple[str, ...] = ()


def read_colour(path: Path) -> NDArray[np.uint8]:
    """Read a file as OpenCV does: (H, W, 3) uint8 in the order blue, green, red, EXIF orientation applied.

    Raises:
        DatasetError: no image can be read from it.
    """
    try:
        # OpenCV itself cannot open every file name on Windows.
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}") from error
    pixels: NDArray[np.uint8] | None = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
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
        raise DatasetError(f"{root / masks} has no mask for {_and_others(lacking)}: {layout}, of equal names")
    return tuple(Sample(stem, file, mask_files[stem], read_truth) for stem, file in image_files.items())


def check_files(files: Iterable[Path], layout: str) -> None:
    """Make sure that files which a list or a naming rule promises are there.

    Args:
        files: what must be there.
        layout: what was expected, for the message.

    Raises:
        DatasetError: files are missing; the first is named, the others are counted.
    """
    lacking = [str(file) for file in files if not file.is_file()]
    if lacking:
        raise DatasetError(f"there is no {_and_others(lacking)}: {layout}")


def _and_others(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} (and {len(names) - 1} others)"


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
