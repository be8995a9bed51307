"""What the options of `skipclick evaluate` change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skipclick.apps.cli.evaluate import parse_after, parse_size, parse_thresholds
from skipclick.evaluation.trace import read_trace

Run = Callable[..., int]
Failure = Callable[..., str]
Results = Callable[[Path], list[dict[str, Any]]]
TraceOf = Callable[[Path], Path]


class TestThresholds:
    @pytest.mark.parametrize(
        ("text", "levels"), [("90", (0.9,)), ("95, 80,85", (0.8, 0.85, 0.95)), ("97.5,97.5", (0.975,))]
    )
    def test_are_percents(self, text: str, levels: tuple[float, ...]) -> None:
        assert parse_thresholds(text) == levels

    @pytest.mark.parametrize("text", ["", "x", "0", "80,", "101", "80;90", "nan", "-5"])
    def test_anything_else_is_explained(self, text: str, failure: Failure) -> None:
        assert "IoUs in percent, as in 80,85,90,95" in failure("--thresholds", text)

    def test_any_are_counted(
        self, model: Any, tmp_path: Path, small: list[object], run: Run, trace_of: TraceOf
    ) -> None:
        file = tmp_path / "r.json"
        assert run(*small, "--thresholds", "50,70", "--json", file) == 0
        (row,) = json.loads(file.read_text())["datasets"]
        assert list(row["noc"]) == ["50", "70"]
        assert read_trace(trace_of(tmp_path / "traces"))[0].identity["protocol"]["target_iou"] == 0.95

    def test_high_ones_make_objects_go_on(
        self, model: Any, tmp_path: Path, small: list[object], run: Run, trace_of: TraceOf
    ) -> None:
        assert run(*small, "--thresholds", "80,99") == 0
        assert read_trace(trace_of(tmp_path / "traces"))[0].identity["protocol"]["target_iou"] == 0.99


class TestTarget:
    def test_objects_are_finished_there(
        self, model: Any, tmp_path: Path, small: list[object], run: Run, results: Results
    ) -> None:
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
    def test_anything_else_is_explained(self, words: list[str], message: str, failure: Failure) -> None:
        assert message in failure(*words)


class TestSize:
    @pytest.mark.parametrize(
        ("text", "size"), [("672", (672, 672)), ("448x672", (448, 672)), (" 14×28 ", (14, 28))]
    )
    def test_a_side_or_both(self, text: str, size: tuple[int, int]) -> None:
        assert parse_size(text) == size

    @pytest.mark.parametrize("text", ["", "0", "448x", "x448", "448,672", "448x0", "large", "-448"])
    def test_anything_else_is_explained(self, text: str, failure: Failure) -> None:
        assert "as in 448x672" in failure(f"--size={text}")

    def test_both_sides_are_the_networks(
        self, model: Any, tmp_path: Path, small: list[object], run: Run, trace_of: TraceOf
    ) -> None:
        assert run(*small, "--size", "42x56") == 0
        assert read_trace(trace_of(tmp_path / "traces"))[0].identity["protocol"]["size"] == [42, 56]


class TestAfter:
    @pytest.mark.parametrize(("text", "counts"), [("1,3,5", (1, 3, 5)), (" 7, 2,7", (2, 7))])
    def test_are_numbers_of_clicks(self, text: str, counts: tuple[int, ...]) -> None:
        assert parse_after(text) == counts

    @pytest.mark.parametrize("text", ["", "0", "1,,2", "1.5", "-1", "many"])
    def test_anything_else_is_explained(
        self, model: Any, small: list[object], text: str, failure: Failure
    ) -> None:
        assert "give numbers of clicks, as in 1,3,5" in failure(*small, f"--after={text}")

    def test_they_get_a_column(
        self, model: Any, tmp_path: Path, small: list[object], capsys: pytest.CaptureFixture[str], run: Run
    ) -> None:
        file = tmp_path / "r.json"
        assert run(*small, "--after", "2,1,9", "--json", file) == 0
        assert "after 1, 2 " in capsys.readouterr().out
        (row,) = json.loads(file.read_text())["datasets"]
        assert list(row["iou_after"]) == ["1", "2"]


def test_all_clicks_are_made_for_curves(
    model: Any, tmp_path: Path, small: list[object], run: Run, results: Results, trace_of: TraceOf
) -> None:
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
    model: Any, tmp_path: Path, small: list[object], words: list[str], name: str, run: Run
) -> None:
    assert run(*small) == 0
    assert run(*small, *words) == 0
    names = {file.name for file in (tmp_path / "traces").iterdir()}
    assert names == {f"disks_GrabCut_56x56_mirrored{end}.jsonl" for end in ("", f"_{name}")}


@pytest.mark.parametrize(
    ("precision", "asked", "name"),
    [("float32", "float32", "disks"), ("bf16", "bf16", "disks-bf16")],
)
def test_the_precision_is_handed_on(
    model: Any,
    tmp_path: Path,
    small: list[object],
    precision: str,
    asked: str | None,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    run: Run,
    trace_of: TraceOf,
) -> None:
    given: list[object] = []

    def load(source: str, *, device: str = "auto", precision: str | None = None) -> Any:
        given.append(precision)
        return model

    monkeypatch.setattr("skipclick.backend.loading.load_model", load)
    assert run(*small, "--precision", precision) == 0
    assert given == [asked]
    assert trace_of(tmp_path / "traces").name == f"{name}_GrabCut_56x56_mirrored.jsonl"


@pytest.mark.parametrize(("found", "name"), [("bf16", "disks-bf16"), ("float32", "disks"), (None, "disks")])
def test_automatic_precision_is_chosen_once(
    model: Any,
    tmp_path: Path,
    small: list[object],
    found: str | None,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    run: Run,
    trace_of: TraceOf,
) -> None:
    asked: list[object] = []

    def load(source: str, *, device: str = "auto", precision: str | None = None) -> Any:
        asked.append(precision)
        return model

    monkeypatch.setattr("skipclick.backend.loading.load_model", load)
    monkeypatch.setattr("skipclick.backend.loading.automatic_precision", lambda _source, _device: found)
    assert run(*small, "--precision", "auto") == 0
    assert asked == [found]
    assert trace_of(tmp_path / "traces").name == f"{name}_GrabCut_56x56_mirrored.jsonl"


def test_the_device_is_handed_on(
    model: Any, small: list[object], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which card "cuda" is under torchrun is the back ends' affair."""
    asked: list[str] = []

    def load(source: str, *, device: str = "auto") -> Any:
        asked.append(device)
        return model

    monkeypatch.setattr("skipclick.backend.loading.load_model", load)
    monkeypatch.setenv("LOCAL_RANK", "3")
    for device in ("cuda", "cpu", "auto", "cuda:1"):
        assert run(*small, "--device", device) == 0
    assert asked == ["cuda", "cpu", "auto", "cuda:1"]
