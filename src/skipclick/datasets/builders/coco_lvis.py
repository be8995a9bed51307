"""COCO+LVIS for training, from COCO's panoptic annotations and LVIS's polygons (specification 5.6)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from skipclick.datasets.builders.coco_sources import (
    PanopticImage,
    Polygons,
    fill,
    read_labels,
    read_lvis,
    read_panoptic,
)
from skipclick.datasets.builders.folder import BuildFolder
from skipclick.datasets.builders.packing import annotations_pickle, masks_pickle, pack
from skipclick.datasets.builders.regions import Node, Region, find_hierarchy, make_region, merge
from skipclick.datasets.labels import UNREADABLE
from skipclick.datasets.sample import check_files
from skipclick.errors import DatasetError

JOURNAL = "hierarchy.jsonl"
"""What is finished: a line for each image, from which `hannotation.pickle` is made at the end."""

MIN_STUFF = 500
"""Regions such as sky of no more pixels are dropped, counted without what instances cover."""


@dataclass(frozen=True, slots=True)
class BuiltCocoLvis:
    """What has been built so far.

    Attributes:
        folder: holds `images/`, `masks/` and `hannotation.pickle`.
        images: how many images are in it.
        instances: how many instances on them.
        empty: how many images were left out because no instance was large enough.
    """

    folder: Path
    images: int
    instances: int
    empty: int


def build_coco_lvis(
    panoptic: Path,
    lvis: Path,
    out: Path,
    *,
    split: str = "train",
    labels: Path | None = None,
    images: Path | None = None,
    link: bool = False,
    limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> BuiltCocoLvis:
    """Build `OUT/SPLIT` as it is published; an earlier run is continued.

    Args:
        panoptic: COCO's `annotations/panoptic_train2017.json`.
        lvis: LVIS's `lvis_v1_train.json`.
        out: the root of the data set, which may hold the other split already.
        split: "train" or "val", the name of the folder.
        labels: the folder of panoptic label pictures; None means the one called as `panoptic` without .json.
        images: the folder of photos; None means that of `panoptic`'s split beside its folder, `train2017`.
        link: give photos a second name instead of copying them, where the file system can.
        limit: only so many images, the first by name.
        progress: told how many images are finished, of how many.

    Raises:
        DatasetError: an input is missing or damaged, or something cannot be written.
    """
    if split not in ("train", "val"):
        raise DatasetError(f"the split is train or val, not {split!r}")
    labels = panoptic.with_suffix("") if labels is None else labels
    if images is None:
        images = panoptic.parent.parent / panoptic.stem.removeprefix("panoptic_")
    about = read_panoptic(panoptic)
    annotations = read_lvis(lvis)
    names = sorted(about.keys() & annotations.keys())[:limit]
    if not names:
        raise DatasetError(f"{panoptic} and {lvis} have no image in common: give files of one split")
    folder = BuildFolder(
        out / split, "coco-lvis", {"file of panoptic annotations": panoptic, "file of LVIS": lvis}
    )
    finished = _read_journal(folder.root / JOURNAL)
    todo = [name for name in names if name not in finished]
    check_files((images / f"{name}.jpg" for name in todo), f"{panoptic.name} and {lvis.name} annotate it")
    check_files((labels / about[name].labels for name in todo), f"{panoptic.name} names it")
    try:
        with (folder.root / JOURNAL).open("a", encoding="utf-8", newline="\n") as journal:
            for count, name in enumerate(todo, start=len(names) - len(todo)):
                if progress is not None:
                    progress(count, len(names))
                nodes, masks = _annotate(labels, about[name], annotations.pop(name))
                if nodes:
                    photo = images / f"{name}.jpg"
                    _check_photo(photo, about[name].shape)
                    folder.take(f"images/{name}.jpg", photo, link=link)
                    folder.put(f"masks/{name}.pickle", masks_pickle(*pack(masks)))
                finished[name] = nodes
                # Only now: what the journal lists is there.
                journal.write(_as_line(name, nodes))
                journal.flush()
    except OSError as error:
        raise DatasetError(f"{folder.root / JOURNAL} cannot be written: {error.strerror or error}") from error
    if progress is not None:
        progress(len(names), len(names))
    filled = {name: finished[name] for name in sorted(finished) if finished[name]}
    folder.put("hannotation.pickle", annotations_pickle(filled))
    return BuiltCocoLvis(
        folder.root, len(filled), sum(map(len, filled.values())), len(finished) - len(filled)
    )


def _annotate(
    labels: Path, image: PanopticImage, polygons: Sequence[Polygons]
) -> tuple[list[Node], list[NDArray[np.bool_]]]:
    """The instances' hierarchy; the masks of instances and then of regions. Both empty without instances."""
    segments = read_labels(labels / image.labels, image.shape)
    coco = _regions([segments == label for label in image.things])
    instances = merge(coco, _regions([fill(one, image.shape) for one in polygons]))
    if not instances:
        return [], []
    free = ~np.logical_or.reduce([one.mask for one in instances])
    stuff = [(segments == label) & free for label in image.stuff]
    large = [mask for mask in stuff if np.count_nonzero(mask) > MIN_STUFF]
    return find_hierarchy(instances), [*(one.mask for one in instances), *large]


def _regions(masks: Sequence[NDArray[np.bool_]]) -> list[Region]:
    return [region for mask in masks if (region := make_region(mask)) is not None]


def _check_photo(path: Path, shape: tuple[int, int]) -> None:
    try:
        with Image.open(path, formats=("JPEG",)) as photo:
            size = photo.size
    except UNREADABLE as error:
        raise DatasetError(f"{path} is no JPEG file: fetch it again") from error
    if size != shape[::-1]:
        raise DatasetError(
            f"{path} is {size[0]} x {size[1]} pixels, its annotation {shape[1]} x {shape[0]}: fetch it again"
        )


def _as_line(name: str, nodes: Sequence[Node]) -> str:
    fields = [[node.parent, node.level, *node.children] for node in nodes]
    return json.dumps({"image": name, "nodes": fields}, separators=(",", ":")) + "\n"


def _read_journal(path: Path) -> dict[str, list[Node]]:
    """The finished images; a last line that was cut off is removed from the file."""
    if not path.exists():
        return {}
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    try:
        lines: list[Mapping[str, Any]] = [json.loads(line) for line in whole.splitlines()]
        finished = {
            str(line["image"]): [
                Node(parent, tuple(children), level) for parent, level, *children in line["nodes"]
            ]
            for line in lines
        }
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"{path} is damaged: remove it to build the folder again") from error
    if len(whole) < len(data):
        with path.open("r+b") as file:
            file.truncate(len(whole))
    return finished
