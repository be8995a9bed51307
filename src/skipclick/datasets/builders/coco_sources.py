"""What COCO+LVIS is made of: COCO's panoptic annotations and LVIS's polygons, read with little memory."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from skipclick.datasets.sample import read_colour
from skipclick.errors import DatasetError
from skipclick.image import PIXEL_LIMIT

_FAR = 1e5
"""No coordinate of a polygon is this far out, in pixels."""

_NAME = re.compile(r"\w[\w-]*", re.ASCII)

Polygons: TypeAlias = tuple[NDArray[np.int32], ...]
"""The parts of one annotation, (N, 2) int32 each: x and y in whole pixels."""

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class PanopticImage:
    """An image with its panoptic annotation.

    Attributes:
        labels: file name of its label picture.
        shape: (H, W).
        things: labels of instances, crowds among them.
        stuff: labels of regions.
    """

    labels: str
    shape: tuple[int, int]
    things: tuple[int, ...]
    stuff: tuple[int, ...]


class _Segment(NamedTuple):
    label: int
    category: int


class _Annotation(NamedTuple):
    image: int
    polygons: Polygons


def read_panoptic(path: Path) -> dict[str, PanopticImage]:
    """Read COCO's `panoptic_SPLIT.json`: the images by the stems of their file names.

    Raises:
        DatasetError: it is something else or damaged.
    """
    return _read(path, "panoptic annotations of COCO", _as_segment, _panoptic_images)


def read_lvis(path: Path) -> dict[str, list[Polygons]]:
    """Read LVIS's `lvis_v1_SPLIT.json`: annotations in their order, by the stems of images' file names.

    Raises:
        DatasetError: it is something else or damaged.
    """
    return _read(path, "annotations of LVIS", _as_annotation, _lvis_images)


def read_labels(path: Path, shape: tuple[int, int]) -> NDArray[np.int32]:
    """Read a panoptic label picture: red + 256 green + 65536 blue.

    Returns:
        (H, W) int32.

    Raises:
        DatasetError: no picture, or of another size.
    """
    picture = read_colour(path)
    if picture.shape[:2] != shape:
        height, width = picture.shape[:2]
        raise DatasetError(
            f"{path} is {width} x {height} pixels, not {shape[1]} x {shape[0]}: fetch it again"
        )
    blue, green, red = np.moveaxis(picture.astype(np.int32), 2, 0)
    return np.asarray(red + 256 * green + 65536 * blue, np.int32)


def fill(polygons: Polygons, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """An annotation's mask, (H, W) bool: its parts together, their outlines included."""
    mask = np.zeros(shape, np.uint8)
    for points in polygons:
        cv2.fillPoly(mask, [points], 1)
    return mask.astype(np.bool_)


def _read(path: Path, what: str, hook: Callable[[dict[str, Any]], Any], parse: Callable[[Any], Read]) -> Read:
    try:
        # The hook makes arrays of what has just been read, so that a gigabyte of text does not
        # become several gigabytes of Python numbers.
        return parse(json.loads(path.read_text(encoding="utf-8"), object_hook=hook))
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}") from error
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        reason = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise DatasetError(f"{path} holds no {what} ({reason}): fetch it again") from error


def _as_segment(entry: dict[str, Any]) -> Any:
    if "category_id" in entry and "segments_info" not in entry:
        return _Segment(int(entry["id"]), int(entry["category_id"]))
    return entry


def _panoptic_images(content: Any) -> dict[str, PanopticImage]:
    things = {int(one["id"]) for one in content["categories"] if one["isthing"]}
    known = {int(one["id"]) for one in content["categories"]}
    about = {int(one["id"]): one for one in content["images"]}
    images: dict[str, PanopticImage] = {}
    for one in content["annotations"]:
        image, segments = about[int(one["image_id"])], one["segments_info"]
        if not known.issuperset(segment.category for segment in segments):
            raise ValueError(f"image {image['id']} has a segment of an unknown category")
        name = _stem(image["file_name"])
        if name in images:
            raise ValueError(f"image {name} is annotated twice")
        labels = f"{_stem(one['file_name'])}.png"
        images[name] = PanopticImage(
            labels,
            _shape(image),
            tuple(segment.label for segment in segments if segment.category in things),
            tuple(segment.label for segment in segments if segment.category not in things),
        )
    return images


def _as_annotation(entry: dict[str, Any]) -> Any:
    if "segmentation" not in entry:
        return entry
    if not isinstance(entry["segmentation"], list):
        raise ValueError(f"annotation {entry.get('id')} has no polygons")
    return _Annotation(int(entry["image_id"]), tuple(_points(one) for one in entry["segmentation"]))


def _lvis_images(content: Any) -> dict[str, list[Polygons]]:
    names = {int(one["id"]): _stem(one.get("coco_url") or one["file_name"]) for one in content["images"]}
    images: dict[str, list[Polygons]] = {name: [] for name in names.values()}
    for one in content["annotations"]:
        images[names[one.image]].append(one.polygons)
    return images


def _points(polygon: Sequence[float]) -> NDArray[np.int32]:
    points = np.array(polygon, np.float64).reshape(-1, 2)
    if not (np.abs(points) < _FAR).all():  # this way round NaN is refused too
        raise ValueError("a polygon has coordinates that lie nowhere near an image")
    return np.rint(points).astype(np.int32)


def _stem(name: str) -> str:
    """A file name's stem, of an address too; it becomes a file name of ours."""
    stem, _, suffix = name.rsplit("/", 1)[-1].rpartition(".")
    if not _NAME.fullmatch(stem) or suffix.lower() not in ("jpg", "png"):
        raise ValueError(f"{name!r} is no name of an image")
    return stem


def _shape(image: dict[str, Any]) -> tuple[int, int]:
    height, width = int(image["height"]), int(image["width"])
    if min(height, width) < 1 or height * width > PIXEL_LIMIT:
        raise ValueError(f"image {image['file_name']} would have {width} x {height} pixels")
    return height, width
