"""Scores by number of clicks: IoU, and how well outlines agree where that was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from skipclick.evaluation.metrics import SCORES, Score
from skipclick.report.bootstrap import Curve, score_curve
from skipclick.report.canvas import Drawing, add_legend, drawing_style, render
from skipclick.report.panels import (
    click_ticks,
    label_outside,
    model_styles,
    panel_grid,
    panel_title,
    same_heights,
)
from skipclick.report.runs import Run, group_by_dataset

_ROOM = 0.08  # below the lowest band, as a share of what lies above it
_LEAST_SPAN = 5.0  # percent that an axis shows at least


def draw_curves(runs: Sequence[Run], rng: np.random.Generator) -> Drawing:
    """Mean IoU after each click, one panel for each data set, with 95 % bands over objects.

    Runs that began from masks begin with those, at 0 clicks.

    Args:
        runs: at least one.
        rng: the source of the bootstrap's draws.

    Raises:
        ReportError: see `check_installed`.
    """
    return _draw(SCORES[0], runs, model_styles(runs), rng)


def draw_boundary_curves(runs: Sequence[Run], rng: np.random.Generator) -> list[Drawing]:
    """The same for the boundary scores, of the runs in which they were measured; none without such."""
    drawings = []
    for score in SCORES[1:]:
        measured = [run for run in runs if all(score.of(trace) for trace in run.objects)]
        if measured:
            drawings.append(_draw(score, measured, model_styles(runs), rng))
    return drawings


def _draw(
    score: Score, runs: Sequence[Run], styles: Mapping[str, tuple[str, str]], rng: np.random.Generator
) -> Drawing:
    groups, names = group_by_dataset(runs), list(dict.fromkeys(run.system for run in runs))
    with drawing_style():
        figure, panels = panel_grid(len(groups), 2.3, names)
        for axes, (label, group) in zip(panels, groups.items(), strict=True):
            axes.set_title(panel_title(label, group))
            firsts, lowest = [], 100.0
            for run in group:
                first, curve = _curve(run, score, rng)
                steps = np.arange(first, run.max_clicks + 1)
                colour, dash = styles[run.system]
                axes.fill_between(
                    steps, 100 * curve.low, 100 * curve.high, color=colour, alpha=0.18, linewidth=0
                )
                point = "o" if len(steps) == 1 else ""
                axes.plot(steps, 100 * curve.mean, f"{point}{dash}", color=colour, label=run.system)
                firsts.append(first)
                lowest = min(lowest, 100 * float(curve.low.min()))
            axes.set_ylim(max(0.0, lowest - _ROOM * max(100 - lowest, _LEAST_SPAN)), 100)
            axes.margins(x=0.02)
            axes.set_xticks(click_ticks(max(run.max_clicks for run in group), min(firsts)))
        same_heights(panels)
        label_outside(panels, "clicks", f"mean {score.title} in %")
        add_legend(figure, panels)
        begun = " 0 clicks: the masks that were begun from." if _begun(runs, score) else ""
        return render(
            figure,
            f"{score.name.lower().replace(' ', '-')}-by-click",
            f"Mean {score.title} after each click, with 95 % bands (bootstrap over objects). An object that "
            f"was finished earlier counts with its last value.{begun}",
        )


def _curve(run: Run, score: Score, rng: np.random.Generator) -> tuple[int, Curve]:
    """The number of clicks at which a run's curve begins, and the curve."""
    if not _begun([run], score):
        return 1, score_curve([score.of(trace) for trace in run.objects], run.max_clicks, rng)
    values = [(trace.start_iou or 0.0, *trace.ious) for trace in run.objects]
    return 0, score_curve(values, run.max_clicks + 1, rng)


def _begun(runs: Sequence[Run], score: Score) -> bool:
    """Whether a run began from masks, whose IoU alone is known."""
    return score is SCORES[0] and any(run.begun for run in runs)
