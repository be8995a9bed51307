"""The radar over WSESeg's classes, the paper's Figure 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from skipclick.datasets import GROUPS
from skipclick.report.canvas import (
    RULE,
    WIDTH,
    Drawing,
    add_legend,
    drawing_style,
    halo,
    legend_height,
    render,
    style_at,
)
from skipclick.report.published import Column, published_table
from skipclick.report.runs import Run
from skipclick.report.tables import heading, measure

if TYPE_CHECKING:
    from matplotlib.projections.polar import PolarAxes

_CLASSES = GROUPS["WSESeg"]

_RINGS = (5, 10, 15, 20)  # clicks


def draw_radar(runs: Sequence[Run]) -> Drawing:
    """NoC@85 and NoC@90 by WSESeg class: the methods of the paper's Table 2, and what was measured.

    The paper's Figure 1 in the style of its authors' radar plots: clockwise from the top, up to 20 clicks.
    A model is drawn once at least three of the classes were measured.

    Raises:
        ReportError: see `check_installed`.
    """
    systems: dict[str, dict[str, Run]] = {}
    for run in runs:
        if run.label in _CLASSES:
            systems.setdefault(run.system, {})[run.label] = run
    measured = {name: own for name, own in systems.items() if len(own) >= 3}
    with drawing_style():
        from matplotlib.figure import Figure

        lines = {percent: _radar_lines(percent, measured) for percent in (85, 90)}
        legend = legend_height(list(lines[85]), WIDTH)
        figure = Figure(figsize=(WIDTH, 3.2 + legend))
        # Room for the classes' names, which stand between the two and at the figure's edges.
        figure.set_layout_engine("constrained", w_pad=0.1, wspace=0.1)
        panels = figure.subplots(1, 2, subplot_kw={"projection": "polar"})
        for axes, (percent, methods) in zip(panels, lines.items(), strict=True):
            _draw_spokes(axes, f"NoC@{percent}")
            for index, (method, values) in enumerate(methods.items()):
                # More than two areas on top of each other only make mud.
                bold = index <= len(measured)
                _draw_ring(axes, method, values, index, bold=bold, fill=bold and index < 2)
        add_legend(figure, panels[:1])
        caption = (
            "Clicks by class of WSESeg; lower, towards the centre, is better. "
            + ("The paper's numbers" if not measured else "The paper's numbers, and what was measured")
            + " (Table 2)."
        )
        return render(figure, "radar", caption)


def _radar_lines(percent: int, measured: Mapping[str, Mapping[str, Run]]) -> dict[str, list[float]]:
    """NoC by class: the paper's SkipClick, what was measured (NaN without), the paper's other methods."""
    columns = [Column(name, percent) for name in _CLASSES]
    ours = {}
    for name, own in measured.items():
        values = [measure(column, own) for column in columns]
        ours[name] = [np.nan if value is None else value for value in values]
    table = published_table("table-2")
    places = [table.columns.index(column) for column in columns]
    *others, skipclick = (
        (f"{row.method} (paper)", [row.values[place] for place in places]) for row in table.rows
    )
    return dict([skipclick, *ours.items(), *others])


def _draw_spokes(axes: PolarAxes, title: str) -> None:
    angles = np.linspace(0, 2 * np.pi, len(_CLASSES), endpoint=False)
    axes.set_theta_zero_location("N")
    axes.set_theta_direction(-1)
    axes.set_xticks(angles, [heading(name).replace(" ", "\n", 1) for name in _CLASSES])
    for angle, label in zip(angles, axes.get_xticklabels(), strict=True):
        side = np.sin(angle)
        label.set_horizontalalignment("center" if abs(side) < 0.1 else "left" if side > 0 else "right")
    axes.tick_params(axis="x", pad=2)
    axes.set_ylim(0, 20)
    axes.set_yticks(_RINGS, [""] * len(_RINGS))
    for ring in _RINGS:  # as texts, because an axis' own labels would lie below the lines
        axes.text(
            np.deg2rad(18),
            ring,
            str(ring),
            fontsize=6.5,
            horizontalalignment="center",
            verticalalignment="center",
            zorder=4,
            path_effects=halo(),
        )
    axes.spines["polar"].set(color=RULE, linewidth=0.5)
    axes.set_title(title, loc="center", pad=12)


def _draw_ring(
    axes: PolarAxes, name: str, values: Sequence[float], index: int, *, bold: bool, fill: bool
) -> None:
    angles = np.linspace(0, 2 * np.pi, len(values) + 1)
    closed = [*values, values[0]]
    colour, dash = style_at(index)
    width, layer = (1.8, 3) if bold else (1.0, 2)
    # A class measured between two that were not is still a point.
    axes.plot(angles, closed, dash, color=colour, label=name, linewidth=width, zorder=layer)
    axes.plot(angles, closed, ".", color=colour, markersize=3 * width, zorder=layer)
    if fill:
        axes.fill(angles, np.nan_to_num(closed), color=colour, alpha=0.12, linewidth=0)
