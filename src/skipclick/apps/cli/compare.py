"""`skipclick compare`: two evaluations, object by object."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skipclick.apps.cli import report_options as options
from skipclick.apps.cli.data_options import ConfigOption
from skipclick.apps.cli.evaluate import parse_thresholds
from skipclick.apps.cli.report import SEED, load_all, open_all

if TYPE_CHECKING:
    from skipclick.report import Comparison


def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="A trace.", show_default=False)],
    second: Annotated[
        Path, typer.Argument(metavar="B", help="Another one, on the same data set.", show_default=False)
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for a page with figures and pictures.", show_default=False),
    ] = None,
    thresholds: options.ThresholdsOption = None,
    data: options.DataOption = None,
    config: ConfigOption = None,
    model: options.ModelOption = None,
    pictures: Annotated[
        int, typer.Option(min=0, help="So many of the objects that differ most are shown.")
    ] = 5,
    device: options.DeviceOption = "auto",
) -> None:
    """Compare two evaluations over the same objects: is B better than A, by how much, and is it chance?

    Differences are paired, B minus A, with 95 % intervals by bootstrap over objects.
    """
    import numpy as np

    from skipclick.report import ReportError, compare_runs, read_pair, write_comparison

    if out is None and (data or model):
        raise ReportError("pictures need a page to stand on: add --out FOLDER")
    levels = None if thresholds is None else parse_thresholds(thresholds)
    rng = np.random.default_rng(SEED)
    comparison = compare_runs(*read_pair(first, second), rng, levels)
    print_comparison(comparison)
    if out is not None:
        page = write_comparison(
            comparison,
            out,
            rng,
            datasets=open_all(data or [], config, {comparison.first.label}),
            models=load_all(model or [], device),
            pictures=pictures,
            progress=lambda text: typer.echo(text, err=True),
        )
        typer.echo(page)


def print_comparison(comparison: Comparison) -> None:
    """Print the numbers of a comparison."""
    from skipclick.apps.cli.terminal import console_for, plain_table
    from skipclick.report import headline, lines_of

    table = plain_table()
    table.add_column("", no_wrap=True)
    for name in ("A", "B", "B − A", "95 % interval", "wins", "ties", "losses"):
        table.add_column(name, justify="right", no_wrap=True)
    for line in lines_of(comparison):
        wins = (str(line.better), str(line.equal), str(line.worse))
        table.add_row(line.name, line.first, line.second, line.change, line.interval, *wins)
    console = console_for(table)
    left_out = (
        f"; {comparison.left_out} that only one of them has are left out" if comparison.left_out else ""
    )
    console.print(f"A: {comparison.first.system}\nB: {comparison.second.system}", markup=False)
    console.print(f"{len(comparison.pairs)} objects of {comparison.first.label}{left_out}", markup=False)
    if comparison.caution:
        console.print(comparison.caution, markup=False)
    console.print(table)
    console.print("Wins: objects on which B is better.", headline(comparison), markup=False)
