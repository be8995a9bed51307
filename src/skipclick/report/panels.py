"""What figures of several panels have in common: one panel for each data set, one colour for each model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from skipclick.report.canvas import WIDTH, legend_height, style_at
from skipclick.report.runs import Run
from skipclick.report.tables import heading

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ACROSS = 3
_ALL_TICKS = 7  # up to so many clicks, every one is written under the axis


def model_styles(runs: Sequence[Run]) -> dict[str, tuple[str, str]]:
    """A colour and a line style for each model, the same in every panel and figure."""
    names = list(dict.fromkeys(run.system for run in runs))
    return {name: style_at(index) for index, name in enumerate(names)}


def panel_grid(count: int, height: float, names: Sequence[str] = ()) -> tuple[Figure, list[Axes]]:
    """A figure with so many panels, `height` inches each, and room for a legend of names.

    One or two panels are not stretched to the full width.
    """
    from matplotlib.figure import Figure

    columns = min(count, _ACROSS)
    rows = -(-count // columns)
    width = {1: 0.6, 2: 0.85}.get(columns, 1.0) * WIDTH
    legend = legend_height(names, width) if names else 0.0
    figure = Figure(figsize=(width, rows * height + legend + 0.1), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).flatten().tolist()
    for axes in grid[count:]:
        axes.remove()
    return figure, grid[:count]


def panel_title(label: str, group: Sequence[Run]) -> str:
    """A data set's name, and its number of objects unless its runs differ in it."""
    name, counts = heading(label), {len(run.objects) for run in group}
    if len(counts) > 1:
        return name
    number = counts.pop()
    return f"{name}{', ' if len(name) <= 20 else chr(10)}{number} object{'s' * (number > 1)}"


def click_ticks(most: int, first: int = 1) -> list[int]:
    """Numbers of clicks to write under an axis.

    Args:
        most: where the axis ends.
        first: where it begins, 0 or 1.
    """
    if most <= _ALL_TICKS:
        return list(range(first, most + 1))
    return [tick for tick in (first, *range(5, most, 5)) if most - tick >= 2] + [most]


def same_heights(panels: Sequence[Axes]) -> None:
    """Give all panels the same vertical axis, so that they can be compared: the widest that one has."""
    limits = [axes.get_ylim() for axes in panels]
    for axes in panels:
        axes.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))


def label_outside(panels: Sequence[Axes], x: str, y: str) -> None:
    """Label the lowest panel of each column and the first of each row."""
    for axes in panels:
        place = axes.get_subplotspec()
        if place is None or place.is_first_col():
            axes.set_ylabel(y)
    columns = {place.colspan.start: axes for axes in panels if (place := axes.get_subplotspec())}
    for axes in columns.values():
        axes.set_xlabel(x)
