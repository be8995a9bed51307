from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skipclick.datasets import open_dataset
from skipclick.datasets.hqseg import PARTS
from skipclick.errors import DatasetError


def put(root: Path, part: str, *names: str) -> None:
    for folder in (PARTS[part].images, PARTS[part].masks):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for name in names:
        Image.new("RGB", (4, 1)).save(root / PARTS[part].images / f"{name}.jpg")
        mask = np.array([[0, 1, 128, 255]], np.uint8)
        Image.fromarray(mask).save(root / PARTS[part].masks / f"{name}.png")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for part in PARTS:
        put(tmp_path, part, "b", "a")
    return tmp_path


def names(root: Path, name: str) -> list[str]:
    return [sample.name for sample in open_dataset(name, root).samples]


def test_the_official_counts_add_up() -> None:
    totals = {"val": 0, "train": 0}
    for part in PARTS.values():
        totals[part.split] += part.official
    assert totals == {"val": 1537, "train": 44320}


def test_parts_in_official_order_and_files_by_name(root: Path) -> None:
    expected = ["DIS5K-VD", "ThinObject5K-TE", "COIFT", "HRSOD"]
    assert names(root, "HQSeg") == [f"{part}/{name}" for part in expected for name in ("a", "b")]


def test_train_and_single_parts(root: Path) -> None:
    assert len(names(root, "HQSeg_train")) == 14
    assert names(root, "HQSeg_COIFT") == ["COIFT/a", "COIFT/b"]
    assert names(root, "HQSeg_MSRA10K") == ["MSRA10K/a", "MSRA10K/b"]


def test_images_and_masks_in_one_folder_are_told_apart(root: Path) -> None:
    sample = open_dataset("HQSeg_FSS", root).samples[0]
    assert sample.image_file.parent == sample.truth_file.parent
    assert (sample.image_file.suffix, sample.truth_file.suffix) == (".jpg", ".png")


def test_faint_edges_belong_to_the_object(root: Path) -> None:
    (target,) = open_dataset("HQSeg_HRSOD", root).samples[0].load().objects
    assert target.truth.tolist() == [[0, 1, 1, 1]]


def test_names_with_dots_and_signs(root: Path) -> None:
    put(root, "DIS5K-VD", "1#Accessories#2.5_o")
    assert "DIS5K-VD/1#Accessories#2.5_o" in names(root, "HQSeg_DIS5K-VD")


def test_a_mask_without_an_image_is_no_sample(root: Path) -> None:
    (root / PARTS["COIFT"].images / "a.jpg").unlink()
    assert names(root, "HQSeg_COIFT") == ["COIFT/b"]


def test_a_part_is_enough_for_itself(tmp_path: Path) -> None:
    put(tmp_path, "COIFT", "a")
    assert names(tmp_path, "HQSeg_COIFT") == ["COIFT/a"]
    with pytest.raises(DatasetError, match=r"im does not exist: DIS5K-VD has its images in DIS5K/DIS-VD/im/"):
        open_dataset("HQSeg", tmp_path)


def test_an_empty_part(tmp_path: Path) -> None:
    put(tmp_path, "COIFT")
    with pytest.raises(DatasetError, match="holds no images: COIFT has its images in"):
        open_dataset("HQSeg_COIFT", tmp_path)


def test_missing_masks(root: Path) -> None:
    for name in "ab":
        (root / PARTS["HRSOD"].masks / f"{name}.png").unlink()
    with pytest.raises(DatasetError, match=r"there is no .*a\.png \(and 1 others\): HRSOD has"):
        open_dataset("HQSeg", root)
