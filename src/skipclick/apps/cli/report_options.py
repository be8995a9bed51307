"""Options that `skipclick report` and `skipclick compare` share."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from skipclick.apps.cli.data_options import METAVAR

DataOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        metavar=METAVAR,
        help="A data set of the traces, for pictures of its photos. Repeat it for several.",
        show_default=False,
    ),
]
ModelOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        help="A model of the traces, which makes the masks of the pictures again. Repeat it for several.",
        show_default=False,
    ),
]
ThresholdsOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="PERCENT,…",
        help="IoUs to count clicks for, in percent; if left out, 80,85,90,95 and those at which objects were "
        "finished.",
        show_default=False,
    ),
]
DeviceOption: TypeAlias = Annotated[str, typer.Option(help="Where --model runs: cpu, cuda, mps or auto.")]
