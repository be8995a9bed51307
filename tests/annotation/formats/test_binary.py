"""Black and white masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skipclick.annotation.document import PALETTE, ClassRecord
from skipclick.annotation.errors import FormatError
from skipclick.annotation.formats import ExportedImage, ImageIndex
from skipclick.annotation.formats.binary import read, write

CLASSES = (ClassRecord(4, "ski", PALETTE[0]), ClassRecord(2, "pole", PALETTE[1]))


def put(folder: Path, picture: ExportedImage) -> Path:
    for name, data in write(CLASSES, (picture,), 0.0):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_a_file_for_each_object_whole(picture: ExportedImage, tmp_path: Path) -> None:
    put(tmp_path, picture)
    assert sorted(path.name for path in (tmp_path / "in").iterdir()) == [
        "photo.1.png",
        "photo.3.png",
        "photo.7.png",
    ]
    with Image.open(tmp_path / "in" / "photo.3.png") as ring:
        assert ring.mode == "L"
        values = np.asarray(ring)
    assert set(np.unique(values)) == {0, 255}
    assert ((values == 255) == picture.objects[0].mask.to_mask()).all()


def test_the_order_is_kept_though_the_numbers_go_another_way(
    picture: ExportedImage, index: ImageIndex, tmp_path: Path
) -> None:
    found = read(put(tmp_path, picture), index, "object")
    assert [one.id for one in found.images["in/photo.jpg"]] == [3, 7, 1]
    assert found.classes == ("ski", "pole")


class TestReading:
    @pytest.mark.parametrize(
        ("name", "number"),
        [
            ("photo", None),
            ("photo.3", 3),
            ("photo_12", 12),
            ("photo-0004", 4),
            ("in/photo.1", 1),
            ("photo.900100448263", 900100448263),
        ],
    )
    def test_others_names(self, tmp_path: Path, index: ImageIndex, name: str, number: int | None) -> None:
        path = tmp_path / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        Image.new("L", (8, 5), 255).save(path)
        (one,) = read(tmp_path, index, "thing").images["in/photo.jpg"]
        assert (one.id, one.class_name, one.mask.area()) == (number, "thing", 40)
        assert read(path, index, "thing").images["in/photo.jpg"] == (one,)

    def test_any_value_but_black_is_object(self, tmp_path: Path, index: ImageIndex) -> None:
        values = np.zeros((5, 8), np.uint8)
        values[0] = 1
        values[1] = 128
        Image.fromarray(values).save(tmp_path / "photo.png")
        assert read(tmp_path, index, "object").images["in/photo.jpg"][0].mask.area() == 16

    def test_black_masks_are_no_objects(self, tmp_path: Path, index: ImageIndex) -> None:
        Image.new("L", (8, 5)).save(tmp_path / "photo.png")
        assert not read(tmp_path, index, "object").images

    def test_other_images_are_named(self, tmp_path: Path, index: ImageIndex) -> None:
        Image.new("L", (8, 5), 255).save(tmp_path / "other_3.png")
        assert read(tmp_path, index, "object").missing == ("other_3.png",)

    def test_what_cannot_be_read(self, tmp_path: Path, index: ImageIndex) -> None:
        with pytest.raises(FormatError, match="holds no PNG files"):
            read(tmp_path, index, "object")
        (tmp_path / "photo.png").write_bytes(b"no picture")
        with pytest.raises(FormatError, match="not a picture"):
            read(tmp_path, index, "object")
        Image.new("L", (4, 4), 255).save(tmp_path / "photo.png")
        with pytest.raises(FormatError, match="4 x 4 pixels"):
            read(tmp_path, index, "object")
