"""The table and the JSON file of `skipclick evaluate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from skipclick.apps.cli.results import check_result_file, print_table, write_result
from skipclick.datasets import Dataset
from skipclick.evaluation import EvaluationError, EvaluationProtocol, Summary

SUMMARY = Summary(
    objects=50,
    clicks=140,
    noc={0.80: 1.234, 0.85: 1.5, 0.90: 43 / 3, 0.95: 20.0},
    at_cap={0.80: 0, 0.85: 1, 0.90: 3, 0.95: 31},
    unreached={0.80: 0, 0.85: 1, 0.90: 2, 0.95: 30},
    iou_after={1: 0.85, 3: 0.91, 5: 1.0},
    answer_seconds=0.0434,
    image_seconds=0.21,
    seconds_per_click=0.1034,
)
CELLS = ["50", "1.23", "1.50", "14.33", "20.00", "2", "30", "43", "0.103"]


def row_of(printed: str, label: str) -> list[str]:
    (row,) = (line.split() for line in printed.splitlines() if line.strip().startswith(label))
    return row[1:]


@pytest.mark.parametrize("columns", ["30", "80", "200"])
def test_no_terminal_is_too_narrow_for_the_digits(
    disk_model: Any, columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    print_table(disk_model, EvaluationProtocol(), {"GrabCut": SUMMARY, "a_label_of_some_length": SUMMARY})
    printed = capsys.readouterr().out
    assert row_of(printed, "GrabCut") == CELLS
    assert row_of(printed, "a_label_of_some_length") == CELLS


def test_the_usual_table_fits_a_usual_terminal(
    disk_model: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    print_table(disk_model, EvaluationProtocol(max_clicks=7), {"DAVIS_dev": SUMMARY})
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    assert "7 if it never does" in printed


def test_thresholds_that_are_not_known_are_not_shown(
    disk_model: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    print_table(disk_model, EvaluationProtocol(target_iou=0.9), {"x": SUMMARY})
    printed = capsys.readouterr().out
    assert "@90" in printed
    assert "@95" not in printed


def test_thresholds_become_percent(disk_model: Any, tmp_path: Path) -> None:
    dataset = Dataset("DAVIS", "mine", ())
    write_result(tmp_path / "r.json", disk_model, EvaluationProtocol(), [dataset], {"mine": SUMMARY})
    (row,) = json.loads((tmp_path / "r.json").read_text())["datasets"]
    assert row["size"] == [672, 672]
    assert row["unreached"] == {"80": 0, "85": 1, "90": 2, "95": 30}
    assert row["at_cap"]["95"] == 31
    assert row["iou_after"] == {"1": 0.85, "3": 0.91, "5": 1.0}


@pytest.mark.parametrize("content", ["", "[]", "{}", "notes", '{"format": "another"}', "\xff"])
def test_files_of_others_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "r.json"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(EvaluationError, match="choose another name"):
        check_result_file(path)


def test_a_folder_is_refused_and_a_new_name_is_not(tmp_path: Path) -> None:
    check_result_file(tmp_path / "new.json")
    with pytest.raises(EvaluationError, match="choose another name"):
        check_result_file(tmp_path)


def test_a_place_that_cannot_be_written(disk_model: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(EvaluationError, match="cannot write"):
        write_result(tmp_path / "file" / "r.json", disk_model, EvaluationProtocol(), [], {})
