"""From lists of IoUs to the numbers of a table (specification 4.7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from skipclick.evaluation.trace import ObjectTrace

THRESHOLDS = (0.80, 0.85, 0.90, 0.95)
"""IoUs whose number of clicks is reported unless others are asked for."""

AFTER_CLICKS = (1, 3, 5)
"""Numbers of clicks after which mean scores are reported."""


def noc(ious: Sequence[float], threshold: float, cap: int = 20, *, start_iou: float | None = None) -> int:
    """Number of clicks until an object's IoU reached a threshold (NoC); `cap` if it never did.

    Args:
        ious: the IoU after each click, from 0 to 1; compared as 32-bit floats, as published.
        threshold: the IoU to reach, from 0 to 1.
        cap: the most clicks that an object could get.
        start_iou: the IoU of the mask that was begun from, if there was one; an object whose mask was good
            enough before the first click takes none.
    """
    if start_iou is not None and np.float32(start_iou) >= np.float32(threshold):
        return 0
    reached = _reached(ious, threshold)
    return reached if reached is not None else cap


def mean_noc(objects: Iterable[Sequence[float]], threshold: float, cap: int = 20) -> float:
    """Mean NoC over objects, each given by its IoUs; NaN without objects."""
    return _mean([noc(ious, threshold, cap) for ious in objects])


def count_at_cap(objects: Iterable[Sequence[float]], threshold: float, cap: int = 20) -> int:
    """Number of objects whose NoC equals the cap: the published ">=20".

    It includes objects that reached the threshold with their very last click.
    """
    return sum(noc(ious, threshold, cap) == cap for ious in objects)


def count_unreached(objects: Iterable[Sequence[float]], threshold: float) -> int:
    """Number of objects that never reached the threshold."""
    return sum(_reached(ious, threshold) is None for ious in objects)


def score_after(objects: Iterable[Sequence[float]], clicks: int) -> float:
    """Mean score over objects after so many clicks, of IoUs or boundary scores; NaN without objects.

    An object that was finished earlier counts with its last score.
    """
    return _mean([scores[min(clicks, len(scores)) - 1] for scores in objects])


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _reached(ious: Sequence[float], threshold: float) -> int | None:
    """The first click, from 1, after which the threshold is reached."""
    reached = np.flatnonzero(np.asarray(ious, np.float32) >= np.float32(threshold))
    return int(reached[0]) + 1 if len(reached) else None


@dataclass(frozen=True, slots=True)
class Summary:
    """One row of a results table.

    Thresholds above the IoU at which objects were finished are left out: their NoC is not known.

    Attributes:
        objects: number of objects.
        clicks: number of clicks, all objects together.
        noc: mean number of clicks by threshold.
        at_cap: objects whose NoC equals the cap, by threshold (the published ">=20").
        unreached: objects that never reached it, by threshold.
        iou_after: mean IoU after so many clicks, from 0 to 1.
        start_iou: mean IoU of the masks that were begun from; None if these were all background.
        boundary_f: mean boundary F-score after so many clicks, from 0 to 1; empty if not measured.
        boundary_iou: mean boundary IoU after so many clicks, from 0 to 1; empty if not measured.
        answer_seconds: mean seconds from a click to its mask, the image being encoded.
        image_seconds: mean seconds to read and encode an image.
        seconds_per_click: seconds of everything (reading, encoding, simulated user, network, IoU) divided
            by the number of clicks (SPC); of several processes the seconds of each are added up.
    """

    objects: int
    clicks: int
    noc: dict[float, float]
    at_cap: dict[float, int]
    unreached: dict[float, int]
    iou_after: dict[int, float]
    answer_seconds: float
    image_seconds: float
    seconds_per_click: float
    start_iou: float | None = None
    boundary_f: dict[int, float] = field(default_factory=dict)
    boundary_iou: dict[int, float] = field(default_factory=dict)


def summarise(
    traces: Sequence[ObjectTrace],
    *,
    target_iou: float = 0.95,
    cap: int = 20,
    thresholds: Sequence[float] = THRESHOLDS,
) -> Summary:
    """Summarise the objects of a data set.

    Args:
        traces: at least one object.
        target_iou: the IoU at which objects were finished.
        cap: the most clicks that an object could get.
        thresholds: IoUs whose number of clicks is wanted, from 0 to 1.

    Raises:
        ValueError: no objects.
    """
    if not traces:
        raise ValueError("nothing to summarise: no object was evaluated")
    clicks = sum(len(trace.clicks) for trace in traces)
    known = [threshold for threshold in thresholds if threshold <= target_iou]
    counts = {
        threshold: [noc(one.ious, threshold, cap, start_iou=one.start_iou) for one in traces]
        for threshold in known
    }
    starts = [trace.start_iou for trace in traces if trace.start_iou is not None]
    images = len({trace.sample for trace in traces})
    return Summary(
        objects=len(traces),
        clicks=clicks,
        noc={threshold: _mean(counts[threshold]) for threshold in known},
        at_cap={threshold: counts[threshold].count(cap) for threshold in known},
        unreached={threshold: sum(_never(one, threshold) for one in traces) for threshold in known},
        iou_after=_after([trace.ious for trace in traces], cap),
        answer_seconds=sum(sum(trace.answer_seconds) for trace in traces) / clicks,
        image_seconds=sum(trace.image_seconds for trace in traces) / images,
        seconds_per_click=sum(trace.seconds for trace in traces) / clicks,
        start_iou=_mean(starts) if starts else None,
        boundary_f=_after([trace.boundary_f for trace in traces], cap),
        boundary_iou=_after([trace.boundary_iou for trace in traces], cap),
    )


def _never(trace: ObjectTrace, threshold: float) -> bool:
    """Whether neither a click nor the mask that was begun from reached the threshold."""
    # A cap that no click can be.
    return noc(trace.ious, threshold, cap=-1, start_iou=trace.start_iou) == -1


def _after(scores: Sequence[Sequence[float]], cap: int) -> dict[int, float]:
    """Mean scores by numbers of clicks; none if they were not measured."""
    if not all(scores):
        return {}
    return {count: score_after(scores, count) for count in AFTER_CLICKS if count <= cap}


def mean_of_classes(summaries: Sequence[Summary]) -> dict[float, float]:
    """Mean NoC over data sets, each with the same weight whatever its size, by threshold.

    So WSESeg's published average is formed from its ten classes (specification 4.7).

    Args:
        summaries: at least one, all with the same thresholds.
    """
    return {
        threshold: _mean([summary.noc[threshold] for summary in summaries]) for threshold in summaries[0].noc
    }
