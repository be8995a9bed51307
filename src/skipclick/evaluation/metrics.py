"""From lists of IoUs to the numbers of a table (specification 4.7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from skipclick.evaluation.trace import ObjectTrace

THRESHOLDS = (0.80, 0.85, 0.90, 0.95)
"""IoUs whose number of clicks is reported."""

AFTER_CLICKS = (1, 3, 5)
"""Numbers of clicks after which the mean IoU is reported."""


def noc(ious: Sequence[float], threshold: float, cap: int = 20) -> int:
    """Number of clicks until an object's IoU reached a threshold (NoC); `cap` if it never did.

    Args:
        ious: the IoU after each click, from 0 to 1; compared as 32-bit floats, as published.
        threshold: the IoU to reach, from 0 to 1.
        cap: the most clicks that an object could get.
    """
    reached = _reached(ious, threshold)
    return reached if reached is not None else cap


def mean_noc(objects: Iterable[Sequence[float]], threshold: float, cap: int = 20) -> float:
    """Mean NoC over objects, each given by its IoUs; NaN without objects."""
    counts = [noc(ious, threshold, cap) for ious in objects]
    return float(np.mean(counts)) if counts else float("nan")


def count_at_cap(objects: Iterable[Sequence[float]], threshold: float, cap: int = 20) -> int:
    """Number of objects whose NoC equals the cap: the published ">=20".

    It includes objects that reached the threshold with their very last click.
    """
    return sum(noc(ious, threshold, cap) == cap for ious in objects)


def count_unreached(objects: Iterable[Sequence[float]], threshold: float) -> int:
    """Number of objects that never reached the threshold."""
    return sum(_reached(ious, threshold) is None for ious in objects)


def iou_after(objects: Iterable[Sequence[float]], clicks: int) -> float:
    """Mean IoU over objects after so many clicks; NaN without objects.

    An object that was finished earlier counts with its last IoU.
    """
    values = [ious[min(clicks, len(ious)) - 1] for ious in objects]
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
        answer_seconds: mean seconds from a click to its mask, the image being encoded.
        image_seconds: mean seconds to read and encode an image.
        seconds_per_click: seconds of everything (reading, encoding, simulated user, network, IoU) divided
            by the number of clicks (SPC).
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


def summarise(traces: Sequence[ObjectTrace], *, target_iou: float = 0.95, cap: int = 20) -> Summary:
    """Summarise the objects of a data set.

    Args:
        traces: at least one object.
        target_iou: the IoU at which objects were finished.
        cap: the most clicks that an object could get.

    Raises:
        ValueError: no objects.
    """
    if not traces:
        raise ValueError("nothing to summarise: no object was evaluated")
    ious = [trace.ious for trace in traces]
    clicks = sum(len(values) for values in ious)
    known = [threshold for threshold in THRESHOLDS if threshold <= target_iou]
    images = len({trace.sample for trace in traces})
    return Summary(
        objects=len(traces),
        clicks=clicks,
        noc={threshold: mean_noc(ious, threshold, cap) for threshold in known},
        at_cap={threshold: count_at_cap(ious, threshold, cap) for threshold in known},
        unreached={threshold: count_unreached(ious, threshold) for threshold in known},
        iou_after={count: iou_after(ious, count) for count in AFTER_CLICKS if count <= cap},
        answer_seconds=sum(sum(trace.answer_seconds) for trace in traces) / clicks,
        image_seconds=sum(trace.image_seconds for trace in traces) / images,
        seconds_per_click=sum(trace.seconds for trace in traces) / clicks,
    )
