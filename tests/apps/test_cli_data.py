"""`skipclick data`."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from PIL import Image

from skipclick.apps import cli
from skipclick.datasets import DATASETS, GROUPS, fingerprint, open_dataset
from skipclick.datasets.coco_lvis import fingerprint_split, list_split
from skipclick.datasets.hqseg import PARTS

Run = Callable[..., str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and no settings of whoever runs the tests."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("SKIPCLICK_CONFIG", raising=False)
    monkeypatch.setattr(typer, "get_app_dir", lambda name: str(tmp_path / "settings"))
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: object, code: int = 0) -> str:
        with pytest.raises(SystemExit) as end:
            cli.main(["data", *(str(word) for word in words)])
        printed = capsys.readouterr()
        assert end.value.code == code, printed.err
        return printed.err if code == 2 else printed.out

    return call


@pytest.fixture
def davis(tmp_path: Path) -> Path:
    for folder in ("img", "gt"):
        (tmp_path / "frames" / folder).mkdir(parents=True)
        for name in "ab":
            Image.new("L", (3, 2), 255).save(tmp_path / "frames" / folder / f"{name}.png")
    return tmp_path / "frames"


def put_labelled(folder: Path, *names: str, image: bool = True) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        Image.fromarray(np.array([[0, 1, 2]], np.uint8)).save(folder / f"mask_{name}.png")
        if image:
            Image.new("RGB", (3, 1)).save(folder / f"{name}.jpg")


def put_training_data(folder: Path, *names: str) -> None:
    for kind, suffix in (("images", "jpg"), ("masks", "pickle")):
        (folder / kind).mkdir(parents=True)
        for name in names:
            (folder / kind / f"{name}.{suffix}").write_text(name)
    (folder / "hannotation.pickle").write_text("")


def put_coco_lvis(folder: Path) -> None:
    """A part that can be read: an image with two instances."""
    put_training_data(folder, "0")
    Image.new("RGB", (3, 2)).save(folder / "images" / "0.jpg")
    png = cv2.imencode(".png", np.array([[0, 1, 2], [0, 1, 2]], np.uint8))[1]
    (folder / "masks" / "0.pickle").write_bytes(pickle.dumps(([png], [(0, 1), (0, 2)])))
    listed = {"0": {"num_instance_masks": 2, "hierarchy": {0: None, 1: None}}}
    (folder / "hannotation.pickle").write_bytes(pickle.dumps(listed))


def test_everything_that_can_be_had(run: Run) -> None:
    table, _, advice = run("list").partition("\n\n")
    rows = {line.split()[0]: line for line in table.splitlines()}
    assert set(rows) == {"name", "coco-lvis", *DATASETS, *GROUPS}
    assert "skipclick data build-coco-lvis" in rows["COCO_LVIS"]
    assert rows["coco-lvis"].endswith(" COCO_LVIS_train and COCO_LVIS, to train on")
    assert rows["SBD"].split()[1:3] == ["2857", "6671"]
    assert rows["WSESeg"].split()[1:3] == ["4221", "7452"]
    for name, entry in DATASETS.items():
        assert rows[name].endswith(entry.source)
    assert advice.strip() == "To see what of them lies here, name folders with --data or in a skipclick.toml."


def test_a_subset_is_said_to_be_one(run: Run, davis: Path) -> None:
    printed = run("list", "--data", f"DAVIS:DAVIS_dev={davis}")
    assert printed == (
        f"DAVIS_dev (DAVIS): {davis}\n"
        "  2 images, 2 objects; another set than the published one of 345 images, 345 objects\n"
    )


def test_the_whole_is_said_to_be_the_whole(run: Run, davis: Path, tmp_path: Path) -> None:
    whole = tmp_path / "GrabCut"
    for folder in ("data_GT", "boundary_GT"):
        (whole / folder).mkdir(parents=True)
        for number in range(50):
            Image.new("L", (1, 1), 255).save(whole / folder / f"{number}.png")
    printed = run("list", "--data", f"GrabCut={whole}", "--data", f"DAVIS={davis}")
    assert "  50 images, 50 objects; as published\n" in printed


def test_a_user_s_own_data_have_no_official_size(run: Run, tmp_path: Path) -> None:
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
        Image.new("L", (1, 1), 255).save(tmp_path / folder / "x.png")
    printed = run("list", "--data", f"Folder={tmp_path}")
    assert "  1 image, 1 object; no official size is published\n" in printed


def test_what_is_missing_and_where_to_get_it(run: Run, tmp_path: Path, davis: Path) -> None:
    printed = run("list", "--data", f"SBD={tmp_path}", "--data", f"DAVIS={davis}", code=1)
    assert f"SBD: {tmp_path}\n  not usable: " in printed
    assert "  layout: img/ID.jpg, inst/ID.mat, val.txt\n" in printed
    assert f"  get it: {DATASETS['SBD'].source}\n" in printed
    assert "  2 images, 2 objects" in printed


def test_parts_of_a_data_set_that_are_there(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "hq"
    for name in ("COIFT", "HRSOD", "ECSSD"):
        for folder, suffix in ((PARTS[name].images, "jpg"), (PARTS[name].masks, "png")):
            (root / folder).mkdir(parents=True, exist_ok=True)
            Image.new("L", (3, 2), 255).save(root / folder / f"a.{suffix}")
    (root / PARTS["HRSOD"].masks / "a.png").unlink()
    printed = run("list", "--data", f"HQSeg={root}", code=1)
    assert "  not usable: the folder" in printed
    *_, first, second, third, fourth = printed.splitlines()
    assert first == "  HQSeg_DIS5K-VD: not usable"
    assert second == "  HQSeg_ThinObject5K-TE: not usable"
    assert third.startswith("  HQSeg_COIFT: 1 image, 1 object; another set than the published one of 280")
    assert fourth == "  HQSeg_HRSOD: not usable"
    assert "HQSeg_ECSSD: 1 image" in run("list", "--data", f"HQSeg_train={root}", code=1)


def test_masks_are_not_read_to_list_them(run: Run, tmp_path: Path) -> None:
    put_labelled(tmp_path, "a", "b")
    for name in "ab":
        (tmp_path / f"mask_{name}.png").write_bytes(b"not read")
    printed = run("list", "--data", f"SHSeg={tmp_path}")
    assert "  2 images, objects not counted (--fingerprint does); another set than" in printed


def test_missing_images_are_named(run: Run, tmp_path: Path) -> None:
    put_labelled(tmp_path, "a")
    put_labelled(tmp_path, "b", "c", "d", "e", image=False)
    printed = run("list", "--data", f"SHSeg={tmp_path}")
    assert "  4 images missing: b.jpg, c.jpg, d.jpg and 1 more\n" in printed
    assert f"  get it: {DATASETS['SHSeg'].source}\n" in printed


def test_fingerprints_count_objects(run: Run, tmp_path: Path) -> None:
    put_labelled(tmp_path, "a", "b")
    printed = run("list", "--data", f"SHSeg={tmp_path}", "--fingerprint")
    assert "  2 images, 4 objects; another set than the published one of 496 images, 534 objects\n" in printed
    assert f"  fingerprint {fingerprint(open_dataset('SHSeg', tmp_path)).sha256}\n" in printed


def test_a_damaged_mask_is_told(run: Run, tmp_path: Path) -> None:
    put_labelled(tmp_path, "a")
    (tmp_path / "mask_a.png").write_bytes(b"")
    printed = run("list", "--data", f"SHSeg={tmp_path}", "--fingerprint", code=1)
    assert "  not usable: " in printed
    assert "mask_a.png cannot be read as an image" in printed


def test_a_group_is_listed_one_by_one_and_in_all(run: Run, tmp_path: Path) -> None:
    put_labelled(tmp_path / "flickr_snowboards", "a", "b")
    put_labelled(tmp_path / "yt_sports" / "skijump" / "annotated_frames" / "0", "c")
    printed = run("list", "--data", f"WSESeg={tmp_path}", "--fingerprint", code=1)
    assert f"WSESeg_flickr_snowboards: {tmp_path}\n  2 images, 4 objects; no official size" in printed
    assert printed.count("not usable") == 8
    assert printed.endswith(
        "WSESeg, all together:\n"
        "  3 images, 6 objects; another set than the published one of 4,221 images, 7,452 objects\n"
    )


def test_a_group_that_is_not_there_says_where_to_get_it(run: Run, davis: Path) -> None:
    words = ("--data", "WSESeg=/nonexistent", "--data", f"DAVIS={davis}")
    assert run("list", *words, code=1).startswith(
        "WSESeg: /nonexistent\n  not usable: the folder does not exist\n"
        f"  get it: {DATASETS['WSESeg_yt_sports'].source}\nDAVIS: "
    )


@pytest.mark.parametrize("words", [("--data", "Davis"), ("--data", "Davis=x"), ("--data", "WSESeg=")])
def test_wrong_words_are_explained_before_anything_is_listed(
    run: Run, davis: Path, words: tuple[str, ...]
) -> None:
    printed = run("list", "--data", f"DAVIS={davis}", *words, code=2)
    assert printed.startswith("skipclick: --data ")
    assert printed.count("\n") == 1


def test_help(run: Run) -> None:
    assert "NAME[:LABEL][=FOLDER]" in run("list", "--help")


class TestLocations:
    @pytest.fixture(autouse=True)
    def config(self, here: Path, davis: Path) -> Path:
        (here / "skipclick.toml").write_text(
            f"[data]\nDAVIS = '{davis}'\nWSESeg = 'wseseg'\nHQSeg = 'nowhere'\ncoco-lvis = 'lvis'\n"
        )
        put_labelled(here / "wseseg" / "flickr_snowboards", "a")
        return here / "skipclick.toml"

    def test_all_that_have_one_and_then_the_others(self, run: Run, davis: Path) -> None:
        located, others = run("list").split("\nThe others:\n")
        assert located.startswith("skipclick.toml says where data sets lie.\n\n")
        assert f"DAVIS: {davis}\n  2 images, 2 objects; another set than" in located
        assert "HQSeg: nowhere\n  not usable: the folder nowhere does not exist" in located
        assert "WSESeg_flickr_snowboards: wseseg\n  1 image, objects not counted" in located
        assert "WSESeg, all together:\n  1 image, " in located
        rows = {line.split()[0] for line in others.splitlines()}
        assert {"GrabCut", "COCO_MVal", "COCO"} <= rows
        # Their parts lie where the whole lies.
        assert not {row for row in rows if row.startswith(("HQSeg", "WSESeg", "DAVIS"))}

    def test_a_name_is_enough(self, run: Run, davis: Path) -> None:
        assert run("list", "--data", "DAVIS:mine") == (
            f"mine (DAVIS): {davis}\n"
            "  2 images, 2 objects; another set than the published one of 345 images, 345 objects\n"
        )

    def test_a_name_without_one(self, run: Run) -> None:
        assert run("list", "--data", "SBD", code=2) == (
            "skipclick: skipclick.toml does not say where SBD lies: add it, or give SBD=FOLDER\n"
        )

    def test_another_file(self, run: Run, davis: Path, tmp_path: Path) -> None:
        (tmp_path / "config.yml").write_text(f"DAVIS_PATH: {davis}\nGRABCUT_PATH: gone\n")
        printed = run("list", "--config", tmp_path / "config.yml")
        assert "DAVIS: " in printed
        assert f"GrabCut: {tmp_path / 'gone'}\n  not usable: " in printed
        assert "WSESeg, all together" not in printed

    def test_a_group_that_is_not_there_is_told_once(self, run: Run, tmp_path: Path) -> None:
        assert run("list", "--data", f"WSESeg={tmp_path / 'gone'}", code=1) == (
            f"WSESeg: {tmp_path / 'gone'}\n  not usable: the folder does not exist\n"
            f"  get it: {DATASETS['WSESeg_yt_sports'].source}\n"
        )

    def test_training_data_are_counted(self, run: Run, here: Path) -> None:
        printed = run("list")
        assert (
            "COCO+LVIS: lvis\n  not usable: the folder does not exist\n  get it: skipclick data b" in printed
        )
        assert not {"coco-lvis", "COCO_LVIS", "COCO_LVIS_train"} & {
            line.split(" ")[0] for line in printed.splitlines()
        }
        for split, count in (("train", 2), ("val", 1)):
            for folder, suffix in (("images", "jpg"), ("masks", "pickle")):
                (here / "lvis" / split / folder).mkdir(parents=True)
                for number in range(count):
                    (here / "lvis" / split / folder / f"{number}.{suffix}").touch()
        (here / "lvis" / "train" / "hannotation.pickle").touch()
        assert (
            "COCO+LVIS: lvis\n"
            "  train: 2 images, annotations of 2; published are about 99,000; evaluated as COCO_LVIS_train\n"
            "  val: 1 image, annotations of 1; evaluated as COCO_LVIS; hannotation.pickle is missing\n"
            "  get it: skipclick data build-coco-lvis"
        ) in run("list")
        (here / "lvis" / "val" / "hannotation.pickle").touch()
        assert "val: 1 image, annotations of 1; evaluated as COCO_LVIS\n\nThe others" in run("list")
        (here / "lvis" / "train" / "images" / "0.jpg").unlink()
        assert "; evaluated as COCO_LVIS_train; 1 image missing, such as 0.jpg\n" in run("list")

    def test_training_data_by_name_and_their_fingerprints(
        self, run: Run, here: Path, davis: Path, tmp_path: Path
    ) -> None:
        assert "COCO+LVIS: lvis\n  not usable" in run("list", "--data", "coco-lvis", code=1)
        words = ["list", "--fingerprint", "--data", f"coco-lvis={tmp_path / 'elsewhere'}"]
        put_training_data(tmp_path / "elsewhere" / "train", "0", "1")
        assert "; hannotation.pickle is missing\n  get it: " in run(*words)
        put_training_data(tmp_path / "elsewhere" / "val", "0", "1")
        printed = run(*words)
        assert printed.startswith(
            f"COCO+LVIS: {tmp_path / 'elsewhere'}\n  train: 2 images, annotations of 2;"
        )
        found = fingerprint_split(list_split(tmp_path / "elsewhere", "val"))
        assert printed.endswith(
            "  val: 2 images, annotations of 2; evaluated as COCO_LVIS\n"
            f"  val: fingerprint of the files {found}\n"
        )
        assert run(*words, "--data", f"DAVIS={davis}").startswith(f"DAVIS: {davis}\n")

    @pytest.mark.parametrize("written", [("COCO_LVIS",), ("COCO_LVIS_train", "coco-lvis"), ("coco-lvis",)])
    def test_one_folder_has_one_block(
        self, run: Run, config: Path, here: Path, written: tuple[str, ...]
    ) -> None:
        config.write_text("[data]\n" + "".join(f"{name} = 'lvis'\n" for name in written))
        put_training_data(here / "lvis" / "train", "0")
        printed = run("list")
        assert printed.count(": lvis\n") == printed.count("COCO+LVIS: lvis\n  train: 1 image, ") == 1
        assert "\nThe others:\n" in printed
        assert "\nCOCO_LVIS" not in printed

    def test_the_parts_as_they_are_evaluated(self, run: Run, here: Path) -> None:
        put_coco_lvis(here / "lvis" / "train")
        printed = run("list", "--fingerprint", "--data", "COCO_LVIS_train", "--data", "COCO_LVIS", code=1)
        found = fingerprint(open_dataset("COCO_LVIS_train", here / "lvis")).sha256
        assert printed.startswith(
            "COCO_LVIS_train: lvis\n"
            "  1 image, 2 objects; no official size is published\n"
            f"  fingerprint {found}\n"
            "COCO_LVIS: lvis\n"
            "  not usable: there is no lvis/val/hannotation.pickle"
        )
        assert run("list", "--data", f"COCO_LVIS_train:mine={here / 'lvis'}") == (
            f"mine (COCO_LVIS_train): {here / 'lvis'}\n"
            "  1 image, objects not counted (--fingerprint does); no official size is published\n"
        )

    def test_a_damaged_file_is_told_in_one_line(self, run: Run, config: Path) -> None:
        config.write_text("[data]\nGrabcut = 'x'\n")
        printed = run("list", code=2)
        assert printed.startswith("skipclick: skipclick.toml: there is no data set 'Grabcut'")
        assert printed.count("\n") == 1
