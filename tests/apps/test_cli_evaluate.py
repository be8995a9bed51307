"""`skipclick evaluate`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from skipclick.apps.cli import main
from skipclick.apps.cli.evaluate import parse_after, parse_size, parse_thresholds
from skipclick.datasets import DATASETS
from skipclick.evaluation.clicking import evaluate_tasks
from skipclick.evaluation.starts import folder_digest
from skipclick.evaluation.suites import read_suite
from skipclick.evaluation.trace import digest, read_trace

DATA = Path(__file__).parents[1] / "data"


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main(["evaluate", "--workers", "1", *(str(word) for word in words)])
    code = end.value.code
    assert isinstance(code, int)
    return code


def unpack(root: Path, images: str, masks: str, count: int = 3) -> Path:
    rows, columns = np.mgrid[:60, :90]
    for index in range(count):
        disk = (rows - 30) ** 2 + (columns - 25 - 15 * index) ** 2 <= 14**2
        for folder, pixels in ((images, np.full((60, 90, 3), 90, np.uint8)), (masks, disk * np.uint8(255))):
            (root / folder).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(root / folder / f"{index}.png")
    return root


@pytest.fixture
def model(disk_model: Any) -> Any:
    disk_model.radius = 8.0
    return disk_model


@pytest.fixture
def grabcut(tmp_path: Path) -> str:
    return f"GrabCut={unpack(tmp_path / 'GrabCut', 'data_GT', 'boundary_GT')}"


@pytest.fixture
def davis(tmp_path: Path) -> str:
    return f"DAVIS:DAVIS_dev={unpack(tmp_path / 'frames', 'img', 'gt', count=2)}"


@pytest.fixture
def small(tmp_path: Path, grabcut: str) -> list[object]:
    return ["--data", grabcut, "--out", tmp_path / "traces", "--size", 56, "--clicks", 3]


def failure(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """The one line that explains a failure."""
    assert run(*words) == 2
    message = capsys.readouterr().err
    assert message.startswith("skipclick: ")
    assert message.count("\n") == 1
    return message


def test_help_says_where_the_names_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "`skipclick data list` shows the names" in printed
    assert next(iter(DATASETS)) in printed


def test_a_table_and_traces(
    model: Any, tmp_path: Path, grabcut: str, davis: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "traces"
    assert run("--data", grabcut, "--data", davis, "-o", out, "--size", 56, "--clicks", 4) == 0
    printed = capsys.readouterr().out
    assert "disks on cpu, averaged with the mirrored image" in printed
    assert re.search(r"^ *GrabCut +3 ", printed, re.MULTILINE)
    assert re.search(r"^ *DAVIS_dev +2 ", printed, re.MULTILINE)
    names = ["disks_DAVIS_dev_56x56_mirrored.jsonl", "disks_GrabCut_56x56_mirrored.jsonl"]
    assert sorted(file.name for file in out.iterdir()) == names
    header, traces = read_trace(out / names[0])
    described = {"label": "DAVIS_dev", "reader": "DAVIS", "samples": 2}
    assert described.items() <= header.identity["dataset"].items()
    assert len(header.identity["dataset"]["fingerprint"]) == 64
    assert [trace.sample for trace in traces] == ["0", "1"]
    assert str(out / names[1]) in printed.replace("\n", "")


def test_traces_go_under_the_current_folder(
    model: Any, tmp_path: Path, grabcut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("--data", grabcut, "--size", 56, "--clicks", 1, "--limit", 1) == 0
    assert (tmp_path / "runs" / "evaluation" / "disks_GrabCut_56x56_mirrored.jsonl").is_file()


def test_the_json_file_says_what_the_table_says(
    model: Any, tmp_path: Path, small: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "results" / "table.json"
    for _ in range(2):  # our own file may be replaced
        assert run(*small, "--no-mirror", "--json", file) == 0
    assert "without the mirrored image" in capsys.readouterr().out
    values = json.loads(file.read_text())
    assert (values["model"], values["made_with"]["device"]) == ("disks", "cpu")
    header, _ = read_trace(tmp_path / "traces" / "disks_GrabCut_56x56.jsonl")
    assert values["made_with"] == header.made_with
    assert header.made_with["threads"] == "1"
    assert (values["protocol"]["mirror"], values["protocol"]["max_clicks"]) == (False, 3)
    (row,) = values["datasets"]
    traces = read_trace(tmp_path / "traces" / "disks_GrabCut_56x56.jsonl")[1]
    assert (row["label"], row["objects"], row["size"]) == ("GrabCut", 3, [56, 56])
    assert row["clicks"] == sum(len(trace.clicks) for trace in traces)
    assert list(row["noc"]) == ["80", "85", "90", "95"]
    assert row["iou_after"]["1"] == pytest.approx(np.mean([trace.ious[0] for trace in traces]))
    assert not (tmp_path / "results" / "table.json.part").exists()


def test_another_file_is_never_replaced(
    model: Any, tmp_path: Path, small: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    notes = tmp_path / "notes.json"
    notes.write_text('{"mine": 1}')
    assert "choose another name" in failure(capsys, *small, "--json", notes)
    assert notes.read_text() == '{"mine": 1}'


def test_published_sizes_are_the_default(
    model: Any, tmp_path: Path, grabcut: str, davis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    encode = type(model).encode
    monkeypatch.setattr(
        model, "encode", lambda images: (sizes.append(images.shape), encode(model, images))[1], raising=False
    )
    words = ["--data", grabcut, "--data", davis, "--out", tmp_path / "t", "--clicks", 1, "--limit", 1]
    assert run(*words) == 0
    assert sizes == [(2, 3, 448, 448), (2, 3, 672, 672)]


@pytest.fixture
def interrupt(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Press Ctrl-C while an image is being read."""

    def arrange(image: int) -> None:
        from skipclick.datasets.sample import read_colour

        seen = []

        def read(path: Path) -> np.ndarray:
            seen.append(path)
            if len(seen) == image:
                raise KeyboardInterrupt
            return read_colour(path)

        monkeypatch.setattr("skipclick.datasets.sample.read_colour", read)

    return arrange


def test_interrupted_and_continued(
    model: Any,
    tmp_path: Path,
    small: list[object],
    interrupt: Callable[[int], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    interrupt(3)
    assert run(*small) == 130
    printed = capsys.readouterr().err
    assert "2 objects are kept in" in printed
    assert "the same command goes on from there" in printed
    trace = tmp_path / "traces" / "disks_GrabCut_56x56_mirrored.jsonl"
    assert len(read_trace(trace)[1]) == 2
    assert run(*small) == 0
    assert [one.sample for one in read_trace(trace)[1]] == ["0", "1", "2"]


def test_other_settings_need_fresh_and_the_old_trace_is_kept(
    model: Any, tmp_path: Path, small: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    trace = tmp_path / "traces" / "disks_GrabCut_56x56_mirrored.jsonl"
    assert run(*small) == 0
    before = trace.read_bytes()
    capsys.readouterr()
    message = failure(capsys, *small, "--clicks", 2)
    assert "made with another protocol" in message
    assert "--fresh" in message
    assert trace.read_bytes() == before
    assert run(*small, "--clicks", 2, "--fresh") == 0
    assert "kept as" in capsys.readouterr().out
    assert trace.with_name(trace.name + ".bak").read_bytes() == before
    assert read_trace(trace)[0].identity["protocol"]["max_clicks"] == 2


def test_mirrored_and_not_live_side_by_side(model: Any, tmp_path: Path, small: list[object]) -> None:
    assert run(*small) == 0
    assert run(*small, "--no-mirror") == 0
    assert len(list((tmp_path / "traces").iterdir())) == 2


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(source: str, *, device: str = "auto") -> None:
        raise AssertionError("a model was loaded before the arguments were checked")

    monkeypatch.setattr("skipclick.backend.loading.load_model", load)


@pytest.mark.usefixtures("no_model")
class TestBadInput:
    def test_no_folder(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        message = failure(capsys, "--data", f"DAVIS={tmp_path / 'nowhere'}")
        assert "nowhere does not exist" in message

    def test_another_layout(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert "expected images in img/ and masks in gt/" in failure(capsys, "--data", f"DAVIS={tmp_path}")

    def test_no_name(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert "there is no data set" in failure(capsys, "--data", str(tmp_path))

    def test_two_of_one_label(self, grabcut: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert "NAME:LABEL=FOLDER" in failure(capsys, "--data", grabcut, "--data", grabcut)

    @pytest.mark.parametrize("option", ["--clicks", "--limit", "--size"])
    def test_numbers_below_one(self, option: str, grabcut: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("--data", grabcut, option, "0") == 2
        assert option in capsys.readouterr().err

    def test_no_data_at_all(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert "give --data GrabCut=FOLDER, or --suite" in failure(capsys)


def test_a_size_that_does_not_suit_the_model(
    model: Any, tmp_path: Path, grabcut: str, capsys: pytest.CaptureFixture[str]
) -> None:
    message = failure(capsys, "--data", grabcut, "--out", tmp_path / "t", "--size", 450)
    assert "multiple of the patch size 14" in message
    assert not (tmp_path / "t").exists()


def test_a_trace_that_does_not_fit_is_found_before_any_work(
    model: Any, tmp_path: Path, small: list[object], davis: str, capsys: pytest.CaptureFixture[str]
) -> None:
    traces = tmp_path / "traces"
    traces.mkdir()
    (traces / "disks_DAVIS_dev_56x56_mirrored.jsonl").write_text("my notes")
    assert "is no trace" in failure(capsys, *small, "--data", davis)
    assert [file.name for file in traces.iterdir()] == ["disks_DAVIS_dev_56x56_mirrored.jsonl"]


def trace_of(folder: Path) -> Path:
    (trace,) = folder.glob("*.jsonl")
    return trace


def results(folder: Path) -> list[dict[str, Any]]:
    return [trace.results() for trace in read_trace(trace_of(folder))[1]]


class TestSuites:
    @pytest.fixture
    def suite(self, tmp_path: Path, grabcut: str, davis: str) -> Path:
        path = tmp_path / "mine.toml"
        path.write_text(
            '[[set]]\nname = "GrabCut"\nfolder = "GrabCut"\nsize = [42, 56]\n'
            '[[set]]\nname = "DAVIS"\nlabel = "frames"\n[[set]]\nname = "SHSeg"\n'
        )
        return path

    def test_a_file_names_sets_and_sizes(
        self, model: Any, tmp_path: Path, suite: Path, davis: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("--suite", suite, "--data", davis, "-o", tmp_path / "t", "--clicks", 1) == 0
        printed = capsys.readouterr()
        assert "SHSeg: passed over" in printed.err
        assert "--data SHSeg=FOLDER" in printed.err
        names = sorted(file.name for file in (tmp_path / "t").iterdir())
        assert names == ["disks_DAVIS_dev_672x672_mirrored.jsonl", "disks_GrabCut_42x56_mirrored.jsonl"]

    def test_one_size_for_all_comes_first(self, model: Any, tmp_path: Path, suite: Path) -> None:
        assert run("--suite", suite, "-o", tmp_path / "t", "--clicks", 1, "--size", 56) == 0
        assert trace_of(tmp_path / "t").name == "disks_GrabCut_56x56_mirrored.jsonl"

    def test_places_come_from_the_settings(
        self, model: Any, tmp_path: Path, grabcut: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        config = tmp_path / "skipclick.toml"
        config.write_text('[data]\nGrabCut = "GrabCut"\n')
        words = ["--suite", "general", "--config", config, "-o", tmp_path / "t", "--size", 56, "--clicks", 1]
        assert run(*words) == 0
        passed = capsys.readouterr().err
        assert passed.count("passed over") == 6
        assert "GrabCut: passed over" not in passed
        assert len(results(tmp_path / "t")) == 3

    def test_sets_besides_the_suite(self, model: Any, tmp_path: Path, suite: Path, grabcut: str) -> None:
        other = grabcut.replace("GrabCut=", "Folder:mine=", 1)
        (tmp_path / "GrabCut" / "data_GT").rename(tmp_path / "GrabCut" / "images")
        (tmp_path / "GrabCut" / "boundary_GT").rename(tmp_path / "GrabCut" / "masks")
        suite.write_text('[[set]]\nname = "SHSeg"\n')
        assert run("--suite", suite, "--data", other, "-o", tmp_path / "t", "--size", 56, "--clicks", 1) == 0
        assert trace_of(tmp_path / "t").name == "disks_mine_56x56_mirrored.jsonl"

    def test_nothing_of_it_is_here(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("--suite", "winter") == 2
        *passed, last = capsys.readouterr().err.splitlines()
        assert [line.split(":")[0] for line in passed] == ["WSESeg", "SHSeg"]
        assert last.startswith("skipclick: no data set to evaluate")

    def test_no_such_suite(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert "give paper, general, winter, or a file" in failure(capsys, "--suite", "papers")

    @pytest.fixture(autouse=True)
    def no_settings(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Nobody's own settings."""
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("SKIPCLICK_CONFIG", raising=False)
        monkeypatch.setattr("typer.get_app_dir", lambda name: str(tmp_path / "no settings"))


class TestThresholds:
    @pytest.mark.parametrize(
        ("text", "levels"), [("90", (0.9,)), ("95, 80,85", (0.8, 0.85, 0.95)), ("97.5,97.5", (0.975,))]
    )
    def test_are_percents(self, text: str, levels: tuple[float, ...]) -> None:
        assert parse_thresholds(text) == levels

    @pytest.mark.parametrize("text", ["", "x", "0", "80,", "101", "80;90", "nan", "-5"])
    def test_anything_else_is_explained(self, text: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert "IoUs in percent, as in 80,85,90,95" in failure(capsys, "--thresholds", text)

    def test_any_are_counted(self, model: Any, tmp_path: Path, small: list[object]) -> None:
        file = tmp_path / "r.json"
        assert run(*small, "--thresholds", "50,70", "--json", file) == 0
        (row,) = json.loads(file.read_text())["datasets"]
        assert list(row["noc"]) == ["50", "70"]
        assert read_trace(trace_of(tmp_path / "traces"))[0].identity["protocol"]["target_iou"] == 0.95

    def test_high_ones_make_objects_go_on(self, model: Any, tmp_path: Path, small: list[object]) -> None:
        assert run(*small, "--thresholds", "80,99") == 0
        assert read_trace(trace_of(tmp_path / "traces"))[0].identity["protocol"]["target_iou"] == 0.99


class TestTarget:
    def test_objects_are_finished_there(self, model: Any, tmp_path: Path, small: list[object]) -> None:
        file = tmp_path / "r.json"
        assert run(*small, "--target", 60, "--thresholds", "50,60,90", "--json", file) == 0
        (row,) = json.loads(file.read_text())["datasets"]
        assert list(row["noc"]) == ["50", "60"]
        assert all(one["ious"][-2] < 0.6 for one in results(tmp_path / "traces") if len(one["ious"]) > 1)

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["--target", "0"], "give an IoU in percent, as in 90"),
            (["--target", "101"], "give an IoU in percent, as in 90"),
            (["--target", "90", "--thresholds", "95"], "until 95 % are not known then"),
            (["--target", "90", "--all-clicks"], "exclude each other"),
        ],
    )
    def test_anything_else_is_explained(
        self, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert message in failure(capsys, *words)


class TestSize:
    @pytest.mark.parametrize(
        ("text", "size"), [("672", (672, 672)), ("448x672", (448, 672)), (" 14×28 ", (14, 28))]
    )
    def test_a_side_or_both(self, text: str, size: tuple[int, int]) -> None:
        assert parse_size(text) == size

    @pytest.mark.parametrize("text", ["", "0", "448x", "x448", "448,672", "448x0", "large", "-448"])
    def test_anything_else_is_explained(self, text: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert "as in 448x672" in failure(capsys, f"--size={text}")

    def test_both_sides_are_the_networks(self, model: Any, tmp_path: Path, small: list[object]) -> None:
        assert run(*small, "--size", "42x56") == 0
        assert read_trace(trace_of(tmp_path / "traces"))[0].identity["protocol"]["size"] == [42, 56]


class TestAfter:
    @pytest.mark.parametrize(("text", "counts"), [("1,3,5", (1, 3, 5)), (" 7, 2,7", (2, 7))])
    def test_are_numbers_of_clicks(self, text: str, counts: tuple[int, ...]) -> None:
        assert parse_after(text) == counts

    @pytest.mark.parametrize("text", ["", "0", "1,,2", "1.5", "-1", "many"])
    def test_anything_else_is_explained(
        self, model: Any, small: list[object], text: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert "give numbers of clicks, as in 1,3,5" in failure(capsys, *small, f"--after={text}")

    def test_they_get_a_column(
        self, model: Any, tmp_path: Path, small: list[object], capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "r.json"
        assert run(*small, "--after", "2,1,9", "--json", file) == 0
        assert "after 1, 2 " in capsys.readouterr().out
        (row,) = json.loads(file.read_text())["datasets"]
        assert list(row["iou_after"]) == ["1", "2"]


def test_all_clicks_are_made_for_curves(model: Any, tmp_path: Path, small: list[object]) -> None:
    assert run(*small, "--all-clicks") == 0
    assert trace_of(tmp_path / "traces").name == "disks_GrabCut_56x56_mirrored_all-clicks.jsonl"
    assert {len(one["clicks"]) for one in results(tmp_path / "traces")} == {3}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["--zoom"], "zoom"),
        (["--start", "shifted"], "shifted"),
        (["--start", "shifted", "--seed", "4"], "shifted_seed4"),
        (["--first-click", "random"], "random-first"),
        (["--jitter", "0.5"], "jitter0.5"),
        (["--boundary"], "boundary"),
        (["--mask-threshold", "0.5"], "above0.5"),
        (["--min-clicks", "2"], "min2"),
        (["--target", "90"], "until90"),
        (["--thresholds", "99"], "until99"),
    ],
)
def test_other_ways_of_clicking_have_traces_of_their_own(
    model: Any, tmp_path: Path, small: list[object], words: list[str], name: str
) -> None:
    assert run(*small) == 0
    assert run(*small, *words) == 0
    names = {file.name for file in (tmp_path / "traces").iterdir()}
    assert names == {f"disks_GrabCut_56x56_mirrored{end}.jsonl" for end in ("", f"_{name}")}


def test_beginning_from_masks(
    model: Any, tmp_path: Path, small: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    masks = unpack(tmp_path / "other", "images", "masks") / "masks"
    assert run(*small, "--start-masks", masks) == 0
    assert "IoU at" in capsys.readouterr().out
    digest = folder_digest(masks)[:7]
    assert trace_of(tmp_path / "traces").name == f"disks_GrabCut_56x56_mirrored_given-{digest}.jsonl"
    assert {one["start_iou"] for one in results(tmp_path / "traces")} == {1.0}
    assert "exclude each other" in failure(capsys, *small, "--start-masks", masks, "--start", "eroded")
    assert "holds no masks" in failure(capsys, *small, "--start-masks", tmp_path / "nowhere", "-o", "other")


def test_two_folders_of_masks_stand_side_by_side(model: Any, tmp_path: Path, small: list[object]) -> None:
    for name, count in (("one", 3), ("two", 4)):
        masks = unpack(tmp_path / name, "images", "masks", count) / "masks"
        assert run(*small, "--start-masks", masks) == 0
    assert len(list((tmp_path / "traces").iterdir())) == 2


class TestSavingMasks:
    @pytest.fixture
    def saved(self, model: Any, tmp_path: Path, small: list[object]) -> Path:
        assert run(*small, "--save-masks", tmp_path / "masks") == 0
        return tmp_path / "masks" / "disks_GrabCut_56x56_mirrored"

    def test_another_evaluation_begins_from_them(
        self, tmp_path: Path, small: list[object], saved: Path
    ) -> None:
        assert {file.name for file in saved.glob("*.png")} == {"0.png", "1.png", "2.png"}
        last = [one["ious"][-1] for one in results(tmp_path / "traces")]
        assert run(*small, "--start-masks", saved, "-o", tmp_path / "from") == 0
        assert [one["start_iou"] for one in results(tmp_path / "from")] == last

    def test_the_place_is_told(
        self, model: Any, tmp_path: Path, small: list[object], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(*small, "--save-masks", tmp_path / "masks") == 0
        assert "masks: " in capsys.readouterr().out

    def test_what_is_missing_is_made_again_and_recorded_once(
        self, tmp_path: Path, small: list[object], saved: Path
    ) -> None:
        trace = trace_of(tmp_path / "traces")
        before, masks = trace.read_bytes(), {file: file.read_bytes() for file in saved.glob("*.png")}
        (saved / "1.png").unlink()
        assert run(*small, "--save-masks", tmp_path / "masks") == 0
        assert trace.read_bytes() == before
        assert {file: file.read_bytes() for file in saved.glob("*.png")} == masks

    def test_other_files_are_safe(
        self, model: Any, tmp_path: Path, small: list[object], capsys: pytest.CaptureFixture[str]
    ) -> None:
        mine = tmp_path / "masks" / "disks_GrabCut_56x56_mirrored" / "0.png"
        mine.parent.mkdir(parents=True)
        mine.write_bytes(b"my drawing")
        assert "holds other files" in failure(capsys, *small, "--save-masks", tmp_path / "masks")
        assert mine.read_bytes() == b"my drawing"
        assert not (tmp_path / "traces").exists()

    def test_masks_of_another_model_are_safe(
        self, model: Any, tmp_path: Path, small: list[object], saved: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        model.fingerprint = "others"
        words = [*small, "--save-masks", tmp_path / "masks", "-o", tmp_path / "more"]
        capsys.readouterr()
        assert "masks of another evaluation" in failure(capsys, *words)


class TestParts:
    @pytest.fixture
    def straight(self, model: Any, tmp_path: Path, small: list[object]) -> list[dict[str, Any]]:
        assert run(*small) == 0
        return results(tmp_path / "traces")

    @pytest.fixture
    def words(self, tmp_path: Path, small: list[object], straight: object) -> list[object]:
        return [*small, "--out", tmp_path / "parts"]

    def test_by_hand(
        self,
        tmp_path: Path,
        words: list[object],
        straight: list[dict[str, Any]],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        assert run(*words, "--shard", "2/2") == 0
        printed = capsys.readouterr()
        assert "part 2/2 is finished, others are not" in printed.err
        assert "NoC" not in printed.out
        assert run(*words, "--shard", "1/2") == 0
        assert "NoC" in capsys.readouterr().out
        assert results(tmp_path / "parts") == straight

    def test_by_torchrun(
        self,
        tmp_path: Path,
        words: list[object],
        straight: list[dict[str, Any]],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("WORLD_SIZE", "2")
        capsys.readouterr()
        ranks = {}
        for rank in (1, 0):  # rank 0 waits for the others
            monkeypatch.setenv("RANK", str(rank))
            assert run(*words) == 0
            ranks[rank] = capsys.readouterr()
        assert ranks[1] == ("", "")
        assert "NoC" in ranks[0].out
        assert results(tmp_path / "parts") == straight

    def test_without_parts_the_rest_is_done(
        self, tmp_path: Path, words: list[object], straight: list[dict[str, Any]]
    ) -> None:
        assert run(*words, "--shard", "1/3") == 0
        assert run(*words) == 0
        assert results(tmp_path / "parts") == straight

    def test_the_only_part_is_everything(
        self, tmp_path: Path, words: list[object], straight: list[dict[str, Any]]
    ) -> None:
        assert run(*words, "--shard", "1/1") == 0
        assert results(tmp_path / "parts") == straight

    def test_what_makes_no_sense(
        self, words: list[object], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        capsys.readouterr()
        assert "a part is written as 2/4" in failure(capsys, *words, "--shard", "2")
        assert "no part 3 of 2" in failure(capsys, *words, "--shard", "3/2")
        assert "--fresh does not go with parts" in failure(capsys, *words, "--shard", "1/2", "--fresh")
        monkeypatch.setenv("WORLD_SIZE", "2")
        assert "leave it out" in failure(capsys, *words, "--shard", "1/2")

    def test_each_process_has_its_card(
        self, tmp_path: Path, words: list[object], monkeypatch: pytest.MonkeyPatch, model: Any
    ) -> None:
        asked: list[str] = []

        def load(source: str, *, device: str = "auto") -> Any:
            asked.append(device)
            return model

        monkeypatch.setattr("skipclick.backend.loading.load_model", load)
        monkeypatch.setenv("LOCAL_RANK", "3")
        for device in ("cuda", "cpu", "auto", "cuda:1"):
            assert run(*words, "--device", device) == 0
        assert asked == ["cuda:3", "cpu", "auto", "cuda:1"]


def test_the_digest_tells_whether_two_runs_agree(
    model: Any, tmp_path: Path, small: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    digests = []
    for words in ([], ["-o", tmp_path / "again"], ["-o", tmp_path / "fewer", "--limit", 2]):
        assert run(*small, *words) == 0
        (found,) = re.findall(r"\(results ([0-9a-f]{16})\)", capsys.readouterr().out.replace("\n", " "))
        digests.append(found)
    assert digests[0] == digests[1] != digests[2]


def test_the_digest_is_of_what_is_shown(
    model: Any, tmp_path: Path, small: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whether or not the trace holds more than that."""
    assert run(*small) == 0
    shown = []
    for out in ("traces", "afresh"):
        file = tmp_path / f"{out}.json"
        capsys.readouterr()
        assert run(*small, "-o", tmp_path / out, "--limit", 1, "--json", file) == 0
        (row,) = json.loads(file.read_text())["datasets"]
        assert "GrabCut: the first 1 of 3 images." in capsys.readouterr().out
        assert (row["samples"], row["of"], row["objects"]) == (1, 3, 1)
        assert (
            row["fingerprint"] == read_trace(trace_of(tmp_path / out))[0].identity["dataset"]["fingerprint"]
        )
        shown.append(row["digest"])
    assert shown[0] == shown[1]


def test_nothing_but_background(model: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "VOC"
    for folder, pixels in (("JPEGImages", 90), ("SegmentationObject", 0)):
        (root / folder).mkdir(parents=True)
        suffix = ".jpg" if folder == "JPEGImages" else ".png"
        Image.new("RGB", (40, 30), (pixels,) * 3).save(root / folder / f"one{suffix}")
    (root / "ImageSets" / "Segmentation").mkdir(parents=True)
    (root / "ImageSets" / "Segmentation" / "val.txt").write_text("one\n")
    words = ["--data", f"PascalVOC={root}", "--size", 56, "-o", tmp_path / "t"]
    assert "PascalVOC has no object to evaluate" in failure(capsys, *words)


@pytest.mark.parametrize(
    ("precision", "asked", "name"),
    [("auto", None, "disks"), ("float32", "float32", "disks"), ("bf16", "bf16", "disks-bf16")],
)
def test_the_precision_is_handed_on(
    model: Any,
    tmp_path: Path,
    small: list[object],
    precision: str,
    asked: str | None,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[object] = []

    def load(source: str, *, device: str = "auto", precision: str | None = None) -> Any:
        given.append(precision)
        return model

    monkeypatch.setattr("skipclick.backend.loading.load_model", load)
    assert run(*small, "--precision", precision) == 0
    assert given == [asked]
    assert trace_of(tmp_path / "traces").name == f"{name}_GrabCut_56x56_mirrored.jsonl"


def test_workers_share_the_work(
    disk_model: Any, tmp_path: Path, grabcut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The processes themselves are tested with `WorkerPool`."""
    started: list[tuple[int, int]] = []

    class Pool:
        def __init__(self, load: Any, workers: int, threads: int) -> None:
            started.append((workers, threads))
            self.model = load()

        def __enter__(self) -> Pool:
            return self

        def __exit__(self, *words: object) -> None:
            pass

        def evaluate(self, tasks: Any, rules: Any) -> Any:
            return evaluate_tasks(self.model, tasks, rules)

    monkeypatch.setattr("skipclick.apps.cli.evaluate_run.WorkerPool", Pool)
    words = ["--data", grabcut, "--size", 56, "--clicks", 3]
    assert run(*words, "-o", tmp_path / "1") == 0
    assert run(*words, "-o", tmp_path / "2", "--workers", 3, "--threads", 2) == 0
    assert started == [(3, 2)]
    assert results(tmp_path / "1") == results(tmp_path / "2")


GUIDE = Path(__file__).parents[2] / "docs" / "evaluation.md"


def test_the_guide_names_every_option_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    known = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out))
    text = GUIDE.read_text(encoding="utf-8")
    own = set(re.findall(r"--[a-z][a-z-]+", text)) - {
        "--nnodes",
        "--nproc-per-node",
        "--no-python",
        "--fingerprint",
    }
    assert own <= known
    assert known - own <= {"--help", "--config", "--mirror", "--device", "--out"}


def test_the_guides_suite_is_one(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "suite.toml"
    path.write_text(example)
    assert [one.label for one in read_suite(path)] == [None, "our-photos"]


def test_the_guide_explains_every_field_of_a_trace(model: Any, tmp_path: Path, small: list[object]) -> None:
    assert run(*small, "--start", "eroded", "--boundary") == 0
    text = GUIDE.read_text(encoding="utf-8")
    for line in trace_of(tmp_path / "traces").read_text().splitlines():
        assert [key for key in json.loads(line) if f"`{key}`" not in text] == []


def test_the_guides_example_runs(
    disk_model: Any, tmp_path: Path, grabcut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk_model.radius = 8.0
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "data").mkdir()
    (tmp_path / "GrabCut").rename(tmp_path / "data" / "GrabCut")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("skipclick.load_model", lambda source: disk_model)
    exec(compile(example.replace("mirror=False", "mirror=False, size=(56, 56)"), "guide", "exec"), {})
    assert len(read_trace(tmp_path / "grabcut.jsonl")[1]) == 3


@pytest.mark.slow
def test_the_embedded_model_gives_the_same_numbers_however_the_work_is_divided(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    for name in ("astronaut", "chelsea", "coffee", "rocket"):
        for folder, suffix in (("images", ".jpg"), ("masks", ".png")):
            (photos / folder).mkdir(parents=True, exist_ok=True)
            shutil.copy(DATA / f"{name}{suffix}", photos / folder)
    words = [sys.executable, "-m", "skipclick", "evaluate", "--data", f"Folder={photos}", "--size", "112"]
    words += ["--clicks", "4", "--device", "cpu", "--first-click", "random", "--jitter", "0.5"]
    one, two, parts, launched = (tmp_path / name for name in ("one", "two", "parts", "launched"))
    subprocess.run([*words, "-o", str(one), "--workers", "1"], check=True)
    subprocess.run([*words, "-o", str(two), "--workers", "2"], check=True)
    ranks = [
        subprocess.Popen(
            [*words, "-o", str(parts)],
            env=os.environ | {"RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_RANK": str(rank)},
        )
        for rank in range(2)
    ]
    assert [rank.wait(300) for rank in ranks] == [0, 0]
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    subprocess.run([*launcher, "--no-python", *words, "-o", str(launched)], check=True, timeout=300)
    assert len({digest(trace_of(folder)) for folder in (one, two, parts, launched)}) == 1
    assert results(one) == results(two) == results(parts) == results(launched)
    assert len(list(launched.iterdir())) == 1
    assert len(results(one)) == 4
