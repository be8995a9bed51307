"""The results of an evaluation, as a table for the terminal and as a JSON file."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.table import Table

from skipclick.apps.cli.terminal import console_for, plain_table
from skipclick.apps.cli.words import compare_size, number_of
from skipclick.backend.protocol import Backend
from skipclick.datasets import GROUPS, Count, Dataset, official_count
from skipclick.evaluation import EvaluationError, EvaluationProtocol, Summary
from skipclick.evaluation.environment import made_with
from skipclick.evaluation.metrics import SCORES, mean_of_classes, percent
from skipclick.evaluation.protocol import PUBLISHED

FORMAT = "skipclick-evaluation"
VERSION = 1


class Row(NamedTuple):
    """What came of one data set.

    Attributes:
        dataset: the data set.
        protocol: the rules that held for it.
        summary: its numbers.
        file: its trace.
        digest: the hash of its results, see `evaluation.digest`.
        images: how many images were evaluated: the data set's first ones.
        fingerprint: of the data set's names and ground truths.
    """

    dataset: Dataset
    protocol: EvaluationProtocol
    summary: Summary
    file: Path
    digest: str
    images: int
    fingerprint: str


def print_table(backend: Backend, rows: Sequence[Row], *, with_iou: bool = False) -> None:
    """Print one row for each data set, and one for the mean of a group of them.

    Args:
        backend: the model.
        rows: at least one, all with the same thresholds.
        with_iou: also print the mean IoU after some clicks.
    """
    protocol = rows[0].protocol
    table = results_table([(row.dataset.label, row.summary) for row in rows], with_iou=with_iou)
    for name, (number, means) in _groups(rows).items():
        nocs = [f"{means[level]:.2f}" for level in rows[0].summary.noc]
        blank = [""] * (len(table.columns) - len(nocs) - 2)
        table.add_row(f"{name}: mean of {number}", "", *nocs, *blank)
    console = console_for(table)
    console.print(f"{backend.name} on {backend.device}, {_circumstances(protocol)}", markup=False)
    console.print(table)
    for note in _size_notes(rows):
        console.print(note, markup=False)
    console.print(
        f"NoC: clicks until the IoU reaches so many percent, {protocol.max_clicks} if it never does. "
        "Seconds per click count everything: reading, encoding, the simulated user, the answer."
    )


def results_table(summaries: Sequence[tuple[str, Summary]], *, with_iou: bool = False) -> Table:
    """The table itself, one row for each data set.

    Args:
        summaries: names and numbers, at least one, all with the same thresholds.
        with_iou: also the mean IoU after some clicks.
    """
    table = plain_table()
    table.add_column("data set", no_wrap=True)
    for name in _heads(summaries[0][1], with_iou):
        table.add_column(name, justify="right", no_wrap=True)
    for label, summary in summaries:
        table.add_row(label, *_cells(summary, with_iou))
    return table


def check_result_file(path: Path) -> None:
    """Refuse to replace a file that is no result of ours.

    Raises:
        EvaluationError: such a file exists, or a folder.
    """
    if path.exists() and not _is_result(path):
        raise EvaluationError(f"--json {path}: there is another file of that name; choose another name")


def write_result(path: Path, backend: Backend, rows: Sequence[Row]) -> None:
    """Write the results in one piece: the file is whole, or what was there before.

    Args:
        path: the file; its folder is made if need be.
        backend: the model.
        rows: at least one.

    Raises:
        EvaluationError: the file cannot be written.
    """
    values = {
        "format": FORMAT,
        "version": VERSION,
        "model": backend.name,
        "weights": backend.fingerprint,
        "protocol": dataclasses.asdict(rows[0].protocol),
        "made_with": made_with(backend),
        "datasets": [
            {
                "label": row.dataset.label,
                "reader": row.dataset.reader,
                "samples": row.images,
                "of": len(row.dataset.samples),
                "missing": len(row.dataset.missing),
                "fingerprint": row.fingerprint,
                "size": row.protocol.size_for(row.dataset.reader),
                "digest": row.digest,
                **_summary_values(row.summary),
            }
            for row in rows
        ],
        "means": {
            name: {"datasets": number, "noc": {percent(level): mean for level, mean in means.items()}}
            for name, (number, means) in _groups(rows).items()
        },
    }
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise EvaluationError(f"cannot write {path}: {error.strerror or error}") from error


def _heads(summary: Summary, with_iou: bool) -> list[str]:
    """The columns' names, the first excepted."""
    levels = [percent(level) for level in summary.noc]
    return [
        "objects",
        *(f"NoC\n@{level}" for level in levels),
        *(f"never\n@{level}" for level in levels[-2:]),
        *([] if summary.start_iou is None else ["IoU at\nstart"]),
        *(f"{name}\nafter {', '.join(map(str, means))}" for name, means in _means(summary, with_iou)),
        "ms per\nanswer",
        "s per\nclick",
    ]


def _means(summary: Summary, with_iou: bool) -> list[tuple[str, Mapping[int, float]]]:
    """The scores after some clicks that have a column: its name, and the means."""
    shown = SCORES if with_iou else SCORES[1:]
    return [(score.name, means) for score in shown if (means := score.means(summary))]


def _cells(summary: Summary, with_iou: bool) -> list[str]:
    """A row of the table, the first column excepted."""
    return [
        str(summary.objects),
        *(f"{mean:.2f}" for mean in summary.noc.values()),
        *(str(count) for count in list(summary.unreached.values())[-2:]),
        *([] if summary.start_iou is None else [f"{summary.start_iou:.3f}"]),
        *(" ".join(f"{mean:.3f}" for mean in means.values()) for _, means in _means(summary, with_iou)),
        f"{1000 * summary.answer_seconds:.0f}",
        f"{summary.seconds_per_click:.3f}",
    ]


def _groups(rows: Sequence[Row]) -> dict[str, tuple[str, dict[float, float]]]:
    """For each group of which several sets were measured: how many of how many, and the mean NoC."""
    found = {}
    for name, members in GROUPS.items():
        summaries = [row.summary for row in rows if row.dataset.reader in members]
        if len(summaries) > 1:
            whole = {row.dataset.reader for row in rows} >= set(members) and len(summaries) == len(members)
            number = str(len(members)) if whole else f"{len(summaries)} of {len(members)}"
            found[name] = number, mean_of_classes(summaries)
    return found


def _size_notes(rows: Sequence[Row]) -> list[str]:
    """Which rows are not of the whole data set that their name promises, a line each."""
    notes = []
    for row in rows:
        name, whole = row.dataset.label, len(row.dataset.samples)
        if row.images != whole:
            notes.append(f"{name}: the first {row.images:,} of {number_of(whole, 'image')}.")
        elif name == row.dataset.reader and (official := official_count(name)) is not None:
            notes += _size_note(name, row.images, row.summary.objects, official)
    for name, members in GROUPS.items():
        classes = [row for row in rows if row.dataset.label in members]
        official = official_count(name)
        complete = all(row.images == len(row.dataset.samples) for row in classes)
        if len(classes) == len(members) and complete and official is not None:
            images, objects = sum(row.images for row in classes), sum(row.summary.objects for row in classes)
            notes += _size_note(f"{name}, all together", images, objects, official)
    return notes


def _size_note(name: str, images: int, objects: int, official: Count) -> list[str]:
    return [] if (images, objects) == official else [f"{name}: {compare_size(images, objects, official)}."]


def _circumstances(protocol: EvaluationProtocol) -> str:
    """How the clicks were made, in words; what is as published goes without saying but for mirroring."""
    words = ["averaged with the mirrored image" if protocol.mirror else "without the mirrored image"]
    if protocol.zoom:
        words.append("zoomed in")
    if protocol.start != "empty":
        words.append(f"begun from {protocol.start} masks")
    if protocol.first_click == "random":
        words.append("first click anywhere in the object")
    if protocol.jitter:
        words.append(f"clicks jittered by {protocol.jitter:g}")
    if protocol.threshold != PUBLISHED.threshold:
        words.append(f"masks above {protocol.threshold:g}")
    if protocol.min_clicks != PUBLISHED.min_clicks:
        words.append(f"at least {protocol.min_clicks} clicks")
    if protocol.target_iou < PUBLISHED.target_iou:
        words.append(f"objects finished at {percent(protocol.target_iou)} %")
    return ", ".join(words)


def _summary_values(summary: Summary) -> dict[str, Any]:
    """A summary as JSON values; thresholds become percent, as in {"90": 1.86}."""
    values = dataclasses.asdict(summary)
    for key in ("noc", "at_cap", "unreached"):
        levels: Mapping[float, float] = values[key]
        values[key] = {percent(level): number for level, number in levels.items()}
    return values


def _is_result(path: Path) -> bool:
    try:
        return bool(json.loads(path.read_text(encoding="utf-8"))["format"] == FORMAT)
    except (OSError, ValueError, KeyError, TypeError):
        return False
