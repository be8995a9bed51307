"""YOLO's text files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from skipclick.annotation.document import PALETTE, ClassRecord
from skipclick.annotation.errors import FormatError
from skipclick.annotation.formats import ExportedImage, ExportedObject, ImageIndex
from skipclick.annotation.formats.yolo import read, write
from skipclick.mask import RunLengths
from skipclick.polygon import fill_polygon

CLASSES = (ClassRecord(4, "ski: 1", PALETTE[0]), ClassRecord(2, "Stöcke", PALETTE[1]))


def written(*images: ExportedImage) -> dict[str, str]:
    return {name: data.decode() for name, data in write(CLASSES, images, 0.0)}


def test_names_and_places_of_classes(picture: ExportedImage) -> None:
    files = written(picture)
    assert set(files) == {"data.yaml", "labels/in/photo.txt"}
    assert yaml.safe_load(files["data.yaml"]) == {"names": {0: "ski: 1", 1: "Stöcke"}}
    assert [line.split()[0] for line in files["labels/in/photo.txt"].splitlines()] == ["0", "1", "0"]


def test_a_block_is_four_corners(picture: ExportedImage) -> None:
    last = written(picture)["labels/in/photo.txt"].splitlines()[-1]
    assert last == "0 0.25 0.4 0.625 0.4 0.625 0.8 0.25 0.8"


def test_images_without_objects_get_an_empty_file() -> None:
    assert written(ExportedImage("a.jpg", (5, 8), ()))["labels/a.txt"] == ""


@settings(deadline=None, max_examples=20)
@given(hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12)), st.sampled_from([1, 37]))
def test_one_polygon_holds_holes_and_parts(mask: np.ndarray, scale: int) -> None:
    if mask.any():
        check_in_a_corner(mask, (mask.shape[0] * scale, mask.shape[1] * scale))


def test_eight_digits_are_enough_for_large_images() -> None:
    check_in_a_corner(np.random.default_rng(3).random((9, 9)) < 0.5, (1973, 9997))


def check_in_a_corner(mask: np.ndarray, shape: tuple[int, int]) -> None:
    wide = np.zeros(shape, np.bool_)
    wide[: mask.shape[0], -mask.shape[1] :] = mask  # a small thing in a large image
    image = ExportedImage("a.jpg", shape, (ExportedObject(1, 4, RunLengths.from_mask(wide)),))
    line = written(image)["labels/a.txt"]
    points = np.array(line.split()[1:], float).reshape(-1, 2) * shape[::-1]
    assert (fill_polygon(points, shape) == wide).all()


class TestReading:
    def put(self, folder: Path, text: str, names: str | None = "names: [ski, pole]\n") -> Path:
        (folder / "labels").mkdir()
        (folder / "labels" / "photo.txt").write_text(text, encoding="utf-8")
        if names is not None:
            (folder / "data.yaml").write_text(names, encoding="utf-8")
        return folder

    def test_others_files(self, tmp_path: Path, index: ImageIndex) -> None:
        found = read(self.put(tmp_path, "1 0.25 0.4 0.625 0.4 0.625 0.8 0.25 0.8\n\n"), index, "object")
        (one,) = found.images["in/photo.jpg"]
        assert (one.class_name, one.id, one.mask.area()) == ("pole", None, 6)
        assert found.classes == ("ski", "pole")

    def test_the_yaml_file_may_be_named_itself(self, tmp_path: Path, index: ImageIndex) -> None:
        folder = self.put(tmp_path, "0 0 0 1 0 1 1")
        assert read(folder / "data.yaml", index, "object").images

    def test_without_names(self, tmp_path: Path, index: ImageIndex) -> None:
        folder = self.put(tmp_path, "7 0 0 1 0 1 1", names=None)
        assert read(folder, index, "thing").images["in/photo.jpg"][0].class_name == "thing"

    def test_a_class_that_has_no_name(self, tmp_path: Path, index: ImageIndex) -> None:
        folder = self.put(tmp_path, "7 0 0 1 0 1 1")
        assert read(folder, index, "thing").images["in/photo.jpg"][0].class_name == "class 7"

    def test_boxes_are_passed_over(self, tmp_path: Path, index: ImageIndex) -> None:
        found = read(self.put(tmp_path, "0 0.5 0.5 0.2 0.2\n0 0 0 1 0 1 1\n"), index, "object")
        assert found.passed_over == 1
        assert len(found.images["in/photo.jpg"]) == 1

    def test_slightly_outside_is_cut_off(self, tmp_path: Path, index: ImageIndex) -> None:
        found = read(self.put(tmp_path, "0 -0.1 -0.1 1.1 -0.1 1.1 1.1 -0.1 1.1"), index, "object")
        assert found.images["in/photo.jpg"][0].mask.area() == 40

    def test_files_about_other_images_are_named(self, tmp_path: Path, index: ImageIndex) -> None:
        folder = self.put(tmp_path, "0 0 0 1 0 1 1")
        (folder / "labels" / "other.txt").write_text("nonsense", encoding="utf-8")
        assert read(folder, index, "object").missing == ("other",)

    @pytest.mark.parametrize(
        ("line", "complaint"),
        [
            ("0 0 0 1 0", None),
            ("0 1 1", "at least three points"),
            ("0", "at least three points"),
            ("0 0 0 1 0 1 1 0", "at least three points"),
            ("0 0 0 640 0 640 480", "shares of the image's width"),
            ("0 0 0 nan 0 1 1", "shares of the image's width"),
            ("0 0 0 inf 0 1 1", "shares of the image's width"),
            ("ski 0 0 1 0 1 1", "invalid literal"),
            ("0 0 0 one 0 1 1", "could not convert"),
            ("0.5 0 0 1 0 1 1", "invalid literal"),
        ],
    )
    def test_lines_that_are_none(
        self, tmp_path: Path, index: ImageIndex, line: str, complaint: str | None
    ) -> None:
        folder = self.put(tmp_path, f"0 0 0 1 0 1 1\n{line}\n")
        if complaint is None:
            assert read(folder, index, "object").passed_over == 1
            return
        with pytest.raises(FormatError, match=rf"photo.txt, line 2: .*{complaint}") as caught:
            read(folder, index, "object")
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        "names", ["", "names", "names: 3", "names: {a: b}", "{", "names: *x", "- a", "!!python/object:x {}"]
    )
    def test_names_that_are_none(self, tmp_path: Path, index: ImageIndex, names: str) -> None:
        with pytest.raises(FormatError, match="does not name the classes"):
            read(self.put(tmp_path, "0 0 0 1 0 1 1", names), index, "object")

    def test_an_empty_folder(self, tmp_path: Path, index: ImageIndex) -> None:
        with pytest.raises(FormatError, match="holds no label files"):
            read(tmp_path, index, "object")
