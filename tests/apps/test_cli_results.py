"""The table and the JSON file of `skipclick evaluate`."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from skipclick.apps.cli import results
from skipclick.apps.cli.results import Row, check_result_file, print_table, write_result
from skipclick.datasets import GROUPS, Count, Dataset, Sample
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


def row(
    label: str = "GrabCut",
    reader: str = "GrabCut",
    summary: Summary = SUMMARY,
    images: int = 50,
    of: int = 50,
    **rules: Any,
) -> Row:
    dataset = Dataset(reader, label, (Sample("a", Path("a"), Path("a"), lambda path: ()),) * of)
    digest, data = "0123456789abcdef", "fedcba9876543210"
    return Row(dataset, EvaluationProtocol(**rules), summary, Path("t.jsonl"), digest, images, data)


def row_of(printed: str, label: str) -> list[str]:
    (row,) = (line.split() for line in printed.splitlines() if line.strip().startswith(label))
    return row[1:]


@pytest.mark.parametrize("columns", ["30", "80", "200"])
def test_no_terminal_is_too_narrow_for_the_digits(
    disk_model: Any, columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    print_table(disk_model, [row(), row("a_label_of_some_length")])
    printed = capsys.readouterr().out
    assert row_of(printed, "GrabCut") == CELLS
    assert row_of(printed, "a_label_of_some_length") == CELLS


def test_the_usual_table_fits_a_usual_terminal(
    disk_model: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    print_table(disk_model, [row("DAVIS_dev", max_clicks=7)])
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    assert "7 if it never does" in printed


def test_thresholds_that_are_not_known_are_not_shown(
    disk_model: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    known = dataclasses.replace(SUMMARY, noc={0.8: 1.0, 0.9: 2.0}, unreached={0.8: 0, 0.9: 1})
    print_table(disk_model, [row(summary=known, target_iou=0.9)])
    printed = capsys.readouterr().out
    assert "@90" in printed
    assert "@95" not in printed


def test_thresholds_become_percent(disk_model: Any, tmp_path: Path) -> None:
    write_result(tmp_path / "r.json", disk_model, [row("mine", "DAVIS")])
    (values,) = json.loads((tmp_path / "r.json").read_text())["datasets"]
    assert values["size"] == [672, 672]
    assert values["unreached"] == {"80": 0, "85": 1, "90": 2, "95": 30}
    assert values["at_cap"]["95"] == 31
    assert values["iou_after"] == {"1": 0.85, "3": 0.91, "5": 1.0}
    assert values["digest"] == "0123456789abcdef"
    assert values["fingerprint"] == "fedcba9876543210"
    assert (values["samples"], values["of"], values["missing"]) == (50, 50, 0)


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
        write_result(tmp_path / "file" / "r.json", disk_model, [row()])


def test_what_was_also_measured_has_columns(disk_model: Any, capsys: pytest.CaptureFixture[str]) -> None:
    summary = dataclasses.replace(
        SUMMARY, start_iou=0.61, boundary_f={1: 0.5, 3: 0.625}, boundary_iou={1: 0.25, 3: 0.375}
    )
    print_table(disk_model, [row(summary=summary, start="eroded", boundary=True)])
    printed = capsys.readouterr().out
    assert row_of(printed, "GrabCut")[7:12] == ["0.610", "0.500", "0.625", "0.250", "0.375"]
    for words in ("IoU at", "boundary F", "boundary IoU", "after 1, 3"):
        assert words in printed


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({}, "averaged with the mirrored image"),
        ({"mirror": False}, "without the mirrored image"),
        ({"zoom": True}, "averaged with the mirrored image, zoomed in"),
        ({"start": "polygon"}, ", begun from polygon masks"),
        ({"first_click": "random"}, ", first click anywhere in the object"),
        ({"jitter": 0.5}, ", clicks jittered by 0.5"),
    ],
)
def test_how_it_was_measured_stands_above(
    disk_model: Any, rules: dict[str, Any], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_table(disk_model, [row(**rules)])
    assert words in " ".join(capsys.readouterr().out.split("\n \n")[0].split())


def classes(count: int) -> list[Row]:
    names = GROUPS["WSESeg"][:count]
    return [
        row(name, name, dataclasses.replace(SUMMARY, noc={0.8: 1.0 + place, 0.9: 2.0 + 2 * place}))
        for place, name in enumerate(names)
    ]


def test_the_mean_of_the_classes_weighs_them_equally(
    disk_model: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_table(disk_model, [row(summary=classes(1)[0].summary), *classes(10)])
    assert row_of(capsys.readouterr().out, "WSESeg: mean of 10")[3:] == ["5.50", "11.00"]
    write_result(tmp_path / "r.json", disk_model, classes(10))
    assert json.loads((tmp_path / "r.json").read_text())["means"] == {
        "WSESeg": {"datasets": "10", "noc": {"80": 5.5, "90": 11.0}}
    }


def test_a_mean_of_some_classes_says_so(disk_model: Any, capsys: pytest.CaptureFixture[str]) -> None:
    print_table(disk_model, classes(3))
    assert "WSESeg: mean of 3 of 10" in capsys.readouterr().out
    print_table(disk_model, classes(1))
    assert "mean of" not in capsys.readouterr().out


def test_thresholds_need_not_be_whole_percents(disk_model: Any, capsys: pytest.CaptureFixture[str]) -> None:
    summary = dataclasses.replace(SUMMARY, noc={0.975: 3.0, 1.0: 20.0}, unreached={0.975: 1, 1.0: 50})
    print_table(disk_model, [row(summary=summary)])
    printed = capsys.readouterr().out
    assert "@97.5" in printed
    assert "@100" in printed


def notes(printed: str) -> list[str]:
    """The lines between the table and its legend."""
    lines = [line.strip() for line in printed.splitlines()]
    end = next(place for place, line in enumerate(lines) if line.startswith("NoC: clicks until"))
    blank = max(place for place, line in enumerate(lines[:end]) if not line)
    return lines[blank + 1 : end]


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({}, []),
        ({"images": 3}, ["GrabCut: the first 3 of 50 images."]),
        (
            {"images": 40, "of": 40},
            ["GrabCut: 40 images, 50 objects; another set than the published one of 50 images, 50 objects."],
        ),
        (
            {"summary": dataclasses.replace(SUMMARY, objects=51)},
            ["GrabCut: 50 images, 51 objects; another set than the published one of 50 images, 50 objects."],
        ),
        ({"label": "mine", "images": 40, "of": 40}, []),
        ({"label": "mine", "images": 1, "of": 40}, ["mine: the first 1 of 40 images."]),
        ({"label": "Folder", "reader": "Folder", "images": 7, "of": 7}, []),
    ],
)
def test_another_size_than_the_name_promises_is_said(
    disk_model: Any,
    changes: dict[str, Any],
    note: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    print_table(disk_model, [row(**changes)])
    assert notes(capsys.readouterr().out) == note


def test_the_classes_together_have_a_published_size(
    disk_model: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    print_table(disk_model, classes(10))
    (note,) = notes(capsys.readouterr().out)
    assert note.startswith("WSESeg, all together: 500 images, 500 objects; another set than the published")
    counts = {"WSESeg": Count(500, 500)}
    monkeypatch.setattr(results, "official_count", counts.get)
    print_table(disk_model, classes(10))
    assert notes(capsys.readouterr().out) == []


def test_the_json_file_says_how_much_was_evaluated(disk_model: Any, tmp_path: Path) -> None:
    write_result(tmp_path / "r.json", disk_model, [row(images=3)])
    (values,) = json.loads((tmp_path / "r.json").read_text())["datasets"]
    assert (values["samples"], values["of"]) == (3, 50)
