"""labelme's JSON."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from skipclick.annotation.document import PALETTE, ClassRecord
from skipclick.annotation.errors import FormatError
from skipclick.annotation.formats import ExportedImage, ImageIndex
from skipclick.annotation.formats.labelme import read, write

CLASSES = (ClassRecord(4, "ski", PALETTE[0]), ClassRecord(2, "pole", PALETTE[1]))


def test_shapes_of_an_object_share_its_number(picture: ExportedImage) -> None:
    ((name, data),) = write(CLASSES, (picture,), 0.0)
    content = json.loads(data)
    assert name == "in/photo.json"
    assert content["imagePath"] == "photo.jpg"
    assert (content["imageHeight"], content["imageWidth"], content["imageData"]) == (5, 8, None)
    shapes = content["shapes"]
    assert [one["shape_type"] for one in shapes] == ["mask", "polygon", "polygon", "polygon"]
    assert [one["group_id"] for one in shapes] == [3, 7, 7, 1]
    assert [one["label"] for one in shapes] == ["ski", "pole", "pole", "ski"]
    assert shapes[1]["points"] == [[6, 0], [8, 0], [8, 2], [6, 2]]


def test_a_mask_is_a_picture_of_its_box(picture: ExportedImage) -> None:
    ((_, data),) = write(CLASSES, (picture,), 0.0)
    ring = json.loads(data)["shapes"][0]
    assert ring["points"] == [[1, 0], [4, 2]]
    with Image.open(io.BytesIO(base64.b64decode(ring["mask"]))) as part:
        assert (np.asarray(part) > 0).tolist() == [[True] * 4, [True, False, False, True], [True] * 4]


def shape(kind: str, points: Any, **more: Any) -> dict[str, Any]:
    return {"label": "ski", "shape_type": kind, "points": points, "group_id": None, **more}


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    def run(*shapes: Any, **parts: Any) -> Path:
        content = {
            "version": "5.0.1",
            "imagePath": "photo.jpg",
            "imageHeight": 5,
            "imageWidth": 8,
            "shapes": shapes,
        }
        (tmp_path / "photo.json").write_text(json.dumps({**content, **parts}), encoding="utf-8")
        return tmp_path

    return run


def crop(*rows: str) -> str:
    file = io.BytesIO()
    Image.fromarray(np.array([[255 * (letter == "#") for letter in row] for row in rows], np.uint8)).save(
        file, "PNG"
    )
    return base64.b64encode(file.getvalue()).decode()


class TestReading:
    def test_all_shapes_that_have_an_inside(self, put: Callable[..., Path], index: ImageIndex) -> None:
        folder = put(
            shape("polygon", [[2, 2], [5, 2], [5, 4], [2, 4]]),
            shape("rectangle", [[5, 4], [2, 2]]),
            shape("circle", [[4, 2.5], [4, 4]]),
            shape("mask", [[1, 1], [2, 2]], mask=crop("##", "#.")),
            shape("point", [[1, 1]]),
            shape("line", [[1, 1], [3, 3]]),
            shape("linestrip", [[1, 1], [3, 3], [4, 1]]),
        )
        found = read(folder, index, "object")
        objects = found.images["in/photo.jpg"]
        assert [one.mask.area() for one in objects] == [6, 6, 8, 3]
        assert {one.id for one in objects} == {None}
        assert found.passed_over == 3

    def test_shapes_of_a_group_are_one_object(self, put: Callable[..., Path], index: ImageIndex) -> None:
        square = [[0, 0], [2, 0], [2, 2], [0, 2]]
        folder = put(
            shape("polygon", square, group_id=4),
            shape("polygon", square),
            shape("polygon", [[4, 0], [6, 0], [6, 2], [4, 2]], group_id=4),
            shape("polygon", square, group_id=4, label="pole"),
            shape("polygon", square),
        )
        objects = read(folder, index, "object").images["in/photo.jpg"]
        assert [(one.class_name, one.id, one.mask.area()) for one in objects] == [
            ("ski", 4, 8),
            ("ski", None, 4),
            ("pole", 4, 4),
            ("ski", None, 4),
        ]

    def test_one_file_may_be_named(self, put: Callable[..., Path], index: ImageIndex) -> None:
        folder = put(shape("polygon", [[0, 0], [8, 0], [8, 5]]))
        assert read(folder / "photo.json", index, "object").images

    def test_old_files_without_some_fields(self, put: Callable[..., Path], index: ImageIndex) -> None:
        folder = put(
            {"points": [[0, 0], [8, 0], [8, 5], [0, 5]]}, imageHeight=None, imagePath="..\\x\\photo.jpg"
        )
        (one,) = read(folder, index, "thing").images["in/photo.jpg"]
        assert (one.class_name, one.mask.area()) == ("thing", 40)

    def test_other_images_are_named(self, put: Callable[..., Path], index: ImageIndex) -> None:
        assert read(put(imagePath="other.jpg"), index, "object").missing == ("other.jpg",)

    def test_another_size(self, put: Callable[..., Path], index: ImageIndex) -> None:
        with pytest.raises(FormatError, match="for an image of 5 x 8"):
            read(put(imageHeight=8, imageWidth=5), index, "object")

    @pytest.mark.parametrize(
        "bad",
        [
            shape("polygon", [[0, 0], [float("nan"), 1], [2, 2]]),
            shape("polygon", [[0, 0], [1e12, 1], [2, 2]]),
            shape("polygon", [0, 0, 1]),
            shape("polygon", [["a", "b"]]),
            shape("polygon", None),
            shape("circle", []),
            shape("rectangle", [[0, 0], [float("inf"), 1]]),
            shape("mask", [[0, 0], [1, 1]]),
            shape("mask", [[0, 0], [1, 1]], mask="not base64!"),
            shape("mask", [[0, 0], [1, 1]], mask=base64.b64encode(b"no picture").decode()),
            shape("mask", [[7, 4], [8, 5]], mask=crop("##", "##")),
            shape("mask", [[-1, 0], [1, 1]], mask=crop("##", "##")),
            shape("mask", [[0, 0], [1, 1]], mask=crop("#" * 9)),
            "polygon",
            None,
        ],
    )
    def test_damaged_shapes(self, put: Callable[..., Path], index: ImageIndex, bad: Any) -> None:
        with pytest.raises(FormatError, match=r"photo\.json is no file of labelme's") as caught:
            read(put(bad), index, "object")
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize("parts", [{"shapes": None}, {"shapes": 3}, {"shapes": {"a": 1}}])
    def test_files_of_another_kind(
        self, put: Callable[..., Path], index: ImageIndex, parts: dict[str, Any]
    ) -> None:
        with pytest.raises(FormatError, match="no file of labelme's"):
            read(put(**parts), index, "object")

    def test_files_without_an_image(self, tmp_path: Path, index: ImageIndex) -> None:
        with pytest.raises(FormatError, match="holds no JSON files"):
            read(tmp_path, index, "object")
        (tmp_path / "a.json").write_text("{}", encoding="utf-8")
        with pytest.raises(FormatError, match="no 'imagePath'"):
            read(tmp_path, index, "object")
