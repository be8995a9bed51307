"""The figures of a report but for the radar: IoU by click, histograms of clicks, two models compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from skipclick.report.bootstrap import iou_curve
from skipclick.report.canvas import (
    COLOURS,
    RULE,
    WIDTH,
    Drawing,
    add_legend,
    drawing_style,
    legend_height,
    render,
    style_at,
)
from skipclick.report.runs import Run, group_by_dataset
from skipclick.report.tables import heading

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ACROSS = 3


def draw_curves(runs: Sequence[Run], rng: np.random.Generator) -> Drawing:
    """Mean IoU after each click, one panel for each data set, with 95 % bands over objects.

    Args:
        runs: at least one.
        rng: the source of the bootstrap's draws.

    Raises:
        ReportError: see `check_installed`.
    """
    groups, styles = group_by_dataset(runs), _styles(runs)
    with drawing_style():
        figure, panels = _grid(len(groups), 2.3, list(styles))
        for axes, (label, group) in zip(panels, groups.items(), strict=True):
            axes.set_title(_panel_title(label, group))
            for run in group:
                clicks = max(len(ious) for ious in run.ious)
                curve = iou_curve(run.ious, clicks, rng)
                steps = np.arange(1, clicks + 1)
                colour, dash = styles[run.system]
                axes.fill_between(
                    steps, 100 * curve.low, 100 * curve.high, color=colour, alpha=0.18, linewidth=0
                )
                point = "o" if clicks == 1 else ""
                axes.plot(steps, 100 * curve.mean, f"{point}{dash}", color=colour, label=run.system)
            axes.set_ylim(top=100)
            axes.margins(x=0.02)
            axes.set_xticks(_click_ticks(int(axes.dataLim.x1)))
        _label_outside(panels, "clicks", "mean IoU in %")
        add_legend(figure, panels)
        return render(
            figure,
            "iou-by-click",
            "Mean IoU after each click, with 95 % bands (bootstrap over objects). An object that was "
            "finished earlier counts with its last IoU.",
        )


def draw_histograms(runs: Sequence[Run], percent: int = 90) -> Drawing | None:
    """How many clicks objects took until an IoU, one panel for each data set.

    Args:
        runs: at least one.
        percent: the IoU, in percent.

    Returns:
        The figure, or None if no run went on to that IoU.

    Raises:
        ReportError: see `check_installed`.
    """
    runs = [run for run in runs if percent / 100 <= run.target_iou]
    if not runs:
        return None
    groups, styles = group_by_dataset(runs), _styles(runs)
    with drawing_style():
        figure, panels = _grid(len(groups), 2.1, list(styles))
        for axes, (label, group) in zip(panels, groups.items(), strict=True):
            axes.set_title(_panel_title(label, group))
            most = max(run.max_clicks for run in group)
            never = most + 4  # a gap, since it is no number of clicks
            width = 0.84 / len(group)
            for index, run in enumerate(group):
                shares = click_shares(run, percent)
                places = np.array([*range(len(shares) - 1), never]) + (index - (len(group) - 1) / 2) * width
                bars = axes.bar(
                    places, 100 * shares, width=width, color=styles[run.system][0], label=run.system
                )
                bars[-1].set(hatch="////", facecolor="none", edgecolor=styles[run.system][0], linewidth=0.6)
            ticks = _click_ticks(most)
            axes.set_xticks([*ticks, never], [*map(str, ticks), "never"])
            axes.set_xlim(0 if all(run.plain for run in group) else -1, never + 1.5)
            axes.grid(visible=False, axis="x")
            axes.tick_params(axis="x", length=0)
        _label_outside(panels, f"clicks until IoU {percent} %", "objects in %")
        add_legend(figure, panels)
        return render(
            figure,
            f"clicks-{percent}",
            f"Share of objects by the number of clicks until the IoU reached {percent} %; hatched: never "
            "within the clicks allowed.",
        )


def draw_differences(differences: Mapping[int, Sequence[int]], first: str, second: str) -> Drawing:
    """How many clicks more or fewer the second model took, object by object.

    Args:
        differences: NoC of the second minus that of the first, by IoU in percent; at least one.
        first: the first model.
        second: the second model.

    Raises:
        ReportError: see `check_installed`.
    """
    with drawing_style():
        from matplotlib.ticker import MaxNLocator

        figure, panels = _grid(len(differences), 2.3)
        for axes, (percent, values) in zip(panels, differences.items(), strict=True):
            reach = max(3, *(abs(value) for value in values))
            steps = np.arange(-reach, reach + 1)
            counts = np.array([sum(value == step for value in values) for step in steps])
            colours = [COLOURS[1] if step < 0 else COLOURS[0] if step > 0 else RULE for step in steps]
            axes.bar(steps, counts, width=0.84, color=colours)
            axes.set_title(f"NoC@{percent}, {len(values)} objects")
            axes.set_xlim(-reach - 1, reach + 1)
            axes.set_ylim(top=1.2 * counts.max())
            axes.grid(visible=False, axis="x")
            for side, place, wins in (("fewer", 0.02, steps < 0), ("more", 1.0, steps > 0)):
                axes.text(
                    place,
                    1.0,
                    f"{side}: {counts[wins].sum()}",
                    transform=axes.transAxes,
                    horizontalalignment="left" if side == "fewer" else "right",
                    verticalalignment="top",
                    color=COLOURS[1] if side == "fewer" else COLOURS[0],
                    fontweight="bold",
                )
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))
            axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
            axes.set_ylabel("objects")
        gap = "\n" if len(first) + len(second) > 60 else " "
        figure.supxlabel(f"clicks of {second}{gap}minus clicks of {first}", fontsize=8)
        return render(
            figure,
            "differences",
            f"Clicks that {second} took more (right) or fewer (left) than {first}, object by object; grey: "
            "as many.",
        )


def click_shares(run: Run, percent: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Shares of the objects by their number of clicks.

    Returns:
        (max_clicks + 2,) float64 that add up to 1: no click (a good mask to begin from), one click and so
        on; the last is the share of objects that never reached the IoU.
    """
    never = run.max_clicks + 1
    counts = np.bincount(run.noc(percent / 100, never=never), minlength=never + 1)
    return counts / len(run.objects)


def _styles(runs: Sequence[Run]) -> dict[str, tuple[str, str]]:
    """A colour and a line style for each model, the same in every panel and figure."""
    names = list(dict.fromkeys(run.system for run in runs))
    return {name: style_at(index) for index, name in enumerate(names)}


def _grid(count: int, height: float, names: Sequence[str] = ()) -> tuple[Figure, list[Axes]]:
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


def _panel_title(label: str, group: Sequence[Run]) -> str:
    name, counts = heading(label), {len(run.objects) for run in group}
    if len(counts) > 1:
        return name
    number = counts.pop()
    return f"{name}{', ' if len(name) <= 20 else chr(10)}{number} object{'s' * (number > 1)}"


def _click_ticks(most: int) -> list[int]:
    """Numbers of clicks to write under an axis that ends with the given one."""
    return [tick for tick in (1, *range(5, most, 5)) if most - tick >= 2] + [most]


def _label_outside(panels: Sequence[Axes], x: str, y: str) -> None:
    """Label the lowest panel of each column and the first of each row."""
    for axes in panels:
        place = axes.get_subplotspec()
        if place is None or place.is_first_col():
            axes.set_ylabel(y)
    columns = {place.colspan.start: axes for axes in panels if (place := axes.get_subplotspec())}
    for axes in columns.values():
        axes.set_xlabel(x)
