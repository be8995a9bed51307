"""`skipclick demo`: a bundled photo, a few clicks, and a picture of what each of them did."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from skipclick.apps.cli.evaluate_options import DeviceOption, PrecisionOption, named

PHOTO = Path(__file__).parent / "assets" / "coffee.jpg"
"""600×400, CC0; see the file NOTICE."""

CLICKS: tuple[tuple[float, float, bool], ...] = (
    (280.0, 214.0, True),  # the cup's side
    (144.0, 175.0, True),  # the saucer
    (280.0, 153.0, True),  # the espresso
    (396.0, 67.0, False),  # the table beside the rim
)
"""x, y and whether it belongs to the object: the cup with its saucer and spoon."""

DEFAULT_OUT = Path("skipclick-demo.png")


def demo(
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Where the picture goes.",
            show_default="skipclick-demo.png, or the next free name",
        ),
    ] = None,
    model: Annotated[str, typer.Option(help="A model's name, file or repository.")] = "skipclick-s",
    device: DeviceOption = "auto",
    precision: PrecisionOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists already.")] = False,
) -> None:
    """Cut a cup and its saucer out of a bundled photo and draw what each click did."""
    from skipclick.apps.cli.files import check_targets, free_name, write_png
    from skipclick.apps.cli.panel import Step, draw_panel
    from skipclick.backend.loading import load_model
    from skipclick.encoded import encode_image
    from skipclick.image import load_image
    from skipclick.prompt import Click
    from skipclick.session import Session

    target = free_name(DEFAULT_OUT) if out is None else out
    check_targets([target], sources=[PHOTO], force=force)
    image = load_image(PHOTO)
    backend = load_model(model, device=device, precision=named(precision))
    clock = time.perf_counter()
    encoded = encode_image(backend, image)
    encode_seconds = time.perf_counter() - clock
    typer.echo(f"{backend.name} on {backend.device}: photo encoded in {1000 * encode_seconds:.0f} ms")

    session = Session(backend, encoded)
    steps: list[Step] = []
    for number, (x, y, positive) in enumerate(CLICKS, start=1):
        clock = time.perf_counter()
        mask = session.add(Click(x, y, positive))
        steps.append(Step(session.clicks, mask, time.perf_counter() - clock))
        kind = "object" if positive else "background"
        typer.echo(f"click {number} at {x:g},{y:g} ({kind}): {1000 * steps[-1].seconds:.0f} ms")
    write_png(target, draw_panel(image, steps, encode_seconds=encode_seconds))
    typer.echo(f"wrote {target}")
