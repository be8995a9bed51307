"""The options of `skipclick evaluate`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from skipclick.apps.cli.data_options import METAVAR


class Start(StrEnum):
    """Masks to begin from; see `evaluation.protocol.Start`."""

    EMPTY = "empty"
    ERODED = "eroded"
    DILATED = "dilated"
    SHIFTED = "shifted"
    POLYGON = "polygon"


class FirstClick(StrEnum):
    """Where the first click goes; see `evaluation.protocol.FirstClick`."""

    CENTRE = "centre"
    RANDOM = "random"


class Precision(StrEnum):
    """Of the arithmetic; see `backend.loading.Precision`."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BF16 = "bf16"
    INT8 = "int8"


DataOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        metavar=METAVAR,
        help="A data set, as in GrabCut=data/GrabCut; without FOLDER it lies where --config says. "
        "LABEL is what tables call it. Repeat it for several; `skipclick data list` shows the names.",
        show_default=False,
    ),
]
SuiteOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FILE",
        help="Several data sets: paper, general, winter, or a TOML file. Those whose folder is neither in "
        "--config nor in --data are passed over.",
        show_default=False,
    ),
]
ModelOption: TypeAlias = Annotated[str, typer.Option(help="A model's name, file or repository.")]
OutOption: TypeAlias = Annotated[
    Path, typer.Option("--out", "-o", help="Folder for the traces: every click, with its IoU.")
]
SizeOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="SIDE|HxW",
        help="Network's input for all data sets, as in 672 or 448x672 (height x width); the published one of "
        "each if left out.",
        show_default=False,
    ),
]
MirrorOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--mirror/--no-mirror",
        help="Average with the mirrored image, as published numbers do; a session does not.",
    ),
]
ZoomOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--zoom", help="Show the network only the object's surroundings; published numbers are without."
    ),
]
ClicksOption: TypeAlias = Annotated[int, typer.Option(min=1, help="The most clicks on an object.")]
MinClicksOption: TypeAlias = Annotated[
    int, typer.Option(min=1, help="So many clicks on an object even if it is good enough earlier.")
]
AllClicksOption: TypeAlias = Annotated[
    bool,
    typer.Option("--all-clicks", help="Don't stop when an object is good enough: for curves over clicks."),
]
ThresholdsOption: TypeAlias = Annotated[
    str, typer.Option(metavar="PERCENT,…", help="IoUs to count clicks for, in percent.")
]
TargetOption: TypeAlias = Annotated[
    float | None,
    typer.Option(
        metavar="PERCENT",
        help="The IoU at which an object is finished; 95, or the highest of --thresholds if left out.",
        show_default=False,
    ),
]
AfterOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="CLICKS,…",
        help="Also print the mean IoU after so many clicks; 1,3,5 for --boundary and the JSON file if left "
        "out.",
        show_default=False,
    ),
]
MaskThresholdOption: TypeAlias = Annotated[
    float, typer.Option(help="A pixel belongs to the mask if its probability is above this (sessions: 0.5).")
]
StartOption: TypeAlias = Annotated[
    Start,
    typer.Option(help="Begin from a bad mask instead of an empty one: the ground truth with this fault."),
]
StartMasksOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Begin from these masks: IMAGE.png, or IMAGE_OBJECT.png where an image has several objects.",
        show_default=False,
    ),
]
SaveMasksOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Also write each object's last mask, in a folder inside for each data set, from which another "
        "run can begin.",
        show_default=False,
    ),
]
FirstClickOption: TypeAlias = Annotated[
    FirstClick, typer.Option(help="Where the first click goes: innermost in the object, or anywhere in it.")
]
JitterOption: TypeAlias = Annotated[
    float, typer.Option(min=0.0, help="Click beside the point aimed at: 0 exactly, 1 as people do.")
]
SeedOption: TypeAlias = Annotated[int, typer.Option(min=0, help="For whatever is drawn at random.")]
BoundaryOption: TypeAlias = Annotated[
    bool, typer.Option("--boundary", help="Also measure outlines: boundary F-score and boundary IoU.")
]
LimitOption: TypeAlias = Annotated[
    int | None, typer.Option(min=1, help="Only so many images of each data set.", show_default=False)
]
WorkersOption: TypeAlias = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Processes, each with the model in memory; as many as cores and memory allow if left out. "
        "The numbers don't depend on it.",
        show_default=False,
    ),
]
ThreadsOption: TypeAlias = Annotated[
    int, typer.Option(min=1, help="Threads of each process; more or fewer may change the last digits.")
]
ShardOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="I/N",
        help="Only the I-th of N parts, on one of several machines that share --out; torchrun sets it.",
        show_default=False,
    ),
]
DeviceOption: TypeAlias = Annotated[str, typer.Option(help="cpu, cuda, mps or auto.")]
PrecisionOption: TypeAlias = Annotated[
    Precision | None,
    typer.Option(
        help="Of the arithmetic; the model's own if it is not given. Auto is bf16 where the device has "
        "instructions for it; int8 is for exported models alone.",
        show_default=False,
    ),
]
FreshOption: TypeAlias = Annotated[
    bool, typer.Option("--fresh", help="Begin again; earlier traces are kept under another name (.bak).")
]
JsonOption: TypeAlias = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Also write the table as JSON.")
]


def named(precision: Precision | None) -> Literal["auto", "float32", "bf16", "int8"] | None:
    """What was given with `--precision`, as `load_model` takes it."""
    return None if precision is None else precision.value
