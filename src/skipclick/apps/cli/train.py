"""`skipclick train`: a network from a recipe, on one process or under torchrun."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skipclick.apps.cli.data_options import ConfigOption, load_locations, parse_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from skipclick.training.engine import Progress
    from skipclick.training.recipes import Recipe
    from skipclick.training.sources import DataSpec
    from skipclick.training.validation import Validation


class Precision(StrEnum):
    """In which the network computes."""

    FLOAT32 = "float32"
    BF16 = "bf16"
    FP16 = "fp16"


LINE_STEPS = 100
"""Steps between two lines where there is no terminal to draw a bar on."""

DATA_HELP = (
    "What to learn from: COCO's .json file, a folder with images/ and label maps in masks/, or COCO+LVIS's "
    "folder; see docs/training.md. Repeat it for several."
)
METAVAR = "[KIND=]PATH[,weight=W]"


def train(
    recipe: Annotated[str, typer.Argument(help="What to train, such as skip or skipclick-s.")],
    data: Annotated[list[str], typer.Option("--data", metavar=METAVAR, help=DATA_HELP, show_default=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the run; one that is there goes on.")],
    backbone: Annotated[
        str | None,
        typer.Option(help="The encoder's weights: a name, a file or a repository.", show_default=False),
    ] = None,
    validate: Annotated[
        list[str] | None,
        typer.Option(
            "--validate",
            metavar="NAME[:LABEL][=FOLDER]",
            help="Count clicks on this data set at intervals, and keep the best weights.",
            show_default=False,
        ),
    ] = None,
    every: Annotated[int, typer.Option(min=1, help="Epochs between two validations.")] = 5,
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Instead of the recipe's; the rate falls at the same share of the run.",
            show_default=False,
        ),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(min=1, help="Items of an epoch, instead of the recipe's.", show_default=False),
    ] = None,
    batch: Annotated[
        int | None,
        typer.Option(
            min=1, help="Items of a step, over all processes, instead of the recipe's.", show_default=False
        ),
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="Learning rate, instead of the recipe's.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of all randomness.")] = 0,
    device: Annotated[str, typer.Option(help="cpu, cuda, mps or auto.")] = "auto",
    precision: Annotated[Precision, typer.Option(help="In which the network computes.")] = Precision.FLOAT32,
    accumulate: Annotated[
        int, typer.Option(min=1, help="Go through a batch in so many parts, to save memory.")
    ] = 1,
    compiled: Annotated[
        bool, typer.Option("--compile", help="Compile the network first: slow to start, then faster.")
    ] = False,
    workers: Annotated[int, typer.Option(min=0, help="Processes that load images ahead.")] = 4,
    config: ConfigOption = None,
) -> None:
    """Train a network by a recipe; the same command goes on where it was interrupted.

    On several GPUs: torchrun --nproc-per-node 4 -m skipclick train skip --data ... --out ...
    """
    check_torch()
    from skipclick.datasets.locations import COCO_LVIS
    from skipclick.training.engine import train as run
    from skipclick.training.recipes import find_recipe
    from skipclick.training.run_folder import RunFolder
    from skipclick.training.sources import COCO, open_mix
    from skipclick.training.start import digest, encoder_origin, new_network
    from skipclick.training.stepper import Options
    from skipclick.training.views import RandomViews
    from skipclick.training.world import open_world

    wanted = _changed(find_recipe(recipe), epochs=epochs, samples=samples, batch=batch, rate=rate)
    specs = parse_specs(data, config)
    options = Options(workers=workers, accumulate=accumulate, precision=precision.value, compile=compiled)
    with open_world(device) as world:
        for spec in specs if world.leads else ():
            if spec.kind in (COCO, COCO_LVIS):  # whose annotations may take half a minute
                typer.echo(f"reading {spec.path}", err=True)
        mix = open_mix(specs, stuff=wanted.stuff)
        validation = _open_validation(validate, every, config) if validate else None
        views = RandomViews(mix, wanted)
        network = new_network(wanted, views, seed=seed, encoder=backbone)
        about = None
        if world.leads:
            about = {"encoder": digest(network.backbone.state_dict()), "sources": mix.values()}
            typer.echo(
                f"{recipe}: {wanted.epochs} epochs of {wanted.samples} items from {len(mix)} images, on "
                f"{world.size} x {world.device}"
            )
        with going_on(out), _bar(world.leads) as report:
            file = run(
                network,
                wanted,
                views,
                RunFolder(out),
                about_data=about,
                seed=seed,
                world=world,
                options=options,
                validation=validation,
                report=report,
                origin=encoder_origin(network, backbone or wanted.backbone),
            )
        if world.leads:
            typer.echo(f"model: {file}")
            if (best := RunFolder(out).best_file).is_file():
                typer.echo(f"best on validation: {best}")


@contextmanager
def going_on(out: Path) -> Iterator[None]:
    """After Ctrl-C, say what is kept of a run and how it goes on; the exit code is 130."""
    try:
        yield
    except KeyboardInterrupt:
        if (out / "last.pt").is_file():
            typer.echo(f"{out} keeps the last checkpoint; the same command goes on from there.", err=True)
        else:
            typer.echo("There was no checkpoint yet; the same command begins again.", err=True)
        raise typer.Exit(130) from None


def check_torch() -> None:
    """Make sure that PyTorch is there.

    Raises:
        TrainingError: it is not.
    """
    from skipclick.backend.loading import require_torch
    from skipclick.errors import ModelError
    from skipclick.training.recipes import TrainingError

    try:
        require_torch("training")
    except ModelError as error:
        raise TrainingError('training needs PyTorch: pip install "skipclick[train]"') from error


def _changed(recipe: Recipe, **changes: Any) -> Recipe:
    """The recipe with what was given in its place."""
    given = {name: value for name, value in changes.items() if value is not None}
    if "epochs" in given:
        recipe = recipe.with_epochs(given.pop("epochs"))
    return replace(recipe, **given)


def parse_specs(texts: Sequence[str], config: Path | None) -> list[DataSpec]:
    """Understand every `--data`; the file of locations is only looked for if one of them needs it.

    Raises:
        DatasetError: see `parse_spec` and `load_locations`.
    """
    from skipclick.training.sources import parse_spec

    needed = any("=" not in text.partition(",")[0] for text in texts)
    locations = load_locations(config) if needed or config is not None else None
    return [parse_spec(text, locations) for text in texts]


def _open_validation(texts: Sequence[str], every: int, config: Path | None) -> Validation:
    from skipclick.datasets import open_dataset
    from skipclick.errors import DatasetError
    from skipclick.training.validation import Validation

    try:
        choices = parse_all(texts, config)
    except DatasetError as error:
        raise DatasetError(str(error).replace("--data", "--validate")) from error
    sets = tuple(open_dataset(one.reader, one.folder, label=one.label) for one in choices)
    return Validation(sets, every=every)


@contextmanager
def _bar(shown: bool) -> Iterator[Callable[[Progress], None] | None]:
    """A progress bar with loss, IoU, speed and the time left; in a file, a line now and then."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    if not shown:
        yield None
        return
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _print_line
        return
    columns = (
        TextColumn("epoch {task.fields[epoch]}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[state]}"),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, epoch=0, state="")

        def report(progress: Progress) -> None:
            bar.update(
                task,
                completed=progress.step,
                total=progress.steps,
                epoch=progress.epoch,
                state=describe(progress),
            )

        yield report


def _print_line(progress: Progress) -> None:
    if progress.step % LINE_STEPS == 0:
        typer.echo(f"{progress.step}/{progress.steps}  {describe(progress)}", err=True)


def describe(progress: Progress) -> str:
    """How a run goes, in a few words."""
    left = progress.seconds_left
    time = (
        f"{left / 3600:.1f} h" if left >= 5400 else f"{left / 60:.0f} min" if left >= 90 else f"{left:.0f} s"
    )
    return f"loss {progress.loss:.3f}  IoU {progress.iou:.2f}  {progress.speed:.1f} images/s  {time} left"
