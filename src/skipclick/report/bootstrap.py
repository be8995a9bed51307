"""How far numbers may be off by chance: the percentile bootstrap over objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
"""Enough for the ends of a 95 % interval to be steady in the digits that are printed."""

CONFIDENCE = 0.95

_ENTRIES = 2_000_000  # of the weight matrix held at once, 16 MB


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and where it lies with a confidence of 95 %.

    Attributes:
        mean: over objects.
        low: lower end.
        high: upper end; both equal the mean for a single object.
    """

    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether zero lies outside: a difference that chance does not explain."""
        return self.low > 0 or self.high < 0


def resampled_means(
    values: NDArray[np.float64], rng: np.random.Generator, resamples: int = RESAMPLES
) -> NDArray[np.float64]:
    """Means over objects drawn with replacement, as many as there are.

    The mean of a draw is a mean weighted by how often each object was drawn, so that all columns and many
    draws take one matrix product. Columns share their draws.

    Args:
        values: (objects, columns), any unit.
        rng: the source of the draws.
        resamples: how many draws.

    Returns:
        (resamples, columns).
    """
    count = len(values)
    step = max(1, _ENTRIES // count)
    parts = []
    for begin in range(0, resamples, step):
        draws = min(step, resamples - begin)
        weights = rng.multinomial(count, np.full(count, 1 / count), size=draws)
        parts.append(weights @ values / count)
    return np.concatenate(parts)


def mean_interval(
    values: Sequence[float] | NDArray[np.float64], rng: np.random.Generator, resamples: int = RESAMPLES
) -> Interval:
    """The mean of one number per object, with its interval.

    Args:
        values: at least one number. For a paired comparison, the objects' differences.
        rng: the source of the draws.
        resamples: how many draws.
    """
    column = np.asarray(values, np.float64)[:, None]
    low, high = _ends(resampled_means(column, rng, resamples))
    return Interval(float(column.mean()), float(low[0]), float(high[0]))


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A mean score by number of clicks, with its band.

    Attributes:
        mean: (clicks,) float64 from 0 to 1; entry 0 is the first value that the objects have.
        low: the band's lower edge, for each number of clicks by itself.
        high: its upper edge.
    """

    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def score_curve(
    scores: Sequence[Sequence[float]], clicks: int, rng: np.random.Generator, resamples: int = RESAMPLES
) -> Curve:
    """A mean score over objects after each click.

    Args:
        scores: the IoU, or another score, after each click of at least one object.
        clicks: the length of the curve; an object that was finished earlier counts with its last score.
        rng: the source of the draws.
        resamples: how many draws.
    """
    table = padded(scores, clicks)
    low, high = _ends(resampled_means(table, rng, resamples))
    return Curve(table.mean(axis=0), low, high)


def padded(scores: Sequence[Sequence[float]], clicks: int) -> NDArray[np.float64]:
    """Scores as a table (objects, clicks); after an object's last click its last score is repeated."""
    return np.array([[*one[:clicks], *[one[-1]] * (clicks - len(one))] for one in scores], np.float64)


def _ends(means: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(means, [tail, 1 - tail], axis=0)
    return low, high
