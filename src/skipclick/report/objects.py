"""Single objects: their numbers, the worst and the best of them, and their clicks as a small curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from skipclick.evaluation.metrics import THRESHOLDS, deciding, percent
from skipclick.evaluation.trace import ObjectTrace
from skipclick.report.bootstrap import padded
from skipclick.report.runs import Run


@dataclass(frozen=True, slots=True)
class ObjectResult:
    """One object of a run.

    Attributes:
        anchor: its name inside a page.
        trace: its clicks and IoUs.
        noc: number of clicks by IoU reached; 0 for a good mask to begin from, None where it never was.
        mean_iou: mean over all clicks allowed, from 0 to 1; after the last click its IoU counts on.
    """

    anchor: str
    trace: ObjectTrace
    noc: dict[float, int | None]
    mean_iou: float

    @property
    def title(self) -> str:
        """What it is called."""
        if self.trace.objects_in_sample == 1:
            return self.trace.sample
        return f"{self.trace.sample}, object {self.trace.object_id}"

    @property
    def ranked_by(self) -> float | None:
        """The IoU whose number of clicks decides how good it is, see `deciding`; None if none is known."""
        return deciding(self.noc) if self.noc else None

    @property
    def reached(self) -> int | None:
        """The number of clicks until that IoU; None if it never was, or is not known."""
        return None if self.ranked_by is None else self.noc[self.ranked_by]

    @property
    def verdict(self) -> str:
        """What became of it, in a few words."""
        count = len(self.trace.ious) if self.reached is None else self.reached
        clicks = f"{count} click{'s' * (count != 1)}"
        if self.ranked_by is not None and self.reached is not None:
            return f"{clicks} to {percent(self.ranked_by)} %"
        return f"{100 * max(self.trace.ious):.1f} % at best in {clicks}"


def object_results(run: Run, number: int = 0, thresholds: Sequence[float] = THRESHOLDS) -> list[ObjectResult]:
    """The objects of a run, in its order.

    Args:
        run: what was measured.
        number: tells the runs of a page apart.
        thresholds: IoUs to count clicks for, from 0 to 1; those that the run did not go on to are left out.
    """
    known = [threshold for threshold in thresholds if threshold <= run.target_iou]
    counts = {threshold: run.noc(threshold, never=-1) for threshold in known}
    means = padded(run.ious, run.max_clicks).mean(axis=1).tolist()
    results = []
    for place, (trace, mean) in enumerate(zip(run.objects, means, strict=True)):
        results.append(
            ObjectResult(
                anchor=f"object-{number}-{place}",
                trace=trace,
                noc={key: None if numbers[place] < 0 else numbers[place] for key, numbers in counts.items()},
                mean_iou=mean,
            )
        )
    return results


def ranked(results: Sequence[ObjectResult]) -> list[ObjectResult]:
    """Worst first: those that took most clicks, and of equal clicks those of lower mean IoU."""

    def badness(result: ObjectResult) -> tuple[float, float]:
        return (np.inf if result.reached is None else result.reached, -result.mean_iou)

    return sorted(results, key=badness, reverse=True)


def worst_and_best(
    results: Sequence[ObjectResult], count: int
) -> tuple[list[ObjectResult], list[ObjectResult]]:
    """So many of the worst, worst first, and of the best, best first; nothing is both."""
    order = ranked(results)
    worst = order[: min(count, (len(order) + 1) // 2)]
    best = order[len(worst) :][::-1][:count]
    return worst, best
