"""`skipclick evaluate`: tables, traces, what is continued, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from skipclick.datasets import DATASETS
from skipclick.evaluation.trace import read_trace

Run = Callable[..., int]
Failure = Callable[..., str]
TraceOf = Callable[[Path], Path]
DATA = Path(__file__).parents[2] / "data"


def test_help_says_where_the_names_are(capsys: pytest.CaptureFixture[str], run: Run) -> None:
    assert run("--help") == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "`skipclick data list` shows the names" in printed
    assert next(iter(DATASETS)) in printed


def test_a_table_and_traces(
    model: Any, tmp_path: Path, grabcut: str, davis: str, capsys: pytest.CaptureFixture[str], run: Run
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
    model: Any, tmp_path: Path, grabcut: str, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("--data", grabcut, "--size", 56, "--clicks", 1, "--limit", 1) == 0
    assert (tmp_path / "runs" / "evaluation" / "disks_GrabCut_56x56_mirrored.jsonl").is_file()


def test_the_json_file_says_what_the_table_says(
    model: Any, tmp_path: Path, small: list[object], capsys: pytest.CaptureFixture[str], run: Run
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
    model: Any, tmp_path: Path, small: list[object], failure: Failure
) -> None:
    notes = tmp_path / "notes.json"
    notes.write_text('{"mine": 1}')
    assert "choose another name" in failure(*small, "--json", notes)
    assert notes.read_text() == '{"mine": 1}'


def test_published_sizes_are_the_default(
    model: Any, tmp_path: Path, grabcut: str, davis: str, monkeypatch: pytest.MonkeyPatch, run: Run
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
    run: Run,
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
    model: Any,
    tmp_path: Path,
    small: list[object],
    capsys: pytest.CaptureFixture[str],
    run: Run,
    failure: Failure,
) -> None:
    trace = tmp_path / "traces" / "disks_GrabCut_56x56_mirrored.jsonl"
    assert run(*small) == 0
    before = trace.read_bytes()
    capsys.readouterr()
    message = failure(*small, "--clicks", 2)
    assert "made with another protocol" in message
    assert "--fresh" in message
    assert trace.read_bytes() == before
    assert run(*small, "--clicks", 2, "--fresh") == 0
    assert "kept as" in capsys.readouterr().out
    assert trace.with_name(trace.name + ".bak").read_bytes() == before
    assert read_trace(trace)[0].identity["protocol"]["max_clicks"] == 2


def test_mirrored_and_not_live_side_by_side(
    model: Any, tmp_path: Path, small: list[object], run: Run
) -> None:
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
    def test_no_folder(self, tmp_path: Path, failure: Failure) -> None:
        message = failure("--data", f"DAVIS={tmp_path / 'nowhere'}")
        assert "nowhere does not exist" in message

    def test_another_layout(self, tmp_path: Path, failure: Failure) -> None:
        assert "expected images in img/ and masks in gt/" in failure("--data", f"DAVIS={tmp_path}")

    def test_no_name(self, tmp_path: Path, failure: Failure) -> None:
        assert "there is no data set" in failure("--data", str(tmp_path))

    def test_two_of_one_label(self, grabcut: str, failure: Failure) -> None:
        assert "NAME:LABEL=FOLDER" in failure("--data", grabcut, "--data", grabcut)

    @pytest.mark.parametrize("option", ["--clicks", "--limit", "--size"])
    def test_numbers_below_one(
        self, option: str, grabcut: str, capsys: pytest.CaptureFixture[str], run: Run
    ) -> None:
        assert run("--data", grabcut, option, "0") == 2
        assert option in capsys.readouterr().err

    def test_no_data_at_all(self, failure: Failure) -> None:
        assert "give --data GrabCut=FOLDER, or --suite" in failure()


def test_a_size_that_does_not_suit_the_model(
    model: Any, tmp_path: Path, grabcut: str, failure: Failure
) -> None:
    message = failure("--data", grabcut, "--out", tmp_path / "t", "--size", 450)
    assert "multiple of the patch size 14" in message
    assert not (tmp_path / "t").exists()


def test_a_trace_that_does_not_fit_is_found_before_any_work(
    model: Any, tmp_path: Path, small: list[object], davis: str, failure: Failure
) -> None:
    traces = tmp_path / "traces"
    traces.mkdir()
    (traces / "disks_DAVIS_dev_56x56_mirrored.jsonl").write_text("my notes")
    assert "is no trace" in failure(*small, "--data", davis)
    assert [file.name for file in traces.iterdir()] == ["disks_DAVIS_dev_56x56_mirrored.jsonl"]


def test_the_digest_tells_whether_two_runs_agree(
    model: Any, tmp_path: Path, small: list[object], capsys: pytest.CaptureFixture[str], run: Run
) -> None:
    digests = []
    for words in ([], ["-o", tmp_path / "again"], ["-o", tmp_path / "fewer", "--limit", 2]):
        assert run(*small, *words) == 0
        (found,) = re.findall(r"\(results ([0-9a-f]{16})\)", capsys.readouterr().out.replace("\n", " "))
        digests.append(found)
    assert digests[0] == digests[1] != digests[2]


def test_the_digest_is_of_what_is_shown(
    model: Any,
    tmp_path: Path,
    small: list[object],
    capsys: pytest.CaptureFixture[str],
    run: Run,
    trace_of: TraceOf,
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


def test_nothing_but_background(model: Any, tmp_path: Path, failure: Failure) -> None:
    root = tmp_path / "VOC"
    for folder, pixels in (("JPEGImages", 90), ("SegmentationObject", 0)):
        (root / folder).mkdir(parents=True)
        suffix = ".jpg" if folder == "JPEGImages" else ".png"
        Image.new("RGB", (40, 30), (pixels,) * 3).save(root / folder / f"one{suffix}")
    (root / "ImageSets" / "Segmentation").mkdir(parents=True)
    (root / "ImageSets" / "Segmentation" / "val.txt").write_text("one\n")
    words = ["--data", f"PascalVOC={root}", "--size", 56, "-o", tmp_path / "t"]
    assert "PascalVOC has no object to evaluate" in failure(*words)
