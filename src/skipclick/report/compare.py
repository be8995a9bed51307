"""Two runs over the same objects: who needs fewer clicks, by how much, and whether that may be chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from skipclick.datasets import DATASETS
from skipclick.evaluation.metrics import AFTER_CLICKS, SCORES, deciding, percent
from skipclick.report.bootstrap import Interval, mean_interval, padded
from skipclick.report.objects import ObjectResult, object_results
from skipclick.report.runs import ReportError, Run, counted_thresholds

OTHER_TRUTHS = "The ground truths differ: a subset, or another version of the data set."
"""Said where objects of one name are paired although the two data sets have different fingerprints."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One number of two runs, paired over objects.

    Attributes:
        name: what was compared: "NoC@90", "IoU after 3 clicks", "boundary F after 3 clicks".
        first: mean of the first run over the shared objects; clicks, or a score from 0 to 1.
        second: mean of the second.
        change: second minus first, with its paired interval.
        better: objects on which the second is better.
        equal: objects on which both are alike.
        worse: objects on which the second is worse.
        fewer_is_better: whether a lower number is better.
    """

    name: str
    first: float
    second: float
    change: Interval
    better: int
    equal: int
    worse: int
    fewer_is_better: bool

    @property
    def verdict(self) -> str:
        """Which of the two is better, or that chance would explain the difference: "second"."""
        if not self.change.excludes_zero:
            return ""
        return "second" if (self.change.mean < 0) == self.fewer_is_better else "first"


@dataclass(frozen=True, slots=True)
class ObjectPair:
    """One object as both runs saw it.

    Attributes:
        first: in the first run.
        second: in the second.
        clicks: NoC of the second minus that of the first, at the IoU that objects are ranked by.
        iou: mean IoU of the second minus that of the first.
    """

    first: ObjectResult
    second: ObjectResult
    clicks: int
    iou: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs compared.

    Attributes:
        first: the first run, its shared objects only, its IoUs up to what both runs allow.
        second: the second run, likewise.
        left_out: objects that only one of the runs has.
        differences: number by number.
        noc: NoC differences of all objects by IoU, from 0 to 1.
        pairs: the objects, in the order of their names.
        caution: what speaks against pairing the objects; empty for nothing.
    """

    first: Run
    second: Run
    left_out: int
    differences: tuple[Difference, ...]
    noc: dict[float, list[int]]
    pairs: tuple[ObjectPair, ...]
    caution: str = ""

    @property
    def ranked_by(self) -> float:
        """The IoU whose clicks decide which differences are largest."""
        return deciding(self.noc)

    def largest(self, count: int) -> list[ObjectPair]:
        """The objects on which the runs differ most, whoever is better; equal ones never."""
        differing = [pair for pair in self.pairs if pair.clicks or pair.iou]
        return sorted(differing, key=lambda pair: (-abs(pair.clicks), -abs(pair.iou)))[:count]


def compare_runs(
    first: Run, second: Run, rng: np.random.Generator, thresholds: Sequence[float] | None = None
) -> Comparison:
    """Compare two runs over the objects that both have.

    Where one run allowed fewer clicks, or stopped at a lower IoU, only what both can tell is compared.

    Args:
        first: a run.
        second: another one, on the same data set.
        rng: the source of the bootstrap's draws.
        thresholds: see `counted_thresholds`.

    Raises:
        ReportError: the runs are of different data sets, or of folders of a user's own that differ, or have
            no object in common.
    """
    _check_same_data(first, second)
    clicks, target = min(first.max_clicks, second.max_clicks), min(first.target_iou, second.target_iou)
    shared = {(one.sample, one.object_id) for one in first.objects} & {
        (one.sample, one.object_id) for one in second.objects
    }
    if not shared:
        raise ReportError(f"{first.path} and {second.path} have no object in common: nothing to compare")
    left_out = len(first.objects) + len(second.objects) - 2 * len(shared)
    a, b = (_restricted(run, shared, clicks, target, first.label) for run in (first, second))
    noc_differences: dict[float, list[int]] = {}
    differences = []
    for threshold in counted_thresholds((a, b), thresholds):
        one, two = (np.array(run.noc(threshold), float) for run in (a, b))
        noc_differences[threshold] = (two - one).astype(int).tolist()
        differences.append(_difference(f"NoC@{percent(threshold)}", one, two, rng, fewer_is_better=True))
    for score in SCORES:
        scores = [[score.of(trace) for trace in run.objects] for run in (a, b)]
        if not all(map(all, scores)):  # not measured in both
            continue
        tables = [padded(one, clicks) for one in scores]
        for count in (count for count in AFTER_CLICKS if count <= clicks):
            name = f"{score.name} after {count} click{'s' * (count > 1)}"
            one, two = (table[:, count - 1] for table in tables)
            differences.append(_difference(name, one, two, rng, fewer_is_better=False))
    return Comparison(
        a,
        b,
        left_out,
        tuple(differences),
        noc_differences,
        tuple(_pairs(a, b, noc_differences)),
        "" if first.of_same_data(second) else OTHER_TRUTHS,
    )


def _check_same_data(first: Run, second: Run) -> None:
    if first.reader != second.reader:
        raise ReportError(
            f"{first.path} is of {first.reader} and {second.path} of {second.reader}: "
            "compare runs on one data set"
        )
    entry = DATASETS.get(first.reader)
    if entry is not None and entry.own and not first.of_same_data(second):
        raise ReportError(
            f"{first.path} and {second.path} are of different photos or masks, even if their names are the "
            "same: evaluate both on one folder"
        )


def _restricted(run: Run, shared: set[tuple[str, int]], clicks: int, target: float, label: str) -> Run:
    """The run as if it had been made with these limits, on these objects in the order of their names."""
    objects = []
    for trace in sorted(run.objects, key=lambda one: (one.sample, one.object_id)):
        if (trace.sample, trace.object_id) in shared:
            reached = next((step for step, iou in enumerate(trace.ious, 1) if iou >= target), clicks)
            kept = min(clicks, reached)
            objects.append(
                replace(
                    trace,
                    clicks=trace.clicks[:kept],
                    ious=trace.ious[:kept],
                    boundary_f=trace.boundary_f[:kept],
                    boundary_iou=trace.boundary_iou[:kept],
                    answer_seconds=trace.answer_seconds[:kept],
                )
            )
    return replace(run, label=label, objects=tuple(objects), max_clicks=clicks, target_iou=target)


def _difference(
    name: str,
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    fewer_is_better: bool,
) -> Difference:
    change = second - first
    lower, higher = int((change < 0).sum()), int((change > 0).sum())
    better, worse = (lower, higher) if fewer_is_better else (higher, lower)
    return Difference(
        name=name,
        first=float(first.mean()),
        second=float(second.mean()),
        change=mean_interval(change, rng),
        better=better,
        equal=len(change) - better - worse,
        worse=worse,
        fewer_is_better=fewer_is_better,
    )


def _pairs(first: Run, second: Run, noc_differences: Mapping[float, Sequence[int]]) -> Iterator[ObjectPair]:
    levels, clicks = list(noc_differences), noc_differences[deciding(noc_differences)]
    results = zip(object_results(first, 0, levels), object_results(second, 1, levels), strict=True)
    for (one, two), difference in zip(results, clicks, strict=True):
        yield ObjectPair(one, two, difference, two.mean_iou - one.mean_iou)
