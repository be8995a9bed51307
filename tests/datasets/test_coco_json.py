from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from skipclick.datasets import Dataset, open_dataset
from skipclick.errors import DatasetError

SQUARE = [[0, 0, 2, 0, 2, 2, 0, 2]]
ALL = [[0, 0, 4, 0, 4, 3, 0, 3]]


def about(id_: int, file_name: str = "a.jpg", **more: Any) -> dict[str, Any]:
    return {"id": id_, "file_name": file_name, "height": 3, "width": 4, **more}


def mask(id_: int, image: int, segmentation: Any, crowd: int = 0) -> dict[str, Any]:
    return {"id": id_, "image_id": image, "category_id": 1, "segmentation": segmentation, "iscrowd": crowd}


def put_image(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 3)).save(path)


def write(root: Path, images: list[Any], annotations: list[Any], file: str = "annotations.json") -> Path:
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(json.dumps({"images": images, "annotations": annotations, "categories": []}))
    return root / file


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in "ab":
        put_image(tmp_path / "images" / f"{name}.jpg")
    return tmp_path


def truths(dataset: Dataset) -> dict[tuple[str, int], list[list[int]]]:
    return {
        (sample.name, target.id): target.truth.tolist()
        for sample in dataset.samples
        for target in sample.load().objects
    }


def test_polygons_and_both_kinds_of_run_lengths(root: Path) -> None:
    runs = {"size": [3, 4], "counts": [6, 6]}
    text = {"size": [3, 4], "counts": "66"}
    file = write(
        root, [about(2), about(1, "b.jpg")], [mask(9, 1, text), mask(8, 1, runs), mask(7, 2, SQUARE)]
    )
    right = [[0, 0, 1, 1]] * 3
    assert truths(open_dataset("COCO", file)) == {
        ("a", 7): [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]],
        ("b", 8): right,
        ("b", 9): right,
    }


def test_objects_in_the_order_of_image_and_id(root: Path) -> None:
    file = write(root, [about(1, "b.jpg"), about(2)], [mask(5, 1, ALL), mask(3, 1, ALL), mask(4, 2, ALL)])
    assert list(truths(open_dataset("COCO", file))) == [("a", 4), ("b", 3), ("b", 5)]


def test_objects_of_an_image_are_one_sample(root: Path) -> None:
    file = write(root, [about(1)], [mask(1, 1, ALL), mask(2, 1, SQUARE)])
    (sample,) = open_dataset("COCO", file).samples
    assert len(sample.load().objects) == 2


def test_crowds_are_ignored_except_on_the_object(root: Path) -> None:
    crowd = {"size": [3, 4], "counts": [3, 9]}
    file = write(root, [about(1)], [mask(1, 1, SQUARE), mask(2, 1, crowd, crowd=1)])
    assert truths(open_dataset("COCO", file)) == {("a", 1): [[1, 1, -1, -1], [1, 1, -1, -1], [0, -1, -1, -1]]}


def test_images_without_objects_and_boxes_without_masks_are_passed_over(root: Path) -> None:
    images = [about(1), about(2, "b.jpg"), about(3, "not fetched.jpg")]
    boxes = [{"id": 5, "image_id": 3, "bbox": [0, 0, 1, 1]}, mask(6, 2, ALL, crowd=1), mask(7, 1, [])]
    file = write(root, images, [mask(1, 1, ALL), *boxes])
    assert list(truths(open_dataset("COCO", file))) == [("a", 1)]


def test_objects_smaller_than_a_pixel_are_passed_over(root: Path) -> None:
    file = write(root, [about(1)], [mask(1, 1, [[0, 0, 0.2, 0, 0.2, 0.2]]), mask(2, 1, ALL)])
    assert list(truths(open_dataset("COCO", file))) == [("a", 2)]


@pytest.mark.parametrize(
    ("file", "images"),
    [
        ("annotations/instances_val2017.json", "val2017"),
        ("annotations/instances_default.json", "images"),
        ("annotations/instances_default.json", "images/default"),
        ("annotations.json", "images"),
        ("_annotations.coco.json", "."),
        ("annotations/all.json", "."),
    ],
)
def test_where_tools_put_things(tmp_path: Path, file: str, images: str) -> None:
    name = "default/a.jpg" if images.endswith("/default") else "a.jpg"
    put_image(tmp_path / images / "a.jpg")
    path = write(tmp_path, [about(1, name)], [mask(1, 1, ALL)], file)
    for given in (tmp_path, path):
        (sample,) = open_dataset("COCO", given).samples
        assert sample.name == name.removesuffix(".jpg")
        assert sample.load().image.shape == (3, 4, 3)


def test_names_in_folders_as_windows_writes_them(root: Path) -> None:
    put_image(root / "images" / "day 1" / "a.jpg")
    file = write(root, [about(1, "day 1\\a.jpg"), about(2)], [mask(1, 1, ALL), mask(2, 2, ALL)])
    assert [sample.name for sample in open_dataset("COCO", file).samples] == ["a", "day 1/a"]


@pytest.mark.parametrize("name", ["../a.jpg", "/etc/a.jpg", "C:\\a.jpg", "images/../../a.jpg", "", "."])
def test_names_never_lead_out_of_the_folder(root: Path, name: str) -> None:
    file = write(root, [about(1, name)], [mask(1, 1, ALL)])
    with pytest.raises(DatasetError, match="names must stay inside one folder"):
        open_dataset("COCO", file)


def test_several_files_need_a_choice(root: Path) -> None:
    for split in ("train", "val"):
        write(root, [about(1)], [mask(1, 1, ALL)], f"annotations/instances_{split}.json")
    with pytest.raises(
        DatasetError, match=r"several JSON files \(instances_train\.json, instances_val\.json"
    ):
        open_dataset("COCO", root)
    assert len(open_dataset("COCO", root / "annotations" / "instances_val.json").samples) == 1


def test_other_annotations_of_coco_do_not_disturb(root: Path) -> None:
    write(root, [about(1)], [mask(1, 1, ALL)], "annotations/instances_val.json")
    write(root, [], [], "annotations/captions_val.json")
    assert len(open_dataset("COCO", root).samples) == 1


def test_no_file(root: Path) -> None:
    with pytest.raises(DatasetError, match="holds no JSON file, nor does annotations/ in it: name the file"):
        open_dataset("COCO", root)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"images": [{}], "annotations": []}',
        b'{"images": ["a"], "annotations": []}',
        b'{"images": [], "annotations": [{"image_id": 1}]}',
        b'{"images": [], "annotations": [[1]]}',
        b'{"images": [], "annotations": [{"id": "x"}]}',
        b'{"images": 5, "annotations": []}',
    ],
)
def test_files_of_something_else(root: Path, content: bytes) -> None:
    (root / "x.json").write_bytes(content)
    with pytest.raises(DatasetError, match=r"x\.json is no file of COCO instances \(.+\): export it again"):
        open_dataset("COCO", root / "x.json")


def test_nested_without_end(root: Path) -> None:
    (root / "x.json").write_text("[" * 200_000)
    with pytest.raises(DatasetError, match="is no file of COCO instances"):
        open_dataset("COCO", root / "x.json")


def test_boxes_alone(root: Path) -> None:
    file = write(root, [about(1)], [{"id": 1, "image_id": 1, "bbox": [0, 0, 2, 2]}])
    with pytest.raises(DatasetError, match="holds no masks: export polygons or run lengths, not boxes alone"):
        open_dataset("COCO", file)


@pytest.mark.parametrize(
    ("images", "annotations", "message"),
    [
        ([about(1)], [mask(1, 2, ALL)], "has annotations of image 2, but no such image"),
        ([about(1)], [mask(1, 1, ALL), mask(1, 1, SQUARE)], "two annotations have the id 1"),
        ([about(1), about(2)], [mask(1, 1, ALL), mask(2, 2, ALL)], "two images called a: rename"),
        ([about(1, height=None)], [mask(1, 1, ALL)], r"no height and width for a\.jpg"),
        ([about(1, width=0)], [mask(1, 1, ALL)], r"no height and width for a\.jpg"),
        ([about(1, width=10**9)], [mask(1, 1, ALL)], r"1000000000 x 3 pixels for a\.jpg"),
        ([about(1, "z.jpg")], [mask(1, 1, ALL)], r"names the image z\.jpg, which is in none of"),
        ([about(1), about(2, "z.jpg")], [mask(1, 1, ALL), mask(2, 2, ALL)], r"there is no .*z\.jpg"),
    ],
)
def test_what_does_not_fit_together(
    root: Path, images: list[Any], annotations: list[Any], message: str
) -> None:
    file = write(root, images, annotations)
    with pytest.raises(DatasetError, match=message) as caught:
        open_dataset("COCO", file)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "segmentation", [[[1, 2, 3]], {"size": [3, 4], "counts": [5]}, {"size": [9, 9], "counts": "0"}, "x"]
)
def test_damaged_masks_are_found_when_they_are_read(root: Path, segmentation: Any) -> None:
    file = write(root, [about(1)], [mask(17, 1, segmentation)])
    (sample,) = open_dataset("COCO", file).samples
    with pytest.raises(DatasetError, match="annotation 17 is damaged"):
        sample.load()


def test_another_size_than_the_image_s(root: Path) -> None:
    file = write(root, [about(1, height=4)], [mask(1, 1, ALL)])
    (sample,) = open_dataset("COCO", file).samples
    with pytest.raises(
        DatasetError, match=r"is 4 x 4 pixels \(width x height\) but its image a\.jpg is 4 x 3"
    ):
        sample.load()


def test_the_truths_are_8_bit(root: Path) -> None:
    (sample,) = open_dataset("COCO", write(root, [about(1)], [mask(1, 1, ALL)])).samples
    assert sample.load().objects[0].truth.dtype == np.int8
