"""The report: everything about some runs in one folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from skipclick.backend.protocol import Backend
from skipclick.datasets import Dataset
from skipclick.evaluation.metrics import AFTER_CLICKS, deciding
from skipclick.report.canvas import Drawing, check_installed
from skipclick.report.curves import draw_boundary_curves, draw_curves
from skipclick.report.figures import draw_histograms, figured
from skipclick.report.folder import PAGE, check_folder, generator, write_files
from skipclick.report.objects import ObjectResult, object_results, ranked, worst_and_best
from skipclick.report.overview import objects_csv, overview, overview_csv, table_csv
from skipclick.report.page import render_page
from skipclick.report.pictures import Filmstrip, Gallery
from skipclick.report.published import TABLES
from skipclick.report.radar import draw_radar
from skipclick.report.runs import Run, counted_thresholds, diverging
from skipclick.report.tables import check_aliases, fill_table

LISTED = 400
"""Objects of a run that the page lists; the CSV file has all."""


@dataclass(frozen=True, slots=True)
class Card:
    """One of the worst or best objects.

    Attributes:
        result: its numbers.
        strip: its pictures; None without its data set.
    """

    result: ObjectResult
    strip: Filmstrip | None


@dataclass(frozen=True, slots=True)
class Section:
    """What the page shows of one run's objects.

    Attributes:
        run: the run.
        results: all objects, in the run's order.
        worst: cards, worst first.
        best: cards, best first.
    """

    run: Run
    results: Sequence[ObjectResult]
    worst: Sequence[Card]
    best: Sequence[Card]

    @property
    def listed(self) -> list[ObjectResult]:
        """The objects of the list, worst first."""
        return ranked(self.results)[:LISTED]

    @property
    def left_out(self) -> int:
        """How many objects the list leaves out."""
        return max(0, len(self.results) - LISTED)

    @property
    def shown(self) -> set[str]:
        """Anchors of the objects that have a card."""
        return {card.result.anchor for card in (*self.worst, *self.best)}

    @property
    def thresholds(self) -> list[float]:
        """The IoUs whose number of clicks is known."""
        return list(self.results[0].noc)


def write_report(
    runs: Sequence[Run],
    folder: Path,
    rng: np.random.Generator,
    *,
    datasets: Sequence[Dataset] = (),
    models: Sequence[Backend] = (),
    pictures: int = 3,
    thresholds: Sequence[float] | None = None,
    aliases: Mapping[str, str] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Path:
    """Write a report: `index.html`, `report.md`, CSV files, figures as SVG, PDF and PNG.

    Args:
        runs: at least one.
        folder: made if need be; an earlier report in it is replaced.
        rng: the source of the bootstrap's draws.
        datasets: data sets of the runs, by the same labels, from whose photos pictures are made.
        models: models of the runs that make the masks of the pictures again.
        pictures: so many of the worst and of the best objects of each run are shown.
        thresholds: see `counted_thresholds`; the paper's tables and the radar have their own.
        aliases: see `fill_table`.
        progress: told what is being done.

    Returns:
        The page.

    Raises:
        ReportError: the folder holds other files, something given belongs to no run, no run knows of the
            thresholds, or Matplotlib or Jinja is missing.
        DatasetError: a photo cannot be read.
    """
    check_installed()
    check_folder(folder, "report")
    check_aliases(aliases or {}, runs, TABLES)
    levels = counted_thresholds(runs, thresholds)
    gallery = Gallery(runs, datasets, models)
    progress("tables and figures")
    overviews = [overview(run, rng, levels) for run in runs]
    tables = [fill_table(table, runs, aliases) for table in TABLES]
    radar, drawings = draw_radar(runs), _drawings(runs, rng, levels)
    radar_tells = any(run.label.startswith("WSESeg_") for run in runs)
    sections = []
    for number, run in enumerate(runs):
        progress(f"objects of {run.system} on {run.label}")
        results = object_results(run, number, levels)
        worst, best = (
            [Card(result, gallery.draw(run, result.trace)) for result in chosen]
            for chosen in worst_and_best(results, pictures)
        )
        sections.append(Section(run, results, worst, best))
    content = {
        "generator": generator("report"),
        "systems": list(dict.fromkeys(run.system for run in runs)),
        "labels": list(dict.fromkeys(run.label for run in runs)),
        "thresholds": levels,
        "ranked_by": deciding(levels),
        "after": [one for one in AFTER_CLICKS if any(one in row.summary.iou_after for row in overviews)],
        "overviews": overviews,
        "diverging": diverging(runs),
        "begun": any(row.summary.start_iou is not None for row in overviews),
        "outlined": [row for row in overviews if row.summary.boundary_f],
        "caps": sorted({run.max_clicks for run in runs}),
        "drawings": [radar, *drawings] if radar_tells else drawings,
        "radar_aside": None if radar_tells else radar,
        "tables": tables,
        "sections": sections,
        "carded": pictures > 0,
        "pictured": gallery.has_photos,
        "masked": gallery.has_models,
        "missing": gallery.missing(runs),
    }
    files: dict[str, str | bytes] = {
        PAGE: render_page("report.html", **content),
        "report.md": render_page("report.md", **content),
        "runs.csv": overview_csv(overviews),
        "objects.csv": objects_csv([(section.run, section.results) for section in sections]),
    }
    files |= {f"tables/{table.published.slug}.csv": table_csv(table) for table in tables}
    files |= figure_files([radar, *drawings])
    write_files(folder, files)
    return folder / PAGE


def figure_files(drawings: Sequence[Drawing]) -> dict[str, bytes]:
    """Figures as files, each in three formats, by their names in a report's folder."""
    return {
        f"figures/{one.name}.{kind}": data
        for one in drawings
        for kind, data in (("svg", one.svg), ("pdf", one.pdf), ("png", one.png))
    }


def _drawings(runs: Sequence[Run], rng: np.random.Generator, levels: Sequence[float]) -> list[Drawing]:
    histograms = [draw_histograms(runs, threshold) for threshold in figured(levels)]
    curves = [draw_curves(runs, rng), *draw_boundary_curves(runs, rng)]
    return [*curves, *(one for one in histograms if one is not None)]
