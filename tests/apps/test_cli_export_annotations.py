"""`skipclick export-annotations`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skipclick.annotation import (
    FORMATS,
    AddClass,
    AddObject,
    Project,
    RunLengths,
    SetDone,
    SetReviewed,
)
from skipclick.annotation.volume import volumes
from skipclick.apps import cli
from skipclick.apps.cli.export_annotations import FormatName

Run = Callable[..., str]
MASK = np.zeros((9, 12), np.bool_)
MASK[2:6, 1:7] = True


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: object, code: int = 0) -> str:
        with pytest.raises(SystemExit) as end:
            cli.main(["export-annotations", *(str(word) for word in words)])
        printed = capsys.readouterr()
        assert end.value.code == code, printed.err
        if code:
            assert printed.out == ""
            assert printed.err.count("\n") == 1
            return printed.err
        return printed.out

    return call


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        Image.new("RGB", (12, 9)).save(folder / name)
    with Project.open(folder) as project:
        project.do(AddClass("ski"))
        for name in ("a.jpg", "a.jpg", "b.jpg"):
            project.do(AddObject(name, 2, RunLengths.from_mask(MASK)))
    return folder


def test_the_formats_are_those_of_the_library() -> None:
    assert [name.value for name in FormatName] == list(FORMATS)


def test_one_file(run: Run, labelled: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert run(labelled, "--format", "coco", "-o", out) == f"{out}: 3 objects on 2 images\n"
    assert len(json.loads(out.read_bytes())["annotations"]) == 3


def test_a_folder(run: Run, labelled: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(labelled, "-f", "labels", "--out", out) == (
        f"3 files in {out}: 2 objects on 2 images\nleft out: 1 object without a visible pixel\n"
    )
    assert sorted(path.name for path in out.iterdir()) == ["mask_a.png", "mask_b.png", "objects.csv"]


def test_some_images(run: Run, labelled: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    printed = run(labelled, "-f", "coco", "-o", out, "--images", "b*", "--images", "a.jpg")
    assert "on 2 images" in printed
    assert "1 object on 1 image\n" in run(
        labelled, "-f", "coco", "-o", tmp_path / "b.json", "--images", "b.jpg"
    )
    assert "no labelled image is called z" in run(
        labelled, "-f", "coco", "-o", tmp_path / "z.json", "--images", "z", code=2
    )


def test_finished_images_alone(run: Run, labelled: Path, tmp_path: Path) -> None:
    words = (labelled, "-f", "coco", "--done-only", "-o")
    assert "none of these images is marked as done" in run(*words, tmp_path / "x.json", code=2)
    with Project.open(labelled) as project:
        project.do(SetDone("b.jpg", True))
        project.do(SetDone("c.jpg", True))
    assert "1 object on 2 images" in run(*words, tmp_path / "done.json")
    assert "0 objects on 1 image" in run(*words, tmp_path / "c.json", "--images", "c.jpg")
    assert "marked as done" in run(*words, tmp_path / "a.json", "--images", "a.jpg", code=2)


def test_reviewed_images_alone(run: Run, labelled: Path, tmp_path: Path) -> None:
    words = (labelled, "-f", "coco", "--reviewed-only", "-o")
    assert "none of these images is marked as reviewed" in run(*words, tmp_path / "x.json", code=2)
    with Project.open(labelled) as project:
        project.do(SetDone("c.jpg", True))
        project.do(SetReviewed("b.jpg", True))
    assert "1 object on 1 image\n" in run(*words, tmp_path / "reviewed.json")
    assert "marked as reviewed" in run(*words, tmp_path / "c.json", "--images", "c.jpg", code=2)
    assert "on 2 images" in run(labelled, "-f", "coco", "--done-only", "-o", tmp_path / "done.json")


def test_objects_without_a_pixel_are_counted(run: Run, labelled: Path, tmp_path: Path) -> None:
    with Project.open(labelled) as project:
        project.do(AddObject("a.jpg", 1, RunLengths.from_mask(np.zeros_like(MASK))))
    printed = run(labelled, "-f", "coco", "-o", tmp_path / "out.json")
    assert printed.endswith("left out: 1 object without a visible pixel\n")


def test_the_project_s_own_folder_may_be_named(run: Run, labelled: Path, tmp_path: Path) -> None:
    run(labelled / ".skipclick", "-f", "coco", "-o", tmp_path / "out.json")


def test_while_the_annotator_has_it_open(run: Run, labelled: Path, tmp_path: Path) -> None:
    with Project.open(labelled) as project:
        project.do(SetDone("c.jpg", True))
        assert "on 3 images" in run(labelled, "-f", "coco", "-o", tmp_path / "out.json")


def test_force(run: Run, labelled: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    out.write_bytes(b"precious")
    assert "exists already" in run(labelled, "-f", "coco", "-o", out, code=2)
    assert out.read_bytes() == b"precious"
    run(labelled, "-f", "coco", "-o", out, "--force")
    assert out.read_bytes() != b"precious"


def test_a_damaged_project_is_salvaged_when_asked(
    run: Run, labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (path,) = volumes(labelled / ".skipclick")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], b"x" + lines[3], *lines[4:]]))
    damaged = path.read_bytes()
    assert "damaged in line 4 of 5" in run(labelled, "-f", "coco", "-o", tmp_path / "out.json", code=2)
    with pytest.raises(SystemExit) as end:
        cli.main(
            ["export-annotations", str(labelled), "-f", "coco", "-o", str(tmp_path / "o.json"), "--salvage"]
        )
    printed = capsys.readouterr()
    assert end.value.code == 0
    assert "1 object on 1 image" in printed.out
    assert printed.err.startswith("note: journal-000001.jsonl is damaged in line 4")
    assert path.read_bytes() == damaged


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["none", "-f", "coco", "-o", "x.json"], "holds no project"),
        (["photos", "-f", "coco", "-o", "none/x.json"], "create it first"),
        (["photos", "-f", "binary", "-o", "x", "--tolerance", "2"], "no polygons"),
        (["photos", "-f", "coco", "-o", "x.json", "--tolerance", "-2"], "tolerance"),
    ],
)
def test_one_line_of_complaint(
    run: Run, labelled: Path, words: list[str], complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(labelled.parent)
    assert complaint in run(*words, code=2)
    assert sorted(path.name for path in labelled.parent.iterdir()) == ["photos"]


def test_unknown_formats_are_refused_by_name(labelled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["export-annotations", str(labelled), "-f", "cocoa", "-o", "x"])
    assert end.value.code == 2
    assert "'cocoa'" in capsys.readouterr().err


def test_help_is_quick_and_the_command_needs_no_pytorch(labelled: Path, tmp_path: Path) -> None:
    for words, heavy in (
        (["--help"], {"torch", "numpy", "PIL", "cv2"}),
        ([str(labelled), "-f", "coco", "-o", str(tmp_path / "out.json")], {"torch"}),
    ):
        code = (
            "import sys\nfrom skipclick.apps.cli import main\n"
            f"try: main(['export-annotations', *{words!r}])\n"
            "except SystemExit as end: assert end.code == 0\n"
            f"assert not {heavy!r} & set(sys.modules)"
        )
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)
