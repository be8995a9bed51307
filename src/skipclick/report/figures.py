"""Histograms: of clicks, and of the differences between two models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from skipclick.evaluation.metrics import RANKED_BY, percent
from skipclick.report.canvas import COLOURS, RULE, Drawing, add_legend, drawing_style, halo, render
from skipclick.report.panels import (
    click_ticks,
    label_outside,
    model_styles,
    panel_grid,
    panel_title,
    same_heights,
)
from skipclick.report.runs import Run, group_by_dataset

_FIGURED = (0.85, 0.90)

_STEPS = (1, 2, 5, 10)  # between ticks, times a power of ten


def figured(thresholds: Sequence[float]) -> list[float]:
    """Those of some thresholds that get a figure: 85 % and 90 %, or else the two highest."""
    return [one for one in _FIGURED if one in thresholds] or list(thresholds[-2:])


def draw_histograms(runs: Sequence[Run], threshold: float = RANKED_BY) -> Drawing | None:
    """How many clicks objects took until an IoU, one panel for each data set.

    Args:
        runs: at least one.
        threshold: the IoU, from 0 to 1.

    Returns:
        The figure, or None if no run went on to that IoU.

    Raises:
        ReportError: see `check_installed`.
    """
    styles = model_styles(runs)
    runs = [run for run in runs if threshold <= run.target_iou]
    if not runs:
        return None
    groups, names = group_by_dataset(runs), list(dict.fromkeys(run.system for run in runs))
    with drawing_style():
        from matplotlib.ticker import MaxNLocator

        figure, panels = panel_grid(len(groups), 2.1, names)
        for axes, (label, group) in zip(panels, groups.items(), strict=True):
            axes.set_title(panel_title(label, group))
            most = max(run.max_clicks for run in group)
            never = most + 4  # a gap, since it is no number of clicks
            width = 0.84 / len(group)
            for index, run in enumerate(group):
                shares = click_shares(run, threshold)
                places = np.array([*range(len(shares) - 1), never]) + (index - (len(group) - 1) / 2) * width
                bars = axes.bar(
                    places, 100 * shares, width=width, color=styles[run.system][0], label=run.system
                )
                # Without a height, its edge would still be a line.
                bars[-1].set(
                    hatch="////",
                    facecolor="none",
                    edgecolor=styles[run.system][0],
                    linewidth=0.6,
                    visible=shares[-1] > 0,
                )
            first = 0 if any(run.begun for run in group) else 1
            ticks = click_ticks(most, first)
            axes.set_xticks([*ticks, never], [*map(str, ticks), "never"])
            axes.set_xlim(first - 1, never + 1.5)
            axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, steps=_STEPS))
            axes.grid(visible=False, axis="x")
            axes.tick_params(axis="x", length=0)
        same_heights(panels)
        label_outside(panels, f"clicks until IoU {percent(threshold)} %", "objects in %")
        add_legend(figure, panels)
        return render(
            figure,
            f"clicks-{percent(threshold)}",
            f"Share of objects by the number of clicks until the IoU reached {percent(threshold)} %; "
            "hatched: never within the clicks allowed.",
        )


def draw_differences(differences: Mapping[float, Sequence[int]], first: str, second: str) -> Drawing:
    """How many clicks more or fewer the second model took, object by object.

    Args:
        differences: NoC of the second minus that of the first, by IoU from 0 to 1; at least one.
        first: the first model.
        second: the second model.

    Raises:
        ReportError: see `check_installed`.
    """
    with drawing_style():
        from matplotlib.ticker import MaxNLocator

        figure, panels = panel_grid(len(differences), 2.3)
        for axes, (threshold, values) in zip(panels, differences.items(), strict=True):
            reach = max(3, *(abs(value) for value in values))
            steps = np.arange(-reach, reach + 1)
            counts = np.array([sum(value == step for value in values) for step in steps])
            colours = [COLOURS[1] if step < 0 else COLOURS[0] if step > 0 else RULE for step in steps]
            axes.bar(steps, counts, width=0.84, color=colours)
            axes.set_title(f"NoC@{percent(threshold)}, {len(values)} objects")
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
                    path_effects=halo(),
                )
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7, steps=_STEPS))
            axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, steps=_STEPS))
            axes.set_ylabel("objects")
        gap = "\n" if len(first) + len(second) > 60 else " "
        figure.supxlabel(f"clicks of {second}{gap}minus clicks of {first}", fontsize=8)
        return render(
            figure,
            "differences",
            f"Clicks that {second} took more (right) or fewer (left) than {first}, object by object, in the "
            "colour of the one that took fewer; grey: as many.",
        )


def click_shares(run: Run, threshold: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Shares of the objects by their number of clicks.

    Returns:
        (max_clicks + 2,) float64 that add up to 1: no click (a good mask to begin from), one click and so
        on; the last is the share of objects that never reached the IoU.
    """
    never = run.max_clicks + 1
    counts = np.bincount(run.noc(threshold, never=never), minlength=never + 1)
    return counts / len(run.objects)
