"""What docs/evaluation.md says of `skipclick evaluate` is so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skipclick.evaluation import summarise
from skipclick.evaluation.suites import SUITES, read_suite
from skipclick.evaluation.trace import read_trace
from skipclick.report import make_report, read_runs

Run = Callable[..., int]
TraceOf = Callable[[Path], Path]


GUIDE = Path(__file__).parents[3] / "docs" / "evaluation.md"


def test_the_guide_names_every_option_and_no_other(capsys: pytest.CaptureFixture[str], run: Run) -> None:
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


def test_the_guide_explains_every_field_of_a_trace(
    model: Any, tmp_path: Path, small: list[object], run: Run, trace_of: TraceOf
) -> None:
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


class TestTheSuiteGeneral:
    """The numbers of its section are those of the traces that lie beside the model's card."""

    TRACES = GUIDE.parent / "models" / "skipclick-s"

    @pytest.fixture
    def section(self) -> str:
        _, text = GUIDE.read_text(encoding="utf-8").split("### What a suite gives: `general`")
        return text.split("\n## ")[0]

    def test_what_the_command_prints(self, section: str) -> None:
        for run in read_runs([self.TRACES]):
            summary = summarise(run.objects)
            never = list(summary.unreached.values())[-2:]
            numbers = [f"{mean:.2f}" for mean in summary.noc.values()] + [str(count) for count in never]
            numbers += [f"{1000 * summary.answer_seconds:.0f}", f"{summary.seconds_per_click:.3f}"]
            (row,) = re.findall(rf"^ {run.label} +{summary.objects} (.*)$", section, re.MULTILINE)
            assert row.split() == numbers

    def test_what_the_report_says(
        self, section: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(make_report, "_drawings", lambda *words: [])
        written: dict[str, Any] = {}
        monkeypatch.setattr(make_report, "write_files", lambda folder, files: written.update(files))
        make_report.write_report(read_runs([self.TRACES]), tmp_path, np.random.default_rng(0), pictures=0)
        rows = [line for line in written["report.md"].splitlines() if line.startswith("| skipclick-s |")]
        assert len(rows) == 3
        assert all(row in section.splitlines() for row in rows)

    def test_every_set_is_measured_or_said_not_to_be(self, section: str) -> None:
        measured = {run.label for run in read_runs([self.TRACES])}
        assert set(re.findall(r"^(\w+): passed over", section, re.MULTILINE)) | measured == {
            one.name for one in SUITES["general"]
        }
        _, missing = section.split("**Not measured:**")
        assert all(one.name in missing for one in SUITES["general"] if one.name not in measured)
