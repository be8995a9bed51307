"""Pascal VOC's maps and XML."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from skipclick.annotation.document import PALETTE, ClassRecord
from skipclick.annotation.errors import FormatError
from skipclick.annotation.formats import ExportedImage, ExportedObject, ImageIndex
from skipclick.annotation.formats.voc import read, voc_palette, write

CLASSES = (ClassRecord(4, "ski", PALETTE[0]), ClassRecord(2, "pole", PALETTE[1]))


def put(folder: Path, picture: ExportedImage) -> Path:
    for name, data in write(CLASSES, (picture,), 0.0):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_the_palette_is_voc_s() -> None:
    """The first colours and the last, as the data set's own files show them."""
    colours = np.frombuffer(voc_palette(), np.uint8).reshape(256, 3).tolist()
    assert colours[:8] == [
        [0, 0, 0],
        [128, 0, 0],
        [0, 128, 0],
        [128, 128, 0],
        [0, 0, 128],
        [128, 0, 128],
        [0, 128, 128],
        [128, 128, 128],
    ]
    assert colours[8] == [64, 0, 0]
    assert colours[255] == [224, 224, 192]
    assert len({tuple(one) for one in colours}) == 256


def test_both_maps(picture: ExportedImage, tmp_path: Path) -> None:
    put(tmp_path, picture)
    maps = {}
    for kind in ("SegmentationObject", "SegmentationClass"):
        with Image.open(tmp_path / kind / "in" / "photo.png") as image:
            assert image.mode == "P"
            maps[kind] = np.array(image)
    assert maps["SegmentationObject"][2].tolist() == [0, 1, 3, 3, 3, 0, 0, 0]
    assert maps["SegmentationClass"][2].tolist() == [0, 1, 1, 1, 1, 0, 0, 0]
    assert maps["SegmentationClass"][0].tolist() == [0, 1, 1, 1, 1, 0, 2, 2]
    assert (tmp_path / "classes.txt").read_text(encoding="utf-8") == "ski\npole\n"


def test_the_description(picture: ExportedImage, tmp_path: Path) -> None:
    root = ElementTree.parse(put(tmp_path, picture) / "Annotations" / "in" / "photo.xml").getroot()
    assert root.findtext("filename") == "photo.jpg"
    assert [root.findtext(f"size/{side}") for side in ("width", "height", "depth")] == ["8", "5", "3"]
    assert root.findtext("segmented") == "1"
    objects = root.findall("object")
    assert [one.findtext("name") for one in objects] == ["ski", "pole", "ski"]
    assert [one.findtext("id") for one in objects] == ["3", "7", "1"]
    box = [objects[2].findtext(f"bndbox/{side}") for side in ("xmin", "ymin", "xmax", "ymax")]
    assert box == ["3", "3", "5", "4"]


def test_covered_objects_keep_their_place(picture: ExportedImage, index: ImageIndex, tmp_path: Path) -> None:
    ring, _, block = picture.objects
    image = replace(picture, objects=(block, ring, replace(block, id=9)))
    found = read(put(tmp_path, image), index, "object")
    assert [one.id for one in found.images["in/photo.jpg"]] == [3, 9]


def test_too_many(picture: ExportedImage) -> None:
    one = picture.objects[0]
    crowd = replace(picture, objects=tuple(replace(one, id=number + 1) for number in range(255)))
    with pytest.raises(FormatError, match="255 objects; Pascal VOC holds 254"):
        list(write(CLASSES, (crowd,), 0.0))
    classes = tuple(ClassRecord(number, f"class {number}", (0, 0, 0)) for number in range(1, 256))
    with pytest.raises(FormatError, match="254 classes, not 255"):
        list(write(classes, (), 0.0))


class TestReading:
    def put(self, folder: Path, xml: str | None) -> Path:
        values = np.zeros((5, 8), np.uint8)
        values[0], values[1], values[2] = 1, 2, 255
        (folder / "SegmentationObject").mkdir()
        Image.fromarray(values).save(folder / "SegmentationObject" / "photo.png")
        if xml is not None:
            (folder / "Annotations").mkdir()
            (folder / "Annotations" / "photo.xml").write_text(xml, encoding="utf-8")
        return folder

    def test_others_files(self, tmp_path: Path, index: ImageIndex) -> None:
        xml = (
            "<annotation><object><name>person</name></object><object><name> dog </name></object></annotation>"
        )
        found = read(self.put(tmp_path, xml), index, "object")
        assert [(one.class_name, one.id, one.mask.area()) for one in found.images["in/photo.jpg"]] == [
            ("person", None, 8),
            ("dog", None, 8),
        ]

    @pytest.mark.parametrize(
        ("xml", "complaint"),
        [
            (None, "No such file"),
            ("", "is damaged"),
            ("<annotation>", "is damaged"),
            ("text", "is damaged"),
            ("<annotation><object><name>a</name></object></annotation>", "has an object 2, but .* only 1"),
            ("<annotation><object><id>x</id></object></annotation>", "is damaged"),
            ('<!DOCTYPE a [<!ENTITY b "c">]><annotation>&b;</annotation>', "has a document type"),
            ('<!-- x --><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "has a document type"),
        ],
    )
    def test_descriptions_that_are_none(
        self, tmp_path: Path, index: ImageIndex, xml: str | None, complaint: str
    ) -> None:
        with pytest.raises(FormatError, match=complaint) as caught:
            read(self.put(tmp_path, xml), index, "object")
        assert "\n" not in str(caught.value)

    def test_folders_that_are_none(self, tmp_path: Path, index: ImageIndex) -> None:
        with pytest.raises(FormatError, match="is no folder"):
            read(tmp_path, index, "object")
        (tmp_path / "SegmentationObject").mkdir()
        with pytest.raises(FormatError, match="holds no PNG files"):
            read(tmp_path, index, "object")

    def test_objects_without_a_name(self, tmp_path: Path, index: ImageIndex) -> None:
        xml = "<annotation><object/><object><name/></object></annotation>"
        found = read(self.put(tmp_path, xml), index, "thing")
        assert [one.class_name for one in found.images["in/photo.jpg"]] == ["thing", "thing"]


def test_an_object_s_class_is_that_of_its_pixels(tmp_path: Path, picture: ExportedImage) -> None:
    """Both maps agree where objects of different classes overlap."""
    whole = ExportedObject(1, 4, picture.objects[2].mask)
    front = ExportedObject(2, 2, picture.objects[2].mask)
    put(tmp_path, replace(picture, objects=(whole, front)))
    with Image.open(tmp_path / "SegmentationClass" / "in" / "photo.png") as image:
        assert set(np.unique(np.asarray(image))) == {0, 2}
