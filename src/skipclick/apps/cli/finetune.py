"""`skipclick finetune`: fit a model to one's own masks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skipclick.apps.cli.data_options import ConfigOption
from skipclick.apps.cli.train import (
    DATA_HELP,
    METAVAR,
    Precision,
    check_torch,
    describe,
    going_on,
    parse_specs,
)

if TYPE_CHECKING:
    from skipclick.training.finetune import Outcome, Watch


def finetune(
    data: Annotated[list[str], typer.Option("--data", metavar=METAVAR, help=DATA_HELP, show_default=False)],
    model: Annotated[str, typer.Option(help="A model's name, file or repository.")] = "skipclick-s",
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the run; one that is there goes on.")
    ] = Path("runs/finetune"),
    epochs: Annotated[int, typer.Option(min=1, help="More take longer and fit closer.")] = 8,
    held_out: Annotated[
        float, typer.Option(help="Share of the images to measure on instead of learning from them.")
    ] = 0.2,
    seed: Annotated[int, typer.Option(min=0, help="Decides which images these are.")] = 0,
    device: Annotated[str, typer.Option(help="cpu, cuda, mps or auto.")] = "auto",
    precision: Annotated[
        Precision, typer.Option(help="In which the network learns; clicks are counted in float32.")
    ] = Precision.FLOAT32,
    config: ConfigOption = None,
) -> None:
    """Fit a model to your own masks, in minutes; only its decoder learns.

    Some images are held out: clicks on them are counted before and after. The same command goes on where it
    was interrupted.
    """
    check_torch()
    from skipclick.backend.torch import choose_device
    from skipclick.training.finetune import finetune as run
    from skipclick.training.recipes import FINETUNING
    from skipclick.training.stepper import Options
    from skipclick.training.world import World

    specs = parse_specs(data, config)
    with going_on(out), _bars() as watch:
        outcome = run(
            model,
            specs,
            out,
            world=World(choose_device(device)),
            recipe=FINETUNING.with_epochs(epochs),
            held_out=held_out,
            seed=seed,
            # Images are in memory, and a laptop that is killed should not lose much.
            options=Options(workers=0, save_seconds=60, picture_steps=50, precision=precision.value),
            watch=watch,
        )
    _print(model, outcome)


def _print(model: str, outcome: Outcome) -> None:
    """What was learnt from, the clicks before and after, and where the model is."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    passed = f", {outcome.passed_over} passed over as too small" if outcome.passed_over else ""
    typer.echo(f"learnt from {outcome.objects} objects in {outcome.images} images{passed}")
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(f"clicks on {outcome.before.objects} objects in {outcome.held_out} images held out")
    for level in outcome.before.noc:
        table.add_column(f"NoC@{round(100 * level)}", justify="right")
    for name, measured in ((model, outcome.before), ("finetuned", outcome.after)):
        table.add_row(name, *(f"{value:.2f}" for value in measured.noc.values()))
    for name, measured in ((model, outcome.before), ("finetuned", outcome.after)):
        values = (f"{value:.2f}" for value in measured.noc_shifted.values())
        table.add_row(f"{name}, beginning from a shifted mask", *values)
    Console(highlight=False).print(table)
    if sum(outcome.after.noc.values()) >= sum(outcome.before.noc.values()):
        typer.echo("It needs no fewer clicks than before: keep the model that you had, or give more masks.")
    typer.echo(f"model: {outcome.model_file}")


@contextmanager
def _bars() -> Iterator[Watch]:
    """One line for each thing that takes time."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    from skipclick.training.finetune import Watch

    columns = (
        TextColumn("{task.description:<18}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[state]}"),
    )
    console = Console(stderr=True)
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:

        def watch(task: str, done: int, total: int, state: str = "") -> None:
            known = {one.description: one.id for one in bar.tasks}
            number = known[task] if task in known else bar.add_task(task, state="")
            bar.update(number, completed=done, total=total, state=state)

        yield Watch(
            reading=lambda done, total: watch("reading", done, total),
            before=lambda done, total: watch("clicks before", done, total),
            training=lambda progress: watch("training", progress.step, progress.steps, describe(progress)),
            after=lambda done, total: watch("clicks after", done, total),
        )
