from __future__ import annotations

import csv
import io
from collections.abc import Callable

import numpy as np
import pytest

from skipclick.evaluation import summarise
from skipclick.evaluation.trace import ObjectTrace
from skipclick.report.objects import object_results
from skipclick.report.overview import objects_csv, overview, overview_csv, table_csv
from skipclick.report.published import published_table
from skipclick.report.runs import Run
from skipclick.report.tables import fill_table

OBJECTS = {"a": [0.5, 0.92, 0.96], "b": [0.97], "c": [0.1] * 20}


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_numbers_are_those_of_the_evaluation(
    make_run: Callable[..., Run], rng: np.random.Generator
) -> None:
    run = make_run(OBJECTS)
    row = overview(run, rng)
    assert row.summary == summarise(run.objects)
    assert {key: interval.mean for key, interval in row.noc.items()} == pytest.approx(row.summary.noc)
    for interval in row.noc.values():
        assert 1 <= interval.low < interval.mean < interval.high <= 20


def test_rules_of_the_run_count(make_run: Callable[..., Run], rng: np.random.Generator) -> None:
    row = overview(make_run({"a": [0.1] * 5, "b": [0.9]}, max_clicks=5, target_iou=0.85), rng)
    assert {key: interval.mean for key, interval in row.noc.items()} == {0.8: 3, 0.85: 3}


def test_runs_as_csv(make_run: Callable[..., Run], rng: np.random.Generator) -> None:
    rows = [overview(make_run(OBJECTS), rng), overview(make_run({"a": [0.87]}, target_iou=0.85), rng)]
    first, second = lines(overview_csv(rows))
    assert first["model"] == "disks"
    assert first["missing"] == "3 of 50 images"
    assert first["fingerprint"] == ""
    assert float(first["NoC@90"]) == pytest.approx(23 / 3, abs=1e-6)
    assert float(first["NoC@90 low"]) < float(first["NoC@90"]) < float(first["NoC@90 high"])
    assert (first["never@95"], first["objects"], first["mirrored"]) == ("1", "3", "True")
    assert (second["NoC@85"], second["NoC@90"], second["never@90"]) == ("1.0", "", "")


def test_objects_as_csv(make_run: Callable[..., Run]) -> None:
    run = make_run(OBJECTS)
    a, b, c = lines(objects_csv([(run, object_results(run))]))
    assert (a["image"], a["object"], a["NoC@90"], a["clicks"]) == ("a", "1", "2", "3")
    assert a["IoUs"] == "0.5000 0.9200 0.9600"
    assert b["mean IoU"] == "0.97"
    assert c["NoC@80"] == ""


def test_further_scores_as_csv(
    make_run: Callable[..., Run], rng: np.random.Generator, starting_from: Callable[..., ObjectTrace]
) -> None:
    scored = starting_from(0.9, "a", [0.7, 0.96], boundary_f=(0.2, 0.4), boundary_iou=(0.1, 0.3))
    begun = make_run([scored], start="given", boundary=True)
    empty = make_run(OBJECTS, label="SBD")
    first, second = lines(overview_csv([overview(run, rng) for run in (begun, empty)]))
    assert (first["NoC@90"], first["at cap@90"], first["never@95"]) == ("0.0", "0", "0")
    assert (first["IoU at start"], second["IoU at start"]) == ("0.9", "")
    assert (first["boundary F after 1"], first["boundary F after 3"]) == ("0.2", "0.4")
    assert (first["boundary IoU after 1"], second["boundary IoU after 1"]) == ("0.1", "")
    first, second, *_ = lines(objects_csv([(run, object_results(run)) for run in (begun, empty)]))
    assert (first["IoU at start"], first["boundary F"], first["boundary IoU"]) == (
        "0.9",
        "0.2000 0.4000",
        "0.1000 0.3000",
    )
    assert (second["IoU at start"], second["boundary F"]) == ("", "")


def test_the_last_click_is_at_the_cap_and_not_never(
    make_run: Callable[..., Run], rng: np.random.Generator
) -> None:
    (line,) = lines(overview_csv([overview(make_run({"a": [0.1] * 19 + [0.97]}), rng)]))
    assert (line["at cap@90"], line["never@90"]) == ("1", "0")


def test_a_table_as_csv(make_run: Callable[..., Run]) -> None:
    runs = [make_run(OBJECTS, model="skip"), make_run({"a": [0.97]}, model="mine", label="Berkeley")]
    table = fill_table(published_table("table-4"), runs)
    found = lines(table_csv(table))
    assert len(found) == 4 * 5 + 2
    (measured,) = [line for line in found if line["model"] == "skip"]
    assert (measured["row"], measured["data set"]) == ("+ Skip Connections", "GrabCut")
    assert (measured["measured"], measured["compared with"]) == ("7.666667", "1.44")
    assert measured["note"] == "3 of 50 images"
    (mine,) = [line for line in found if line["model"] == "mine"]
    assert float(mine["difference"]) == pytest.approx(1 - 2.45)
    assert [line["printed"] for line in found if line["row"] == "Baseline"] == [
        "1.74",
        "3.86",
        "6.75",
        "8.53",
        "7.91",
    ]


def test_commas_and_quotes_survive(make_run: Callable[..., Run]) -> None:
    run = make_run({'a, "b"': [0.97]}, mirror=False)
    (line,) = lines(objects_csv([(run, object_results(run))]))
    assert (line["image"], line["model"]) == ('a, "b"', "disks, not mirrored")
