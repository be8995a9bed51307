"""labelme's JSON, a file for each image beside it.

An object without holes is written as polygons along the sides of its pixels, one with holes as a "mask"
shape. The shapes of an object share a `group_id`, which is its number.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from skipclick.annotation.document import ClassRecord, Shape
from skipclick.annotation.errors import FormatError
from skipclick.annotation.files import reason
from skipclick.annotation.formats.base import (
    ExportedImage,
    Format,
    ImageIndex,
    Imported,
    ImportedObject,
    Written,
    check_size,
    class_names,
    files_below,
    plain,
    read_json,
    renamed,
    write_json,
)
from skipclick.annotation.formats.pictures import png
from skipclick.mask import RunLengths
from skipclick.polygon import FAR, fill_polygon, outlines, simplify

LABELME_VERSION = "5.5.0"
"""The version of labelme's format that is written; it knows masks."""


def write(classes: Sequence[ClassRecord], images: Iterable[ExportedImage], tolerance: float) -> Written:
    """See `Format.write`."""
    names = class_names(classes)
    for image in images:
        shapes = []
        for one in image.objects:
            for kind, points, mask in _shapes(one.mask.to_mask(), tolerance):
                shapes.append(
                    {
                        "label": names[one.class_id],
                        "points": points,
                        "group_id": one.id,
                        "description": "",
                        "shape_type": kind,
                        "flags": {},
                        "mask": mask,
                    }
                )
        content: dict[str, Any] = {
            "version": LABELME_VERSION,
            "flags": {},
            "shapes": shapes,
            "imagePath": PurePosixPath(image.name).name,
            "imageData": None,
            "imageHeight": image.shape[0],
            "imageWidth": image.shape[1],
        }
        yield renamed(image.name, ".json"), write_json(content)


def read(source: Path, index: ImageIndex, default_class: str) -> Imported:
    """See `Format.read`; the source is one file or a folder of them.

    Raises:
        FormatError: there are no such files, or one is damaged or does not fit its image.
    """
    folder = source.parent if source.is_file() else source
    files = [source] if source.is_file() else files_below(folder, "*.json")
    if not files:
        raise FormatError(f"{folder} holds no JSON files: expected one for each image")
    found: dict[str, tuple[ImportedObject, ...]] = {}
    missing = []
    passed_over = 0
    for path in files:
        content = read_json(path)
        try:
            place = path.relative_to(folder).parent.as_posix()
            file = PurePosixPath(place, PurePosixPath(str(content["imagePath"]).replace("\\", "/")).name)
            name = index.find(str(file))
            if name is None:
                missing.append(str(file))
                continue
            shape = index.shape_of(name)
            check_size(content.get("imageHeight"), content.get("imageWidth"), shape, str(path))
            objects, skipped = _read_shapes(content["shapes"], shape, default_class)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise FormatError(f"{path} is no file of labelme's ({reason(error)}): export it again") from error
        passed_over += skipped
        if objects:
            found[name] = objects
    return Imported(found, (), tuple(missing), passed_over)


def _shapes(mask: NDArray[np.bool_], tolerance: float) -> list[tuple[str, list[list[float]], str | None]]:
    """The shapes of an object: what they are, their points, and the mask of those that are masks."""
    borders = outlines(mask)
    if not any(border.hole for border in borders):
        return [("polygon", _pairs(simplify(border.points, tolerance)), None) for border in borders]
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    left, right, top, bottom = (int(number) for number in (columns[0], columns[-1], rows[0], rows[-1]))
    part = png(mask[top : bottom + 1, left : right + 1].astype(np.uint8) * np.uint8(255))
    corners: list[list[float]] = [[left, top], [right, bottom]]
    return [("mask", corners, base64.b64encode(part).decode("ascii"))]


def _pairs(points: NDArray[np.float64]) -> list[list[float]]:
    numbers = plain(points)
    return [list(pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)]


def _read_shapes(shapes: Any, shape: Shape, default_class: str) -> tuple[tuple[ImportedObject, ...], int]:
    """The objects in a file, and how many shapes are none."""
    masks: dict[tuple[str, int], NDArray[np.bool_]] = {}
    skipped = 0
    for position, one in enumerate(shapes):
        group, label = one.get("group_id"), str(one.get("label") or default_class)
        mask = _fill(one.get("shape_type") or "polygon", one, shape)
        if mask is None:
            skipped += 1
            continue
        # Shapes of a group are one object, shapes without a group an object each.
        key = (label, group) if isinstance(group, int) else (label, -1 - position)
        masks[key] = masks[key] | mask if key in masks else mask
    objects = tuple(
        ImportedObject(label, RunLengths.from_mask(mask), group if group > 0 else None)
        for (label, group), mask in masks.items()
    )
    return objects, skipped


def _fill(kind: str, one: Any, shape: Shape) -> NDArray[np.bool_] | None:
    """The pixels of a shape; None for kinds that have none."""
    if kind not in ("polygon", "rectangle", "circle", "mask"):
        return None
    points = np.array(one["points"], np.float64).reshape(-1, 2)
    if not points.size or not (np.abs(points) < FAR).all():
        raise ValueError("a shape has no coordinates, or some that lie nowhere near an image")
    if kind == "polygon":
        return fill_polygon(points, shape)
    first, last = points[0], points[-1]
    if kind == "rectangle":
        (x0, y0), (x1, y1) = first, last
        return fill_polygon([x0, y0, x1, y0, x1, y1, x0, y1], shape)
    if kind == "circle":
        x, y = np.arange(shape[1]) + 0.5 - first[0], (np.arange(shape[0]) + 0.5 - first[1])[:, None]
        return np.asarray(x**2 + y**2 <= ((last - first) ** 2).sum())
    return _paste(str(one["mask"]), round(float(first[0])), round(float(first[1])), shape)


def _paste(text: str, left: int, top: int, shape: Shape) -> NDArray[np.bool_]:
    """A mask shape: a picture of a part of the image, as text."""
    try:
        with Image.open(io.BytesIO(base64.b64decode(text, validate=True))) as picture:
            if picture.width > shape[1] or picture.height > shape[0]:
                raise ValueError("a mask is larger than its image")
            part = np.asarray(picture.convert("L")) > 0
    except (binascii.Error, OSError, SyntaxError) as error:
        raise ValueError("a mask cannot be decoded") from error
    mask = np.zeros(shape, np.bool_)
    height, width = part.shape
    if left < 0 or top < 0 or left + width > shape[1] or top + height > shape[0]:
        raise ValueError("a mask lies outside its image")
    mask[top : top + height, left : left + width] = part
    return mask


LABELME = Format("labelme's JSON, a file for each image", write, read, polygons=True)
