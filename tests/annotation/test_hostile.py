"""Inputs that mean harm, or look as if they did: one line of complaint each, and nothing is lost."""

from __future__ import annotations

import json
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from skipclick.annotation.commands import AddObject
from skipclick.annotation.errors import AnnotationError
from skipclick.annotation.exporting import export_annotations
from skipclick.annotation.importing import import_annotations
from skipclick.annotation.project import Project
from skipclick.annotation.volume import read_line, volumes, write_line
from skipclick.errors import SkipClickError
from skipclick.mask import RunLengths

SPOT = RunLengths.from_mask(np.eye(9, 12, dtype=np.bool_))


@pytest.fixture
def labelled(photos: Path) -> Path:
    """A project with one object."""
    with Project.open(photos) as project:
        project.do(AddObject("a.jpg", 1, SPOT))
    return photos


def only_volume(photos: Path) -> Path:
    (path,) = volumes(photos / ".skipclick")
    return path


def set_header(photos: Path, change: Callable[[dict[str, Any]], object]) -> None:
    first, rest = only_volume(photos).read_bytes().split(b"\n", 1)
    header = read_line(first + b"\n")
    change(header)
    only_volume(photos).write_bytes(write_line(header) + rest)


def object_with(**change: Any) -> dict[str, Any]:
    good = {"id": 1, "class_id": 1, "mask": {"size": [9, 12], "counts": SPOT.counts}}
    return {"name": "a.jpg", "shape": [9, 12], "next_id": 2, "objects": [{**good, **change}]}


DOCUMENTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "an image twice": lambda d: d.update(images=[{"name": "a"}, {"name": "a"}]),
    "an object twice": lambda d: d.update(
        images=[{**object_with(), "objects": object_with()["objects"] * 2}]
    ),
    "a name that climbs out": lambda d: d.update(images=[{"name": "../../etc/passwd"}]),
    "an absolute name": lambda d: d.update(images=[{"name": "/etc/passwd"}]),
    "a name with a zero": lambda d: d.update(images=[{"name": "a\0b"}]),
    "a name that is no text": lambda d: d.update(images=[{"name": 7}]),
    "a mask as large as the moon": lambda d: d.update(
        images=[{**object_with(mask={"size": [10**7, 10**7], "counts": "0"}), "shape": [10**7, 10**7]}]
    ),
    "a size below nothing": lambda d: d.update(images=[{"name": "a", "shape": [-1, -1]}]),
    "a mask of another size": lambda d: d.update(images=[object_with(mask={"size": [3, 3], "counts": "9"})]),
    "a click without a place": lambda d: d.update(images=[object_with(clicks=[{"x": None, "y": 0}])]),
    "a class that is none": lambda d: d.update(images=[object_with(class_id=77)]),
    "a number below one": lambda d: d.update(images=[object_with(id=-1)]),
    "time that runs backwards": lambda d: d.update(images=[object_with(seconds=-1e9)]),
    "two classes of one name": lambda d: d.update(
        classes=[*d["classes"], {**d["classes"][0], "id": 2}], next_class=3
    ),
    "no class": lambda d: d.update(classes=[]),
    "a class name of a megabyte": lambda d: d["classes"][0].update(name="x" * 10**6),
    "a class name over two lines": lambda d: d["classes"][0].update(name="a\nb"),
    "a colour brighter than white": lambda d: d["classes"][0].update(colour=[999, 0, 0]),
    "a field from the future": lambda d: d["classes"][0].update(shape="round"),
    "images that are no list": lambda d: d.update(images={"a": 1}),
    "a rule nobody knows": lambda d: d.update(overlap="back"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_with(name: str, labelled: Path) -> None:
    set_header(labelled, lambda header: DOCUMENTS[name](header["document"]))
    before = only_volume(labelled).read_bytes()
    with pytest.raises(AnnotationError) as caught:
        Project.open(labelled)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 900
    assert only_volume(labelled).read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"\0" * 5000,
        b"\xff" * 5000,
        b"[" * 200_000,
        b"PK\x03\x04",
        b"null\n",
        b"1e999\n",
        b"\n\n\n",
    ],
)
def test_a_project_file_that_is_something_else(content: bytes, labelled: Path) -> None:
    only_volume(labelled).write_bytes(content)
    with pytest.raises(AnnotationError, match="damaged") as caught:
        Project.open(labelled)
    assert "\n" not in str(caught.value)
    assert only_volume(labelled).read_bytes() == content


def test_a_mask_that_is_damaged_where_the_checksum_is_not(labelled: Path, tmp_path: Path) -> None:
    """It opens, the other masks are fine, and whoever needs this one is told."""
    for counts in ("", "zzzz", "é", "P" * 10**5, SPOT.counts[:-1]):
        data = only_volume(labelled).read_bytes().splitlines(keepends=True)
        entry = read_line(data[1])
        entry["mask"]["counts"] = counts
        only_volume(labelled).write_bytes(data[0] + write_line(entry))
        with Project.open(labelled) as project:
            with pytest.raises(ValueError, match="run lengths"):
                project.document.image("a.jpg")[1].mask.to_mask()
            with pytest.raises(AnnotationError, match=r"a mask of a\.jpg is damaged"):
                export_annotations(project, "coco", tmp_path / "out")


def test_counts_that_promise_the_world_take_no_memory() -> None:
    tracemalloc.start()
    for counts in ("oooooo0", "o" * 6 + "O", "P" * 7 + "0", "ooooo0" * 1000):
        with pytest.raises(ValueError, match=r"run lengths|whole numbers"):
            RunLengths((9, 12), counts).to_mask()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5_000_000


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
@pytest.mark.parametrize(
    "name",
    [
        b"\xff\xfe.jpg",
        "ä" * 120 + ".jpg",
        "x" * 251 + ".jpg",
        "a\nb\tc.jpg",
        "-rf.jpg",
        "a'b\"c`d$e.jpg",
        "<script>&.jpg",
        " .jpg",
        "\u202egpj.jpg",
        "e\u0301.jpg",
        "%2e%2e%2f.jpg",
        "a..jpg",
        "a\\b.jpg",
        "🎿.jpg",
        "nul.jpg",
    ],
)
def test_an_image_called(name: bytes | str, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    raw = name if isinstance(name, bytes) else os.fsencode(name)
    with open(os.fsencode(folder) + b"/" + raw, "wb") as file:  # noqa: PTH123
        Image.new("RGB", (12, 9)).save(file, format="JPEG")
    with Project.open(folder) as project:
        (listed,) = project.names
        assert project.shape_of(listed) == (9, 12)
        project.do(AddObject(listed, 1, SPOT))
        document = project.document
        exported = export_annotations(project, "yolo", tmp_path / "out")
        assert len(exported.files) == 2
    with Project.open(folder) as project:
        assert project.document == document
        project.undo()
        import_annotations(project, "yolo", tmp_path / "out")
        assert project.document.image(listed).objects[0].mask == SPOT


@pytest.mark.parametrize(
    "polygon",
    [
        [[0, 0, 1e308, 0, 1e308, 1e308]],
        [[float("nan")] * 6],
        [[-float("inf"), 0, 1, 1, 2, 2]],
        [[1, 2, 3, 4, 5]],
        [[None] * 6],
        [["0", "0", "x", "1", "2", "2"]],
        [[[[1]]]],
        {"size": [9, 12], "counts": [10**400]},
        {"size": [9, 12], "counts": [True, False]},
        {"size": [9, 12], "counts": {"0": 108}},
        {"size": [12, 9], "counts": [108]},
    ],
)
def test_a_polygon_like(polygon: Any, photos: Path, tmp_path: Path) -> None:
    content = {
        "images": [{"id": 1, "file_name": "a.jpg"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": polygon}],
    }
    path = tmp_path / "in.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with Project.open(photos) as project:
        before = project.document
        with pytest.raises(SkipClickError) as caught:
            import_annotations(project, "coco", path)
        assert "\n" not in str(caught.value)
        assert project.document is before


def test_a_million_corners_far_outside_take_no_time(photos: Path, tmp_path: Path) -> None:
    points = np.random.default_rng(0).uniform(1000, 2000, 200_000).round(1).tolist()
    content = {
        "images": [{"id": 1, "file_name": "a.jpg"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [points]},
            {"id": 2, "image_id": 1, "category_id": 1, "segmentation": [[0, 0, 5, 0, 5, 5]]},
        ],
    }
    path = tmp_path / "in.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with Project.open(photos) as project:
        assert import_annotations(project, "coco", path).objects == 2
        assert export_annotations(project, "coco", tmp_path / "out").empty == 1
