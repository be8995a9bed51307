"""The table of the runs: each one's numbers with 95 % intervals."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skipclick.evaluation.metrics import SCORES, THRESHOLDS, Summary, percent, summarise
from skipclick.report.bootstrap import Interval, mean_interval
from skipclick.report.objects import ObjectResult
from skipclick.report.runs import Run
from skipclick.report.tables import Table, heading


@dataclass(frozen=True, slots=True)
class Overview:
    """One run's row.

    Attributes:
        run: the run.
        summary: its numbers.
        noc: mean number of clicks with its interval, by IoU; without those that are not known.
    """

    run: Run
    summary: Summary
    noc: Mapping[float, Interval]


def overview(run: Run, rng: np.random.Generator, thresholds: Sequence[float] = THRESHOLDS) -> Overview:
    """Sum a run up.

    Args:
        run: the run.
        rng: the source of the bootstrap's draws.
        thresholds: IoUs to count clicks for, from 0 to 1.
    """
    summary = summarise(run.objects, target_iou=run.target_iou, cap=run.max_clicks, thresholds=thresholds)
    intervals = {threshold: mean_interval(run.noc(threshold), rng) for threshold in summary.noc}
    return Overview(run, summary, intervals)


def overview_csv(rows: Sequence[Overview]) -> str:
    """One line for each run; scores from 0 to 1, times in seconds.

    "never" counts the objects that did not reach an IoU, "at cap" those with the most clicks, as published.
    """
    thresholds = sorted({threshold for row in rows for threshold in row.noc})
    lines = []
    for row in rows:
        run, summary = row.run, row.summary
        line: dict[str, Any] = {
            "model": run.system,
            "weights": run.weights,
            "data set": run.label,
            "fingerprint": run.fingerprint,
            "images": run.images,
            "objects": summary.objects,
            "missing": run.gap,
            "size": f"{run.size[0]}x{run.size[1]}",
            "mirrored": run.mirror,
        }
        for threshold in thresholds:
            name, interval = f"NoC@{percent(threshold)}", row.noc.get(threshold)
            line |= {
                name: None if interval is None else interval.mean,
                f"{name} low": None if interval is None else interval.low,
                f"{name} high": None if interval is None else interval.high,
                f"never@{percent(threshold)}": summary.unreached.get(threshold),
                f"at cap@{percent(threshold)}": summary.at_cap.get(threshold),
            }
        line |= {} if summary.start_iou is None else {"IoU at start": summary.start_iou}
        for score in SCORES:
            line |= {f"{score.name} after {clicks}": value for clicks, value in score.means(summary).items()}
        line |= {"seconds per answer": summary.answer_seconds, "seconds per click": summary.seconds_per_click}
        lines.append(line)
    return _csv(lines)


def objects_csv(runs: Sequence[tuple[Run, Sequence[ObjectResult]]]) -> str:
    """One line for each object of each run; scores from 0 to 1."""
    thresholds = sorted({threshold for _, results in runs for one in results for threshold in one.noc})
    lines = []
    for run, results in runs:
        for result in results:
            trace = result.trace
            clicks = {f"NoC@{percent(key)}": result.noc.get(key) for key in thresholds}
            lines.append(
                {
                    "model": run.system,
                    "data set": run.label,
                    "image": trace.sample,
                    "object": trace.object_id,
                    **clicks,
                    "clicks": len(trace.clicks),
                    "mean IoU": result.mean_iou,
                    **({} if trace.start_iou is None else {"IoU at start": trace.start_iou}),
                    "IoUs": _scores(trace.ious),
                    **{score.name: _scores(values) for score in SCORES[1:] if (values := score.of(trace))},
                }
            )
    return _csv(lines)


def table_csv(table: Table) -> str:
    """One line for each number of a paper's table: printed, measured, and the difference."""
    lines = []
    method = ""
    for row in table.rows:
        if row.kind != "measured":
            method = row.name
        for column, cell in zip(table.published.columns, row.cells, strict=True):
            if row.kind == "paper" or cell.value is not None:
                lines.append(
                    {
                        "row": method,
                        "model": "" if row.kind == "paper" else row.name,
                        "data set": heading(column.dataset),
                        "measure": column.heading,
                        "printed": cell.text if row.kind == "paper" else "",
                        "measured": "" if row.kind == "paper" else cell.value,
                        "compared with": cell.published,
                        "difference": cell.difference,
                        "note": table.notes.get(cell.note, ""),
                    }
                )
    return _csv(lines)


def _scores(scores: Sequence[float]) -> str:
    return " ".join(f"{score:.4f}" for score in scores)


def _csv(lines: Sequence[Mapping[str, Any]]) -> str:
    """Lines as CSV, headings first; empty where a line lacks a value."""
    columns = list(dict.fromkeys(name for line in lines for name in line))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    for line in lines:
        writer.writerow(
            {name: round(value, 6) if isinstance(value, float) else value for name, value in line.items()}
        )
    return stream.getvalue()
