from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from skipclick.datasets.builders.coco_sources import (
    PanopticImage,
    fill,
    read_labels,
    read_lvis,
    read_panoptic,
)
from skipclick.errors import DatasetError

NAME = "000000000009"


def panoptic() -> dict[str, Any]:
    return {
        "info": {"year": 2017},
        "images": [{"id": 9, "file_name": f"{NAME}.jpg", "height": 48, "width": 64, "license": 3}],
        "annotations": [
            {
                "image_id": 9,
                "file_name": f"{NAME}.png",
                "segments_info": [
                    {"id": 1000, "category_id": 1, "iscrowd": 0, "bbox": [0, 0, 1, 1], "area": 1},
                    {"id": 70000, "category_id": 119, "iscrowd": 0, "bbox": [0, 0, 1, 1], "area": 1},
                    {"id": 3, "category_id": 1, "iscrowd": 1, "bbox": [0, 0, 1, 1], "area": 1},
                ],
            }
        ],
        "categories": [
            {"id": 1, "isthing": 1, "name": "person", "supercategory": "person", "color": [220, 20, 60]},
            {"id": 119, "isthing": 0, "name": "flower", "supercategory": "plant", "color": [92, 82, 55]},
        ],
    }


def lvis() -> dict[str, Any]:
    url = f"http://images.cocodataset.org/train2017/{NAME}.jpg"
    polygons = [[0.4, 0.5, 10.6, 0.5, 10.6, 7.49], [20, 20, 30, 20, 30, 30, 20, 30]]
    return {
        "info": {"version": "v1.0"},
        "images": [
            {"id": 9, "coco_url": url, "height": 48, "width": 64, "not_exhaustive_category_ids": []},
            {"id": 25, "coco_url": url.replace(NAME, "000000000025"), "height": 4, "width": 6},
        ],
        "annotations": [
            {"id": 1, "image_id": 9, "category_id": 3, "segmentation": polygons, "area": 1.0, "bbox": [0.0]},
            {"id": 2, "image_id": 9, "category_id": 4, "segmentation": polygons[1:], "area": 1.0},
        ],
        "categories": [{"id": 3, "synset": "acorn.n.01", "image_count": 5}],
    }


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


class TestPanoptic:
    def test_things_with_crowds_and_stuff(self, tmp_path: Path) -> None:
        assert read_panoptic(write(tmp_path / "p.json", panoptic())) == {
            NAME: PanopticImage(f"{NAME}.png", (48, 64), (1000, 3), (70000,))
        }

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda content: content.pop("categories"), "no 'categories'"),
            (lambda content: content.pop("images"), "no 'images'"),
            (lambda content: content["annotations"][0].update(image_id=10), "no 10"),
            (lambda content: content["annotations"][0].pop("segments_info"), "no 'segments_info'"),
            (lambda content: content["categories"].pop(), "a segment of an unknown category"),
            (lambda content: content["annotations"].extend(content["annotations"]), "is annotated twice"),
            (lambda content: content["images"][0].update(file_name="..jpg"), "is no name of an image"),
            (lambda content: content["images"][0].update(file_name="a b.jpg"), "is no name of an image"),
            (lambda content: content["images"][0].update(file_name="a.exe"), "is no name of an image"),
            (lambda content: content["images"][0].update(width=0), "would have 0 x 48 pixels"),
            (lambda content: content["images"][0].update(width=10**9), "would have 1000000000 x 48"),
            (lambda content: content["images"][0].update(width=None), "int"),
            (lambda content: content["images"].append("x"), "string indices"),
        ],
    )
    def test_files_that_are_wrong(self, tmp_path: Path, change: Any, message: str) -> None:
        content = panoptic()
        change(content)
        with pytest.raises(DatasetError, match=f"p.json holds no panoptic annotations of COCO .*{message}"):
            read_panoptic(write(tmp_path / "p.json", content))

    def test_pictures_stay_in_their_folder(self, tmp_path: Path) -> None:
        content = panoptic()
        content["annotations"][0]["file_name"] = "../../secret.png"
        assert read_panoptic(write(tmp_path / "p.json", content))[NAME].labels == "secret.png"


class TestLvis:
    def test_polygons_are_rounded(self, tmp_path: Path) -> None:
        images = read_lvis(write(tmp_path / "l.json", lvis()))
        assert list(images) == [NAME, "000000000025"]
        assert images["000000000025"] == []
        first, second = images[NAME]
        assert [part.tolist() for part in first] == [
            [[0, 0], [11, 0], [11, 7]],
            [[20, 20], [30, 20], [30, 30], [20, 30]],
        ]
        assert len(second) == 1
        assert all(part.dtype == np.int32 for part in first)

    def test_file_names_do_as_well_as_addresses(self, tmp_path: Path) -> None:
        content = lvis()
        for image in content["images"]:
            image["file_name"] = image.pop("coco_url").rsplit("/", 1)[1]
        assert list(read_lvis(write(tmp_path / "l.json", content))) == [NAME, "000000000025"]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda content: content.pop("images"), "no 'images'"),
            (lambda content: content["images"][0].pop("coco_url"), "no 'file_name'"),
            (lambda content: content["annotations"][0].update(image_id=10), "no 10"),
            (
                lambda content: content["annotations"][0].update(segmentation={}),
                "annotation 1 has no polygons",
            ),
            (lambda content: content["annotations"][0].update(segmentation=[[1, 2, 3]]), "reshape"),
            (lambda content: content["annotations"][0].update(segmentation=[["x", 2]]), "convert"),
            (
                lambda content: content["annotations"][0].update(segmentation=[[1e9, 2]]),
                "nowhere near an image",
            ),
            (
                lambda content: content["annotations"][0].update(segmentation=[[float("nan"), 2]]),
                "nowhere near",
            ),
            (lambda content: content["annotations"][0].pop("segmentation"), "image"),
        ],
    )
    def test_files_that_are_wrong(self, tmp_path: Path, change: Any, message: str) -> None:
        content = lvis()
        change(content)
        with pytest.raises(DatasetError, match=f"l.json holds no annotations of LVIS .*{message}"):
            read_lvis(write(tmp_path / "l.json", content))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"5", b"\xff\xfe", b"[" * 200_000])
def test_files_of_something_else(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    for read in (read_panoptic, read_lvis):
        with pytest.raises(DatasetError, match=r"x\.json holds no .*: fetch it again") as caught:
            read(tmp_path / "x.json")
        assert "\n" not in str(caught.value)


def test_files_that_are_gone(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"x\.json cannot be read: No such file"):
        read_lvis(tmp_path / "x.json")


class TestLabels:
    def test_three_bytes_of_a_number(self, tmp_path: Path) -> None:
        pixels = np.array([[[1, 0, 0], [0, 1, 0], [0, 0, 1], [255, 255, 255]]], np.uint8)
        Image.fromarray(pixels).save(tmp_path / "x.png")
        labels = read_labels(tmp_path / "x.png", (1, 4))
        assert labels.tolist() == [[1, 256, 65536, 16777215]]
        assert labels.dtype == np.int32

    def test_another_size(self, tmp_path: Path) -> None:
        Image.new("RGB", (4, 1)).save(tmp_path / "x.png")
        with pytest.raises(DatasetError, match=r"x\.png is 4 x 1 pixels, not 1 x 4: fetch it again"):
            read_labels(tmp_path / "x.png", (4, 1))


class TestFill:
    def test_outlines_belong_to_the_mask(self) -> None:
        mask = fill((np.array([[1, 1], [4, 1], [4, 3], [1, 3]], np.int32),), (6, 8))
        assert mask.dtype == np.bool_
        expected = np.zeros((6, 8), np.bool_)
        expected[1:4, 1:5] = True
        assert np.array_equal(mask, expected)

    def test_parts_are_put_together(self) -> None:
        """Where two parts overlap there is no hole."""
        square = np.array([[0, 0], [3, 0], [3, 3], [0, 3]], np.int32)
        assert fill((square, square + 2), (8, 8)).sum() == 16 + 16 - 4

    def test_what_lies_outside_is_cut_off(self) -> None:
        square = np.array([[-50, -50], [3, -50], [3, 2], [-50, 2]], np.int32)
        assert fill((square,), (8, 8)).sum() == 12

    def test_no_parts(self) -> None:
        assert not fill((), (8, 8)).any()
