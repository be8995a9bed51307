"""`skipclick data`: which data sets there are, and what of them lies here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from skipclick.datasets import Count, Dataset

Found: TypeAlias = tuple[int, int | None]
"""How many images, and how many objects if that is known."""

data = typer.Typer(
    help="See which data sets there are, and what of them lies here.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@data.callback()
def _group() -> None:
    """See which data sets there are, and what of them lies here."""


@data.command("list")
def list_data(
    folders: Annotated[
        list[str] | None,
        typer.Option(
            "--data",
            metavar="NAME[:LABEL]=FOLDER",
            help="A data set and where it lies; WSESeg stands for all its classes. Repeat it for several.",
            show_default=False,
        ),
    ] = None,
    fingerprints: Annotated[
        bool,
        typer.Option(
            "--fingerprint",
            help="Read all ground truths: count the objects, and print a hash of names and masks.",
        ),
    ] = False,
) -> None:
    """Compare data sets with their official sizes; say what is missing and where to get it.

    Without --data, list the data sets that can be evaluated.
    """
    from skipclick.datasets import GROUPS

    if folders is None:
        _print_all()
        return
    # All of them are read first: a name that is misspelt is found before much is printed.
    for group, members in [_parse(text) for text in folders]:
        found = [_print_one(name, label, folder, fingerprints) for name, label, folder in members]
        if group in GROUPS:
            _print_total(group, found)


def _parse(text: str) -> tuple[str, list[tuple[str, str, Path]]]:
    """A name, and name, label and folder of the data set or of each of those that it stands for.

    Raises:
        DatasetError: the text is not NAME=FOLDER, or the name is unknown.
    """
    from skipclick.apps.cli.evaluate import parse_data
    from skipclick.datasets import GROUPS

    name, _, folder = text.partition("=")
    if name not in GROUPS:
        return name, [parse_data(text)]
    return name, [parse_data(f"{member}={folder}") for member in GROUPS[name]]


def _print_all() -> None:
    from skipclick.datasets import DATASETS, GROUPS, official_count

    names = [*DATASETS, *GROUPS]
    width = max(map(len, names))
    typer.echo(f"{'name':<{width}}  {'images':>6}  {'objects':>7}  from")
    for name in names:
        count = official_count(name)
        images, objects = ("", "") if count is None else map(str, count)
        source = DATASETS[name].source if name in DATASETS else "all its classes"
        typer.echo(f"{name:<{width}}  {images:>6}  {objects:>7}  {source}")


def _print_one(name: str, label: str, folder: Path, with_fingerprint: bool) -> Found:
    """Print all about a data set; how many images and objects were found."""
    from skipclick.datasets import DATASETS, fingerprint, open_dataset
    from skipclick.errors import DatasetError

    entry = DATASETS[name]
    typer.echo(f"{label if label == name else f'{label} ({name})'}: {folder}")
    try:
        dataset = open_dataset(name, folder, label=label)
        read = fingerprint(dataset) if with_fingerprint else None
    except DatasetError as error:
        typer.echo(f"  not usable: {error}\n  layout: {entry.layout}\n  get it: {entry.source}")
        return 0, None
    images = len(dataset.samples)
    objects = read.objects if read is not None else images if entry.one_object else None
    typer.echo(f"  {_counts((images, objects), entry.official)}")
    if read is not None:
        typer.echo(f"  fingerprint {read.sha256}")
    if dataset.missing:
        _print_missing(dataset, entry.source)
    return images, objects


def _print_total(group: str, found: list[Found]) -> None:
    from skipclick.datasets import official_count

    images = sum(one for one, _ in found)
    counted = [objects for _, objects in found if objects is not None]
    total = images, sum(counted) if counted else None
    typer.echo(f"{group}, all together:\n  {_counts(total, official_count(group))}")


def _counts(found: Found, official: Count | None) -> str:
    """What was found beside what there should be."""
    images, objects = found
    counted = "objects not counted (--fingerprint does)" if objects is None else _number(objects, "object")
    if official is None:
        note = "no official size is published"
    elif images == official.images and objects in (None, official.objects):
        note = "as published"
    else:
        published = f"{_number(official.images, 'image')}, {_number(official.objects, 'object')}"
        note = f"another set than the published one of {published}"
    return f"{_number(images, 'image')}, {counted}; {note}"


def _print_missing(dataset: Dataset, source: str) -> None:
    names = ", ".join(dataset.missing[:3])
    more = f" and {len(dataset.missing) - 3} more" if len(dataset.missing) > 3 else ""
    typer.echo(f"  {_number(len(dataset.missing), 'image')} missing: {names}{more}\n  get it: {source}")


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"
