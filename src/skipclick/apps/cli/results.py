"""The results of an evaluation, as a table for the terminal and as a JSON file."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from skipclick.backend.protocol import Backend
from skipclick.datasets import Dataset
from skipclick.evaluation import EvaluationError, EvaluationProtocol, Summary
from skipclick.evaluation.metrics import THRESHOLDS
from skipclick.evaluation.run import made_with

FORMAT = "skipclick-evaluation"
VERSION = 1


def print_table(backend: Backend, protocol: EvaluationProtocol, rows: Mapping[str, Summary]) -> None:
    """Print one row for each data set.

    Args:
        backend: the model.
        protocol: the rules.
        rows: summaries by the data sets' labels.
    """
    known = [threshold for threshold in THRESHOLDS if threshold <= protocol.target_iou]
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("data set", no_wrap=True)
    table.add_column("objects", justify="right", no_wrap=True)
    for threshold in known:
        table.add_column(f"NoC\n@{_percent(threshold)}", justify="right", no_wrap=True)
    for threshold in known[-2:]:
        table.add_column(f"never\n@{_percent(threshold)}", justify="right", no_wrap=True)
    table.add_column("ms per\nanswer", justify="right", no_wrap=True)
    table.add_column("s per\nclick", justify="right", no_wrap=True)
    for label, summary in rows.items():
        table.add_row(
            label,
            str(summary.objects),
            *(f"{summary.noc[threshold]:.2f}" for threshold in known),
            *(str(summary.unreached[threshold]) for threshold in known[-2:]),
            f"{1000 * summary.answer_seconds:.0f}",
            f"{summary.seconds_per_click:.3f}",
        )
    mirrored = "averaged with the mirrored image" if protocol.mirror else "without the mirrored image"
    console = Console(highlight=False)
    # A narrow terminal may break a line; it must not cost digits.
    console.width = max(
        console.width, console.measure(table, options=console.options.update(width=500)).maximum
    )
    console.print(f"{backend.name} on {backend.device}, {mirrored}", markup=False)
    console.print(table)
    console.print(
        f"NoC: clicks until the IoU reaches so many percent, {protocol.max_clicks} if it never does. "
        "Seconds per click count everything: reading, encoding, the simulated user, the answer."
    )


def check_result_file(path: Path) -> None:
    """Refuse to replace a file that is no result of ours.

    Raises:
        EvaluationError: such a file exists, or a folder.
    """
    if path.exists() and not _is_result(path):
        raise EvaluationError(f"--json {path}: there is another file of that name; choose another name")


def write_result(
    path: Path,
    backend: Backend,
    protocol: EvaluationProtocol,
    datasets: Sequence[Dataset],
    rows: Mapping[str, Summary],
) -> None:
    """Write the results in one piece: the file is whole, or what was there before.

    Args:
        path: the file; its folder is made if need be.
        backend: the model.
        protocol: the rules.
        datasets: what was evaluated.
        rows: summaries by the data sets' labels.

    Raises:
        EvaluationError: the file cannot be written.
    """
    values = {
        "format": FORMAT,
        "version": VERSION,
        "model": backend.name,
        "protocol": dataclasses.asdict(protocol),
        "made_with": made_with(backend),
        "datasets": [
            {
                "label": dataset.label,
                "reader": dataset.reader,
                "samples": len(dataset.samples),
                "size": protocol.size_for(dataset.reader),
                **_summary_values(rows[dataset.label]),
            }
            for dataset in datasets
        ],
    }
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise EvaluationError(f"cannot write {path}: {error.strerror or error}") from error


def _summary_values(summary: Summary) -> dict[str, Any]:
    """A summary as JSON values; thresholds become percent, as in {"90": 1.86}."""
    values = dataclasses.asdict(summary)
    for key in ("noc", "at_cap", "unreached"):
        values[key] = {_percent(threshold): number for threshold, number in values[key].items()}
    return values


def _percent(threshold: float) -> str:
    return f"{100 * threshold:.0f}"


def _is_result(path: Path) -> bool:
    try:
        return bool(json.loads(path.read_text(encoding="utf-8"))["format"] == FORMAT)
    except (OSError, ValueError, KeyError, TypeError):
        return False
