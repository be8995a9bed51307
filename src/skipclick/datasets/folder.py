"""A user's own data: a folder of images and a folder of masks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skipclick.datasets.sample import Sample, TargetObject, pair_files
from skipclick.errors import DatasetError, ImageError
from skipclick.image import load_image, load_mask


def read_folder(root: Path) -> tuple[Sample, ...]:
    """List `images/*` and `masks/*`, one object in each mask.

    Images and masks are read as sessions read them (`load_image`, `load_mask`): any colour mode and depth,
    and in a mask everything that is not black is the object.

    Raises:
        DatasetError: the folders are not laid out like this.
    """
    samples = pair_files(root, "images", "masks", _read_mask)
    return tuple(replace(sample, read_image=read_image) for sample in samples)


def _read_mask(path: Path) -> tuple[TargetObject, ...]:
    try:
        return (TargetObject(1, load_mask(path).astype(np.int8)),)
    except ImageError as error:
        raise DatasetError(str(error)) from error


def read_image(path: Path) -> NDArray[np.uint8]:
    """Read an image as sessions do, (H, W, 3) uint8 RGB.

    Raises:
        DatasetError: it cannot be read.
    """
    try:
        return load_image(path)
    except ImageError as error:
        raise DatasetError(str(error)) from error
