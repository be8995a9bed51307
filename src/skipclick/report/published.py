"""The paper's results as printed, number by number (specification 7).

A row's numbers are one text, in the order of the table's columns and with the decimals of the paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from skipclick.datasets import GROUPS


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        dataset: a key of `DATASETS`, or "WSESeg" for the unweighted mean of its ten classes.
        percent: the IoU to reach, in percent.
        measure: mean number of clicks, or number of objects at the cap of 20.
    """

    dataset: str
    percent: int
    measure: Literal["NoC", "NoF"] = "NoC"

    @property
    def heading(self) -> str:
        """What the column is called under its data set: NoC@90."""
        return f"{self.measure}@{self.percent}"


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """One method.

    Attributes:
        method: its name as printed.
        printed: the numbers as printed, one for each column.
        model: the name of our model that rebuilds it; None for other people's methods.
        detail: what the paper says about it in a further column.
        corrected: the numbers to compare with, where a printed one is taken for a misprint.
    """

    method: str
    printed: str
    model: str | None = None
    detail: str = ""
    corrected: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The numbers as printed."""
        return tuple(self.printed.split())

    @property
    def values(self) -> tuple[float, ...]:
        """The numbers to compare with."""
        return tuple(float(cell) for cell in (self.corrected or self.printed).split())


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """One table.

    Attributes:
        slug: what its file is called.
        title: what stands above it.
        first: heading of the column of methods.
        columns: what is measured.
        rows: the methods.
        blocks: where the paper breaks the table into blocks, one above the other: columns of each.
        detail: heading of the rows' details; empty without any.
        remarks: what a reader must know.
    """

    slug: str
    title: str
    first: str
    columns: tuple[Column, ...]
    rows: tuple[PublishedRow, ...]
    blocks: tuple[int, ...]
    detail: str = ""
    remarks: tuple[str, ...] = ()


REFERENCE = "skip"
"""The model that models of other names are compared with: the paper's SkipClick."""

HEADINGS: dict[str, str] = {
    "WSESeg_flickr_bobsleighs": "Bobsleigh",
    "WSESeg_flickr_curling_stone": "Curl. Stone",
    "WSESeg_flickr_ski_helmets": "Ski Helmet",
    "WSESeg_flickr_snow_kites": "Snow Kite",
    "WSESeg_yt_sports": "Ski (Jump)",
    "WSESeg_flickr_curling_brooms": "Curl. Broom",
    "WSESeg_flickr_ski_goggles": "Ski Goggles",
    "WSESeg_flickr_ski_misc": "Ski (Misc)",
    "WSESeg_flickr_slalom_obstacles": "Slalom Gate Poles",
    "WSESeg_flickr_snowboards": "Snowboards",
    "WSESeg": "Average",
    "HQSeg": "HQSeg-44k",
}
"""What the paper calls a data set in its tables, where it is not our name."""

_CLASSES = tuple(Column(name, percent) for name in (*GROUPS["WSESeg"], "WSESeg") for percent in (85, 90))

_CLASS_BLOCKS = (10, 12)

_SKIPCLICK_ON_CLASSES = (
    "1.52 2.08  2.61 4.09  7.27 9.31  7.36 8.93  10.23 15.51 "
    "8.56 13.16  9.06 11.5  8.01 11.49  6.1 9.62  4.22 5.94  6.494 9.163"
)

_DAGGER = "The paper marks † without a note."

TABLES: tuple[PublishedTable, ...] = (
    PublishedTable(
        slug="table-1",
        title="Table 1. Ablation on WSESeg, 896×896",
        first="Configuration",
        columns=_CLASSES,
        blocks=_CLASS_BLOCKS,
        rows=(
            PublishedRow(
                "Baseline",
                "4.48 6.15  6.53 8.29  7.95 10.61  9.1 10.82  15.05 18.26 "
                "13.55 16.42  9.14 12.38  12.17 15.03  9.4 13.12  7.26 9.23  9.463 12.031",
                "baseline",
            ),
            PublishedRow(
                "+ Frozen Backbone",
                "4.01 5.64  6.11 7.98  7.55 10.54  9.32 10.77  15.02 17.96 "
                "14.02 16.62  8.9 12.33  12.36 15.11  9.9 13.65  6.97 8.91  9.416 11.951",
                "frozen",
            ),
            PublishedRow(
                "+ Intermediate Features",
                "1.6 2.19  3.21 4.99  8.22 10.82  7.5 9.56  11.5 16.43 "
                "10.63 15.12  8.97 12.38  9.23 13.02  7.24 12.19  4.75 6.74  7.285 10.344",
                "intermediate",
            ),
            PublishedRow("+ Skip Connections", _SKIPCLICK_ON_CLASSES, "skip"),
        ),
    ),
    PublishedTable(
        slug="table-2",
        title="Table 2. Comparison on WSESeg; SkipClick at 896×896, SAM and HQ-SAM at 1024",
        first="Method",
        columns=_CLASSES,
        blocks=_CLASS_BLOCKS,
        rows=(
            PublishedRow(
                "SAM",
                "3.38 5.33  3.59 6.26  9.05 12.70  5.97 8.23  16.05 18.43 "
                "13.86 17.73  10.94 14.57  12.15 15.41  6.65 10.46  6.68 9.49  8.83 11.86",
            ),
            PublishedRow(
                "HQ-SAM",
                "8.96 11.83  10.90 13.44  18.79 19.58  8.34 11.04  19.19 19.88 "
                "18.61 19.68  17.42 18.24  17.50 18.74  13.48 17.12  11.22 13.59  14.44 16.31",
            ),
            PublishedRow(
                "SAM + Schön et al.",
                "3.51 5.45  3.64 6.39  8.15 12.41  5.98 8.21  15.23 18.42 "
                "13.13 17.85  10.50 14.41  11.55 15.49  6.40 10.46  6.65 9.45  8.48 11.85",
            ),
            PublishedRow(
                "HQ-SAM + Schön et al. †",
                "7.28 8.24  4.58 7.71  8.87 12.85  8.12 10.42  16.58 18.98 "
                "14.22 17.56  11.46 14.82  12.66 16.67  9.95 14.18  7.64 10.48  10.14 13.19",
            ),
            PublishedRow("SkipClick", _SKIPCLICK_ON_CLASSES, "skip"),
        ),
        remarks=(_DAGGER,),
    ),
    PublishedTable(
        slug="table-3",
        title="Table 3. SHSeg, 896×896",
        first="Method",
        columns=(Column("SHSeg", 85), Column("SHSeg", 90)),
        blocks=(2,),
        rows=(
            PublishedRow("SAM", "3.95 7.46"),
            PublishedRow("HQ-SAM", "10.60 14.29"),
            PublishedRow("SAM + Schön et al.", "3.88 7.47"),
            PublishedRow("HQ-SAM + Schön et al. †", "4.70 8.45"),
            PublishedRow("SkipClick", "1.44 2.52", "skip"),
        ),
        remarks=(_DAGGER,),
    ),
    PublishedTable(
        slug="table-4",
        title="Table 4. Ablation on consumer images; DAVIS at 672×672, HQSeg-44k at 896×896, others at 448",
        first="Configuration",
        columns=(
            Column("GrabCut", 90),
            Column("Berkeley", 90),
            Column("DAVIS", 90),
            Column("SBD", 90),
            Column("HQSeg", 90),
        ),
        blocks=(5,),
        rows=(
            PublishedRow("Baseline", "1.74 3.86 6.75 8.53 7.91", "baseline"),
            PublishedRow("+ Frozen Backbone", "1.72 3.73 6.40 8.51 7.98", "frozen"),
            PublishedRow("+ Intermediate Features", "1.40 2.84 5.05 6.65 6.40", "intermediate"),
            PublishedRow("+ Skip Connections", "1.44 2.45 4.94 6.18 6.00", "skip"),
        ),
    ),
    PublishedTable(
        slug="table-5",
        title="Table 5. Comparison on DAVIS (SkipClick at 672×672) and HQSeg-44k (at 896×896)",
        first="Method",
        columns=(
            Column("DAVIS", 90),
            Column("DAVIS", 95),
            Column("DAVIS", 95, "NoF"),
            Column("HQSeg", 90),
            Column("HQSeg", 95),
            Column("HQSeg", 95, "NoF"),
        ),
        blocks=(6,),
        detail="Fusion",
        rows=(
            PublishedRow("RITM", "5.34 11.45 139  10.01 14.85 910", detail="early"),
            PublishedRow("FocalClick", "4.90 10.40 123  7.03 10.74 649", detail="early"),
            PublishedRow("SimpleClick", "5.06 10.37 107  7.47 12.39 797", detail="early"),
            PublishedRow("SAM", "5.14 10.74 154  7.46 12.42 811", detail="late"),
            PublishedRow("MobileSAM", "5.83 12.74 196  8.70 13.83 951", detail="late"),
            PublishedRow("HQ-SAM", "5.26 10.00 136  6.49 10.79 671", detail="late"),
            PublishedRow("SegNext", "5.34 12.80 163  7.18 11.52 700", detail="late"),
            PublishedRow("InterFormer", "5.45 11.88 150  7.17 10.77 658", detail="late"),
            PublishedRow("SkipClick", "4.94 11.92 158  6.00 9.89 608", "skip", detail="late"),
        ),
        remarks=(
            "The third column of each data set is taken to be NoF@95, the number of objects at 20 clicks; "
            "its heading is lost in the text at hand.",
        ),
    ),
    PublishedTable(
        slug="table-6",
        title="Table 6. Number of fusion blocks; WSESeg, mean of the ten classes, 896×896",
        first="Depth",
        columns=(Column("WSESeg", 85), Column("WSESeg", 90)),
        blocks=(2,),
        rows=(
            PublishedRow("2", "6.962 9.587", "skip-depth2"),
            PublishedRow("3", "6.311 9.091", "skip-depth3"),
            PublishedRow("4", "6.944 9.163", "skip", corrected="6.494 9.163"),
            PublishedRow("5", "6.689 9.310", "skip-depth5"),
            PublishedRow("6", "6.524 9.023", "skip-depth6"),
        ),
        remarks=(
            "Depth 4 is SkipClick itself, whose NoC@85 is 6.494 in Tables 1 and 2. The 6.944 printed here is "
            "taken for a misprint; differences are those to 6.494.",
        ),
    ),
    PublishedTable(
        slug="encoders",
        title="Encoders, from the authors' README; sizes as in Table 4",
        first="Configuration",
        columns=(
            Column("GrabCut", 90),
            Column("Berkeley", 90),
            Column("SBD", 90),
            Column("DAVIS", 90),
            Column("HQSeg", 90),
        ),
        blocks=(5,),
        rows=(
            PublishedRow("SkipClick (DINOv2)", "1.44 2.45 6.18 4.94 6.00", "skip"),
            PublishedRow("SkipClick (DINOv3)", "1.42 2.45 6.16 4.79 5.77", "skip-dinov3"),
        ),
    ),
)
"""The paper's Tables 1 to 6, and the one of the README that is not among them."""


def published_table(slug: str) -> PublishedTable:
    """A table by its slug.

    Raises:
        KeyError: there is none.
    """
    return {table.slug: table for table in TABLES}[slug]
