"""`skipclick data build-…`; what is built is looked at in the tests of the builders."""

from __future__ import annotations

import io
import shlex
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skipclick.apps import cli

Run = Callable[..., str]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: object, code: int = 0) -> str:
        with pytest.raises(SystemExit) as end:
            cli.main(["data", *(str(word) for word in words)])
        printed = capsys.readouterr()
        assert end.value.code == code, printed.err
        if code:
            assert printed.err.count("\n") == 1
            assert not printed.out
        return printed.err if code else printed.out

    return call


def zip_masks(path: Path, *masks: str, **others: str) -> Path:
    stream = io.BytesIO()
    Image.fromarray(np.array([[0, 1, 2]], np.uint8)).save(stream, "PNG")
    with zipfile.ZipFile(path, "w") as archive:
        for mask in masks:
            archive.writestr(mask, stream.getvalue())
        for name, text in others.items():
            archive.writestr(name, text)
    return path


def put(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (3, 1)).save(file)


def test_shseg(run: Run, tmp_path: Path) -> None:
    masks = zip_masks(tmp_path / "m.zip", *(f"mask_AL_{i}.png" for i in range(8)), **{"README.txt": "how"})
    for number in range(2):
        put(tmp_path / "SkiTB" / "AL" / f"{number}.jpg")
    out = tmp_path / "new sets" / "SHSeg"
    printed = run("build-shseg", masks, tmp_path / "SkiTB", "-o", out)
    assert printed.startswith(f"SHSeg: {out}\n  complete: 2 masks with an image\n")
    assert f"  missing: 6 images, all listed in {out / 'missing.csv'}\n" in printed
    assert printed.count(": not found\n") == 5
    assert f"{out / 'README.txt'} says which frames they are" in printed

    (line,) = [line for line in printed.splitlines() if line.startswith("To check it: ")]
    words = shlex.split(line.removeprefix("To check it: skipclick data "))
    assert "  2 images, 4 objects; another set than" in run(*words)

    (tmp_path / "names.csv").write_text("".join(f"AL_{i},AL/1.jpg\n" for i in range(2, 8)))
    printed = run("build-shseg", masks, tmp_path / "SkiTB", "-o", out, "--names", tmp_path / "names.csv")
    assert "  complete: 8 masks with an image\n" in printed
    assert "missing" not in printed
    assert "README" not in printed


def test_wseseg(run: Run, tmp_path: Path) -> None:
    ids = ("5234567890", "5234567891")
    masks = zip_masks(tmp_path / "m.zip", *(f"flickr_snowboards/mask_{id_}.png" for id_ in ids))
    (tmp_path / "list.txt").write_text("".join(f"fan,{id_}\n" for id_ in ids))
    put(tmp_path / "photos" / f"{ids[0]}_ab_o.jpg")
    out = tmp_path / "WSESeg"
    printed = run("build-wseseg", masks, tmp_path / "photos", "-o", out, "--list", tmp_path / "list.txt")
    assert "  complete: 1 mask with an image\n  missing: 1 image" in printed
    assert (
        "    flickr_snowboards/5234567891.jpg: not found, https://www.flickr.com/photos/fan/5234567891\n"
    ) in printed
    assert f"--data WSESeg={out} --fingerprint" in printed


def test_coco_lvis(run: Run, tmp_path: Path) -> None:
    annotations = tmp_path / "coco" / "annotations"
    annotations.mkdir(parents=True)
    (annotations / "panoptic_train2017.json").write_text(
        '{"images": [{"id": 9, "file_name": "9.jpg", "height": 20, "width": 30}],'
        '"annotations": [{"image_id": 9, "file_name": "9.png", "segments_info":'
        '[{"id": 5, "category_id": 1}]}],'
        '"categories": [{"id": 1, "isthing": 1}]}'
    )
    (tmp_path / "lvis.json").write_text('{"images": [{"id": 9, "file_name": "9.jpg"}], "annotations": []}')
    for folder, picture in (("annotations/panoptic_train2017", "9.png"), ("train2017", "9.jpg")):
        (tmp_path / "coco" / folder).mkdir(parents=True)
        Image.new("RGB", (30, 20), (5, 0, 0)).save(tmp_path / "coco" / folder / picture)
    words = ("--coco-panoptic", annotations / "panoptic_train2017.json", "--lvis", tmp_path / "lvis.json")
    out = tmp_path / "COCO_LVIS"
    printed = run("build-coco-lvis", *words, "-o", out, "--link")
    assert printed == (
        f"COCO+LVIS, train: {out / 'train'}\n  1 image with 1 instance; 0 images without any left out\n"
    )
    assert (out / "train" / "images" / "9.jpg").samefile(tmp_path / "coco" / "train2017" / "9.jpg")
    assert "COCO+LVIS, val" in run("build-coco-lvis", *words, "-o", out, "--split", "val", "--limit", 1)


def test_a_hostile_archive(run: Run, tmp_path: Path) -> None:
    masks = zip_masks(tmp_path / "m.zip", "mask_1.png", "../mask_2.png")
    for command in ("build-shseg", "build-wseseg"):
        printed = run(command, masks, tmp_path, "-o", tmp_path / "out", code=2)
        assert printed.startswith(f"skipclick: {masks} is refused, nothing was unpacked: '../mask_2.png'")
    assert not (tmp_path / "out").exists()


def test_a_folder_with_other_files(run: Run, tmp_path: Path) -> None:
    masks = zip_masks(tmp_path / "m.zip", "mask_1.png")
    (tmp_path / "frames").mkdir()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    printed = run("build-shseg", masks, tmp_path / "frames", "-o", tmp_path / "mine", code=2)
    assert "mine holds other files: name an empty or new folder with -o" in printed


@pytest.mark.parametrize("command", ["build-shseg", "build-wseseg", "build-coco-lvis"])
def test_help(run: Run, command: str) -> None:
    printed = " ".join(run(command, "--help").split())
    assert "The same command goes on" in printed or "the same command goes on" in printed
    assert command in run("--help")
