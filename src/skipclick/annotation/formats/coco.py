"""COCO's instance annotations, one JSON file.

An object without holes is written as polygons along the sides of its pixels, one with holes as run lengths
(a list, column by column). The numbers of annotations are those of the objects; where several images have
objects of the same number, later ones get a free one, and `object_id` keeps ours. Only that is read as an
object's number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skipclick.annotation.document import ClassRecord
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
    keep_mask,
    plain,
    read_json,
    write_json,
)
from skipclick.mask import count_runs
from skipclick.polygon import decode_segmentation, outlines, simplify


def write(classes: Sequence[ClassRecord], images: Iterable[ExportedImage], tolerance: float) -> Written:
    """See `Format.write`."""
    entries: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, image in enumerate(images, start=1):
        height, width = image.shape
        entries.append({"id": number, "file_name": image.name, "height": height, "width": width})
        for one in image.objects:
            mask = one.mask.to_mask()
            annotations.append(
                {
                    "id": one.id,
                    "image_id": number,
                    "category_id": one.class_id,
                    "segmentation": _segmentation(mask, tolerance),
                    "area": int(mask.sum()),
                    "bbox": _box(mask),
                    "iscrowd": 0,
                    "object_id": one.id,
                }
            )
    _make_unique(annotations)
    categories = [{"id": one.id, "name": one.name, "color": list(one.colour)} for one in classes]
    yield (
        "annotations.json",
        write_json(
            {
                "info": {"description": "made with skipclick"},
                "images": entries,
                "annotations": annotations,
                "categories": categories,
            }
        ),
    )


def read(source: Path, index: ImageIndex, default_class: str) -> Imported:
    """See `Format.read`; a folder stands for `annotations.json` in it.

    Raises:
        FormatError: the file cannot be read, is damaged, or does not fit the images.
    """
    path = source / "annotations.json" if source.is_dir() else source
    content = read_json(path)
    try:
        return _read(content, path, index, default_class)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise FormatError(
            f"{path} is no file of COCO instances ({reason(error)}): export it again"
        ) from error


def _read(content: dict[str, Any], path: Path, index: ImageIndex, default_class: str) -> Imported:
    names = {int(one["id"]): str(one["name"]) for one in content.get("categories", [])}
    files = {int(one["id"]): one for one in content["images"]}
    missing: dict[str, None] = {}
    found: dict[str, list[ImportedObject]] = {}
    seen: set[int] = set()
    passed_over = 0
    for entry in content["annotations"]:
        number = int(entry["id"])
        if number in seen:
            raise ValueError(f"two annotations have the id {number}")
        seen.add(number)
        about = files[int(entry["image_id"])]
        file = str(about["file_name"])
        name = index.find(file)
        if name is None:
            missing[file] = None
        elif entry.get("iscrowd") or not entry.get("segmentation"):
            passed_over += 1
        else:
            shape = index.shape_of(name)
            check_size(about.get("height"), about.get("width"), shape, f"{path}, {file}")
            try:
                mask = decode_segmentation(entry["segmentation"], shape)
            except ValueError as error:
                raise FormatError(
                    f"{path}: annotation {number} of {file} is damaged ({reason(error)}): export it again"
                ) from error
            kind = names.get(int(entry.get("category_id", -1)), default_class)
            ours = entry.get("object_id")
            # Others' numbers count through a whole data set: they name no object of an image.
            object_id = ours if isinstance(ours, int) else None
            found.setdefault(name, []).append(
                ImportedObject(kind, keep_mask(mask, shape, f"annotation {number}"), object_id)
            )
    images = {name: tuple(objects) for name, objects in found.items()}
    return Imported(images, tuple(names.values()), tuple(missing), passed_over)


def _segmentation(mask: NDArray[np.bool_], tolerance: float) -> Any:
    borders = outlines(mask)
    if any(border.hole for border in borders):
        return {"size": list(mask.shape), "counts": count_runs(mask)}
    return [plain(simplify(border.points, tolerance)) for border in borders]


def _box(mask: NDArray[np.bool_]) -> list[int]:
    """Left, top, width, height."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    left, top = int(columns[0]), int(rows[0])
    return [left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top]


def _make_unique(annotations: list[dict[str, Any]]) -> None:
    free = max((one["id"] for one in annotations), default=0) + 1
    seen: set[int] = set()
    for one in annotations:
        if one["id"] in seen:
            one["id"], free = free, free + 1
        seen.add(one["id"])


COCO = Format("COCO instances, one JSON file", write, read, polygons=True, file="annotations.json")
