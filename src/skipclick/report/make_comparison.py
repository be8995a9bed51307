"""The comparison of two runs: as lines for a terminal, and as a folder."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from skipclick.backend.protocol import Backend
from skipclick.datasets import Dataset
from skipclick.evaluation.metrics import percent
from skipclick.report.canvas import check_installed
from skipclick.report.compare import Comparison, Difference, ObjectPair
from skipclick.report.curves import draw_boundary_curves, draw_curves
from skipclick.report.figures import draw_differences, figured
from skipclick.report.folder import PAGE, check_folder, generator, write_files
from skipclick.report.make_report import LISTED, figure_files
from skipclick.report.objects import ObjectResult
from skipclick.report.page import render_page
from skipclick.report.pictures import Filmstrip, Gallery
from skipclick.report.runs import Run
from skipclick.report.tables import signed


@dataclass(frozen=True, slots=True)
class Line:
    """A difference as it is printed; see `Difference`.

    Attributes:
        name: what was compared.
        first: of the first run, in clicks or percent.
        second: of the second.
        change: second minus first, with its sign.
        interval: 95 % of its mean.
        better: wins of the second.
        equal: ties.
        worse: its losses.
        verdict: "better" or "worse" for the second, empty if zero lies in the interval.
    """

    name: str
    first: str
    second: str
    change: str
    interval: str
    better: int
    equal: int
    worse: int
    verdict: str


def lines_of(comparison: Comparison) -> list[Line]:
    """The numbers of a comparison, ready to be printed."""
    return [_line(difference) for difference in comparison.differences]


def headline(comparison: Comparison) -> str:
    """What came of it, in a sentence."""
    name = comparison.second.system
    measure = f"NoC@{percent(comparison.ranked_by)}"
    at = next(one for one in comparison.differences if one.name == measure)
    if not (at.better or at.worse):
        return f"No difference: every object takes as many clicks ({at.name})."
    change = f"{abs(at.change.mean):.2f} clicks {'fewer' if at.change.mean < 0 else 'more'}"
    interval = f"95 % interval {signed(at.change.low, 2)} to {signed(at.change.high, 2)}"
    if at.verdict:
        return f"{name}: {change} on average than {comparison.first.system} ({at.name}; {interval})."
    return (
        f"No clear difference. {name}: {change} on average, but chance could explain it "
        f"({at.name}; {interval})."
    )


def write_comparison(
    comparison: Comparison,
    folder: Path,
    rng: np.random.Generator,
    *,
    datasets: Sequence[Dataset] = (),
    models: Sequence[Backend] = (),
    pictures: int = 5,
    progress: Callable[[str], None] = lambda _: None,
) -> Path:
    """Write a comparison: `index.html`, `compare.md`, `compare.csv`, figures as SVG, PDF and PNG.

    Args:
        comparison: what `compare_runs` returned.
        folder: made if need be; an earlier comparison in it is replaced.
        rng: the source of the bootstrap's draws.
        datasets: the data set, under the first run's label, from whose photos pictures are made.
        models: models of the runs that make the masks of the pictures again.
        pictures: so many of the objects that differ most are shown.
        progress: told what is being done.

    Returns:
        The page.

    Raises:
        ReportError: the folder holds other files, something given belongs to no run, or Matplotlib or Jinja
            is missing.
        DatasetError: a photo cannot be read.
    """
    check_installed()
    check_folder(folder, "compare")
    runs = (comparison.first, comparison.second)
    gallery = Gallery(runs, datasets, models)
    progress("figures")
    drawings = [draw_curves(runs, rng), *draw_boundary_curves(runs, rng)]
    shown = {threshold: comparison.noc[threshold] for threshold in figured(list(comparison.noc))}
    if shown:
        drawings.append(draw_differences(shown, comparison.first.system, comparison.second.system))
    progress("pictures")
    cards = [_card(pair, runs, gallery) for pair in comparison.largest(pictures)]
    lines = lines_of(comparison)
    content = {
        "generator": generator("compare"),
        "comparison": comparison,
        "headline": headline(comparison),
        "lines": lines,
        "drawings": drawings,
        "cards": cards,
        "shown": {card.pair.second.anchor for card in cards},
        "listed": comparison.largest(LISTED),
        "pictured": gallery.has_photos,
        "masked": gallery.has_models,
        "missing": gallery.missing(runs) if cards else [],
    }
    files: dict[str, str | bytes] = {
        PAGE: render_page("compare.html", **content),
        "compare.md": render_page("compare.md", **content),
        "compare.csv": _csv(comparison),
    }
    write_files(folder, files | figure_files(drawings))
    return folder / PAGE


@dataclass(frozen=True, slots=True)
class PairCard:
    """An object on which the runs differ.

    Attributes:
        pair: the object.
        summary: how they differ, in words.
        sides: each run with its result and its pictures.
    """

    pair: ObjectPair
    summary: str
    sides: Sequence[tuple[Run, ObjectResult, Filmstrip | None]]


def _card(pair: ObjectPair, runs: Sequence[Run], gallery: Gallery) -> PairCard:
    mean = f"{signed(100 * pair.iou, 1)} points of mean IoU"
    clicks = f"{signed(pair.clicks, 0)} click{'s' * (abs(pair.clicks) != 1)}, " if pair.clicks else ""
    sides = [
        (run, result, gallery.draw(run, result.trace))
        for run, result in zip(runs, (pair.first, pair.second), strict=True)
    ]
    return PairCard(pair, clicks + mean, sides)


def _line(one: Difference) -> Line:
    scale, unit = (1, "") if one.fewer_is_better else (100, " %")
    digits = 2 if one.fewer_is_better else 1
    low, high = (signed(scale * end, digits) for end in (one.change.low, one.change.high))
    return Line(
        name=one.name,
        first=f"{scale * one.first:.{digits}f}{unit}",
        second=f"{scale * one.second:.{digits}f}{unit}",
        change=signed(scale * one.change.mean, digits),
        interval=f"{low} to {high}",
        better=one.better,
        equal=one.equal,
        worse=one.worse,
        verdict={"second": "better", "first": "worse"}.get(one.verdict, ""),
    )


def _csv(comparison: Comparison) -> str:
    """One line for each object; IoUs from 0 to 1."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    measures = list(comparison.pairs[0].first.noc)
    names = [f"NoC@{percent(threshold)}" for threshold in measures]
    sides = (comparison.first.system, comparison.second.system)
    writer.writerow(
        ["image", "object", *(f"{name}, {side}" for side in sides for name in (*names, "mean IoU"))]
    )
    for pair in comparison.pairs:
        numbers = [
            value
            for result in (pair.first, pair.second)
            for value in (*(result.noc[threshold] for threshold in measures), result.mean_iou)
        ]
        writer.writerow([pair.first.trace.sample, pair.first.trace.object_id, *numbers])
    return stream.getvalue()
