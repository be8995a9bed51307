"""`skipclick data build-…`: data sets that are handed out in parts, put together."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from skipclick.apps.cli.words import number_of

if TYPE_CHECKING:
    from skipclick.datasets.builders.assemble import Built

OutOption: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--out", "-o", metavar="FOLDER", help="Folder to build: a new one, or one that is unfinished."
    ),
]

SHOWN = 5
"""So many missing images are printed; the file lists all."""


class Split(StrEnum):
    """The parts of COCO+LVIS."""

    TRAIN = "train"
    VAL = "val"


def build_shseg(
    masks: Annotated[Path, typer.Argument(help="The archive of SHSeg's masks.", metavar="MASKS.zip")],
    skitb: Annotated[Path, typer.Argument(help="Where SkiTB was unpacked.", metavar="SKITB_DIR")],
    out: OutOption,
    names: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A table (CSV) of mask name and frame inside SKITB_DIR, for frames that are not found.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Put SHSeg together from masks and SkiTB.

    What is missing is listed; the same command goes on when more of it has been found.
    """
    from skipclick.datasets.builders.shseg import build_shseg as build

    with _bar("SHSeg") as show:
        built = build(masks, skitb, out, names=names, progress=lambda count: show(count, None))
    _report("SHSeg", built)
    if built.missing and (out / "README.txt").is_file():
        typer.echo(f"{out / 'README.txt'} says which frames they are; a table for --names can say it too.")


def build_wseseg(
    masks: Annotated[Path, typer.Argument(help="The archive of WSESeg's masks.", metavar="MASKS.zip")],
    downloads: Annotated[
        Path, typer.Argument(help="Photos from Flickr, in any folders.", metavar="DOWNLOADS")
    ],
    out: OutOption,
    lists: Annotated[
        list[Path] | None,
        typer.Option(
            "--list",
            metavar="FILE",
            help="A user's id and an image's id in each line, if not in the archive. Repeat it for several.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Put WSESeg together from masks and photos.

    What is missing is listed; the same command goes on when more of it has been fetched.
    """
    from skipclick.datasets.builders.wseseg import build_wseseg as build

    with _bar("WSESeg") as show:
        built = build(masks, downloads, out, lists=lists or (), progress=lambda count: show(count, None))
    _report("WSESeg", built)


def build_coco_lvis(
    panoptic: Annotated[
        Path,
        typer.Option(
            "--coco-panoptic",
            metavar="FILE",
            help="COCO's panoptic_train2017.json, with the folder of its label pictures beside it.",
        ),
    ],
    lvis: Annotated[Path, typer.Option(metavar="FILE", help="LVIS's lvis_v1_train.json.")],
    out: OutOption,
    split: Annotated[Split, typer.Option(help="The part that the files are of.")] = Split.TRAIN,
    images: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="The photos; if left out, the folder train2017 beside the annotations' folder.",
            show_default=False,
        ),
    ] = None,
    link: Annotated[
        bool, typer.Option("--link", help="Hard links to the photos instead of copies, where possible.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only so many images, to try it.", show_default=False)
    ] = None,
) -> None:
    """Build COCO+LVIS from COCO and LVIS.

    It is the published training data. The same command goes on where it was interrupted.
    """
    from skipclick.datasets.builders.coco_lvis import build_coco_lvis as build

    with _bar("COCO+LVIS") as show:
        built = build(
            panoptic, lvis, out, split=split.value, images=images, link=link, limit=limit, progress=show
        )
    typer.echo(f"COCO+LVIS, {split.value}: {built.folder}")
    typer.echo(
        f"  {number_of(built.images, 'image')} with {number_of(built.instances, 'instance')}; "
        f"{number_of(built.empty, 'image')} without any left out"
    )


@contextmanager
def _bar(title: str) -> Iterator[Callable[[int, int | None], None]]:
    """A progress bar on stderr, to be told how much is finished of how much (None if that is not known)."""
    from skipclick.apps.cli.terminal import progress_bar

    with progress_bar() as bar:
        task = bar.add_task(title, total=None)
        yield lambda finished, total: bar.update(task, completed=finished, total=total)


def _report(name: str, built: Built) -> None:
    from skipclick.datasets.builders.assemble import MISSING

    typer.echo(f"{name}: {built.root}\n  complete: {number_of(built.images, 'mask')} with an image")
    if built.missing:
        typer.echo(
            f"  missing: {number_of(len(built.missing), 'image')}, all listed in {built.root / MISSING}"
        )
        for one in built.missing[:SHOWN]:
            typer.echo(f"    {one.image}: {one.reason}{f', {one.page}' if one.page else ''}")
    choice = shlex.quote(f"{name}={built.root}")
    typer.echo(f"To check it: skipclick data list --data {choice} --fingerprint")
