"""Projects and annotations that are not what they should be: the window says so in one line and goes on."""

from __future__ import annotations

import errno
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from skipclick.annotation import Project

Hostile = Any  # of the conftest


def line(entry: object) -> bytes:
    """A line of a journal whose checksum is right, whatever it says."""
    text = json.dumps(entry, separators=(",", ":")).encode()
    return b'{"crc":"%08x","entry":%s}\n' % (zlib.crc32(text), text)


def entries(journal: Path) -> list[Any]:
    return [json.loads(one)["entry"] for one in journal.read_bytes().splitlines()]


def with_header(journal: Path, **changes: object) -> None:
    first, *rest = entries(journal)
    journal.write_bytes(b"".join(map(line, [{**first, **changes}, *rest])))


def with_mask(journal: Path, counts: str) -> None:
    """The first object's mask is another text; the checksum is right."""
    changed = entries(journal)
    next(one for one in changed if one.get("do") == "AddObject")["mask"]["counts"] = counts
    journal.write_bytes(b"".join(map(line, changed)))


def as_folder(journal: Path) -> None:
    journal.unlink()
    journal.mkdir()


BLOCKED: dict[str, tuple[Callable[[Path], object], str]] = {
    "an empty file": (lambda j: j.write_bytes(b""), "is damaged"),
    "half of the first line": (lambda j: j.write_bytes(j.read_bytes()[:200]), "is damaged"),
    "another program's JSON": (lambda j: j.write_text('{"shapes": []}\n'), "is damaged"),
    "no JSON at all": (lambda j: j.write_bytes(bytes(range(256)) * 9), "is damaged"),
    "a newer version": (lambda j: with_header(j, version=99), "made by a newer skipclick"),
    "a version that is no number": (lambda j: with_header(j, version="one", volume="one"), "is damaged"),
    "a document without classes": (
        lambda j: with_header(j, document={"classes": [], "next_class": 1, "overlap": "keep", "images": []}),
        "is damaged",
    ),
    "another volume's number": (lambda j: with_header(j, volume=7), "another volume's name"),
    "brackets without end": (lambda j: j.write_bytes(b"[" * 100_000 + b"\n"), "is damaged"),
    "a damaged line in the middle": (
        lambda j: j.write_bytes(j.read_bytes().replace(b'"AddObject"', b'"AddObjekt"', 1)),
        "is damaged in line 2",
    ),
    "a folder in its place": (as_folder, "cannot be read"),
}
"""What keeps a project from opening: what is done to its journal, and what the window says."""


class TestProjects:
    @pytest.fixture
    def journal(self, hostile: Hostile) -> Path:
        """The journal of a project with three clicks, closed."""
        hostile.open()
        for x in (20, 30, 40):
            hostile.user.click(x, 30)
        hostile.user.window.work.open(None)
        (found,) = (hostile.folder / ".skipclick").glob("journal-*.jsonl")
        return Path(found)

    @pytest.mark.parametrize("what", BLOCKED)
    def test_what_cannot_be_read_blocks(self, hostile: Hostile, journal: Path, what: str) -> None:
        spoil, said = BLOCKED[what]
        spoil(journal)
        spoilt = None if journal.is_dir() else journal.read_bytes()
        hostile.user.will_answer("Cancel")
        assert not hostile.user.window.files.open(hostile.folder)
        hostile.hears(said)
        assert hostile.user.window.work.project is None
        assert (None if journal.is_dir() else journal.read_bytes()) == spoilt
        hostile.user.awake()
        other = hostile.folder.parent / "other"  # whoever has a spoilt project can go on elsewhere
        other.mkdir()
        Image.new("RGB", (120, 90)).save(other / "good.png")
        hostile.folder, hostile._before = other, {}
        hostile.still_works()

    def test_what_comes_before_the_damage_can_be_had(self, hostile: Hostile, journal: Path) -> None:
        lines = journal.read_bytes().splitlines(keepends=True)
        journal.write_bytes(b"".join([*lines[:2], b"{}\n", *lines[3:]]))
        hostile.user.will_answer("Go on with what can be read")
        assert hostile.user.window.files.open(hostile.folder)
        hostile.user.ready()
        assert len(hostile.user.objects[0].clicks) == 1
        assert journal.with_suffix(".damaged").read_bytes() == b"".join([b"{}\n", *lines[3:]])
        hostile.still_works()

    def test_a_last_line_cut_off_is_passed_over(self, hostile: Hostile, journal: Path) -> None:
        journal.write_bytes(journal.read_bytes()[:-25])
        hostile.user.window.files.open(hostile.folder)
        hostile.user.ready()
        assert len(hostile.user.objects[0].clicks) == 2
        hostile.hears("was cut off in writing")
        hostile.still_works()

    @pytest.mark.parametrize("counts", ["", "0", "zz", "\x00", "o" * 5000, "ÿ", "1" * 300])
    def test_a_mask_that_is_none(self, hostile: Hostile, journal: Path, counts: str) -> None:
        with_mask(journal, counts)
        hostile.user.will_answer("Cancel")
        if hostile.user.window.files.open(hostile.folder / "good.png"):
            hostile.user.ready()
            hostile.user.key("A", "Control")
            hostile.user.key("G", "No")
            hostile.user.key("C")
            hostile.user.key("Delete")
            assert hostile.user.objects == ()
        else:
            hostile.hears("is damaged")
            journal.unlink()
        hostile.user._answers.clear()
        hostile.still_works()

    def test_a_place_and_a_note_that_are_nonsense(self, hostile: Hostile, journal: Path) -> None:
        (journal.parent / "place.json").write_bytes(b"\xff{[")
        (journal.parent / "opened-by.json").write_bytes(b"[1,2]")
        (journal.parent / "notes.txt").write_bytes(b"of the user")
        hostile.user.window.files.open(hostile.folder)
        hostile.user.ready()
        assert (journal.parent / "notes.txt").read_bytes() == b"of the user"
        hostile.still_works()

    def test_a_lock_that_is_a_folder(self, hostile: Hostile, journal: Path) -> None:
        (journal.parent / "lock").unlink(missing_ok=True)
        (journal.parent / "lock").mkdir()
        hostile.user.will_answer("Cancel")
        assert not hostile.user.window.files.open(hostile.folder)
        hostile.hears("cannot be written")
        (journal.parent / "lock").rmdir()
        hostile.still_works()

    def test_a_file_in_the_project_s_place(self, hostile: Hostile) -> None:
        (hostile.folder / ".skipclick").write_text("mine")
        elsewhere = hostile.folder.parent / "elsewhere"
        elsewhere.mkdir()
        hostile.user.will_answer("Keep the project elsewhere …", elsewhere)
        assert hostile.user.window.files.open(hostile.folder)
        hostile.hears("keep the project in a folder of its own")
        hostile.user.ready()
        assert (hostile.folder / ".skipclick").read_text() == "mine"
        assert Project.open(elsewhere, read_only=True).names == ("good.png",)
        hostile.still_works()

    def test_a_folder_that_may_not_be_written(
        self, hostile: Hostile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make = Path.mkdir

        def refuse(path: Path, *words: Any, **options: Any) -> None:
            if path.parent == hostile.folder:
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            make(path, *words, **options)

        elsewhere = hostile.folder.parent / "elsewhere"
        elsewhere.mkdir()
        with monkeypatch.context() as forbidden:
            forbidden.setattr(Path, "mkdir", refuse)
            hostile.user.will_answer("Keep the project elsewhere …", elsewhere)
            assert hostile.user.window.files.open(hostile.folder)
        hostile.hears("Permission denied")
        hostile.user.ready()
        assert list(hostile.folder.iterdir()) == [hostile.folder / "good.png"]
        hostile.still_works()


def put(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write files into a folder of their own, and return it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def coco(annotation: dict[str, Any], **more: Any) -> str:
    """A COCO file with one annotation of the sound image."""
    whole = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[1, 1, 50, 1, 50, 50]], **annotation}
    images = [{"id": 1, "file_name": "good.png", "height": 90, "width": 120}]
    return json.dumps({"images": images, "categories": [], "annotations": [whole], **more})


def labelme(shapes: object, **more: Any) -> str:
    return json.dumps(
        {"imagePath": "good.png", "imageHeight": 90, "imageWidth": 120, "shapes": shapes, **more}
    )


def map_of(folder: Path, name: str, size: tuple[int, int]) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.ones(size[::-1], np.uint8)).save(folder / name)


POINTS = [[1, 1], [50, 1], [50, 50]]
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><annotation><object><name>&i;</name></object></annotation>"
)
IMPORTS: dict[str, tuple[str, dict[str, str | bytes], str]] = {
    "coco: an image that it does not list": ("coco", {"a.json": coco({"image_id": 7})}, "no 7"),
    "coco: the same number twice": (
        "coco",
        {"a.json": coco({}, annotations=[{"id": 1, "image_id": 1}, {"id": 1, "image_id": 1}])},
        "two annotations have the id 1",
    ),
    "coco: a number that is infinite": ("coco", {"a.json": coco({"id": float("inf")})}, "export it again"),
    "coco: a number that is text": ("coco", {"a.json": coco({"image_id": "one"})}, "export it again"),
    "coco: points that are no numbers": ("coco", {"a.json": coco({"segmentation": [[None] * 6]})}, "damaged"),
    "coco: points that are not finite": (
        "coco",
        {"a.json": coco({"segmentation": [[float("nan")] * 6]})},
        "damaged",
    ),
    "coco: run lengths beyond the image": (
        "coco",
        {"a.json": coco({"segmentation": {"size": [90, 120], "counts": [0, 10**9]}})},
        "damaged",
    ),
    "coco: another size": (
        "coco",
        {"a.json": coco({"segmentation": {"size": [9, 9], "counts": [0, 81]}})},
        "run lengths for size [9, 9], not [90, 120]",
    ),
    "coco: no JSON": ("coco", {"a.json": "{"}, "is no JSON"),
    "coco: a list": ("coco", {"a.json": "[]"}, "no JSON object"),
    "coco: brackets without end": ("coco", {"a.json": "[" * 100_000}, "is no JSON"),
    "coco: bytes that are no text": ("coco", {"a.json": b"\xff\xfe\x00"}, "no text in UTF-8"),
    "yolo: not a number": ("yolo", {"labels/good.txt": "0 nan 0.1 0.5 0.1 0.5 0.5"}, "good.txt, line 1"),
    "yolo: coordinates in pixels": (
        "yolo",
        {"labels/good.txt": "0 10 10 50 10 50 50"},
        "shares of the image",
    ),
    "yolo: half a point": ("yolo", {"labels/good.txt": "0 0.1 0.1 0.5 0.1 0.5 0.5 0.6"}, "x and y"),
    "yolo: a class that is no number": ("yolo", {"labels/good.txt": "ski .1 .1 .5 .1 .5 .5"}, "line 1"),
    "yolo: names that are none": (
        "yolo",
        {"labels/good.txt": "0 .1 .1 .5 .1 .5 .5", "data.yaml": "names: {.inf: ski}"},
        "does not name the classes",
    ),
    "yolo: yaml that builds itself": (
        "yolo",
        {"labels/good.txt": "0 .1 .1 .5 .1 .5 .5", "data.yaml": "names: !!python/object/apply:os.getcwd []"},
        "does not name the classes",
    ),
    "voc: entities that fill the memory": (
        "voc",
        {"SegmentationObject/good.png": b"", "Annotations/good.xml": BOMB},
        "document type",
    ),
    "voc: xml that is cut off": (
        "voc",
        {"SegmentationObject/good.png": b"", "Annotations/good.xml": "<annotation><obj"},
        "is damaged",
    ),
    "voc: nothing": ("voc", {"x.txt": ""}, "is no folder"),
    "labelme: no shapes": ("labelme", {"good.json": '{"imagePath": "good.png"}'}, "no 'shapes'"),
    "labelme: points that are text": (
        "labelme",
        {"good.json": labelme([{"label": "a", "points": [["x", "y"]] * 3, "shape_type": "polygon"}])},
        "good.json",
    ),
    "labelme: corners at infinity": (
        "labelme",
        {"good.json": labelme([{"label": "a", "points": [[float("inf"), 0]] * 3}])},
        "lie nowhere near an image",
    ),
    "labelme: a mask that is no picture": (
        "labelme",
        {"good.json": labelme([{"label": "a", "points": POINTS[:2], "shape_type": "mask", "mask": "AAAA"}])},
        "good.json",
    ),
    "labelme: for an image of another size": (
        "labelme",
        {"good.json": labelme([], imageHeight=5, imageWidth=5)},
        "5 x 5",
    ),
    "labelme: another folder's image": (
        "labelme",
        {"good.json": labelme([], imagePath="../../etc/passwd")},
        "holds no masks for the images",
    ),
    "labels: a table that is none": (
        "labels",
        {"mask_good.png": b"", "objects.csv": b"\x00\xff"},
        "objects.csv",
    ),
    "labels: a map that is no picture": ("labels", {"mask_good.png": b"none"}, "mask_good.png"),
    "binary: a mask that is cut off": ("binary", {"good.1.png": b"\x89PNG\r\n\x1a\n"}, "good.1.png"),
    "binary: nothing": ("binary", {}, "binary"),
}
"""What cannot be imported: the format, the files, and what the window says."""


class TestImports:
    def bring(self, hostile: Hostile, format_name: str, source: Path) -> None:
        """Import through the real dialogs."""

        def fill_in(dialog: Any) -> None:
            dialog.formats.setCurrentIndex(dialog.formats.findData(format_name))
            QTest.keyClick(dialog, Qt.Key.Key_Return)

        hostile.user.will_answer(fill_in, source)
        hostile.user.key("I", "Control")
        hostile.user.awake()

    @pytest.mark.parametrize("what", IMPORTS)
    def test_what_makes_no_sense_is_refused_as_a_whole(self, hostile: Hostile, what: str) -> None:
        format_name, files, said = IMPORTS[what]
        source = hostile.folder.parent / format_name
        source.mkdir()
        put(source, files)
        before = {path: path.read_bytes() for path in source.rglob("*") if path.is_file()}
        hostile.open()
        hostile.user.click(30, 30)
        document = hostile.user.window.work.project.document
        self.bring(hostile, format_name, source / "a.json" if format_name == "coco" else source)
        hostile.hears(said)
        assert hostile.user.window.work.project.document is document
        assert {path: path.read_bytes() for path in source.rglob("*") if path.is_file()} == before
        hostile.still_works()

    @pytest.mark.parametrize(
        ("format_name", "name"),
        [("labels", "mask_good.png"), ("binary", "good.1.png"), ("voc", "SegmentationObject/good.png")],
    )
    def test_maps_of_another_size_are_refused(self, hostile: Hostile, format_name: str, name: str) -> None:
        source = hostile.folder.parent / format_name
        map_of(source, name, (7, 5))
        put(source, {"Annotations/good.xml": "<annotation><object><name>a</name></object></annotation>"})
        hostile.open()
        self.bring(hostile, format_name, source)
        hostile.hears("7 x 5")
        assert hostile.user.objects == ()
        hostile.still_works()

    def test_what_is_there_already_is_not_overwritten_unasked(self, hostile: Hostile) -> None:
        hostile.open()
        hostile.user.click(30, 30)
        before = hostile.user.objects
        source = put(hostile.folder.parent / "coco", {"a.json": coco({})})
        self.bring(hostile, "coco", source / "a.json")
        hostile.hears("labelled already")
        assert hostile.user.objects == before
        hostile.still_works()
