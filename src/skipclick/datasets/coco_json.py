"""COCO's instance annotations, the JSON file that most annotation tools write."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np

from skipclick.datasets.sample import Sample, TargetObject, check_files
from skipclick.errors import DatasetError
from skipclick.image import PIXEL_LIMIT
from skipclick.polygon import decode_segmentation


class Annotation(NamedTuple):
    """An annotation of an image: its id, its "segmentation", and whether it is a crowd."""

    id: int
    segmentation: Any
    crowd: bool


def read_coco(path: Path, images_in: Path | None = None) -> tuple[Sample, ...]:
    """List the images of a JSON file that have objects; boxes without a mask are passed over.

    Unless told otherwise, the images are looked for beside the file, in `images/` there, and in `images/`
    and in the folder SPLIT (for `instances_SPLIT.json`) beside the folder that holds the file.

    Args:
        path: the JSON file, or a folder that holds just one, itself or in `annotations/`.
        images_in: the folder that the images' names are relative to; None looks for it.

    Raises:
        DatasetError: no such file, or it is something else, or images are missing.
    """
    file = path if path.is_file() else _only_json(path)
    try:
        images, annotations = _parse(json.loads(file.read_bytes()))
    except OSError as error:
        raise DatasetError(f"{file} cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        reason = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise DatasetError(f"{file} is no file of COCO instances ({reason}): export it again") from error
    with_objects = {
        image: about for image, about in annotations.items() if not all(one.crowd for one in about)
    }
    if not with_objects:
        raise DatasetError(f"{file} holds no masks: export polygons or run lengths, not boxes alone")
    samples: dict[str, Sample] = {}
    folder = images_in
    for image, about in with_objects.items():
        if image not in images:
            raise DatasetError(f"{file} has annotations of image {image}, but no such image: export it again")
        inside, shape = _name_and_shape(images[image], file)
        folder = folder or _image_folder(file, inside)
        name = str(inside.with_name(inside.name.split(".", 1)[0]))
        if name in samples:
            raise DatasetError(f"{file} has two images called {name}: rename one of them")
        read_truth = partial(read_annotations, annotations=about, shape=shape)
        samples[name] = Sample(name, folder / inside, file, read_truth)
    check_files((sample.image_file for sample in samples.values()), f"{file} names it")
    return tuple(samples[name] for name in sorted(samples))


def read_annotations(
    path: Path, annotations: Sequence[Annotation], shape: tuple[int, int]
) -> tuple[TargetObject, ...]:
    """The objects of an image, by their annotations' ids.

    The pixels of crowds are ignored, except those that belong to the object itself. Objects that are too
    small to contain the centre of a pixel are passed over.

    Args:
        path: the JSON file, for messages.
        annotations: the image's.
        shape: (H, W) of the image.

    Raises:
        DatasetError: a mask is damaged.
    """
    crowd = np.zeros(shape, np.bool_)
    masks = {}
    for one in annotations:
        try:
            mask = decode_segmentation(one.segmentation, shape)
        except ValueError as error:
            raise DatasetError(f"{path}: annotation {one.id} is damaged ({error})") from error
        if one.crowd:
            crowd |= mask
        elif mask.any():
            masks[one.id] = mask
    return tuple(
        TargetObject(id_, np.where(crowd & ~mask, -1, mask).astype(np.int8)) for id_, mask in masks.items()
    )


def _parse(content: Any) -> tuple[dict[int, Mapping[str, Any]], dict[int, list[Annotation]]]:
    """The images by their ids, and the annotations that have a mask by the ids of images, sorted."""
    images = {int(image["id"]): image for image in content["images"]}
    annotations: dict[int, list[Annotation]] = {}
    seen: set[int] = set()
    for entry in content["annotations"]:
        one = Annotation(int(entry["id"]), entry.get("segmentation"), bool(entry.get("iscrowd", 0)))
        if one.id in seen:
            raise ValueError(f"two annotations have the id {one.id}")
        seen.add(one.id)
        if one.segmentation:
            annotations.setdefault(int(entry["image_id"]), []).append(one)
    return images, {image: sorted(annotations[image], key=_id) for image in annotations}


def _id(annotation: Annotation) -> int:
    return annotation.id


def _name_and_shape(image: Mapping[str, Any], file: Path) -> tuple[PurePosixPath, tuple[int, int]]:
    """An image's file name, as the tools of any system write it, and its (H, W)."""
    name, height, width = str(image.get("file_name", "")), image.get("height"), image.get("width")
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or not path.name or ".." in path.parts or ":" in path.parts[0]:
        raise DatasetError(f"{file} names the image {name!r}: names must stay inside one folder")
    if not (isinstance(height, int) and isinstance(width, int) and min(height, width) > 0):
        raise DatasetError(f"{file} gives no height and width for {name}: export it again")
    if height * width > PIXEL_LIMIT:
        raise DatasetError(f"{file} gives {width} x {height} pixels for {name}: scale it down")
    return path, (height, width)


def _only_json(root: Path) -> Path:
    for pattern in ("annotations/instances_*.json", "*.json", "annotations/*.json"):
        found = sorted(root.glob(pattern))
        if len(found) > 1:
            names = ", ".join(file.name for file in found[:4])
            raise DatasetError(f"{found[0].parent} holds several JSON files ({names}…): name one of them")
        if found:
            return found[0]
    raise DatasetError(f"the folder {root} holds no JSON file, nor does annotations/ in it: name the file")


def _image_folder(file: Path, first: PurePosixPath) -> Path:
    """The folder in which the first image is found."""
    split = file.stem.removeprefix("instances_")
    above = file.parent.parent
    folders = (file.parent, file.parent / "images", above / split, above / "images", above)
    for folder in folders:
        if (folder / first).is_file():
            return folder
    tried = ", ".join(str(folder) for folder in folders)
    raise DatasetError(f"{file} names the image {first}, which is in none of {tried}")
