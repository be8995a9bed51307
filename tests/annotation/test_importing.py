"""Masks out of files into a project."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skipclick.annotation.commands import AddClass, AddObject, Command, SetLocked
from skipclick.annotation.document import Document
from skipclick.annotation.errors import AnnotationError, FormatError
from skipclick.annotation.exporting import export_annotations, settle_overlaps
from skipclick.annotation.formats import FORMATS
from skipclick.annotation.importing import import_annotations
from skipclick.annotation.project import Project
from skipclick.mask import RunLengths

RandomCommand = Callable[[Document, np.random.Generator], Command]
SQUARE = [[2, 2, 5, 2, 5, 4, 2, 4]]


@pytest.fixture
def coco(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file with objects: image, id, class."""

    def run(*objects: tuple[str, int, str], **parts: Any) -> Path:
        names = list(dict.fromkeys(kind for _, _, kind in objects))
        images = list(dict.fromkeys(image for image, _, _ in objects))
        content = {
            "images": [{"id": place, "file_name": name} for place, name in enumerate(images)],
            "categories": [{"id": place, "name": name} for place, name in enumerate(names)],
            "annotations": [
                {
                    "id": place,
                    "object_id": number,
                    "image_id": images.index(image),
                    "category_id": names.index(kind),
                    "segmentation": SQUARE,
                }
                for place, (image, number, kind) in enumerate(objects)
            ],
        }
        path = tmp_path / "in.json"
        path.write_text(json.dumps({**content, **parts}), encoding="utf-8")
        return path

    return run


@pytest.mark.parametrize("name", FORMATS)
def test_what_was_exported_comes_back(
    name: str, photos: Path, tmp_path: Path, random_command: RandomCommand
) -> None:
    generator = np.random.default_rng(5)
    with Project.open(tmp_path / "first", images=photos) as project:
        for _ in range(60):
            project.do(random_command(project.document, generator))
        before = project.document
        result = export_annotations(project, name, tmp_path / "out")
    with Project.open(tmp_path / "second", images=photos) as project:
        found = import_annotations(project, name, tmp_path / "out", at=99.0)
        assert found.objects == result.objects
        after = project.document
        export_annotations(project, name, tmp_path / "again")
    kinds = {one.id: one.name for one in before.classes}
    for image, one in after.objects():
        assert one.created == 99.0
        assert image.state == "begun"
        if name != "yolo":
            original = before.image(image.name)[one.id]
            objects = before.image(image.name).objects
            place = objects.index(original)
            assert after.class_of(one.class_id).name == kinds[original.class_id]
            if name in ("coco", "labelme", "binary"):
                assert one.mask == settle_overlaps(objects, before.overlap)[place]
    if name == "labels":
        first, second = ((tmp_path / folder).rglob("*.png") for folder in ("out", "again"))
        assert sorted(path.read_bytes() for path in second) == sorted(
            path.read_bytes() for path in first if after.images.get(image_of(path, tmp_path / "out"))
        )


def image_of(mask: Path, folder: Path) -> str:
    stem = mask.relative_to(folder).with_name(mask.stem.removeprefix("mask_")).as_posix()
    return next(
        name for name in ("a.jpg", "b 2.png", "in/ä.jpg", "in/deep/c.webp") if name.rsplit(".", 1)[0] == stem
    )


def test_an_import_is_one_step(photos: Path, coco: Callable[..., Path]) -> None:
    path = coco(("a.jpg", 3, "ski"), ("in/ä.jpg", 5, "pole"))
    with Project.open(photos) as project:
        result = import_annotations(project, "coco", path)
        assert (result.images, result.objects, result.classes) == (2, 2, ("ski", "pole"))
        assert [command.label for command in project.done] == ["Import coco"]
        assert project.undo()
        assert project.document == Document()
        project.redo()
    with Project.open(photos) as project:
        assert project.document.image("in/ä.jpg")[5].mask.area() == 6


def test_classes_are_found_by_name(photos: Path, coco: Callable[..., Path]) -> None:
    with Project.open(photos) as project:
        project.do(AddClass("ski"))
        result = import_annotations(project, "coco", coco(("a.jpg", 1, "ski"), ("a.jpg", 2, "pole")))
        assert result.classes == ("pole",)
        assert [one.class_id for one in project.document.image("a.jpg").objects] == [2, 3]


def test_odd_class_names_become_names(photos: Path, coco: Callable[..., Path]) -> None:
    with Project.open(photos) as project:
        path = coco(
            ("a.jpg", 1, " a\n b\x07 "), ("a.jpg", 2, ""), ("a.jpg", 3, "x" * 999), ("a.jpg", 4, "a b")
        )
        import_annotations(project, "coco", path)
        assert [one.name for one in project.document.classes] == ["object", "a b", "x" * 200]
        assert [one.class_id for one in project.document.image("a.jpg").objects] == [2, 1, 3, 2]


class TestNumbers:
    def imported(self, project: Project, path: Path, **how: Any) -> list[int]:
        import_annotations(project, "coco", path, **how)
        return [one.id for one in project.document.image("a.jpg").objects]

    def test_are_kept(self, photos: Path, coco: Callable[..., Path]) -> None:
        with Project.open(photos) as project:
            path = coco(("a.jpg", 30, "ski"), ("a.jpg", 2, "ski"), ("a.jpg", 9, "ski"))
            assert self.imported(project, path) == [30, 2, 9]
            project.do(AddObject("a.jpg", 1, RunLengths.from_mask(np.ones((9, 12), np.bool_))))
            assert project.document.image("a.jpg").objects[-1].id == 31

    def test_are_given_where_there_are_none_or_they_are_taken(
        self, photos: Path, coco: Callable[..., Path]
    ) -> None:
        with Project.open(photos) as project:
            path = coco(*(("a.jpg", number, "ski") for number in (0, 2, 2, -5, 2**60, 1)))
            assert self.imported(project, path) == [3, 2, 4, 5, 6, 1]

    @pytest.mark.parametrize("number", [65536, 900100448263, 2**53 - 1])
    def test_are_given_anew_where_label_maps_could_not_hold_them(
        self, photos: Path, tmp_path: Path, coco: Callable[..., Path], number: int
    ) -> None:
        with Project.open(photos) as project:
            path = coco(("a.jpg", number, "ski"), ("a.jpg", 65535, "pole"), ("b 2.png", number, "ski"))
            assert self.imported(project, path) == [65536, 65535]
            assert [one.id for one in project.document.image("b 2.png").objects] == [1]

    def test_of_other_people_s_data_sets_start_at_one_on_every_image(
        self, photos: Path, tmp_path: Path, coco: Callable[..., Path]
    ) -> None:
        path = coco(("a.jpg", 0, "ski"), ("a.jpg", 0, "ski"), ("b 2.png", 0, "ski"))
        content = json.loads(path.read_bytes())
        for place, one in enumerate(content["annotations"]):
            del one["object_id"]
            one["id"] = 900100448263 + place
        path.write_text(json.dumps(content), encoding="utf-8")
        with Project.open(photos) as project:
            assert self.imported(project, path) == [1, 2]
            assert [one.id for one in project.document.image("b 2.png").objects] == [1]
            for name in FORMATS:
                assert export_annotations(project, name, tmp_path / name).images == 2

    def test_new_ones_avoid_the_old_ones(self, photos: Path, coco: Callable[..., Path]) -> None:
        path = coco(("a.jpg", 2, "ski"), ("a.jpg", 7, "ski"))
        with Project.open(photos) as project:
            assert self.imported(project, path) == [2, 7]
            assert self.imported(project, path, existing="add") == [2, 7, 8, 9]
            assert self.imported(project, path, existing="replace") == [2, 7]


class TestExisting:
    def test_refused_unless_told(self, photos: Path, coco: Callable[..., Path]) -> None:
        with Project.open(photos) as project:
            import_annotations(project, "coco", coco(("a.jpg", 1, "ski")))
            before = project.document
            with pytest.raises(FormatError, match=r"labelled already: a\.jpg; choose to add"):
                import_annotations(project, "coco", coco(("a.jpg", 1, "pole")))
            import_annotations(project, "coco", coco(("b 2.png", 1, "ski")))
            with pytest.raises(FormatError, match=r"labelled already: a\.jpg, b 2\.png; choose"):
                import_annotations(project, "coco", coco(("a.jpg", 1, "ski"), ("b 2.png", 1, "ski")))
            project.undo()
            assert project.document == before

    def test_replacing_touches_the_images_of_the_file_alone(
        self, photos: Path, coco: Callable[..., Path]
    ) -> None:
        with Project.open(photos) as project:
            import_annotations(project, "coco", coco(("a.jpg", 1, "ski"), ("b 2.png", 4, "ski")))
            before = project.document.image("b 2.png")
            import_annotations(project, "coco", coco(("a.jpg", 8, "pole")), existing="replace")
            assert [one.id for one in project.document.image("a.jpg").objects] == [8]
            assert project.document.image("b 2.png") == before

    def test_locked_objects_are_not_replaced(self, photos: Path, coco: Callable[..., Path]) -> None:
        with Project.open(photos) as project:
            import_annotations(project, "coco", coco(("a.jpg", 1, "ski")))
            project.do(SetLocked("a.jpg", (1,), True))
            before = project.document
            with pytest.raises(AnnotationError, match="object 1 is locked"):
                import_annotations(project, "coco", coco(("a.jpg", 8, "pole")), existing="replace")
            assert project.document == before


class TestRefusals:
    def test_nothing_for_these_images(self, photos: Path, coco: Callable[..., Path]) -> None:
        with Project.open(photos) as project:
            with pytest.raises(FormatError, match=r"holds no masks for the images in .*, but for z\.jpg"):
                import_annotations(project, "coco", coco(("z.jpg", 1, "ski"), ("y.jpg", 1, "ski")))
            with pytest.raises(FormatError, match="holds no masks"):
                import_annotations(project, "coco", coco())
            assert project.document == Document()
            assert not project.can_undo

    def test_no_file_and_no_format(self, photos: Path, tmp_path: Path) -> None:
        with Project.open(photos) as project:
            with pytest.raises(FormatError, match="does not exist"):
                import_annotations(project, "coco", tmp_path / "none")
            with pytest.raises(FormatError, match="is no format"):
                import_annotations(project, "cocoa", tmp_path)

    @pytest.mark.parametrize("name", FORMATS)
    def test_an_empty_folder(self, name: str, photos: Path, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        with Project.open(photos) as project, pytest.raises(FormatError) as caught:
            import_annotations(project, name, tmp_path / "empty")
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize("name", FORMATS)
    def test_a_file_of_something_else(self, name: str, photos: Path, tmp_path: Path) -> None:
        (tmp_path / "noise").write_bytes(bytes(range(256)) * 9)
        with Project.open(photos) as project, pytest.raises(FormatError) as caught:
            import_annotations(project, name, tmp_path / "noise")
        assert "\n" not in str(caught.value)

    def test_images_that_vanished_meanwhile(self, photos: Path, coco: Callable[..., Path]) -> None:
        from skipclick.errors import ImageError

        with Project.open(photos) as project:
            (photos / "a.jpg").unlink()
            with pytest.raises(ImageError, match="does not exist"):
                import_annotations(project, "coco", coco(("a.jpg", 1, "ski")))
            assert project.document == Document()
