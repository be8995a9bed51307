"""Label maps: every pixel holds a number, and each number is an object."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from skipclick.datasets.sample import TargetObject
from skipclick.errors import DatasetError

UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)
"""What Pillow raises for files that it cannot or will not read."""


def read_label_map(path: Path) -> NDArray[np.int32]:
    """Read a picture with one channel as numbers: palette indices, 8-bit or 16-bit grey, black and white.

    Returns:
        (H, W) int32, not turned by an EXIF orientation.

    Raises:
        DatasetError: not a picture, or one in colour.
    """
    try:
        with Image.open(path) as picture:
            values = np.asarray(picture)
    except UNREADABLE as error:
        raise DatasetError(f"{path} cannot be read as an image: fetch it again") from error
    if values.ndim != 2 or values.dtype.kind not in "bui":
        raise DatasetError(f"{path} is no label map but a picture of mode {picture.mode}: save it as grey")
    return values.astype(np.int32)


def split_labels(
    labels: NDArray[Any], objects: NDArray[Any], ignored: int | None = None
) -> tuple[TargetObject, ...]:
    """One object for each number, of a map that has nothing between them.

    Args:
        labels: (H, W) whole numbers.
        objects: the numbers that are objects; they become the objects' ids.
        ignored: pixels of this number count neither way, for any object.
    """
    truths = []
    for label in objects:
        truth = (labels == label).astype(np.int8)
        if ignored is not None:
            truth[labels == ignored] = -1
        truths.append(TargetObject(int(label), truth))
    return tuple(truths)
