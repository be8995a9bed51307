"""The numbers in the card of skipclick-s are those of the traces beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from skipclick.evaluation import summarise
from skipclick.report import read_runs
from skipclick.report.runs import Run

MODELS = Path(__file__).parents[1] / "docs" / "models"
CARD = (MODELS / "skipclick-s.md").read_text(encoding="utf-8")

STARTS = {
    "eroded": "one too small all around",
    "dilated": "one too large",
    "shifted": "a mask moved aside",
    "polygon": "a coarse polygon",
}


def rows() -> list[list[str]]:
    """The cells of every row of every table."""
    return [
        [cell.strip() for cell in line.strip("| ").split("|")] for line in re.findall(r"^\|.*", CARD, re.M)
    ]


def named(run: Run) -> str:
    """What a data set is called in the tables."""
    return "DAVIS, every third of the 345 frames" if run.label == "DAVIS" else run.label


def numbers(run: Run) -> list[str]:
    """NoC at four IoUs, and how many objects never reached 90 %."""
    summary = summarise(run.objects)
    return [*(f"{mean:.2f}" for mean in summary.noc.values()), str(summary.unreached[0.9])]


def start_iou(run: Run) -> str:
    ious = [one.start_iou for one in run.objects]
    assert None not in ious
    return f"{sum(map(float, filter(None, ious))) / len(ious):.3f}"


def test_clicks_from_nothing() -> None:
    runs = read_runs([MODELS / "skipclick-s"])
    assert {run.label for run in runs} == {"GrabCut", "Berkeley", "DAVIS"}
    for run in runs:
        assert [named(run), str(len(run.objects)), *numbers(run)] in rows()


@pytest.mark.parametrize(
    "path", sorted((MODELS / "skipclick-s-starts").glob("*.jsonl")), ids=lambda path: path.stem
)
def test_clicks_from_a_mask(path: Path) -> None:
    (run,) = read_runs([path])
    start = STARTS[path.stem.rpartition("_")[2]]
    assert [run.label, start, start_iou(run), *numbers(run)] in rows()
    (nothing,) = (one for one in read_runs([MODELS / "skipclick-s"]) if one.label == run.label)
    assert nothing.weights == run.weights
    assert [run.label, "nothing", "", *numbers(nothing)] in rows()


def test_clicks_zoomed_in() -> None:
    whole = {run.label: run for run in read_runs([MODELS / "skipclick-s"])}
    zoomed = read_runs([MODELS / "skipclick-s-zoom"])
    assert zoomed
    for run in zoomed:
        assert run.zoom
        assert [named(run), "the object's surroundings", *numbers(run)] in rows()
        assert [named(run), "the whole photo", *numbers(whole[run.label])] in rows()
    assert sum(row[1:2] == ["the object's surroundings"] for row in rows()) == len(zoomed)


def test_every_row_of_masks_has_its_trace() -> None:
    told = sum(row[1:2] in ([start] for start in STARTS.values()) for row in rows())
    assert told == len(list((MODELS / "skipclick-s-starts").glob("*.jsonl")))
