"""Masks in PNG files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from skipclick.annotation.errors import FormatError
from skipclick.annotation.files import reason
from skipclick.annotation.formats.base import ExportedImage
from skipclick.image import PIXEL_LIMIT


def png(values: NDArray[Any], palette: bytes | None = None) -> bytes:
    """A PNG file.

    Args:
        values: (H, W) uint8 or uint16.
        palette: red, green and blue of each of 256 values; None for grey.
    """
    picture = Image.fromarray(values)
    if palette is not None:
        picture.putpalette(palette)
    file = io.BytesIO()
    picture.save(file, format="PNG")
    return file.getvalue()


def label_map(image: ExportedImage, values: list[int]) -> NDArray[np.int32]:
    """All objects of an image in one map, (H, W) int32; 0 is background, and the front object wins.

    Args:
        image: the image.
        values: what its objects become.
    """
    labels = np.zeros(image.shape, np.int32)
    for value, one in zip(values, image.objects, strict=True):
        labels[one.mask.to_mask()] = value
    return labels


def read_label_map(path: Path) -> NDArray[np.int32]:
    """A picture with one channel as numbers: palette indices, 8-bit or 16-bit grey, black and white.

    Returns:
        (H, W) int32.

    Raises:
        FormatError: not a picture, or one in colour.
    """
    try:
        with Image.open(path) as picture:
            if picture.width * picture.height > PIXEL_LIMIT:
                raise ValueError("it is too large")
            values = np.asarray(picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise FormatError(f"{path} cannot be read as a picture ({reason(error)})") from error
    if values.ndim != 2 or values.dtype.kind not in "bui":
        raise FormatError(
            f"{path} is no map of numbers, but a picture in colour: export it as grey or palette"
        )
    return values.astype(np.int32)
