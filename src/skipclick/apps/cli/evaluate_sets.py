"""Which data sets `skipclick evaluate` measures: those of a suite, and those named by `--data`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import typer

from skipclick.apps.cli.data_options import DataChoice, load_locations, parse_all
from skipclick.datasets import Dataset


class Chosen(NamedTuple):
    """A data set, and the network size (height, width) that a suite wants for it; None for the published."""

    dataset: Dataset
    size: tuple[int, int] | None


def open_chosen(suite: str | None, data: Sequence[str], config: Path | None) -> list[Chosen]:
    """Open the data sets of a suite and those of `--data`.

    With a suite, `--data` says where sets of the suite lie, and adds others. Sets of a suite whose folder is
    not known are passed over with a line that says so.

    Raises:
        DatasetError: a data set cannot be opened, two have the same label, or there is none.
        EvaluationError: there is no such suite.
    """
    from skipclick.datasets import open_dataset
    from skipclick.errors import DatasetError

    named = parse_all(data, config)
    pairs = [(choice, None) for choice in named] if suite is None else _of_suite(suite, named, config)
    if not pairs:
        raise DatasetError(
            "no data set to evaluate: give --data GrabCut=FOLDER, or --suite with a skipclick.toml that "
            "says where data sets lie"
        )
    labels = [choice.label for choice, _ in pairs]
    for label in labels:
        if labels.count(label) > 1:
            raise DatasetError(
                f"--data: two data sets would be called {label!r}; name one of them, as in NAME:LABEL=FOLDER"
            )
    opened = [
        Chosen(open_dataset(choice.reader, choice.folder, label=choice.label), size) for choice, size in pairs
    ]
    for dataset, _ in opened:
        if dataset.missing:
            typer.echo(
                f"{dataset.label}: measured without {len(dataset.missing)} images that are missing, such as "
                f"{dataset.missing[0]}; skipclick data list says where to get them",
                err=True,
            )
    return opened


def _of_suite(
    suite: str, named: Sequence[DataChoice], config: Path | None
) -> list[tuple[DataChoice, tuple[int, int] | None]]:
    """The suite's sets whose folder is known, then those that were named besides."""
    from skipclick.datasets import GROUPS
    from skipclick.evaluation.suites import find_suite

    sets = find_suite(suite)
    locations = load_locations(config)
    left = list(named)
    pairs: list[tuple[DataChoice, tuple[int, int] | None]] = []
    for one in sets:
        members = GROUPS.get(one.name, (one.name,))
        given = [choice for choice in left if choice.reader in members]
        left = [choice for choice in left if choice.reader not in members]
        if given:
            pairs += [(choice, one.size) for choice in given]
        elif one.folder is not None or locations.knows(one.name):
            folder = one.folder if one.folder is not None else locations.folder(one.name)
            pairs += [(DataChoice(member, one.label or member, folder), one.size) for member in members]
        else:
            typer.echo(
                f"{one.name}: passed over, it is not known where it lies; give --data {one.name}=FOLDER",
                err=True,
            )
    return pairs + [(choice, None) for choice in left]
