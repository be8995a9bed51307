"""`skipclick export`: a model as graphs that run without PyTorch."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_IMAGES = 32
"""Photos to calibrate on; more change little."""


class GraphFormat(StrEnum):
    """For which runtime."""

    ONNX = "onnx"
    OPENVINO = "openvino"


class GraphPrecision(StrEnum):
    """Of the arithmetic."""

    FLOAT32 = "float32"
    BF16 = "bf16"
    INT8 = "int8"


def export(
    model: Annotated[str, typer.Argument(help="A model's name, file or repository.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write.", show_default=False)],
    kind: Annotated[GraphFormat, typer.Option("--format", help="For which runtime.")] = GraphFormat.ONNX,
    precision: Annotated[
        GraphPrecision,
        typer.Option(
            help="bf16 (OpenVINO) is several times as fast on processors with instructions for it, int8 "
            "smaller and often faster; their masks differ."
        ),
    ] = GraphPrecision.FLOAT32,
    images: Annotated[
        Path | None,
        typer.Option(
            help="A folder of photos: int8 is calibrated on up to 32 of them. The model is compared on the "
            "first two.",
            show_default="the demo's photo alone",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an exported model.")] = False,
) -> None:
    """Write a model as two graphs, one for photos and one for clicks, that need no PyTorch.

    They are compared with the model on real images first; a wrong one is not written. The folder can be used
    wherever a model is named: skipclick segment photo.jpg --model FOLDER …
    """
    from skipclick.backend.loading import load_model, require_torch
    from skipclick.errors import ModelError

    require_torch("skipclick export")
    from skipclick.backend.torch import TorchBackend
    from skipclick.export.write import export_model

    photos = _photos(images)
    loaded = load_model(model, device="cpu", precision="float32")
    if not isinstance(loaded, TorchBackend):
        raise ModelError(f"{model} is an exported model already: name the model that it was made from")
    exported = export_model(
        loaded,
        out,
        photos,
        kind=kind.value,
        precision=precision.value,
        force=force,
        progress=lambda step: typer.echo(f"{step} …", err=True),
    )
    found = exported.found
    typer.echo(f"model       {loaded.name}, {precision.value}")
    typer.echo(f"logits      off by {found.typical:.1e} of their deviation, at most {found.difference:.1e}")
    typer.echo(f"masks       mean IoU {found.mean_iou:.4f} in {len(found.ious)} comparisons")
    typer.echo(f"written     {exported.folder} ({exported.nbytes / 1e6:.1f} MB)")


def _photos(folder: Path | None) -> list[NDArray[np.uint8]]:
    """The photos to calibrate and compare on.

    Raises:
        ImageError: a folder without photos, or a photo that cannot be read.
    """
    from skipclick.apps.cli.demo import PHOTO
    from skipclick.errors import ImageError
    from skipclick.image import IMAGE_SUFFIXES, load_image

    if folder is None:
        return [load_image(PHOTO)]
    if not folder.is_dir():
        raise ImageError(f"--images {folder} is not a folder")
    files = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in IMAGE_SUFFIXES]
    if not files:
        raise ImageError(f"--images {folder} holds no photos ({', '.join(IMAGE_SUFFIXES)})")
    # A sorted folder often begins with many photos of one kind.
    step = -(-len(files) // MOST_IMAGES)
    return [load_image(path) for path in files[::step]]
