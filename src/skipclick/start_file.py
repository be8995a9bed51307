"""A picture file to start a session from: a mask to repair, or the probability that another run has left."""

from __future__ import annotations

import os
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from skipclick.errors import ImageError
from skipclick.image import LOSSY, load_mask, open_upright

StartFileKind: TypeAlias = Literal["auto", "mask", "probability"]
"""What a picture's shades of grey mean."""


def load_start(
    path: str | os.PathLike[str], kind: StartFileKind = "auto"
) -> NDArray[np.bool_] | NDArray[np.float32]:
    """Read what a `Session` takes as `start`.

    Args:
        path: the picture.
        kind: "mask" is what `load_mask` reads. "probability" is grey without transparency: black is 0,
            white is 1, as `skipclick segment --probability` writes it. "auto" takes a picture for a mask,
            unless it holds several shades of grey beside black, which can be either: a probability read as
            a mask would be object nearly everywhere, a label map read as a probability nowhere.

    Returns:
        (H, W), turned by the EXIF orientation like the photo: bool for a mask, float32 in [0, 1] for a
        probability.

    Raises:
        ImageError: as for `load_mask`; not a probability; or "auto" cannot tell.
    """
    if kind not in ("auto", "mask", "probability"):
        raise ImageError(f'what a start file holds is "auto", "mask" or "probability", not {kind!r}')
    if kind == "mask":
        return load_mask(path)
    picture, name = open_upright(path)
    shades = _shades(picture)
    if kind == "probability":
        if shades is None:
            raise ImageError(f"{name} is no probability: that is a grey picture without transparency")
        return shades
    # In a lossy picture half brightness parts object and background, whichever of the two it was.
    if shades is not None and picture.format not in LOSSY:
        count = len(np.unique(shades[shades > 0]))
        if count > 1:
            raise ImageError(
                f"{name} has {count} shades of grey: say --start-kind probability if white is certain, "
                "--start-kind mask if all that is not black is the object"
            )
    return load_mask(path)


def _shades(picture: Image.Image) -> NDArray[np.float32] | None:
    """Grey as (H, W) float32 in [0, 1]; None for a picture in colour, with transparency or out of range."""
    if picture.has_transparency_data:
        return None
    if picture.mode == "F" or picture.mode.startswith("I"):
        array = np.asarray(picture, np.float32) / np.float32(1 if picture.mode == "F" else 65535)
        return array if array.min() >= 0 and array.max() <= 1 else None
    try:
        colours = np.asarray(picture.convert("RGB"))
    except ValueError:  # a mode that is no grey either
        return None
    if (colours != colours[..., :1]).any():
        return None
    return colours[..., 0].astype(np.float32) / np.float32(255)
