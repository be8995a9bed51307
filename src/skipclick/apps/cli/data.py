"""`skipclick data`: which data sets there are, and what of them lies here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from skipclick.apps.cli.data_build import build_coco_lvis, build_shseg, build_wseseg
from skipclick.apps.cli.data_options import (
    METAVAR,
    ConfigOption,
    DataChoice,
    load_locations,
    parse_all,
    parse_data,
)
from skipclick.apps.cli.words import compare_size, number_of

if TYPE_CHECKING:
    from skipclick.datasets import Dataset
    from skipclick.datasets.coco_lvis import Split

Found: TypeAlias = tuple[int, int | None]
"""How many images, and how many objects if that is known."""

UNUSABLE = 1
"""The exit code if a data set that was asked for cannot be used."""

data = typer.Typer(
    help="See which data sets there are and what of them lies here; put together those that come in parts.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


for build in (build_shseg, build_wseseg, build_coco_lvis):
    data.command()(build)


@data.callback()
def _group() -> None:
    """See which data sets there are and what of them lies here; put together those that come in parts."""


@data.command("list")
def list_data(
    chosen: Annotated[
        list[str] | None,
        typer.Option(
            "--data",
            metavar=METAVAR,
            help="A data set; without FOLDER it lies where --config says. WSESeg stands for all its classes, "
            "coco-lvis for all of COCO+LVIS. Repeat it for several.",
            show_default=False,
        ),
    ] = None,
    config: ConfigOption = None,
    fingerprints: Annotated[
        bool,
        typer.Option(
            "--fingerprint",
            help="Read all ground truths: count the objects, and print a hash of names and masks.",
        ),
    ] = False,
) -> None:
    """Compare data sets with their official sizes; say what is missing and where to get it.

    Without --data: all that have a location, and then those that can be had. With it, the exit code is 1 if
    one of them cannot be used.
    """
    from skipclick.datasets import DATASETS, GROUPS
    from skipclick.datasets.locations import COCO_LVIS, COCO_LVIS_NAMES

    if chosen is not None:
        # All of them are read first: a name that is misspelt is found before much is printed.
        both_parts = [text for text in chosen if text.partition("=")[0] == COCO_LVIS]
        folders = [_both_parts(text, config) for text in both_parts]
        choices = [parse_all([text], config) for text in chosen if text not in both_parts]
        usable = _print_choices(choices, fingerprints)
        for folder in folders:
            usable &= _print_coco_lvis(folder, fingerprints)
        if not usable:
            raise typer.Exit(UNUSABLE)
        return

    locations = load_locations(config)
    names = [*DATASETS, *GROUPS]
    located = [name for name in names if name in locations.folders and name not in COCO_LVIS_NAMES]
    # One folder, whatever names it is written down under.
    coco_lvis = {locations.folders[name]: None for name in COCO_LVIS_NAMES if name in locations.folders}
    if locations.file is not None:
        typer.echo(f"{locations.file} says where data sets lie.\n")
    _print_choices([parse_data(name, locations) for name in located], fingerprints)
    for folder in coco_lvis:
        _print_coco_lvis(folder, fingerprints)
    if located or coco_lvis:
        typer.echo("\nThe others:")
    _print_table([name for name in (*names, COCO_LVIS) if not locations.knows(name)])
    if locations.file is None:
        typer.echo("\nTo see what of them lies here, name folders with --data or in a skipclick.toml.")


def _both_parts(text: str, config: Path | None) -> Path:
    """Where COCO+LVIS lies; as a whole no command evaluates on it, so that `parse_data` does not know it."""
    name, equals, folder = text.partition("=")
    return Path(folder).expanduser() if equals else load_locations(config).folder(name)


def _print_choices(choices: list[list[DataChoice]], fingerprints: bool) -> bool:
    """Print data sets, and below those of a group their sum; whether all of them can be used."""
    from skipclick.datasets import DATASETS, GROUPS

    usable = True
    groups = {members: group for group, members in GROUPS.items()}
    for members in choices:
        group, folder = groups.get(tuple(one.reader for one in members)), members[0].folder
        if group is not None and not folder.is_dir():
            source = DATASETS[members[0].reader].source
            typer.echo(f"{group}: {folder}\n  not usable: the folder does not exist\n  get it: {source}")
            usable = False
            continue
        found = [_print_one(*one, fingerprints) for one in members]
        usable &= all(images for images, _ in found)
        if group is not None:
            _print_total(group, found)
    return usable


def _print_coco_lvis(folder: Path, fingerprints: bool) -> bool:
    """Print what is there of both parts; whether one of them can be used."""
    from skipclick.datasets import DATASETS
    from skipclick.datasets.coco_lvis import SPLITS, list_split

    source = DATASETS[SPLITS["train"]].source
    typer.echo(f"COCO+LVIS: {folder}")
    if not folder.is_dir():
        typer.echo(f"  not usable: the folder does not exist\n  get it: {source}")
        return False
    splits = {name: list_split(folder, name) for name in SPLITS}
    for name, split in splits.items():
        _print_split(name, split, fingerprints)
    whole = [split.whole for split in splits.values()]
    if not all(whole):
        typer.echo(f"  get it: {source}")
    return any(whole)


def _print_split(name: str, split: Split, with_fingerprint: bool) -> None:
    from skipclick.datasets.coco_lvis import PUBLISHED, SPLITS, fingerprint_split
    from skipclick.datasets.coco_lvis_files import ANNOTATIONS

    notes = [f"{name}: {number_of(len(split.images), 'image')}, annotations of {len(split.masks):,}"]
    if name in PUBLISHED:
        notes.append(f"published are about {PUBLISHED[name]:,}")
    notes.append(f"evaluated as {SPLITS[name]}")
    if split.lacking:
        notes.append(f"{number_of(len(split.lacking), 'image')} missing, such as {split.lacking[0]}.jpg")
    if not split.annotated:
        notes.append(f"{ANNOTATIONS} is missing")
    typer.echo(f"  {'; '.join(notes)}")
    if with_fingerprint and split.annotated:
        typer.echo(f"  {name}: fingerprint of the files {fingerprint_split(split)}")


def _print_table(names: list[str]) -> None:
    from skipclick.datasets import DATASETS, GROUPS, official_count
    from skipclick.datasets.coco_lvis import SPLITS

    width = max(map(len, names), default=0)
    typer.echo(f"{'name':<{width}}  {'images':>6}  {'objects':>7}  from")
    for name in names:
        count = official_count(name) if name in DATASETS or name in GROUPS else None
        images, objects = ("", "") if count is None else map(str, count)
        whole = "all its classes" if name in GROUPS else f"{' and '.join(SPLITS.values())}, to train on"
        source = DATASETS[name].source if name in DATASETS else whole
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
        _print_parts(entry.parts, folder)
        return 0, None
    images = len(dataset.samples)
    objects = read.objects if read is not None else images if entry.one_object else None
    typer.echo(f"  {compare_size(images, objects, entry.official)}")
    if read is not None:
        typer.echo(f"  fingerprint {read.sha256}")
    if dataset.missing:
        _print_missing(dataset, entry.source)
    return images, objects


def _print_parts(names: tuple[str, ...], folder: Path) -> None:
    """Which parts of an incomplete data set are there; each can be measured under its own name."""
    from skipclick.datasets import DATASETS, open_dataset
    from skipclick.errors import DatasetError

    for name in names:
        try:
            images = len(open_dataset(name, folder).samples)
        except DatasetError:
            typer.echo(f"  {name}: not usable")
        else:
            typer.echo(f"  {name}: {compare_size(images, images, DATASETS[name].official)}")


def _print_total(group: str, found: list[Found]) -> None:
    from skipclick.datasets import official_count

    images = sum(one for one, _ in found)
    counted = [objects for _, objects in found if objects is not None]
    total = compare_size(images, sum(counted) if counted else None, official_count(group))
    typer.echo(f"{group}, all together:\n  {total}")


def _print_missing(dataset: Dataset, source: str) -> None:
    names = ", ".join(dataset.missing[:3])
    more = f" and {len(dataset.missing) - 3} more" if len(dataset.missing) > 3 else ""
    typer.echo(f"  {number_of(len(dataset.missing), 'image')} missing: {names}{more}\n  get it: {source}")
