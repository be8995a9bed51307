"""`skipclick compare`: two evaluations, object by object."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skipclick.apps.cli.data_options import METAVAR, ConfigOption
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
    data: Annotated[
        list[str] | None,
        typer.Option(
            "--data",
            metavar=METAVAR,
            help="The data set of the traces, for pictures of its photos.",
            show_default=False,
        ),
    ] = None,
    config: ConfigOption = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            help="A model of the traces, which makes the masks of the pictures again. Repeat it for both.",
            show_default=False,
        ),
    ] = None,
    pictures: Annotated[
        int, typer.Option(min=0, help="So many of the objects that differ most are shown.")
    ] = 5,
    device: Annotated[str, typer.Option(help="Where --model runs: cpu, cuda, mps or auto.")] = "auto",
) -> None:
    """Compare two evaluations over the same objects: is B better than A, by how much, and is it chance?

    Differences are paired, B minus A, with 95 % intervals by bootstrap over objects.
    """
    import numpy as np

    from skipclick.report import ReportError, compare_runs, read_pair, write_comparison

    if out is None and (data or model):
        raise ReportError("pictures need a page to stand on: add --out FOLDER")
    rng = np.random.default_rng(SEED)
    comparison = compare_runs(*read_pair(first, second), rng)
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
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from skipclick.report import headline, lines_of

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    for name in ("A", "B", "B − A", "95 % interval", "wins", "ties", "losses"):
        table.add_column(name, justify="right", no_wrap=True)
    for line in lines_of(comparison):
        wins = (str(line.better), str(line.equal), str(line.worse))
        table.add_row(line.name, line.first, line.second, line.change, line.interval, *wins)
    console = Console(highlight=False)
    # A narrow terminal may break a line; it must not cost digits.
    console.width = max(
        console.width, console.measure(table, options=console.options.update(width=500)).maximum
    )
    left_out = (
        f"; {comparison.left_out} that only one of them has are left out" if comparison.left_out else ""
    )
    console.print(f"A: {comparison.first.system}\nB: {comparison.second.system}", markup=False)
    console.print(f"{len(comparison.pairs)} objects of {comparison.first.label}{left_out}", markup=False)
    console.print(table)
    console.print("Wins: objects on which B is better.", headline(comparison), markup=False)
