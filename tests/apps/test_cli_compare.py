"""`skipclick compare`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from skipclick.apps.cli import main
from skipclick.report import make_comparison
from skipclick.report.canvas import Drawing

SLOW = {"a": [0.5, 0.7, 0.92, 0.96], "b": [0.97], "c": [0.1] * 20}
FAST = {"a": [0.93, 0.96], "b": [0.97], "c": [0.4] * 20}


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main(["compare", *(str(word) for word in words)])
    code = end.value.code
    assert isinstance(code, int)
    return code


@pytest.fixture
def trace(tmp_path: Path) -> Callable[..., Path]:
    """Write a trace of IoUs by image."""

    def write(name: str, ious: Mapping[str, Sequence[float]], label: str = "GrabCut") -> Path:
        header = {
            "format": "skipclick-trace",
            "version": 1,
            "model": name,
            "weights": name,
            "dataset": {"label": label, "reader": label, "samples": 50},
            "protocol": {
                "threshold": 0.49,
                "target_iou": 0.95,
                "max_clicks": 20,
                "min_clicks": 1,
                "mirror": True,
                "size": [448, 448],
            },
            "made_with": {"device": "cpu"},
        }
        lines = [header]
        for sample, values in ious.items():
            lines.append(
                {
                    "sample": sample,
                    "object": 1,
                    "of": 1,
                    "clicks": [[index, 0, True] for index in range(len(values))],
                    "ious": list(values),
                    "answer_seconds": [0.1] * len(values),
                    "image_seconds": 0.5,
                    "seconds": 1.0,
                }
            )
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return path

    return write


def test_a_table(trace: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(trace("slow", SLOW), trace("fast", FAST)) == 0
    printed = capsys.readouterr().out
    assert "A: slow\nB: fast\n3 objects of GrabCut\n" in printed
    assert re.search(r"^ NoC@90 +8\.00 +7\.33 +−0\.67 +−2\.00 to ±0\.00 +1 +2 +0", printed, re.MULTILINE)
    assert re.search(r"^ IoU after 1 click +52\.3 % +76\.7 % +\+24\.3 ", printed, re.MULTILINE)
    assert "Wins: objects on which B is better." in printed
    assert "No clear difference." in printed


def test_a_narrow_terminal_costs_no_digits(
    trace: Callable[..., Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert run(trace("slow", SLOW), trace("fast", FAST)) == 0
    assert "…" not in capsys.readouterr().out


def test_objects_of_only_one(trace: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(trace("slow", {**SLOW, "d": [0.96]}), trace("fast", FAST)) == 0
    assert "3 objects of GrabCut; 1 that only one of them has are left out" in capsys.readouterr().out


def test_any_thresholds(trace: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(trace("slow", SLOW), trace("fast", FAST), "--thresholds", "30,62.5") == 0
    assert re.findall(r"^ (NoC@[\d.]+)", capsys.readouterr().out, re.MULTILINE) == ["NoC@30", "NoC@62.5"]


def test_other_ground_truths_are_said(trace: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    paths = [trace("slow", SLOW), trace("fast", FAST)]
    for path in paths:
        path.write_text(path.read_text().replace('"samples"', f'"fingerprint": "{path.stem}", "samples"'))
    assert run(*paths) == 0
    assert "\nThe ground truths differ: a subset, or another version" in capsys.readouterr().out


def test_a_page(
    trace: Callable[..., Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    svg = b'<svg width="1pt" height="1pt" viewBox="0 0 1 1"></svg>'
    drawing = Drawing("figure", "A figure.", svg, b"%PDF", b"PNG", 7.0)
    monkeypatch.setattr(make_comparison, "draw_curves", lambda runs, rng: drawing)
    monkeypatch.setattr(make_comparison, "draw_differences", lambda *words: drawing)
    assert run(trace("slow", SLOW), trace("fast", FAST), "-o", tmp_path / "page") == 0
    assert capsys.readouterr().out.endswith(f"{tmp_path / 'page' / 'index.html'}\n")
    assert "fast against slow" in (tmp_path / "page" / "index.html").read_text()


class TestBadInput:
    def failure(self, capsys: pytest.CaptureFixture[str], *words: object) -> str:
        assert run(*words) == 2
        printed = capsys.readouterr()
        assert printed.err.startswith("skipclick: ")
        assert printed.err.count("\n") == 1
        return printed.err

    def test_other_data(self, trace: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
        message = self.failure(capsys, trace("slow", SLOW), trace("fast", FAST, "SBD"))
        assert "compare runs on one data set" in message

    def test_no_trace(
        self, trace: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "notes.jsonl").write_text("mine")
        assert "is no trace" in self.failure(capsys, trace("slow", SLOW), tmp_path / "notes.jsonl")

    @pytest.mark.parametrize("option", ["--data", "--model"])
    def test_pictures_without_a_page(
        self, option: str, trace: Callable[..., Path], capsys: pytest.CaptureFixture[str]
    ) -> None:
        message = self.failure(capsys, trace("slow", SLOW), trace("fast", FAST), option, "x")
        assert "add --out FOLDER" in message

    def test_one_trace_alone(self, trace: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
        assert run(trace("slow", SLOW)) == 2
        assert "Missing argument" in capsys.readouterr().err
