"""Masks to begin from: ground truth with a fault, as if someone else had drawn it, or masks from a folder.

How strong the fault is, is drawn for each object from a range that depends on its size, s = the square root
of its area in pixels. Ignored pixels belong to no mask.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from skipclick.errors import ImageError
from skipclick.evaluation.clicker import squared_depths
from skipclick.evaluation.protocol import EvaluationError
from skipclick.image import load_mask

EDGE = (0.02, 0.10)
"""By how much eroded and dilated masks are too small or too large all around, in units of s."""

SHIFT = (0.05, 0.20)
"""How far shifted masks lie off, in units of s."""

COARSENESS = (0.03, 0.08)
"""How far a coarse polygon may stray from the outline, in units of s."""


def faulty_mask(truth: NDArray[np.int8], fault: str, generator: np.random.Generator) -> NDArray[np.bool_]:
    """The ground truth of an object, badly drawn.

    - "eroded": pixels up to r deep inside the object are missing; what lies deepest stays in any case.
    - "dilated": pixels up to r around the object are surplus.
    - "shifted": the whole mask lies r pixels off, in any direction.
    - "polygon": each outer outline is replaced by a polygon with few corners, up to r pixels off it (Douglas
      and Peucker 1973); holes are filled.

    r is drawn evenly from `EDGE`, `SHIFT` or `COARSENESS`, times s, and at least one pixel.

    Args:
        truth: (H, W) int8: 1 object, 0 background, -1 ignored; with at least one pixel of object.
        fault: one of `FAULTS`.
        generator: where the strength and the direction come from.

    Returns:
        (H, W) bool. It may be empty only if a shift moves the object out of the image.
    """
    inside = truth == 1
    return FAULTS[fault](inside, math.sqrt(np.count_nonzero(inside)), generator)


def _pixels(strengths: tuple[float, float], s: float, generator: np.random.Generator) -> float:
    return max(1.0, s * generator.uniform(*strengths))


def _eroded(inside: NDArray[np.bool_], s: float, generator: np.random.Generator) -> NDArray[np.bool_]:
    depths = squared_depths(inside)
    return np.asarray((depths > _pixels(EDGE, s, generator) ** 2) | (depths == depths.max()))


def _dilated(inside: NDArray[np.bool_], s: float, generator: np.random.Generator) -> NDArray[np.bool_]:
    return np.asarray(ndimage.distance_transform_edt(~inside) <= _pixels(EDGE, s, generator))


def _shifted(inside: NDArray[np.bool_], s: float, generator: np.random.Generator) -> NDArray[np.bool_]:
    distance, angle = _pixels(SHIFT, s, generator), generator.uniform(0, 2 * math.pi)
    moved = np.zeros_like(inside)
    height, width = inside.shape
    # On a narrow photo a long object may move by more than the photo's breadth: out of it.
    down = min(max(round(distance * math.sin(angle)), -height), height)
    right = min(max(round(distance * math.cos(angle)), -width), width)
    moved[max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = inside[
        max(-down, 0) : height - max(down, 0), max(-right, 0) : width - max(right, 0)
    ]
    return moved


def _polygon(inside: NDArray[np.bool_], s: float, generator: np.random.Generator) -> NDArray[np.bool_]:
    tolerance = _pixels(COARSENESS, s, generator)
    outlines, _ = cv2.findContours(inside.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    drawn = np.zeros(inside.shape, np.uint8)
    for outline in outlines:
        cv2.fillPoly(drawn, [cv2.approxPolyDP(outline, tolerance, True)], 1)
    return drawn.astype(np.bool_)


FAULTS: dict[str, Callable[[NDArray[np.bool_], float, np.random.Generator], NDArray[np.bool_]]] = {
    "eroded": _eroded,
    "dilated": _dilated,
    "shifted": _shifted,
    "polygon": _polygon,
}


def mask_names(sample: str, object_id: int, *, alone: bool) -> tuple[str, ...]:
    """What the file of an object's mask may be called; the first one is what we call it.

    Args:
        sample: the sample's name; a name with "/" means a folder inside.
        object_id: the object's id within the sample.
        alone: whether the sample has no other object.
    """
    numbered = f"{sample}_{object_id}.png"
    return (f"{sample}.png", numbered) if alone else (numbered,)


def lookalikes(samples: Iterable[str]) -> dict[str, frozenset[str]]:
    """Samples whose own name is that of another sample with a number, by that other sample.

    As in {"car": {"car_1"}}: `car_1.png` is then the mask of the image car_1, and not of car's object 1.
    """
    names = set(samples)
    found: dict[str, set[str]] = {}
    for name in names:
        before, _, number = name.rpartition("_")
        if before in names and number.isdecimal():
            found.setdefault(before, set()).add(name)
    return {sample: frozenset(others) for sample, others in found.items()}


def given_mask(
    folder: Path,
    sample: str,
    object_id: int,
    shape: tuple[int, int],
    *,
    alone: bool,
    others: Collection[str] = (),
) -> NDArray[np.bool_]:
    """The mask from a folder to begin an object from: `SAMPLE.png` for a lone object, or `SAMPLE_ID.png`.

    Args:
        folder: the folder.
        sample: the sample's name; a name with "/" means a folder inside.
        object_id: the object's id within the sample.
        shape: (H, W) of the image in pixels.
        alone: whether the sample has no other object.
        others: samples whose own masks have such names; see `lookalikes`.

    Raises:
        EvaluationError: there is none, it cannot be read, it has another size than the image, or it may be
            another sample's.
    """
    names = mask_names(sample, object_id, alone=alone)
    path = next((folder / name for name in names if (folder / name).is_file()), None)
    if path is not None and (other := path.relative_to(folder).with_suffix("").as_posix()) in others:
        raise EvaluationError(
            f"{path} may be the mask of object {object_id} of {sample} or of the image {other}: rename one "
            "of the two images, and its masks"
        )
    if path is None:
        raise EvaluationError(
            f"{folder} has no mask to begin object {object_id} of {sample} from: put it there as "
            f"{' or '.join(names)}"
        )
    try:
        mask = load_mask(path)
    except ImageError as error:
        raise EvaluationError(f"the mask to begin from cannot be read: {error}") from error
    if mask.shape != shape:
        raise EvaluationError(
            f"{path} is {mask.shape[1]} x {mask.shape[0]} pixels (width x height), but its image "
            f"{shape[1]} x {shape[0]}"
        )
    return mask


def folder_digest(folder: Path) -> str:
    """A hash of all masks in a folder, their names and contents, for the trace.

    Returns:
        16 hexadecimal digits.

    Raises:
        EvaluationError: the folder does not exist, holds no PNG file, or one cannot be read.
    """
    files = sorted(folder.rglob("*.png"))
    if not files:
        raise EvaluationError(f"the folder {folder} holds no masks to begin from (*.png)")
    digest = hashlib.sha256()
    for file in files:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise EvaluationError(f"cannot read {file}: {error.strerror}") from error
        digest.update(f"{file.relative_to(folder).as_posix()}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]
