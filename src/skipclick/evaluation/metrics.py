"""From lists of IoUs to the numbers of a table (specification 4.7)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from skipclick.evaluation.trace import ObjectTrace

THRESHOLDS = (0.80, 0.85, 0.90, 0.95)
"""IoUs whose number of clicks is reported unless others are asked for."""

AFTER_CLICKS = (1, 3, 5)
"""Numbers of clicks after which mean scores are reported unless others are asked for."""

RANKED_BY = 0.90
"""The IoU whose number of clicks decides where one is to decide: which objects are worst, who needs fewer."""

_NEVER = -1  # no number of clicks


def percent(threshold: float) -> str:
    """A threshold as it is printed: "90", "97.5"."""
    return f"{100 * threshold:.4g}"


def deciding(thresholds: Collection[float]) -> float:
    """The one of some thresholds that decides: `RANKED_BY`, or else the highest.

    Args:
        thresholds: at least one.
    """
    return RANKED_BY if RANKED_BY in thresholds else max(thresholds)


def noc(ious: Sequence[float], threshold: float, cap: int = 20, *, start_iou: float | None = None) -> int:
    """Number of clicks until an object's IoU reached a threshold (NoC); `cap` if it never did.

    An object that was begun from a mask which reaches the threshold already takes 0 clicks, whatever the
    clicks make of it.

    Args:
        ious: the IoU after each click, from 0 to 1; compared as 32-bit floats, as published.
        threshold: the IoU to reach, from 0 to 1.
        cap: the most clicks that an object could get.
        start_iou: the IoU of the mask that was begun from, compared likewise; None if that was all
            background.
    """
    if start_iou is not None and np.float32(start_iou) >= np.float32(threshold):
        return 0
    reached = np.flatnonzero(np.asarray(ious, np.float32) >= np.float32(threshold))
    return int(reached[0]) + 1 if len(reached) else cap


def mean_noc(
    objects: Iterable[Sequence[float]],
    threshold: float,
    cap: int = 20,
    *,
    start_ious: Iterable[float | None] | None = None,
) -> float:
    """Mean NoC over objects; NaN without objects.

    Args:
        objects: the IoU after each click, object by object.
        threshold: the IoU to reach, from 0 to 1.
        cap: the most clicks that an object could get.
        start_ious: for each object the IoU of the mask that was begun from, None if that was all
            background; left out if no object had one. See `noc`.
    """
    ious = list(objects)
    starts: list[float | None] = [None] * len(ious) if start_ious is None else list(start_ious)
    counts = [noc(one, threshold, cap, start_iou=start) for one, start in zip(ious, starts, strict=True)]
    return _mean(counts)


def count_clicks(traces: Iterable[ObjectTrace], threshold: float, never: int) -> list[int]:
    """NoC of each object, with regard to the mask that it was begun from; see `noc`.

    Args:
        traces: the objects.
        threshold: the IoU to reach, from 0 to 1.
        never: what stands for objects that never reached it; the most clicks, as published, or a number
            that no click has.
    """
    return [noc(one.ious, threshold, never, start_iou=one.start_iou) for one in traces]


def score_after(objects: Iterable[Sequence[float]], clicks: int) -> float:
    """Mean score over objects after so many clicks, of IoUs or boundary scores; NaN without objects.

    An object that was finished earlier counts with its last score.
    """
    return _mean([scores[min(clicks, len(scores)) - 1] for scores in objects])


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


@dataclass(frozen=True, slots=True)
class Summary:
    """One row of a results table.

    Thresholds above the IoU at which objects were finished are left out: their NoC is not known.

    Attributes:
        objects: number of objects.
        clicks: number of clicks, all objects together.
        noc: mean number of clicks by threshold.
        at_cap: objects whose NoC equals the cap, by threshold: the published ">=20", which includes those
            that reached the threshold with their very last click.
        unreached: objects that never reached it, neither by a click nor by the mask that they were begun
            from, by threshold.
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


@dataclass(frozen=True, slots=True)
class Score:
    """Something that an object has after each click.

    Attributes:
        name: what it is called beside numbers.
        title: what it is called in a sentence.
        of: an object's values after each click, from 0 to 1; none if it was not measured.
        means: a summary's means by number of clicks; none likewise.
    """

    name: str
    title: str
    of: Callable[[ObjectTrace], Sequence[float]]
    means: Callable[[Summary], Mapping[int, float]]


SCORES = (
    Score("IoU", "IoU", lambda trace: trace.ious, lambda summary: summary.iou_after),
    Score(
        "boundary F", "boundary F-score", lambda trace: trace.boundary_f, lambda summary: summary.boundary_f
    ),
    Score(
        "boundary IoU", "boundary IoU", lambda trace: trace.boundary_iou, lambda summary: summary.boundary_iou
    ),
)
"""All of them, the one that is always measured first."""


def summarise(
    traces: Sequence[ObjectTrace],
    *,
    target_iou: float = 0.95,
    cap: int = 20,
    thresholds: Sequence[float] = THRESHOLDS,
    after: Sequence[int] = AFTER_CLICKS,
) -> Summary:
    """Summarise the objects of a data set.

    Args:
        traces: at least one object.
        target_iou: the IoU at which objects were finished.
        cap: the most clicks that an object could get.
        thresholds: IoUs whose number of clicks is wanted, from 0 to 1.
        after: numbers of clicks after which mean scores are wanted; those above the cap are left out.

    Raises:
        ValueError: no objects.
    """
    if not traces:
        raise ValueError("nothing to summarise: no object was evaluated")
    clicks = sum(len(trace.clicks) for trace in traces)
    known = [threshold for threshold in thresholds if threshold <= target_iou]
    counts = {threshold: count_clicks(traces, threshold, cap) for threshold in known}
    reached = {threshold: count_clicks(traces, threshold, _NEVER) for threshold in known}
    counted = [count for count in after if count <= cap]
    starts = [trace.start_iou for trace in traces if trace.start_iou is not None]
    images = len({trace.sample for trace in traces})
    return Summary(
        objects=len(traces),
        clicks=clicks,
        noc={threshold: _mean(counts[threshold]) for threshold in known},
        at_cap={threshold: counts[threshold].count(cap) for threshold in known},
        unreached={threshold: reached[threshold].count(_NEVER) for threshold in known},
        iou_after=_after([trace.ious for trace in traces], counted),
        answer_seconds=sum(sum(trace.answer_seconds) for trace in traces) / clicks,
        image_seconds=sum(trace.image_seconds for trace in traces) / images,
        seconds_per_click=sum(trace.seconds for trace in traces) / clicks,
        start_iou=_mean(starts) if starts else None,
        boundary_f=_after([trace.boundary_f for trace in traces], counted),
        boundary_iou=_after([trace.boundary_iou for trace in traces], counted),
    )


def _after(scores: Sequence[Sequence[float]], counts: Sequence[int]) -> dict[int, float]:
    """Mean scores by numbers of clicks; none if they were not measured."""
    if not all(scores):
        return {}
    return {count: score_after(scores, count) for count in counts}


def mean_of_classes(summaries: Sequence[Summary]) -> dict[float, float]:
    """Mean NoC over data sets, each with the same weight whatever its size, by threshold.

    So WSESeg's published average is formed from its ten classes (specification 4.7).

    Args:
        summaries: at least one, all with the same thresholds.
    """
    return {
        threshold: _mean([summary.noc[threshold] for summary in summaries]) for threshold in summaries[0].noc
    }
