"""`skipclick import-annotations`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from skipclick.annotation import AddClass, Project
from skipclick.apps import cli

Run = Callable[..., str]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: object, code: int = 0) -> str:
        with pytest.raises(SystemExit) as end:
            cli.main(["import-annotations", *(str(word) for word in words)])
        printed = capsys.readouterr()
        assert end.value.code == code, printed.err
        if code:
            assert printed.out == ""
            assert printed.err.count("\n") == 1
            return printed.err
        return printed.out

    return call


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg"):
        Image.new("RGB", (12, 9)).save(folder / name)
    return folder


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    """One ski on each photo; a crowd; and one on a photo that is not there."""

    def one(number: int, image: int, **more: Any) -> dict[str, Any]:
        square = [[2, 2, 5, 2, 5, 4, 2, 4]]
        return {"id": number, "image_id": image, "category_id": 1, "segmentation": square, **more}

    content = {
        "images": [
            {"id": place, "file_name": name} for place, name in enumerate(["a.jpg", "b.jpg", "z.jpg"])
        ],
        "categories": [{"id": 1, "name": "ski"}],
        "annotations": [one(1, 0), one(2, 1), one(3, 1, iscrowd=1), one(4, 2)],
    }
    path = tmp_path / "in.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_all_that_is_to_be_said(run: Run, photos: Path, coco: Path) -> None:
    assert run(photos, coco, "--format", "coco") == (
        f"{photos}: 2 objects on 2 images imported\n"
        "new classes: ski\n"
        "not in the folder: 1 image (z.jpg)\n"
        "passed over: 1 entry without pixels, as boxes\n"
    )
    with Project.open(photos) as project:
        (one,) = project.document.image("a.jpg").objects
        assert (one.id, one.mask.area(), project.document.class_of(one.class_id).name) == (1, 6, "ski")
        assert one.created > 1e9


def test_again_adds_or_replaces_only_when_told(run: Run, photos: Path, coco: Path) -> None:
    def count() -> int:
        with Project.open(photos, read_only=True) as project:
            return len(project.document.image("a.jpg").objects)

    run(photos, coco, "-f", "coco")
    assert "(--add), or to replace them (--replace)" in run(photos, coco, "-f", "coco", code=2)
    assert count() == 1
    run(photos, coco, "-f", "coco", "--add")
    assert count() == 2
    run(photos, coco, "-f", "coco", "--replace")
    assert count() == 1
    assert "exclude each other" in run(photos, coco, "-f", "coco", "--add", "--replace", code=2)


def test_a_class_for_objects_without_one(run: Run, photos: Path, tmp_path: Path) -> None:
    Image.fromarray(np.eye(9, 12, dtype=np.uint8)).save(tmp_path / "mask_a.png")
    assert "new classes: goggles\n" in run(
        photos, tmp_path / "mask_a.png", "-f", "labels", "--class", "goggles"
    )
    assert not list(photos.glob("mask*"))


def test_not_while_the_annotator_has_it_open(run: Run, photos: Path, coco: Path) -> None:
    with Project.open(photos):
        assert "close it there" in run(photos, coco, "-f", "coco", code=2)


def test_what_another_computer_left_open_is_taken_over_when_told(run: Run, photos: Path, coco: Path) -> None:
    Project.open(photos).close()
    note = {"host": "another-computer", "pid": 7, "since": 0.0}
    (photos / ".skipclick" / "opened-by.json").write_text(json.dumps(note), encoding="utf-8")
    printed = run(photos, coco, "-f", "coco", code=2)
    assert "another-computer" in printed
    assert printed.endswith("take it over (--take-over)\n")
    assert "2 objects" in run(photos, coco, "-f", "coco", "--take-over")
    with Project.open(photos) as project:
        assert project.notes == ()


def test_taking_over_does_not_reach_a_program_that_runs_here(run: Run, photos: Path, coco: Path) -> None:
    with Project.open(photos):
        printed = run(photos, coco, "-f", "coco", "--take-over", code=2)
        assert "close it there\n" in printed


def test_a_damaged_project_is_salvaged_when_told(run: Run, photos: Path, coco: Path) -> None:
    with Project.open(photos) as project:
        for name in ("first", "second", "third"):
            project.do(AddClass(name))
    journal = photos / ".skipclick" / "journal-000001.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole.replace(b"second", b"secomd"))
    assert "(--salvage)" in run(photos, coco, "-f", "coco", code=2)
    assert "2 objects" in run(photos, coco, "-f", "coco", "--salvage")
    assert journal.with_suffix(".damaged").read_bytes() == b"".join(
        line.replace(b"second", b"secomd") for line in whole.splitlines(keepends=True)[2:]
    )
    with Project.open(photos) as project:
        assert [kind.name for kind in project.document.classes] == ["object", "first", "ski"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["none", "in.json", "-f", "coco"], "is no folder"),
        (["photos", "none.json", "-f", "coco"], "does not exist"),
        (["photos", "photos/a.jpg", "-f", "coco"], "no text in UTF-8"),
        (["photos", "photos", "-f", "labelme"], "no JSON files"),
        (["photos", "in.json", "-f", "yolo"], "does not name the classes"),
    ],
)
def test_one_line_of_complaint(
    run: Run, photos: Path, coco: Path, words: list[str], complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(photos.parent)
    assert complaint in run(*words, code=2)


def test_there_and_back_on_the_command_line(run: Run, photos: Path, coco: Path, tmp_path: Path) -> None:
    run(photos, coco, "-f", "coco")
    with pytest.raises(SystemExit):
        cli.main(["export-annotations", str(photos), "-f", "voc", "-o", str(tmp_path / "voc")])
    run(photos, tmp_path / "voc", "-f", "voc", "--replace")
    with Project.open(photos) as project:
        assert project.document.image("b.jpg")[1].mask.area() == 6
        assert [command.label for command in project.done] == ["Import coco", "Import voc"]
