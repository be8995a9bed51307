"""The paper's tables filled with what was measured, and the table of the runs themselves.

A table is laid out as printed. Under a row of the paper stands the same model as we measured it; models of
other names follow at the end and are compared with the paper's SkipClick.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal, NamedTuple

import numpy as np

from skipclick.datasets import GROUPS, official_count
from skipclick.report.published import HEADINGS, REFERENCE, Column, PublishedRow, PublishedTable
from skipclick.report.runs import ReportError, Run, shortfall


@dataclass(frozen=True, slots=True)
class Cell:
    """One number.

    Attributes:
        text: as it is printed; empty where nothing was measured.
        value: the number; None where nothing was measured.
        published: the paper's number that it is compared with; None without any.
        difference: `value` minus `published`; None without either.
        note: a letter that refers to the table's notes; empty for none.
    """

    text: str = ""
    value: float | None = None
    published: float | None = None
    difference: float | None = None
    note: str = ""

    @property
    def mark(self) -> str:
        """The difference as printed, "+0.06" or "−0.06", with the number's decimals; empty without any."""
        if self.difference is None:
            return ""
        return signed(self.difference, _decimals(self.text))

    @property
    def verdict(self) -> Literal["", "better", "worse", "equal"]:
        """What the difference means, all of these numbers being better when lower."""
        if self.difference is None:
            return ""
        shown = round(self.difference, _decimals(self.text))
        return "equal" if shown == 0 else "better" if shown < 0 else "worse"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table.

    Attributes:
        name: the method, or the measured model.
        kind: "paper" for printed numbers, "measured" for ours of that method, "other" for a model that the
            paper does not have.
        detail: what the paper says about the method in a further column.
        cells: one for each column.
    """

    name: str
    kind: Literal["paper", "measured", "other"]
    detail: str
    cells: tuple[Cell, ...]

    @property
    def nothing(self) -> bool:
        """Whether it only says that this method was not measured."""
        return self.kind == "measured" and not any(cell.text for cell in self.cells)


class Block(NamedTuple):
    """Columns that stand side by side.

    Attributes:
        places: which columns of the table.
        groups: headings above them, each with the number of columns it spans.
    """

    places: range
    groups: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Table:
    """A filled table.

    Attributes:
        published: the table as printed: title, columns, blocks, remarks.
        rows: printed and measured, from top to bottom.
        notes: what the letters beside numbers mean.
    """

    published: PublishedTable
    rows: tuple[Row, ...]
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def measured(self) -> bool:
        """Whether any number of ours is in it."""
        return any(cell.value is not None for row in self.rows if row.kind != "paper" for cell in row.cells)

    @property
    def blocks(self) -> list[Block]:
        """The blocks that the paper breaks the table into."""
        blocks, begin = [], 0
        for width in self.published.blocks:
            places = range(begin, begin + width)
            names = [heading(self.published.columns[place].dataset) for place in places]
            blocks.append(Block(places, [(name, len(list(same))) for name, same in groupby(names)]))
            begin += width
        return blocks


def heading(dataset: str) -> str:
    """What the paper calls a data set."""
    return HEADINGS.get(dataset, dataset)


def signed(difference: float, decimals: int) -> str:
    """A difference with its sign, a true minus, and "±" for none that shows: "+0.06", "−0.06", "±0.00"."""
    shown = f"{abs(difference):.{decimals}f}"
    if not float(shown):
        return f"±{shown}"
    return ("+" if difference > 0 else "−") + shown


def check_aliases(aliases: Mapping[str, str], runs: Sequence[Run], tables: Sequence[PublishedTable]) -> None:
    """Make sure that models and rows named together by the user exist.

    Args:
        aliases: which of our models a run's model stands for, as in {"my-training": "skip"}.
        runs: what was measured.
        tables: the tables.

    Raises:
        ReportError: no run is of that model, or no row is of that name.
    """
    models = sorted({run.model for run in runs})
    keys = sorted({row.model for table in tables for row in table.rows if row.model is not None})
    for model, key in aliases.items():
        if model not in models:
            raise ReportError(f"no trace is of a model called {model!r}: there are {', '.join(models)}")
        if key not in keys:
            raise ReportError(f"the paper's tables have no row called {key!r}: there are {', '.join(keys)}")


def fill_table(
    published: PublishedTable, runs: Sequence[Run], aliases: Mapping[str, str] | None = None
) -> Table:
    """Put what was measured into one of the paper's tables.

    A run enters under a data set's own label only: a subset under another name is another data set.

    Args:
        published: the table.
        runs: what was measured.
        aliases: which of our models a run's model stands for, where its name does not say it.
    """
    systems: dict[str, dict[str, Run]] = {}
    for run in runs:
        if run.label == run.reader:
            systems.setdefault(run.system, {})[run.label] = run
    notes: dict[str, str] = {}
    rows: list[Row] = []
    matched: set[str] = set()
    for row in published.rows:
        rows.append(_printed(row))
        if row.model is None:
            continue
        same = [name for name, own in systems.items() if _model(own, aliases) == row.model]
        matched.update(same)
        lines = [_measured(name, "measured", published, row, systems[name], notes) for name in same]
        empty = Row("", "measured", "", tuple(Cell() for _ in published.columns))
        rows += [line for line in lines if line is not None] or [empty]
    reference = next(row for row in published.rows if row.model == REFERENCE)
    for name, own in systems.items():
        if name not in matched:
            line = _measured(name, "other", published, reference, own, notes)
            rows += [line] if line is not None else []
    return Table(published, tuple(rows), {letter: text for text, letter in notes.items()})


def measure(column: Column, runs: Mapping[str, Run]) -> float | None:
    """One number of a table; None where it was not measured.

    Args:
        column: what is wanted.
        runs: the runs of one model by data set.
    """
    threshold = column.percent / 100
    values = []
    for name in GROUPS.get(column.dataset, (column.dataset,)):
        run = runs.get(name)
        if run is None or threshold > run.target_iou:
            return None
        if column.measure == "NoC":
            values.append(float(np.mean(run.noc(threshold))))
        else:
            values.append(float(run.noc(threshold).count(run.max_clicks)))
    return float(np.mean(values))


def _printed(row: PublishedRow) -> Row:
    cells = (Cell(text, value) for text, value in zip(row.cells, row.values, strict=True))
    return Row(row.method, "paper", row.detail, tuple(cells))


def _measured(
    name: str,
    kind: Literal["measured", "other"],
    table: PublishedTable,
    reference: PublishedRow,
    runs: Mapping[str, Run],
    notes: dict[str, str],
) -> Row | None:
    """The line of one model; None if nothing in this table was measured. New notes are added."""
    cells = []
    for column, printed, published in zip(table.columns, reference.cells, reference.values, strict=True):
        value = measure(column, runs)
        if value is None:
            cells.append(Cell())
            continue
        missing = _missing(column.dataset, runs)
        letter = notes.setdefault(missing, chr(ord("a") + len(notes))) if missing else ""
        text = f"{value:.{_decimals(printed)}f}"
        if missing and column.measure == "NoF":  # of fewer objects, fewer fail
            cells.append(Cell(text, value, note=letter))
        else:
            cells.append(Cell(text, value, published, value - published, letter))
    return Row(name, kind, "", tuple(cells)) if any(cell.text for cell in cells) else None


def _missing(dataset: str, runs: Mapping[str, Run]) -> str:
    """What a number was measured without; empty if it is of the whole data set.

    The classes of a group have no published sizes of their own, but their sum has. If that is another one,
    nobody knows which class it is.
    """
    if dataset in runs and runs[dataset].gap:
        return runs[dataset].gap
    for group, members in GROUPS.items():
        classes = [runs[name] for name in members if name in runs]
        known = official_count(group)
        if dataset in (group, *members) and len(classes) == len(members) and known is not None:
            images, objects = sum(one.images for one in classes), sum(len(one.objects) for one in classes)
            missing = shortfall(images, objects, known)
            return f"{missing} of all classes together" if missing else ""
    return ""


def _model(runs: Mapping[str, Run], aliases: Mapping[str, str] | None) -> str:
    """Which of our models a system is."""
    model = next(iter(runs.values())).model
    return (aliases or {}).get(model, model)


def _decimals(printed: str) -> int:
    """How many decimals to print: none for counts, or else two, and three where the paper has three."""
    _, point, digits = printed.partition(".")
    return max(2, len(digits)) if point else 0
