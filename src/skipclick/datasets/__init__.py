"""Evaluation data sets: one small file for each, all of them in the table `DATASETS`."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from skipclick.datasets.berkeley import read_berkeley
from skipclick.datasets.coco_json import read_coco
from skipclick.datasets.coco_lvis import read_coco_lvis_train, read_coco_lvis_val
from skipclick.datasets.davis import read_davis
from skipclick.datasets.entry import Count, Entry
from skipclick.datasets.fingerprint import Fingerprint, fingerprint
from skipclick.datasets.folder import read_folder
from skipclick.datasets.grabcut import read_grabcut
from skipclick.datasets.hqseg import PARTS, read_hqseg_train, read_hqseg_val, read_parts
from skipclick.datasets.pascal_voc import read_pascal_voc
from skipclick.datasets.sample import Dataset, LoadedSample, Sample, TargetObject
from skipclick.datasets.sbd import read_sbd_train, read_sbd_val
from skipclick.datasets.wseseg import WSESEG_CLASSES, read_masks_beside_images, read_wseseg_class
from skipclick.errors import DatasetError

__all__ = [
    "DATASETS",
    "GROUPS",
    "Count",
    "Dataset",
    "Entry",
    "Fingerprint",
    "LoadedSample",
    "Sample",
    "TargetObject",
    "fingerprint",
    "official_count",
    "open_dataset",
]

_FBRS = "https://github.com/saic-vul/fbrs_interactive_segmentation/releases/download/v1.0"
_SBD = "http://home.bharathh.info/pubs/codes/SBD/download.html"
_HQSEG = "https://huggingface.co/sam-hq-team/sam-hq-training"
_HQSEG_LAYOUT = "DIS5K/, thin_object_detection/ and cascade_psp/"
_WSESEG = "https://myweb.rz.uni-augsburg.de/~schoerob/datasets/wseseg/wseseg.html"
_COCO_LVIS = (
    "skipclick data build-coco-lvis makes it of https://cocodataset.org and https://www.lvisdataset.org"
)
_COCO_LVIS_LAYOUT = "with images/ID.jpg, masks/ID.pickle and hannotation.pickle"
_SHSEG = "masks from SkipClick's authors, images from https://machinelearning.uniud.it/datasets/skitb/"

DATASETS: dict[str, Entry] = {
    "GrabCut": Entry(
        read_grabcut,
        "data_GT/* images, boundary_GT/* masks",
        f"{_FBRS}/GrabCut.zip",
        Count(50, 50),
        one_object=True,
    ),
    "Berkeley": Entry(
        read_berkeley,
        "images/*, masks/*",
        f"{_FBRS}/Berkeley.zip",
        Count(100, 100),
        one_object=True,
    ),
    "DAVIS": Entry(
        read_davis,
        "img/* images, gt/* masks",
        f"{_FBRS}/DAVIS.zip",
        Count(345, 345),
        one_object=True,
    ),
    "COCO_MVal": Entry(
        read_davis,  # the same layout and mask rule (specification 5.2)
        "img/* images, gt/* masks",
        f"{_FBRS}/COCO_MVal.zip",
        Count(800, 800),
        one_object=True,
    ),
    "SBD": Entry(read_sbd_val, "img/ID.jpg, inst/ID.mat, val.txt", _SBD, Count(2857, 6671)),
    "SBD_train": Entry(read_sbd_train, "img/ID.jpg, inst/ID.mat, train.txt", _SBD, Count(8498, 20172)),
    "PascalVOC": Entry(
        read_pascal_voc,
        "JPEGImages/, SegmentationObject/, ImageSets/Segmentation/val.txt",
        "http://host.robots.ox.ac.uk/pascal/VOC/",
        Count(1449, 3417),
    ),
    "HQSeg": Entry(
        read_hqseg_val,
        _HQSEG_LAYOUT,
        _HQSEG,
        Count(1537, 1537),
        one_object=True,
        parts=tuple(f"HQSeg_{name}" for name, part in PARTS.items() if part.split == "val"),
    ),
    "HQSeg_train": Entry(
        read_hqseg_train,
        _HQSEG_LAYOUT,
        _HQSEG,
        Count(44320, 44320),
        one_object=True,
        parts=tuple(f"HQSeg_{name}" for name, part in PARTS.items() if part.split == "train"),
    ),
    **{
        f"HQSeg_{name}": Entry(
            partial(read_parts, names=(name,)),
            f"{part.images}/*.jpg, {part.masks}/*.png",
            _HQSEG,
            Count(part.official, part.official),
            one_object=True,
        )
        for name, part in PARTS.items()
    },
    **{
        f"WSESeg_{name}": Entry(
            partial(read_wseseg_class, name=name),
            f"{folder}/mask_NAME.png and NAME.jpg",
            _WSESEG,
            images_apart=True,
        )
        for name, folder in WSESEG_CLASSES.items()
    },
    "SHSeg": Entry(
        read_masks_beside_images,
        "mask_NAME.png and NAME.jpg",
        _SHSEG,
        Count(496, 534),
        images_apart=True,
    ),
    "COCO_LVIS": Entry(read_coco_lvis_val, f"val/ {_COCO_LVIS_LAYOUT}", _COCO_LVIS),
    "COCO_LVIS_train": Entry(read_coco_lvis_train, f"train/ {_COCO_LVIS_LAYOUT}", _COCO_LVIS),
    "COCO": Entry(
        read_coco,
        "annotations/instances_SPLIT.json and images in SPLIT/ or images/",
        "your own, or https://cocodataset.org/#download",
        from_file=True,
        own=True,
    ),
    "Folder": Entry(read_folder, "images/*, masks/*", "your own", one_object=True, own=True),
}
"""By name. Parts of HQSeg and COCO+LVIS and classes of WSESeg take the folder that holds all of them."""

GROUPS: dict[str, tuple[str, ...]] = {"WSESeg": tuple(f"WSESeg_{name}" for name in WSESEG_CLASSES)}
"""Data sets that are measured one by one and then averaged, by the name that they have together."""

_GROUP_COUNTS: dict[str, Count] = {"WSESeg": Count(4221, 7452)}


def open_dataset(name: str, path: str | Path, *, label: str | None = None) -> Dataset:
    """List a data set; no image is read yet.

    Args:
        name: a key of `DATASETS`.
        path: the data set's folder; of COCO also the JSON file.
        label: what to call it in tables, for a subset say; None means `name`.

    Raises:
        DatasetError: an unknown name, or a folder that is not laid out as this data set is.
    """
    if name not in DATASETS:
        raise DatasetError(f"unknown data set {name!r}: choose one of {', '.join(DATASETS)}")
    entry, root = DATASETS[name], Path(path)
    if not (root.is_dir() or (entry.from_file and root.is_file())):
        raise DatasetError(f"the folder {root} does not exist: give the folder in which {name} was unpacked")
    samples = entry.read(root)
    missing: tuple[str, ...] = ()
    if entry.images_apart:
        missing = tuple(sample.image_file.name for sample in samples if not sample.image_file.is_file())
        samples = tuple(sample for sample in samples if sample.image_file.is_file())
        if not samples:
            raise DatasetError(
                f"{name} in {root} has masks but none of their images ({len(missing)}): put {missing[0]} and "
                f"so on beside the masks; they come from {entry.source}"
            )
    return Dataset(name, label if label is not None else name, samples, missing)


def official_count(name: str) -> Count | None:
    """How many images and objects a data set officially has; None where this is not published.

    It is there to be compared with: a subset is no mistake, but it is another data set.

    Args:
        name: a key of `DATASETS` or of `GROUPS`.

    Raises:
        DatasetError: an unknown name.
    """
    if name in _GROUP_COUNTS:
        return _GROUP_COUNTS[name]
    if name not in DATASETS:
        raise DatasetError(f"unknown data set {name!r}: choose one of {', '.join(DATASETS)}")
    return DATASETS[name].official
