"""`skipclick report`: tables, figures and pictures of what was evaluated."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skipclick.apps.cli import report_options as options
from skipclick.apps.cli.data_options import ConfigOption, parse_all
from skipclick.apps.cli.evaluate import parse_thresholds

if TYPE_CHECKING:
    from skipclick.backend.protocol import Backend
    from skipclick.datasets import Dataset

SEED = 0
"""Of the bootstrap's draws: the same traces give the same report."""


def open_all(data: list[str], config: Path | None, evaluated: Collection[str]) -> list[Dataset]:
    """Open the data sets that pictures are made from; see `parse_all`.

    Args:
        data: what the user gave.
        config: where data sets lie.
        evaluated: labels of the data sets that traces are of; of a name that stands for several, such as
            WSESeg, the others are passed over.
    """
    from skipclick.datasets import open_dataset

    datasets = []
    for text in data:
        choices = parse_all([text], config)
        wanted = [choice for choice in choices if choice.label in evaluated] or choices
        datasets += [open_dataset(name, folder, label=label) for name, label, folder in wanted]
    return datasets


def load_all(models: list[str], device: str) -> list[Backend]:
    """Load the models that make masks again."""
    if not models:
        return []
    from skipclick.backend.loading import load_model

    return [load_model(model, device=device) for model in models]


def parse_rows(texts: list[str]) -> dict[str, str]:
    """Read `MODEL=ROW` of each.

    Raises:
        ReportError: anything else.
    """
    from skipclick.report import ReportError

    rows = {}
    for text in texts:
        model, equals, row = text.rpartition("=")
        if not (model and equals and row):
            raise ReportError(f"--row {text!r} is not MODEL=ROW, as in my-training=skip")
        rows[model] = row
    return rows


def report(
    traces: Annotated[
        list[Path],
        typer.Argument(
            help="Traces that `skipclick evaluate` wrote, or folders of them.", show_default=False
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the report.")] = Path("report"),
    thresholds: options.ThresholdsOption = None,
    data: options.DataOption = None,
    config: ConfigOption = None,
    model: options.ModelOption = None,
    pictures: Annotated[
        int, typer.Option(min=0, help="So many of the worst and of the best objects are shown.")
    ] = 3,
    row: Annotated[
        list[str] | None,
        typer.Option(
            "--row",
            metavar="MODEL=ROW",
            help="Which row of the paper a model of another name stands for, as in my-training=skip.",
            show_default=False,
        ),
    ] = None,
    device: options.DeviceOption = "auto",
) -> None:
    """Lay out what was evaluated: the paper's tables and figures, the worst and best objects.

    Writes a page that needs nothing else (index.html), the same in Markdown, CSV files, and figures as SVG,
    PDF and PNG.
    """
    import numpy as np

    from skipclick.report import read_runs, write_report

    levels = None if thresholds is None else parse_thresholds(thresholds)
    runs = read_runs(traces)
    page = write_report(
        runs,
        out,
        np.random.default_rng(SEED),
        datasets=open_all(data or [], config, {run.label for run in runs}),
        models=load_all(model or [], device),
        pictures=pictures,
        thresholds=levels,
        aliases=parse_rows(row or []),
        progress=lambda text: typer.echo(text, err=True),
    )
    typer.echo(f"{len(runs)} {'run' if len(runs) == 1 else 'runs'}: {page}")
