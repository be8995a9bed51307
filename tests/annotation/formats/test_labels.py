"""Label maps as WSESeg and SHSeg have them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skipclick.annotation.document import PALETTE, ClassRecord
from skipclick.annotation.errors import FormatError
from skipclick.annotation.formats import ExportedImage, ImageIndex
from skipclick.annotation.formats.labels import read, write

CLASSES = (ClassRecord(4, "ski", PALETTE[0]), ClassRecord(2, "pole, long", PALETTE[1]))


def put(folder: Path, picture: ExportedImage) -> Path:
    for name, data in write(CLASSES, (picture,), 0.0):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_values_are_numbers_of_objects_and_the_front_wins(picture: ExportedImage, tmp_path: Path) -> None:
    put(tmp_path, picture)
    with Image.open(tmp_path / "in" / "mask_photo.png") as labels:
        assert labels.mode == "L"
        assert np.asarray(labels).tolist() == [
            [0, 3, 3, 3, 3, 0, 7, 7],
            [0, 3, 0, 0, 3, 0, 7, 7],
            [0, 3, 1, 1, 1, 0, 0, 0],
            [7, 7, 1, 1, 1, 0, 0, 0],
            [7, 7, 0, 0, 0, 0, 0, 0],
        ]
    assert (tmp_path / "objects.csv").read_text(encoding="utf-8") == (
        "file,image,id,class\n"
        "in/mask_photo.png,in/photo.jpg,3,ski\n"
        'in/mask_photo.png,in/photo.jpg,7,"pole, long"\n'
        "in/mask_photo.png,in/photo.jpg,1,ski\n"
    )


def test_large_numbers_take_sixteen_bits(picture: ExportedImage, index: ImageIndex, tmp_path: Path) -> None:
    big = replace(picture, objects=(replace(picture.objects[0], id=65535),))
    put(tmp_path, big)
    with Image.open(tmp_path / "in" / "mask_photo.png") as labels:
        assert labels.mode == "I;16"
    (one,) = read(tmp_path, index, "object").images["in/photo.jpg"]
    assert (one.id, one.mask) == (65535, picture.objects[0].mask)
    with pytest.raises(FormatError, match="an object 65536: label maps hold numbers to 65535"):
        put(tmp_path, replace(picture, objects=(replace(picture.objects[0], id=65536),)))


def test_the_evaluation_reads_what_is_written(picture: ExportedImage, tmp_path: Path) -> None:
    from skipclick.datasets.wseseg import read_masks_beside_images

    put(tmp_path, picture)
    (sample,) = read_masks_beside_images(tmp_path / "in")
    assert sample.name == "photo"
    truths = {one.id: (one.truth == 1).sum() for one in sample.read_truth(sample.truth_file)}
    assert truths == {1: 6, 3: 7, 7: 8}


class TestReading:
    def test_others_maps_get_one_class(self, tmp_path: Path, index: ImageIndex) -> None:
        labels = np.zeros((5, 8), np.uint8)
        labels[0], labels[1] = 9, 2
        Image.fromarray(labels).save(tmp_path / "mask_photo.png")
        found = read(tmp_path, index, "snowboard")
        assert [(one.id, one.class_name, one.mask.area()) for one in found.images["in/photo.jpg"]] == [
            (2, "snowboard", 8),
            (9, "snowboard", 8),
        ]
        assert read(tmp_path / "mask_photo.png", index, "snowboard").images == found.images

    def test_no_object_is_lost_where_there_is_no_background(self, tmp_path: Path, index: ImageIndex) -> None:
        Image.fromarray(np.full((5, 8), 3, np.uint8)).save(tmp_path / "mask_photo.png")
        assert read(tmp_path, index, "object").images["in/photo.jpg"][0].mask.area() == 40

    def test_palettes_and_two_colours(self, tmp_path: Path, index: ImageIndex) -> None:
        palette = Image.new("P", (8, 5), 4)
        palette.putpalette([10] * 768)
        for picture, number in ((palette, 4), (Image.new("1", (8, 5), 1), 1)):
            picture.save(tmp_path / "mask_photo.png")
            assert read(tmp_path, index, "object").images["in/photo.jpg"][0].id == number

    def test_other_images_are_named(self, tmp_path: Path, index: ImageIndex) -> None:
        Image.new("L", (8, 5)).save(tmp_path / "mask_other.png")
        assert read(tmp_path, index, "object").missing == ("mask_other",)

    def test_another_size(self, tmp_path: Path, index: ImageIndex) -> None:
        Image.new("L", (5, 8), 1).save(tmp_path / "mask_photo.png")
        with pytest.raises(FormatError, match="5 x 8 pixels, but its image 8 x 5"):
            read(tmp_path, index, "object")

    def test_colour_pictures_and_no_pictures(self, tmp_path: Path, index: ImageIndex) -> None:
        path = tmp_path / "mask_photo.png"
        Image.new("RGB", (8, 5)).save(path)
        with pytest.raises(FormatError, match="a picture in colour"):
            read(tmp_path, index, "object")
        path.write_bytes(path.read_bytes()[:40])
        with pytest.raises(FormatError, match="cannot be read as a picture"):
            read(tmp_path, index, "object")

    def test_an_empty_folder(self, tmp_path: Path, index: ImageIndex) -> None:
        with pytest.raises(FormatError, match=r"expected mask_NAME.png"):
            read(tmp_path, index, "object")

    @pytest.mark.parametrize(
        "text", ["a,b\n1,2\n", "file,image,id,class\nx,y,z,w\n", "file,image,id,class\nx\n", '"']
    )
    def test_tables_that_are_none(
        self, tmp_path: Path, index: ImageIndex, picture: ExportedImage, text: str
    ) -> None:
        put(tmp_path, picture)
        (tmp_path / "objects.csv").write_text(text, encoding="utf-8")
        with pytest.raises(FormatError, match="is no table of file, image, id, class"):
            read(tmp_path, index, "object")
