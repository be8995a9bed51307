"""`skipclick evaluate`: NoC on data sets, by simulated clicks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.progress import TaskID

    from skipclick.backend.protocol import Backend
    from skipclick.datasets import Dataset
    from skipclick.evaluation import EvaluationProtocol, ObjectTrace
    from skipclick.evaluation.trace import TraceFile

_DATA = re.compile(r"([^=:]+)(?::([\w.-]+))?=(.+)")


def parse_data(text: str) -> tuple[str, str, Path]:
    """Read `NAME=FOLDER` or `NAME:LABEL=FOLDER` into name, label and folder.

    Raises:
        DatasetError: anything else, or a name that is not in `DATASETS`.
    """
    from skipclick.datasets import DATASETS
    from skipclick.errors import DatasetError

    known = ", ".join(DATASETS)
    match = _DATA.fullmatch(text)
    if match is None:
        raise DatasetError(
            f"--data {text!r} is not NAME=FOLDER, as in GrabCut=data/GrabCut; the names are {known}"
        )
    name, label, folder = match.groups()
    if name not in DATASETS:
        raise DatasetError(f"--data {text!r}: there is no data set {name!r}; the names are {known}")
    # A shell leaves the tilde after "=" alone.
    return name, label or name, Path(folder).expanduser()


def evaluate(
    data: Annotated[
        list[str],
        typer.Option(
            "--data",
            metavar="NAME[:LABEL]=FOLDER",
            help="A data set, as in GrabCut=data/GrabCut, and where it lies; LABEL is what tables call it. "
            "Repeat it for several; `skipclick data list` shows the names.",
            show_default=False,
        ),
    ],
    model: Annotated[str, typer.Option(help="A model's name, file or repository.")] = "skipclick-s",
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the traces: every click, with its IoU.")
    ] = Path("runs/evaluation"),
    size: Annotated[
        int | None,
        typer.Option(
            min=1, help="Side of the network's input; the published one if left out.", show_default=False
        ),
    ] = None,
    mirror: Annotated[
        bool,
        typer.Option(
            "--mirror/--no-mirror",
            help="Average with the mirrored image, as published numbers do; a session does not.",
        ),
    ] = True,
    clicks: Annotated[int, typer.Option(min=1, help="The most clicks on an object.")] = 20,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Only so many images of each data set.", show_default=False),
    ] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda, mps or auto.")] = "auto",
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Begin again; earlier traces are kept under another name (.bak)."),
    ] = False,
    result: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write the table as JSON.")
    ] = None,
) -> None:
    """Count the clicks that a model needs on data sets (NoC), by simulated clicks.

    What is finished stays in the traces: the same command goes on where an earlier one was interrupted.
    """
    from contextlib import ExitStack

    from skipclick.apps.cli.results import check_result_file, print_table, write_result
    from skipclick.backend.loading import load_model
    from skipclick.datasets import open_dataset
    from skipclick.evaluation import EvaluationProtocol, open_trace, summarise
    from skipclick.evaluation.trace import set_aside
    from skipclick.image import network_size

    wanted = [parse_data(text) for text in data]
    _check_labels([label for _, label, _ in wanted])
    datasets = [open_dataset(name, folder, label=label) for name, label, folder in wanted]
    for dataset in datasets:
        if dataset.missing:
            typer.echo(
                f"{dataset.label}: measured without {len(dataset.missing)} images that are missing, such as "
                f"{dataset.missing[0]}; skipclick data list says where to get them",
                err=True,
            )
    if result is not None:
        check_result_file(result)
    pair = None if size is None else (size, size)
    protocol = EvaluationProtocol(max_clicks=clicks, mirror=mirror, size=pair)
    backend = load_model(model, device=device)
    for dataset in datasets:
        network_size((1, 1), protocol.size_for(dataset.reader), backend.stride)
    files = [out / _trace_name(backend, dataset, protocol) for dataset in datasets]
    if fresh:
        for file in files:
            if (old := set_aside(file)) is not None:
                typer.echo(f"kept as {old}")
    with ExitStack() as stack:
        # All of them are opened first: a trace that does not fit is found before hours of work.
        traces = [
            stack.enter_context(open_trace(file, backend, dataset, protocol))
            for file, dataset in zip(files, datasets, strict=True)
        ]
        try:
            evaluated = _evaluate_all(backend, datasets, protocol, limit, traces)
        except KeyboardInterrupt:
            finished = sum(len(trace.finished) for trace in traces)
            typer.echo(
                f"{finished} objects are kept in {out}; the same command goes on from there.", err=True
            )
            raise typer.Exit(130) from None
    rows = {
        dataset.label: summarise(objects, target_iou=protocol.target_iou, cap=protocol.max_clicks)
        for dataset, objects in zip(datasets, evaluated, strict=True)
    }
    print_table(backend, protocol, rows)
    for file in files:
        typer.echo(f"trace: {file}")
    if result is not None:
        write_result(result, backend, protocol, datasets, rows)


def _evaluate_all(
    backend: Backend,
    datasets: list[Dataset],
    protocol: EvaluationProtocol,
    limit: int | None,
    traces: list[TraceFile],
) -> list[list[ObjectTrace]]:
    """Evaluate one data set after another under a progress bar."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from skipclick.evaluation import evaluate_dataset

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    evaluated = []
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        for dataset, trace in zip(datasets, traces, strict=True):
            task = bar.add_task(dataset.label, total=len(dataset.samples[:limit]))

            def show(finished: int, task: TaskID = task) -> None:
                bar.update(task, completed=finished)

            evaluated.append(
                evaluate_dataset(backend, dataset, protocol, limit=limit, trace=trace, progress=show)
            )
    return evaluated


def _check_labels(labels: list[str]) -> None:
    from skipclick.errors import DatasetError

    for label in labels:
        if labels.count(label) > 1:
            raise DatasetError(
                f"--data: two data sets would be called {label!r}; name one of them, as in NAME:LABEL=FOLDER"
            )


def _trace_name(backend: Backend, dataset: Dataset, protocol: EvaluationProtocol) -> str:
    """One file for each model, data set, size and mirroring, so that they don't get in each other's way."""
    height, width = protocol.size_for(dataset.reader)
    model = re.sub(r"[^\w.-]", "_", backend.name)
    mirrored = "_mirrored" if protocol.mirror else ""
    return f"{model}_{dataset.label}_{height}x{width}{mirrored}.jsonl"
