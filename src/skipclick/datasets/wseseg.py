"""WSESeg, ten classes of winter-sports equipment, and SHSeg, athletes; their images are fetched apart."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from skipclick.datasets.labels import UNREADABLE, read_label_map, split_labels
from skipclick.datasets.sample import Sample, TargetObject
from skipclick.errors import DatasetError

WSESEG_CLASSES: dict[str, str] = {
    "flickr_bobsleighs": "flickr_bobsleighs",
    "flickr_curling_stone": "flickr_curling_stone",
    "flickr_ski_helmets": "flickr_ski_helmets",
    "flickr_snow_kites": "flickr_snow_kites",
    "yt_sports": "yt_sports/skijump/annotated_frames/0",
    "flickr_curling_brooms": "flickr_curling_brooms",
    "flickr_ski_goggles": "flickr_ski_goggles",
    "flickr_ski_misc": "flickr_ski_misc",
    "flickr_slalom_obstacles": "flickr_slalom_obstacles",
    "flickr_snowboards": "flickr_snowboards",
}
"""WSESeg's classes in the order of the paper's tables, and their folders inside the root (5.4)."""


class DatasetWarning(UserWarning):
    """Something in a data set is odd, and is read as published evaluations read it."""


def read_wseseg_class(root: Path, name: str) -> tuple[Sample, ...]:
    """List one class of WSESeg, a key of `WSESEG_CLASSES`, in the folder that holds all classes.

    Raises:
        DatasetError: the class's folder is missing or has no masks.
    """
    return read_masks_beside_images(root / WSESEG_CLASSES[name])


def read_masks_beside_images(folder: Path) -> tuple[Sample, ...]:
    """List a folder of `mask_NAME.png` and `NAME.jpg`, SHSeg's or that of a class of WSESeg.

    The images need not be there: both data sets are handed out without them.

    Raises:
        DatasetError: the folder is missing or has no masks.
    """
    layout = "expected mask_NAME.png beside NAME.jpg"
    if not folder.is_dir():
        raise DatasetError(f"the folder {folder} does not exist: {layout} in it")
    masks = sorted(folder.glob("mask_*.png"), key=_name)
    if not masks:
        raise DatasetError(f"the folder {folder} holds no masks: {layout}")
    return tuple(
        Sample(_name(mask), folder / f"{_name(mask)}.jpg", mask, read_instances, read_as_pillow)
        for mask in masks
    )


def read_instances(path: Path) -> tuple[TargetObject, ...]:
    """Read a label map, in which the smallest number is background whatever it is (5.4, trap 32).

    Warns:
        DatasetWarning: the smallest number is not 0, so an object may be lost.

    Raises:
        DatasetError: the file is no label map.
    """
    labels = read_label_map(path)
    background, *objects = np.unique(labels)
    if background != 0:
        warnings.warn(
            f"{path} has no pixel of label 0, so its label {background} is taken for background, as in "
            "published evaluations",
            DatasetWarning,
            stacklevel=2,
        )
    return split_labels(labels, np.array(objects))


def read_as_pillow(path: Path) -> NDArray[np.uint8]:
    """Read an image without regard to its EXIF orientation (trap 31); grey becomes three equal channels.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        DatasetError: the file is not an image.
    """
    try:
        with Image.open(path) as picture:
            return np.array(picture.convert("RGB"))
    except UNREADABLE as error:
        raise DatasetError(f"{path} cannot be read as an image: fetch it again") from error


def _name(mask: Path) -> str:
    return mask.name[len("mask_") : -len(".png")]
