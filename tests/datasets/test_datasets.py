"""The table of data sets, and opening one; a miniature of every layout."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from skipclick.datasets import DATASETS, GROUPS, Count, official_count, open_dataset
from skipclick.datasets.hqseg import PARTS
from skipclick.datasets.wseseg import WSESEG_CLASSES
from skipclick.errors import DatasetError

WHITE = np.full((3, 4), 255, np.uint8)
LABELS = np.array([[0, 1, 1, 2]] * 3, np.uint8)


def put(path: Path, pixels: np.ndarray = WHITE) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def pair(root: Path, images: str, masks: str) -> None:
    put(root / images / "x.jpg")
    put(root / masks / "x.png")


def parts(root: Path, *names: str) -> None:
    for name in names:
        pair(root, PARTS[name].images, PARTS[name].masks)


def labelled(root: Path, folder: str = ".") -> None:
    put(root / folder / "x.jpg")
    put(root / folder / "mask_x.png", LABELS)


def sbd(root: Path, split: str) -> None:
    put(root / "img" / "x.jpg")
    (root / "inst").mkdir()
    savemat(root / "inst" / "x.mat", {"GTinst": {"Segmentation": LABELS, "Categories": [1, 2]}})
    (root / f"{split}.txt").write_text("x\n")


def pascal_voc(root: Path) -> None:
    put(root / "JPEGImages" / "x.jpg")
    put(root / "SegmentationObject" / "x.png", LABELS * np.uint8(50))
    (root / "ImageSets" / "Segmentation").mkdir(parents=True)
    (root / "ImageSets" / "Segmentation" / "val.txt").write_text("x\n")


def coco(root: Path) -> None:
    put(root / "val2017" / "x.jpg")
    (root / "annotations").mkdir()
    content = {
        "images": [{"id": 7, "file_name": "x.jpg", "height": 3, "width": 4}],
        "annotations": [{"id": 1, "image_id": 7, "segmentation": [[0, 0, 4, 0, 4, 3, 0, 3]], "iscrowd": 0}],
    }
    (root / "annotations" / "instances_val2017.json").write_text(json.dumps(content))


def coco_lvis(root: Path, split: str) -> None:
    """An image with two instances, one on the other."""
    folder = root / split
    put(folder / "images" / "x.jpg")
    (folder / "masks").mkdir()
    layers = [cv2.imencode(".png", layer)[1] for layer in (LABELS, (LABELS > 0).astype(np.uint8))]
    (folder / "masks" / "x.pickle").write_bytes(pickle.dumps((layers, [(1, 1), (0, 2)])))
    nodes = {0: {"parent": None, "children": [1]}, 1: {"parent": 0, "children": []}}
    listed = {"x": {"num_instance_masks": 2, "hierarchy": nodes}}
    (folder / "hannotation.pickle").write_bytes(pickle.dumps(listed))


VAL = tuple(name for name, part in PARTS.items() if part.split == "val")
TRAIN = tuple(name for name, part in PARTS.items() if part.split == "train")

MINIATURES: dict[str, tuple[Callable[[Path], None], Count]] = {
    "GrabCut": (partial(pair, images="data_GT", masks="boundary_GT"), Count(1, 1)),
    "Berkeley": (partial(pair, images="images", masks="masks"), Count(1, 1)),
    "DAVIS": (partial(pair, images="img", masks="gt"), Count(1, 1)),
    "COCO_MVal": (partial(pair, images="img", masks="gt"), Count(1, 1)),
    "SBD": (partial(sbd, split="val"), Count(1, 2)),
    "SBD_train": (partial(sbd, split="train"), Count(1, 2)),
    "PascalVOC": (pascal_voc, Count(1, 2)),
    "HQSeg": (lambda root: parts(root, *VAL), Count(4, 4)),
    "HQSeg_train": (lambda root: parts(root, *TRAIN), Count(7, 7)),
    "SHSeg": (labelled, Count(1, 2)),
    "COCO_LVIS": (partial(coco_lvis, split="val"), Count(1, 2)),
    "COCO_LVIS_train": (partial(coco_lvis, split="train"), Count(1, 2)),
    "COCO": (coco, Count(1, 1)),
    "Folder": (partial(pair, images="images", masks="masks"), Count(1, 1)),
}
for part in PARTS:
    MINIATURES[f"HQSeg_{part}"] = (lambda root, part=part: parts(root, part), Count(1, 1))
for name, folder in WSESEG_CLASSES.items():
    MINIATURES[f"WSESeg_{name}"] = (partial(labelled, folder=folder), Count(1, 2))


@pytest.mark.parametrize("name", DATASETS)
def test_every_layout_opens_and_loads(tmp_path: Path, name: str) -> None:
    build, count = MINIATURES[name]
    build(tmp_path)
    dataset = open_dataset(name, tmp_path)
    assert (dataset.reader, dataset.label, dataset.missing) == (name, name, ())
    assert all(sample.name.rsplit("/", 1)[-1] == "x" for sample in dataset.samples)
    loaded = [sample.load() for sample in dataset.samples]
    assert Count(len(loaded), sum(len(one.objects) for one in loaded)) == count
    assert all(one.image.shape == (3, 4, 3) and one.image.dtype == np.uint8 for one in loaded)
    assert all(target.truth.dtype == np.int8 for one in loaded for target in one.objects)
    assert all((1 in target.truth) for one in loaded for target in one.objects)


@pytest.mark.parametrize("name", DATASETS)
def test_the_claim_of_one_object_for_each_image(tmp_path: Path, name: str) -> None:
    build, _ = MINIATURES[name]
    build(tmp_path)
    if DATASETS[name].one_object:
        assert all(len(sample.load().objects) == 1 for sample in open_dataset(name, tmp_path).samples)
        official = DATASETS[name].official
        assert official is None or official.images == official.objects


@pytest.mark.parametrize("name", DATASETS)
def test_a_folder_laid_out_otherwise_is_explained_in_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(DatasetError) as caught:
        open_dataset(name, tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", DATASETS)
def test_folders_are_not_written_to(tmp_path: Path, name: str) -> None:
    MINIATURES[name][0](tmp_path)
    before = sorted(tmp_path.rglob("*"))
    for sample in open_dataset(name, tmp_path).samples:
        sample.load()
    assert sorted(tmp_path.rglob("*")) == before


def test_text_paths_and_labels(tmp_path: Path) -> None:
    pair(tmp_path, "img", "gt")
    dataset = open_dataset("DAVIS", str(tmp_path), label="DAVIS_dev")
    assert (dataset.reader, dataset.label) == ("DAVIS", "DAVIS_dev")


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(
        DatasetError, match="unknown data set 'grabcut': choose one of GrabCut, Berkeley, DAVIS"
    ):
        open_dataset("grabcut", tmp_path)


@pytest.mark.parametrize("name", ["DAVIS", "COCO"])
def test_a_folder_that_does_not_exist(tmp_path: Path, name: str) -> None:
    with pytest.raises(DatasetError, match=f"nowhere does not exist: give the folder in which {name}"):
        open_dataset(name, tmp_path / "nowhere")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "DAVIS.zip").write_bytes(b"PK")
    with pytest.raises(DatasetError, match="give the folder in which DAVIS was unpacked"):
        open_dataset("DAVIS", tmp_path / "DAVIS.zip")


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("GrabCut", Count(50, 50)),
        ("Berkeley", Count(100, 100)),
        ("DAVIS", Count(345, 345)),
        ("COCO_MVal", Count(800, 800)),
        ("SBD", Count(2857, 6671)),
        ("SBD_train", Count(8498, 20172)),
        ("PascalVOC", Count(1449, 3417)),
        ("HQSeg", Count(1537, 1537)),
        ("HQSeg_train", Count(44320, 44320)),
        ("WSESeg", Count(4221, 7452)),
        ("SHSeg", Count(496, 534)),
        ("WSESeg_yt_sports", None),
        ("COCO_LVIS", None),
        ("COCO_LVIS_train", None),
        ("Folder", None),
    ],
)
def test_official_counts(name: str, count: Count | None) -> None:
    assert official_count(name) == count


def test_an_official_count_of_nothing_known() -> None:
    with pytest.raises(DatasetError, match="unknown data set 'wseseg'"):
        official_count("wseseg")


def test_groups_consist_of_data_sets() -> None:
    assert len(GROUPS["WSESeg"]) == 10
    assert {member for members in GROUPS.values() for member in members} <= set(DATASETS)
    assert not set(GROUPS) & set(DATASETS)


def test_data_sets_and_evaluation_do_without_torch() -> None:
    code = (
        "import sys, skipclick.datasets, skipclick.evaluation; "
        "print('torch' in sys.modules, 'scipy.io' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"
