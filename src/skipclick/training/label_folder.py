"""A user's own data to train on: `images/*`, and in `masks/*` a label map for each."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from skipclick.datasets.folder import read_image
from skipclick.datasets.labels import read_label_map, split_labels
from skipclick.datasets.sample import Sample, TargetObject, pair_files
from skipclick.errors import DatasetError

_LOSSY = (".jpeg", ".jpg")
_SQUARE = np.ones((3, 3), np.uint8)


def read_label_folder(root: Path, ignored: int | None = None) -> tuple[Sample, ...]:
    """List images with label maps; in a map 0 is background and every other number an object.

    So a mask of 0 and 255 is one object. Maps may be grey of 8 or 16 bits, or have a palette.

    Args:
        root: holds `images/` and `masks/`, files of equal names but for the ending.
        ignored: pixels of this number count neither way, such as 255 in Pascal VOC's maps.

    Raises:
        DatasetError: the folders are not laid out like this.
    """
    samples = pair_files(root, "images", "masks", partial(_read_map, ignored=ignored))
    return tuple(
        Sample(one.name, one.image_file, one.truth_file, one.read_truth, read_image) for one in samples
    )


def _read_map(path: Path, ignored: int | None) -> tuple[TargetObject, ...]:
    if path.suffix.lower() in _LOSSY:
        raise DatasetError(f"{path} is a JPEG, which blurs labels: save masks as PNG")
    labels = read_label_map(path)
    numbers = np.unique(labels)
    numbers = numbers[(numbers != 0) & (numbers != ignored)]
    if _blurred(labels, numbers):
        raise DatasetError(
            f"{path} holds {len(numbers)} numbers, most of them on thin lines alone: it is a mask with soft "
            "edges, not a label map; save masks without smoothing, or give Folder=… for one object each"
        )
    return split_labels(labels, numbers, ignored)


def _blurred(labels: NDArray[np.int32], numbers: NDArray[np.int32]) -> bool:
    """Whether most numbers vanish with the outermost pixels of their regions, as those of soft edges do."""
    if len(numbers) < 8:
        return False
    # Inside a region, the lowest and the highest number around a pixel are the same.
    padded = np.pad(labels, 1).astype(np.float32)
    inside = cv2.erode(padded, _SQUARE)[1:-1, 1:-1] == cv2.dilate(padded, _SQUARE)[1:-1, 1:-1]
    return len(np.intersect1d(labels[inside], numbers)) < len(numbers) / 2
