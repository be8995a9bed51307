"""`skipclick export-annotations`: masks out of a labelled folder into files."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from skipclick.apps.cli.words import number_of


class FormatName(StrEnum):
    """The formats, named here once more so that help needs no further imports."""

    COCO = "coco"
    YOLO = "yolo"
    VOC = "voc"
    LABELME = "labelme"
    LABELS = "labels"
    BINARY = "binary"


def export_annotations(
    project: Annotated[
        Path, typer.Argument(help="The labelled folder, or its project folder.", show_default=False)
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", help="The folder to write to; for coco also a .json file.", show_default=False
        ),
    ],
    format_name: Annotated[
        FormatName,
        typer.Option(
            "--format",
            "-f",
            help="labels: mask_NAME.png with object numbers, as in WSESeg and SHSeg; binary: a black and "
            "white PNG for each object.",
            show_default=False,
        ),
    ],
    images: Annotated[
        list[str] | None,
        typer.Option(
            "--images",
            metavar="NAME",
            help="Only this image, or those that fit a pattern as '2024/*'; repeat it for more.",
            show_default=False,
        ),
    ] = None,
    done_only: Annotated[
        bool, typer.Option("--done-only", help="Only images that are marked as done, reviewed or not.")
    ] = False,
    reviewed_only: Annotated[
        bool, typer.Option("--reviewed-only", help="Only images that are marked as reviewed.")
    ] = False,
    tolerance: Annotated[
        float,
        typer.Option(
            help="Pixels by which polygons (coco, yolo, labelme) may leave the mask, to have fewer points."
        ),
    ] = 0.0,
    salvage: Annotated[
        bool, typer.Option("--salvage", help="Of a damaged project, export what comes before the damage.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist already.")] = False,
) -> None:
    """Write the masks of a labelled folder as COCO, YOLO, Pascal VOC, labelme or PNG files.

    Written are the images that are begun or done, with --done-only those that are done, and with
    --reviewed-only those that were reviewed too. The project itself is only read, so it may be open in the
    annotator. Where objects overlap, both are kept or the front one wins, as the project says; label maps and
    Pascal VOC can hold the front one only.
    """
    from skipclick.annotation import Project
    from skipclick.annotation.exporting import export_annotations as export

    with Project.open(project, read_only=True, salvage=salvage) as opened:
        for note in opened.notes:
            typer.echo(f"note: {note}", err=True)
        result = export(
            opened,
            format_name.value,
            out,
            images=images or (),
            done_only=done_only,
            reviewed_only=reviewed_only,
            tolerance=tolerance,
            force=force,
        )
    files = f"{result.files[0]}" if len(result.files) == 1 else f"{len(result.files)} files in {out}"
    typer.echo(f"{files}: {number_of(result.objects, 'object')} on {number_of(result.images, 'image')}")
    if result.empty:
        typer.echo(f"left out: {number_of(result.empty, 'object')} without a visible pixel")
