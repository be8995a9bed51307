"""`skipclick annotate`: the desktop annotator."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skipclick.apps.cli.evaluate_options import DeviceOption, Precision, named


def annotate(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER|IMAGE", help="What to open.", show_default=False),
    ] = None,
    project: Annotated[
        Path | None,
        typer.Option(
            help="Keep the project in this folder, apart from the images; else in FOLDER/.skipclick.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[str, typer.Option(help="A model's name, file or repository.")] = "skipclick-s",
    device: DeviceOption = "auto",
    precision: Annotated[
        Precision,
        typer.Option(
            help="Of the arithmetic. Auto is bf16 where the device has instructions for it, else the model's "
            "own; int8 is for exported models alone."
        ),
    ] = Precision.AUTO,
    features: Annotated[
        Path | None,
        typer.Option(
            help="Keep encoded images in this folder, so that each is encoded once only.", show_default=False
        ),
    ] = None,
) -> None:
    """Label a folder of images with clicks, in a window.

    Every action is on disk at once, in the project's folder; photos are never written. The key ? shows all
    keys.
    """
    from skipclick.errors import ImageError, ModelError

    if path is not None and not path.exists():
        raise ImageError(f"{path} does not exist: name a folder of images, or one image")
    if project is not None and (path is None or not path.is_dir()):
        raise ImageError("--project needs the folder of images: skipclick annotate FOLDER --project PLACE")
    from skipclick.apps.desktop.screen import check_display, check_x11

    check_display()
    try:
        from skipclick.apps.desktop.models import ModelOptions
        from skipclick.apps.desktop.program import qt_plugins, run
    except ImportError as error:
        if error.name is not None and error.name.startswith("skipclick"):
            raise
        if isinstance(error, ModuleNotFoundError) and (error.name or "").startswith("PySide6"):
            raise ModelError('this command needs Qt: pip install "skipclick[desktop]"') from error
        raise ModelError(f"Qt cannot be loaded ({error}): install the system libraries it names") from error
    check_x11(qt_plugins())
    options = ModelOptions(device, named(precision), features)
    raise typer.Exit(run(path, project=project, model=model, options=options))
