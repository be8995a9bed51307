"""HQSeg-44k: very fine outlines, gathered from several data sets."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from skipclick.datasets.davis import read_nonzero
from skipclick.datasets.sample import Sample, check_files
from skipclick.errors import DatasetError


class Part(NamedTuple):
    """One of the data sets inside HQSeg-44k.

    Attributes:
        split: "val" or "train".
        images: the folder of its images (`*.jpg`) inside the root.
        masks: the folder of its masks (`*.png`) inside the root; may be the same.
        official: how many images it has officially.
    """

    split: str
    images: str
    masks: str
    official: int


_THIN = "thin_object_detection"

PARTS: dict[str, Part] = {
    "DIS5K-VD": Part("val", "DIS5K/DIS-VD/im", "DIS5K/DIS-VD/gt", 470),
    "ThinObject5K-TE": Part(
        "val", f"{_THIN}/ThinObject5K/images_test", f"{_THIN}/ThinObject5K/masks_test", 500
    ),
    "COIFT": Part("val", f"{_THIN}/COIFT/images", f"{_THIN}/COIFT/masks", 280),
    "HRSOD": Part("val", f"{_THIN}/HRSOD/images", f"{_THIN}/HRSOD/masks_max255", 287),
    "DIS5K-TR": Part("train", "DIS5K/DIS-TR/im", "DIS5K/DIS-TR/gt", 3000),
    "ThinObject5K-TR": Part(
        "train", f"{_THIN}/ThinObject5K/images_train", f"{_THIN}/ThinObject5K/masks_train", 4748
    ),
    "FSS": Part("train", "cascade_psp/fss_all", "cascade_psp/fss_all", 10000),
    "DUTS-TR": Part("train", "cascade_psp/DUTS-TR", "cascade_psp/DUTS-TR", 10553),
    "DUTS-TE": Part("train", "cascade_psp/DUTS-TE", "cascade_psp/DUTS-TE", 5019),
    "ECSSD": Part("train", "cascade_psp/ecssd", "cascade_psp/ecssd", 1000),
    "MSRA10K": Part("train", "cascade_psp/MSRA_10K", "cascade_psp/MSRA_10K", 10000),
}
"""The parts in their official order (specification 5.3)."""


def read_split(root: Path, split: str) -> tuple[Sample, ...]:
    """List all parts of a split, "val" or "train".

    Raises:
        DatasetError: a part is missing or incomplete.
    """
    return read_parts(root, [name for name, part in PARTS.items() if part.split == split])


def read_parts(root: Path, names: Iterable[str]) -> tuple[Sample, ...]:
    """List some of the parts, by their names in `PARTS`; a sample is called "PART/NAME".

    Any mask value but 0 is object, also the faint ones of smoothed edges (specification 5.3).

    Raises:
        DatasetError: a part is missing or incomplete.
    """
    return tuple(sample for name in names for sample in _read_part(root, name))


read_hqseg_val = partial(read_split, split="val")
read_hqseg_train = partial(read_split, split="train")


def _read_part(root: Path, name: str) -> list[Sample]:
    part = PARTS[name]
    layout = f"{name} has its images in {part.images}/*.jpg and its masks in {part.masks}/*.png inside {root}"
    folder = root / part.images
    if not folder.is_dir():
        raise DatasetError(f"the folder {folder} does not exist: {layout}")
    files = sorted((file for file in folder.glob("*.jpg") if not file.name.startswith(".")), key=_file_name)
    if not files:
        raise DatasetError(f"the folder {folder} holds no images: {layout}")
    samples = [
        Sample(f"{name}/{file.stem}", file, root / part.masks / f"{file.stem}.png", read_nonzero)
        for file in files
    ]
    check_files((sample.truth_file for sample in samples), layout)
    return samples


def _file_name(file: Path) -> str:
    return file.name
