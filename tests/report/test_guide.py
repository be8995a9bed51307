"""What docs/report.md shows exists."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

from skipclick.apps.cli import app
from skipclick.report import make_report
from skipclick.report.make_report import LISTED
from skipclick.report.pictures import shown_steps
from skipclick.report.published import TABLES

GUIDE = Path(__file__).parents[2] / "docs" / "report.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_commands_and_options() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("skipclick ")]
    assert len(lines) == 6
    for line in lines:
        _, name, *words = shlex.split(line)
        known = {option for parameter in commands[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= known


def test_options_in_the_text() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    known = {option for command in commands.values() for one in command.params for option in one.opts}
    assert set(re.findall(r"`(--[\w-]+)", TEXT)) <= known


def test_models_are_rows() -> None:
    models = {row.model for table in TABLES for row in table.rows}
    sentence = re.search(r"known by its name: (.*?)\.", TEXT)
    assert sentence is not None
    assert set(re.findall(r"`([\w-]+)`", sentence[1])) <= models


def test_numbers_in_the_text() -> None:
    assert f"ends after {LISTED};" in TEXT
    assert "after clicks 1, 2, 3, 5, 10 and the last" in TEXT
    assert shown_steps(17) == [1, 2, 3, 5, 10, 17]


def test_the_python_example_runs(
    write_trace: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    written: list[Any] = []
    monkeypatch.setattr(make_report, "write_files", lambda folder, files: written.append(files))
    for name in ("radar", "curves", "histograms"):
        monkeypatch.setattr(make_report, f"draw_{name}", lambda *words: None)
    monkeypatch.setattr(make_report, "_drawings", lambda runs, rng, thresholds: [])
    monkeypatch.setattr(make_report, "figure_files", lambda drawings: {})
    monkeypatch.setattr(make_report, "render_page", lambda template, **content: "")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "evaluation").mkdir(parents=True)
    trace = write_trace({"a": [0.5, 0.96], "b": [0.97]})
    for name in ("A.jsonl", "B.jsonl", "runs/evaluation/x.jsonl"):
        (tmp_path / name).write_bytes(trace.read_bytes())
    (example,) = blocks("python")
    exec(compile(example, "report.md", "exec"), {"__name__": "guide", "np": np})
    assert len(written) == 1
    assert "NoC@90 Interval(mean=0.0, low=0.0, high=0.0) no clear difference" in capsys.readouterr().out


def test_the_picture_is_small() -> None:
    assert (GUIDE.parent / "report.png").stat().st_size < 200_000
