"""Masks out of a project into files."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from skipclick.annotation.commands import AddClass, AddObject, SetDone, SetHidden, SetOverlap, SetReviewed
from skipclick.annotation.document import ObjectRecord
from skipclick.annotation.errors import AnnotationError, FormatError
from skipclick.annotation.exporting import choose_images, export_annotations, settle_overlaps
from skipclick.annotation.formats import FORMATS
from skipclick.annotation.importing import import_annotations
from skipclick.annotation.project import Project
from skipclick.errors import ImageError
from skipclick.mask import RunLengths

LEFT = np.zeros((9, 12), np.bool_)
LEFT[2:6, 1:7] = True
RIGHT = np.zeros((9, 12), np.bool_)
RIGHT[3:8, 5:11] = True


@pytest.fixture
def project(photos: Path) -> Iterator[Project]:
    """Two objects that overlap on a.jpg, one on in/ä.jpg, and b 2.png done without any."""
    with Project.open(photos) as project:
        project.do(AddClass("ski"))
        project.do(AddObject("a.jpg", 1, RunLengths.from_mask(LEFT)))
        project.do(AddObject("a.jpg", 2, RunLengths.from_mask(RIGHT)))
        project.do(AddObject("in/ä.jpg", 1, RunLengths.from_mask(RIGHT)))
        project.do(SetDone("b 2.png", True))
        yield project


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_writes_something_and_leaves_nothing_else(
    project: Project, tmp_path: Path, name: str
) -> None:
    result = export_annotations(project, name, tmp_path / "out")
    assert (result.images, result.objects, result.empty) == (3, 3, 0)
    assert {str(path) for path in result.files} == {
        str(tmp_path / "out" / name) for name in contents(tmp_path / "out")
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "photos"]


def test_one_file_may_have_a_name_of_its_own(project: Project, tmp_path: Path) -> None:
    result = export_annotations(project, "coco", tmp_path / "mine.json")
    assert result.files == (tmp_path / "mine.json",)
    content = json.loads((tmp_path / "mine.json").read_bytes())
    assert [one["file_name"] for one in content["images"]] == ["a.jpg", "b 2.png", "in/ä.jpg"]
    export_annotations(project, "coco", tmp_path / "folder")
    assert (tmp_path / "folder" / "annotations.json").read_bytes() == (tmp_path / "mine.json").read_bytes()


class TestOverlap:
    def areas(self, project: Project, out: Path) -> list[int]:
        export_annotations(project, "coco", out)
        return [one["area"] for one in json.loads(out.read_bytes())["annotations"]]

    def test_both_are_kept_or_the_front_wins(self, project: Project, tmp_path: Path) -> None:
        assert self.areas(project, tmp_path / "keep.json") == [24, 30, 30]
        project.do(SetOverlap("front"))
        assert self.areas(project, tmp_path / "front.json") == [24 - 6, 30, 30]
        assert project.document.image("a.jpg")[1].mask == RunLengths.from_mask(LEFT), "the project keeps all"

    def test_hidden_objects_are_exported_too(self, project: Project, tmp_path: Path) -> None:
        project.do(SetHidden("a.jpg", (1, 2), True))
        assert len(self.areas(project, tmp_path / "out.json")) == 3

    def test_what_has_no_pixel_is_left_out_and_counted(self, project: Project, tmp_path: Path) -> None:
        project.do(AddObject("in/ä.jpg", 1, RunLengths.from_mask(~LEFT & ~LEFT)))
        project.do(AddObject("in/ä.jpg", 1, RunLengths.from_mask(np.zeros_like(LEFT))))
        project.do(AddObject("in/ä.jpg", 1, RunLengths.from_mask(np.ones_like(LEFT))))
        project.do(SetOverlap("front"))
        result = export_annotations(project, "coco", tmp_path / "out.json")
        assert (result.objects, result.empty) == (3, 3)

    @pytest.mark.parametrize("name", FORMATS)
    def test_where_both_are_kept_nothing_vanishes_without_being_counted(
        self, project: Project, tmp_path: Path, name: str
    ) -> None:
        """Object 1 of in/ä.jpg lies wholly under object 2; some formats can say so, others cannot."""
        project.do(AddObject("in/ä.jpg", 1, RunLengths.from_mask(np.ones_like(LEFT))))
        result = export_annotations(project, name, tmp_path / "out")
        assert (result.objects, result.empty) == ((3, 1) if FORMATS[name].flat else (4, 0))
        empty = tmp_path / "empty"
        shutil.copytree(project.folder, empty, ignore=shutil.ignore_patterns(".skipclick"))
        with Project.open(empty) as other:
            assert import_annotations(other, name, tmp_path / "out").objects == result.objects
        table = tmp_path / "out" / "objects.csv"
        if table.exists():
            assert table.read_text(encoding="utf-8").count("\n") == 1 + result.objects

    @settings(deadline=None, max_examples=25)
    @given(st.lists(hnp.arrays(np.bool_, (4, 5)), max_size=5))
    def test_where_the_front_wins_every_pixel_has_one_owner(self, masks: list[np.ndarray]) -> None:
        objects = [ObjectRecord(n, 1, RunLengths.from_mask(mask)) for n, mask in enumerate(masks, start=1)]
        settled = [one.to_mask() for one in settle_overlaps(objects, "front")]
        owners = np.zeros((4, 5), int)
        for number, mask in enumerate(masks, start=1):
            owners[mask] = number
        for number, mask in enumerate(settled, start=1):
            assert (mask == (owners == number)).all()
        assert [one.to_mask().tolist() for one in settle_overlaps(objects, "keep")] == [
            m.tolist() for m in masks
        ]


class TestChoosing:
    def test_all_that_are_begun_or_done_in_the_folder_s_order(self, project: Project) -> None:
        assert choose_images(project) == ("a.jpg", "b 2.png", "in/ä.jpg")

    @pytest.mark.parametrize(
        ("patterns", "expected"),
        [
            (["a.jpg"], ("a.jpg",)),
            (["in/*"], ("in/ä.jpg",)),
            (["*.jpg"], ("a.jpg", "in/ä.jpg")),
            (["in/ä.jpg", "?.jpg"], ("a.jpg", "in/ä.jpg")),
            (["*", "a.jpg"], ("a.jpg", "b 2.png", "in/ä.jpg")),
        ],
    )
    def test_by_name_and_pattern(
        self, project: Project, patterns: list[str], expected: tuple[str, ...]
    ) -> None:
        assert choose_images(project, patterns) == expected

    @pytest.mark.parametrize("pattern", ["c.jpg", "in/deep/c.webp", "*.gif", "", "ä.jpg"])
    def test_a_pattern_that_fits_nothing(self, project: Project, pattern: str) -> None:
        with pytest.raises(FormatError, match="no labelled image is called"):
            choose_images(project, ["a.jpg", pattern])

    def test_finished_images_alone(self, project: Project) -> None:
        assert choose_images(project, done_only=True) == ("b 2.png",)
        project.do(SetDone("in/ä.jpg", True))
        assert choose_images(project, done_only=True) == ("b 2.png", "in/ä.jpg")
        assert choose_images(project, ["in/*", "a.jpg"], done_only=True) == ("in/ä.jpg",)
        with pytest.raises(FormatError, match="none of these images is marked as done"):
            choose_images(project, ["a.jpg"], done_only=True)

    def test_reviewed_images_alone(self, project: Project) -> None:
        with pytest.raises(FormatError, match="none of these images is marked as reviewed"):
            choose_images(project, reviewed_only=True)
        project.do(SetReviewed("in/ä.jpg", True))
        assert choose_images(project, reviewed_only=True) == ("in/ä.jpg",)
        assert choose_images(project, done_only=True) == ("b 2.png", "in/ä.jpg")
        assert choose_images(project, done_only=True, reviewed_only=True) == ("in/ä.jpg",)
        with pytest.raises(FormatError, match="marked as reviewed"):
            choose_images(project, ["b*"], reviewed_only=True)

    def test_a_name_with_brackets_means_itself_alone(self, photos: Path, project: Project) -> None:
        for name in ("x[1].jpg", "x1.jpg"):
            Image.new("RGB", (12, 9)).save(photos / name)
            project.do(SetDone(name, True))
        project.refresh()
        assert choose_images(project, ["x[1].jpg"]) == ("x[1].jpg",)
        assert choose_images(project, ["x[12].jpg"]) == ("x1.jpg",)

    def test_nothing_is_labelled(self, photos: Path, tmp_path: Path) -> None:
        with (
            Project.open(photos) as project,
            pytest.raises(FormatError, match=r"nothing in .* is labelled yet"),
        ):
            export_annotations(project, "coco", tmp_path / "out")
        assert not (tmp_path / "out").exists()

    def test_names_with_brackets_are_found_as_they_are(self, photos: Path, project: Project) -> None:
        Image.new("RGB", (12, 9)).save(photos / "x[1].jpg")
        project.refresh()
        project.do(SetDone("x[1].jpg", True))
        assert choose_images(project, ["x[1].jpg"]) == ("x[1].jpg",)

    def test_masks_of_vanished_images_are_exported(self, project: Project, tmp_path: Path) -> None:
        project.path_of("a.jpg").unlink()
        project.refresh()
        assert export_annotations(project, "coco", tmp_path / "out").objects == 3

    def test_a_vanished_image_whose_size_nobody_knows(self, project: Project, tmp_path: Path) -> None:
        project.path_of("b 2.png").unlink()
        with pytest.raises(ImageError, match="does not exist"):
            export_annotations(project, "coco", tmp_path / "out")
        assert not (tmp_path / "out").exists()


class TestNeverLost:
    def test_existing_files_are_replaced_by_force_only(self, project: Project, tmp_path: Path) -> None:
        out = tmp_path / "out"
        out.mkdir()
        (out / "annotations.json").write_bytes(b"precious")
        (out / "other.txt").write_bytes(b"precious too")
        with pytest.raises(
            FormatError, match="exists already: export to another folder, or let files be replaced"
        ):
            export_annotations(project, "coco", out)
        assert contents(out) == {"annotations.json": b"precious", "other.txt": b"precious too"}
        export_annotations(project, "coco", out, force=True)
        assert (out / "annotations.json").read_bytes() != b"precious"
        assert (out / "other.txt").read_bytes() == b"precious too"

    def test_one_conflict_stops_all_of_it(self, project: Project, tmp_path: Path) -> None:
        out = tmp_path / "out"
        (out / "in").mkdir(parents=True)
        (out / "in" / "mask_ä.png").touch()
        with pytest.raises(FormatError, match="mask_ä"):
            export_annotations(project, "labels", out)
        assert contents(out) == {"in/mask_ä.png": b""}

    def test_masks_may_lie_beside_the_photos(self, project: Project, photos: Path) -> None:
        before = contents(photos)
        export_annotations(project, "labels", photos)
        after = contents(photos)
        assert before.items() <= after.items()
        assert "in/mask_ä.png" in after
        project.refresh()
        assert len(project.names) == 4, "masks are no photos"

    def test_masks_never_become_photos(self, project: Project, photos: Path) -> None:
        for name in ("binary", "labels", "voc"):
            with pytest.raises(FormatError, match=r"would be taken for a photo: export to a folder outside"):
                export_annotations(project, name, photos / "masks")
        assert not (photos / "masks").exists()
        export_annotations(project, "yolo", photos / "yolo")
        export_annotations(project, "binary", photos / ".masks")
        before = project.names
        project.refresh()
        assert project.names == before

    def test_photos_are_not_replaced_even_by_force(self, photos: Path) -> None:
        Image.new("RGB", (12, 9)).save(photos / "mask_b 2.png")
        Image.new("RGB", (12, 9)).save(photos / "x.1.png")
        Image.new("RGB", (12, 9)).save(photos / "x.png")
        before = contents(photos)
        with Project.open(photos) as project:
            project.do(AddObject("x.png", 1, RunLengths.from_mask(LEFT)))
            with pytest.raises(FormatError, match=r"x\.1\.png is one of the photos"):
                export_annotations(project, "binary", photos, force=True)
        assert before.items() <= contents(photos).items()
        assert not list(photos.glob("*.csv"))

    def test_two_images_that_would_share_a_file(self, photos: Path, tmp_path: Path) -> None:
        Image.new("RGB", (12, 9)).save(photos / "a.png")
        with Project.open(photos) as project:
            for name in ("a.jpg", "a.png"):
                project.do(AddObject(name, 1, RunLengths.from_mask(LEFT)))
            with pytest.raises(FormatError, match=r"two images would be written to labels/a\.txt"):
                export_annotations(project, "yolo", tmp_path / "out")
            assert not (tmp_path / "out").exists()
            export_annotations(project, "yolo", tmp_path / "out", images=["a.png"])
            export_annotations(project, "coco", tmp_path / "coco")

    def test_a_disk_that_fills_leaves_nothing_behind(
        self, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write = Path.write_bytes

        def fail(path: Path, data: bytes) -> int:
            if path.suffix == ".csv":
                raise OSError(28, "No space left on device")
            return write(path, data)

        monkeypatch.setattr(Path, "write_bytes", fail)
        with pytest.raises(FormatError, match="No space left on device"):
            export_annotations(project, "labels", tmp_path / "out")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["photos"]

    def test_the_project_does_not_change(self, project: Project, tmp_path: Path) -> None:
        document, undone = project.document, project.done
        for name in FORMATS:
            export_annotations(project, name, tmp_path / name)
        assert project.document is document
        assert project.done == undone


class TestRefusals:
    def test_formats_and_tolerances(self, project: Project, tmp_path: Path) -> None:
        for name, tolerance, complaint in (
            ("cocoa", 0.0, "is no format"),
            ("coco", -1.0, "from 0 to 100"),
            ("coco", float("nan"), "from 0 to 100"),
            ("labels", 1.0, "labels has no polygons"),
        ):
            with pytest.raises(FormatError, match=complaint):
                export_annotations(project, name, tmp_path / "out", tolerance=tolerance)
        assert not (tmp_path / "out").exists()

    def test_places(self, project: Project, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(FormatError, match="does not exist: create it first"):
            export_annotations(project, "coco", tmp_path / "none" / "out")
        with pytest.raises(FormatError, match="is a file: name a folder"):
            export_annotations(project, "labels", tmp_path / "file")
        with pytest.raises(FormatError, match="is a file: name a folder"):
            export_annotations(project, "coco", tmp_path / "file" / "a.json")
        (tmp_path / "folder.json").mkdir()
        with pytest.raises(FormatError, match=r"exists already"):
            export_annotations(project, "coco", tmp_path / "folder.json")

    @pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
    def test_names_that_a_format_cannot_hold(self, photos: Path, tmp_path: Path) -> None:
        name = os.fsdecode(b"\xff.jpg")
        Image.new("RGB", (12, 9)).save(os.fsencode(photos) + b"/\xff.jpg", format="JPEG")
        with Project.open(photos) as project:
            project.do(AddObject(name, 1, RunLengths.from_mask(LEFT)))
            for kind in ("coco", "voc", "labels", "labelme"):
                with pytest.raises(FormatError, match=r"nothing can be written|XML cannot hold") as caught:
                    export_annotations(project, kind, tmp_path / kind)
                assert "\n" not in str(caught.value)
            assert export_annotations(project, "yolo", tmp_path / "yolo").objects == 1

    def test_names_too_long_with_a_prefix(self, photos: Path, tmp_path: Path) -> None:
        name = "x" * 251 + ".jpg"
        Image.new("RGB", (12, 9)).save(photos / name)
        with Project.open(photos) as project:
            project.do(AddObject(name, 1, RunLengths.from_mask(LEFT)))
            with pytest.raises(FormatError, match="too long"):
                export_annotations(project, "labels", tmp_path / "out")
            assert export_annotations(project, "yolo", tmp_path / "out").objects == 1

    def test_a_damaged_mask_is_named(self, project: Project, tmp_path: Path) -> None:
        project.do(AddObject("in/deep/c.webp", 1, RunLengths((9, 12), "damaged")))
        for overlap in ("keep", "front"):
            project.do(SetOverlap(overlap))  # type: ignore[arg-type]
            with pytest.raises(AnnotationError, match=r"a mask of in/deep/c\.webp is damaged"):
                export_annotations(project, "coco", tmp_path / "out")
