"""`skipclick import-annotations`: masks out of files into a labelled folder."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Literal

import typer

from skipclick.apps.cli.export_annotations import FormatName
from skipclick.apps.cli.words import number_of
from skipclick.errors import PromptError


def import_annotations(
    project: Annotated[
        Path,
        typer.Argument(
            help="The folder of images, labelled or not, or its project folder.", show_default=False
        ),
    ],
    source: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="The file or folder that holds the annotations.", show_default=False
        ),
    ],
    format_name: Annotated[
        FormatName, typer.Option("--format", "-f", help="What the files are.", show_default=False)
    ],
    add: Annotated[
        bool, typer.Option("--add", help="Where images have objects already, put the new ones in front.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Where images have objects already, replace them.")
    ] = False,
    default_class: Annotated[
        str, typer.Option("--class", metavar="NAME", help="Class of objects that the files give none.")
    ] = "object",
    take_over: Annotated[
        bool,
        typer.Option(
            "--take-over",
            help="Open a folder that another computer has noted as open, when nobody works on it any more.",
        ),
    ] = False,
    salvage: Annotated[
        bool,
        typer.Option(
            "--salvage",
            help="Of a damaged project, go on with what comes before the damage; the rest is put aside.",
        ),
    ] = False,
) -> None:
    """Bring masks into a labelled folder, to correct or complete them.

    Images are found by their names. The whole import is one step that the annotator can undo; images that
    are labelled already are refused unless you say --add or --replace.
    """
    from skipclick.annotation import Project
    from skipclick.annotation.importing import import_annotations as bring

    if add and replace:
        raise PromptError("--add and --replace exclude each other: choose one")
    existing: Literal["refuse", "add", "replace"] = "add" if add else "replace" if replace else "refuse"
    with Project.open(project, take_over=take_over, salvage=salvage) as opened:
        for note in opened.notes:
            typer.echo(f"note: {note}", err=True)
        result = bring(
            opened,
            format_name.value,
            source,
            existing=existing,
            default_class=default_class,
            at=time.time(),
        )
    objects, images = number_of(result.objects, "object"), number_of(result.images, "image")
    typer.echo(f"{opened.folder}: {objects} on {images} imported")
    if result.classes:
        typer.echo(f"new classes: {', '.join(result.classes)}")
    if result.missing:
        shown = ", ".join(result.missing[:3]) + (" …" if len(result.missing) > 3 else "")
        typer.echo(f"not in the folder: {number_of(len(result.missing), 'image')} ({shown})")
    if result.passed_over:
        typer.echo(
            f"passed over: {number_of(result.passed_over, 'entry', 'entries')} without pixels, as boxes"
        )
