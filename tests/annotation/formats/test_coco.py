"""COCO's JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skipclick.annotation.document import PALETTE, ClassRecord
from skipclick.annotation.errors import FormatError
from skipclick.annotation.formats import ExportedImage, ExportedObject, ImageIndex
from skipclick.annotation.formats.coco import read, write
from skipclick.mask import RunLengths

CLASSES = (ClassRecord(4, "ski", PALETTE[0]), ClassRecord(2, "pole", PALETTE[1]))


def written(*images: ExportedImage, tolerance: float = 0.0) -> dict[str, Any]:
    ((name, data),) = write(CLASSES, images, tolerance)
    assert name == "annotations.json"
    content: dict[str, Any] = json.loads(data)
    return content


def test_polygons_where_there_is_no_hole_and_run_lengths_where_there_is(picture: ExportedImage) -> None:
    ring, parts, block = written(picture)["annotations"]
    assert ring["segmentation"] == {"size": [5, 8], "counts": [5, 3, 2, 1, 1, 1, 2, 1, 1, 1, 2, 3, 17]}
    assert parts["segmentation"] == [[6, 0, 8, 0, 8, 2, 6, 2], [0, 3, 2, 3, 2, 5, 0, 5]]
    assert block["segmentation"] == [[2, 2, 5, 2, 5, 4, 2, 4]]
    assert [one["area"] for one in (ring, parts, block)] == [10, 8, 6]
    assert [one["bbox"] for one in (ring, parts, block)] == [[1, 0, 4, 3], [0, 0, 8, 5], [2, 2, 3, 2]]
    assert {one["iscrowd"] for one in (ring, parts, block)} == {0}


def test_numbers_and_classes_are_ours(picture: ExportedImage) -> None:
    content = written(picture)
    assert [one["id"] for one in content["annotations"]] == [3, 7, 1]
    assert [one["category_id"] for one in content["annotations"]] == [4, 2, 4]
    assert [(one["id"], one["name"]) for one in content["categories"]] == [(4, "ski"), (2, "pole")]
    assert content["images"] == [{"id": 1, "file_name": "in/photo.jpg", "height": 5, "width": 8}]


def test_numbers_of_annotations_are_unique_over_images(picture: ExportedImage) -> None:
    other = ExportedImage("b.jpg", picture.shape, picture.objects)
    annotations = written(picture, other)["annotations"]
    assert [one["id"] for one in annotations] == [3, 7, 1, 8, 9, 10]
    assert [one["object_id"] for one in annotations] == [3, 7, 1, 3, 7, 1]


def test_images_without_objects_are_listed() -> None:
    content = written(ExportedImage("a.jpg", (5, 8), ()))
    assert len(content["images"]) == 1
    assert content["annotations"] == []


def test_a_tolerance_takes_points_away() -> None:
    rows, columns = np.mgrid[:60, :60] - 30
    disk = RunLengths.from_mask(rows**2 + columns**2 < 25**2)
    image = ExportedImage("a.jpg", (60, 60), (ExportedObject(1, 4, disk),))
    exact = written(image)["annotations"][0]["segmentation"][0]
    rough = written(image, tolerance=1.5)["annotations"][0]["segmentation"][0]
    assert len(rough) < len(exact) / 4
    assert len(rough) >= 6


GOOD: dict[str, Any] = {
    "images": [{"id": 5, "file_name": "photo.jpg", "height": 5, "width": 8}],
    "categories": [{"id": 1, "name": "ski"}],
    "annotations": [
        {"id": 12, "image_id": 5, "category_id": 1, "segmentation": [[2, 2, 5, 2, 5, 4, 2, 4]]},
    ],
}


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """Writes GOOD with changes of its parts, or of its one annotation."""

    def run(annotation: dict[str, Any] | None = None, **parts: Any) -> Path:
        content = json.loads(json.dumps({**GOOD, **parts}))
        content["annotations"][:1] = [{**one, **(annotation or {})} for one in content["annotations"][:1]]
        path = tmp_path / "instances.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return run


class TestReading:
    def test_others_files(self, put: Callable[..., Path], index: ImageIndex) -> None:
        found = read(put(), index, "object")
        (one,) = found.images["in/photo.jpg"]
        assert (one.class_name, one.id, one.mask.area()) == ("ski", None, 6)
        assert found.classes == ("ski",)

    @pytest.mark.parametrize("number", [3, 65535, 10**12])
    def test_only_our_own_numbers_are_numbers_of_objects(
        self, put: Callable[..., Path], index: ImageIndex, number: int
    ) -> None:
        (one,) = read(put({"id": 900100448263, "object_id": number}), index, "object").images["in/photo.jpg"]
        assert one.id == number
        (one,) = read(put({"id": number, "object_id": "x"}), index, "object").images["in/photo.jpg"]
        assert one.id is None

    def test_run_lengths_as_lists_and_as_text(
        self, put: Callable[..., Path], index: ImageIndex, picture: ExportedImage
    ) -> None:
        ring = picture.objects[0].mask
        for counts in (ring.counts, [5, 3, 2, 1, 1, 1, 2, 1, 1, 1, 2, 3, 17]):
            path = put({"segmentation": {"size": [5, 8], "counts": counts}})
            assert read(path, index, "object").images["in/photo.jpg"][0].mask == ring

    def test_a_folder_stands_for_the_file_in_it(
        self, put: Callable[..., Path], index: ImageIndex, tmp_path: Path
    ) -> None:
        put().rename(tmp_path / "annotations.json")
        assert read(tmp_path, index, "object").images

    def test_polygons_are_cut_off_at_the_image(self, put: Callable[..., Path], index: ImageIndex) -> None:
        path = put({"segmentation": [[-100, -100, 900, -100, 900, 900, -100, 900]]})
        assert read(path, index, "object").images["in/photo.jpg"][0].mask.area() == 40

    def test_crowds_and_boxes_are_passed_over_and_counted(
        self, put: Callable[..., Path], index: ImageIndex
    ) -> None:
        more = [{"id": n, "image_id": 5, "category_id": 1, "bbox": [0, 0, 2, 2]} for n in (1, 2)]
        path = put({"iscrowd": 1}, annotations=[*GOOD["annotations"], *more])
        found = read(path, index, "object")
        assert found.passed_over == 3
        assert not found.images

    def test_images_that_are_not_here_are_named(self, put: Callable[..., Path], index: ImageIndex) -> None:
        images = [*GOOD["images"], {"id": 6, "file_name": "other.jpg"}]
        more = {"id": 1, "image_id": 6, "category_id": 1, "segmentation": "whatever"}
        found = read(put(images=images, annotations=[*GOOD["annotations"], more]), index, "object")
        assert found.missing == ("other.jpg",)
        assert list(found.images) == ["in/photo.jpg"]

    def test_objects_without_a_known_class(self, put: Callable[..., Path], index: ImageIndex) -> None:
        found = read(put(categories=[]), index, "thing")
        assert found.images["in/photo.jpg"][0].class_name == "thing"

    def test_a_file_for_images_of_another_size(self, put: Callable[..., Path], index: ImageIndex) -> None:
        path = put(images=[{"id": 5, "file_name": "photo.jpg", "height": 8, "width": 5}])
        with pytest.raises(FormatError, match="for an image of 5 x 8 pixels, but yours has 8 x 5"):
            read(path, index, "object")

    @pytest.mark.parametrize(
        "segmentation",
        [
            [[1, 2, 3]],
            [[0, 0, float("nan"), 1, 2, 2]],
            [[0, 0, 1e300, 1, 2, 2]],
            [["a", "b"]],
            "text",
            3,
            {"size": [5, 8], "counts": [41]},
            {"size": [5, 8], "counts": [10**30]},
            {"size": [5, 8], "counts": [-1, 41]},
            {"size": [5, 8], "counts": "P" * 1000},
            {"size": [5, 8], "counts": "é"},
            {"size": [10**9, 10**9], "counts": [10**18]},
            {"size": "big", "counts": []},
            {"counts": None},
        ],
    )
    def test_damaged_masks(self, put: Callable[..., Path], index: ImageIndex, segmentation: Any) -> None:
        with pytest.raises(FormatError, match=r"annotation 12 of photo\.jpg is damaged") as caught:
            read(put({"segmentation": segmentation}), index, "object")
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        "parts",
        [
            {"images": None},
            {"images": [{"id": 5}]},
            {"images": ["photo.jpg"]},
            {"images": {"id": 5}},
            {"categories": [{"id": "x", "name": "ski"}]},
            {"categories": 3},
            {"annotations": [3]},
            {"annotations": [{"id": 1}]},
            {"annotations": GOOD["annotations"] * 2},
            {"images": []},
        ],
    )
    def test_files_of_another_kind(self, put: Callable[..., Path], index: ImageIndex, parts: Any) -> None:
        with pytest.raises(FormatError, match="is no file of COCO instances"):
            read(self.file(put, parts), index, "object")

    def file(self, put: Callable[..., Path], parts: dict[str, Any]) -> Path:
        path = put()
        path.write_text(json.dumps({**GOOD, **parts}), encoding="utf-8")
        return path
