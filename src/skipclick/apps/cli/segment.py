"""`skipclick segment`: one object of one photo, by clicks given as coordinates."""

from __future__ import annotations

import re
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from skipclick.apps.cli.evaluate_options import DeviceOption, Precision, PrecisionOption, named
from skipclick.errors import PromptError

if TYPE_CHECKING:
    from skipclick.backend.protocol import Backend
    from skipclick.prompt import Click

_CLICK = re.compile(r"\s*([^,:]+),([^,:]+?)\s*(?::\s*([+-])\s*)?")


class StartKind(StrEnum):
    """What a start file holds; see `start_file.load_start`."""

    AUTO = "auto"
    MASK = "mask"
    PROBABILITY = "probability"


def parse_click(text: str) -> Click:
    """Read `X,Y`, `X,Y:+` (this belongs to the object) or `X,Y:-` (this does not), in image pixels.

    Raises:
        PromptError: anything else.
    """
    from skipclick.prompt import Click

    match = _CLICK.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        x, y = float(match[1]), float(match[2])
    except ValueError:
        raise PromptError(
            f"--click {text!r} is not a click; write X,Y in pixels, as in 120,80, or 120,80:- for background"
        ) from None
    return Click(x, y, positive=match[3] != "-")


def parse_size(text: str) -> int | Literal["auto"]:
    """Read a network size: a number of pixels, or `auto`.

    Raises:
        PromptError: anything else.
    """
    if text == "auto":
        return "auto"
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise PromptError(f"--size {text!r} is not a size; use 448, 672, 896 or auto")
    return int(text)


def segment(
    photo: Annotated[Path, typer.Argument(help="The photo.", show_default=False)],
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", help="Where the mask goes, a PNG: 255 is the object.", show_default=False
        ),
    ],
    click: Annotated[
        list[str] | None,
        typer.Option(
            "--click",
            "-c",
            metavar="X,Y[:-]",
            help="A click in image pixels from the upper left; X,Y on the object, X,Y:- on the background. "
            "Repeat it as often as you like; the order counts.",
            show_default=False,
        ),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(help="A mask to start from and to repair, or a probability, as large as the photo."),
    ] = None,
    start_kind: Annotated[
        StartKind,
        typer.Option(
            help="What --start is: a mask (all that is not black is the object) or a probability (grey, 255 "
            "is certain). Auto takes black and one shade for a mask and refuses what can be either."
        ),
    ] = StartKind.AUTO,
    overlay: Annotated[
        Path | None, typer.Option(help="Also write the photo with mask and clicks drawn on it, a PNG.")
    ] = None,
    probability: Annotated[
        Path | None, typer.Option(help="Also write the probability, a grey PNG: 255 is certain.")
    ] = None,
    model: Annotated[str, typer.Option(help="A model's name, file or repository.")] = "skipclick-s",
    size: Annotated[str, typer.Option(help="Side of the network's input: 448, 672, 896 or auto.")] = "448",
    device: DeviceOption = "auto",
    precision: PrecisionOption = None,
    features: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Keep the encoded photo here, or take it from here: the same photo is then encoded once "
            "only. The folder grows to 4 GiB, then what was not used for longest goes.",
        ),
    ] = None,
    threshold: Annotated[
        float, typer.Option(help="Probability above which a pixel is the object, from 0 to below 1.")
    ] = 0.5,
    specks: Annotated[
        int, typer.Option(min=0, help="Remove islands and holes of fewer pixels than this.")
    ] = 0,
    mirror: Annotated[
        bool,
        typer.Option("--mirror", help="Average with the mirrored photo, at twice the time."),
    ] = False,
    zoom: Annotated[
        bool,
        typer.Option(
            "--zoom",
            help="From the second click on, show the network only the object's surroundings: fewer clicks "
            "for small objects and fine parts. Whenever they change they are encoded first.",
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist already.")] = False,
) -> None:
    """Cut one object out of one photo with clicks."""
    import numpy as np

    from skipclick.apps.cli.files import check_targets, write_png
    from skipclick.encoded import encode_image
    from skipclick.image import load_image, network_size
    from skipclick.prompt import check_clicks
    from skipclick.session import Session, check_start, check_threshold
    from skipclick.start_file import load_start

    clicks = [parse_click(text) for text in click or []]
    side = parse_size(size)
    if not clicks and start is None:
        raise PromptError("nothing to do: give at least one --click X,Y, or a mask with --start")
    targets = [path for path in (out, overlay, probability) if path is not None]
    check_targets(targets, sources=[photo], force=force)
    check_threshold(threshold)

    image = load_image(photo)
    shape = image.shape[0], image.shape[1]
    check_clicks(clicks, shape)
    given = None if start is None else load_start(start, start_kind.value)
    backend = _open_model(model, device, precision, features)
    pixels = network_size(shape, side, backend.stride)
    if given is not None:
        check_start(given.shape, shape, pixels)
    clock = time.perf_counter()
    encoded = encode_image(backend, image, size=pixels, mirror=mirror, keep_pixels=zoom)
    typer.echo(
        f"{photo.name}: {_pair(shape)}, encoded at {_pair(encoded.size)} in {_since(clock)} "
        f"({backend.name} on {backend.device})"
    )
    session = Session(backend, encoded, start=given, threshold=threshold, specks=specks, zoom=zoom)
    for number, one in enumerate(clicks, start=1):
        clock = time.perf_counter()
        session.add(one)
        sign = "+" if one.positive else "-"
        typer.echo(f"click {number} {sign} at {one.x:g},{one.y:g}: {_since(clock)}")

    mask = session.mask
    write_png(out, mask.astype(np.uint8) * np.uint8(255))
    if probability is not None:
        write_png(probability, np.rint(session.probability * 255).astype(np.uint8))
    if overlay is not None:
        from skipclick.overlay import draw_clicks, draw_mask

        write_png(overlay, draw_clicks(draw_mask(image, mask), clicks))
    area = int(mask.sum())
    typer.echo(f"{out}: {area:,} pixels, {100 * area / mask.size:.1f} % of the photo")


def _open_model(model: str, device: str, precision: Precision | None, features: Path | None) -> Backend:
    from skipclick.backend.loading import load_model

    backend = load_model(model, device=device, precision=named(precision))
    if features is None:
        return backend
    from skipclick.backend.cache import CachedBackend

    return CachedBackend(backend, features)


def _pair(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}×{shape[0]}"


def _since(clock: float) -> str:
    return f"{1000 * (time.perf_counter() - clock):.0f} ms"
