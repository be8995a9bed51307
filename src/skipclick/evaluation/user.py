"""The simulated user: clicks where the published evaluation does, or less exactly, as people do."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from skipclick.evaluation.clicker import Aim, Clicker
from skipclick.evaluation.protocol import FirstClick
from skipclick.prompt import Click

MISSED = 0.04
"""Share of clicks that miss what they aim at when `jitter` is 1.

Studies of pointing normalise the spread of clicks so that 4 % miss the target (Fitts' law with effective
target width, MacKenzie 1992).
"""

SPREAD = 1 / math.sqrt(-2 * math.log(MISSED))
"""Standard deviation, along each axis, at which a round target of radius 1 is missed by that share."""


class SimulatedUser:
    """Clicks on one object, one click for each mask that is shown.

    Args:
        truth: (H, W) int8: 1 object, 0 background, -1 ignored.
        first_click: "centre": as all others. "random": any pixel of the object that is missing in the
            mask, all with the same chance; if none is missing, as all others.
        jitter: clicks are aimed where `Clicker` says and land beside it, normally distributed, rounded to
            a pixel and kept within the image. The target is the largest disk inside the error, and at 1 the
            spread is such that `MISSED` of the clicks fall outside it; people too are the less exact the
            larger the target. 0 is exact. A click keeps its sign wherever it lands.
        generator: where randomness comes from; not used without any.
    """

    def __init__(
        self,
        truth: NDArray[np.int8],
        *,
        first_click: FirstClick = "centre",
        jitter: float = 0.0,
        generator: np.random.Generator,
    ) -> None:
        self._clicker = Clicker(truth)
        self._truth = truth
        self._anywhere = first_click == "random"
        self._jitter = jitter
        self._generator = generator

    def next_click(self, mask: NDArray[np.bool_]) -> Click:
        """The click that answers a mask, at the centre of a pixel.

        Args:
            mask: the prediction, (H, W) bool.
        """
        if self._anywhere:
            self._anywhere = False
            missing = np.flatnonzero((self._truth == 1) & ~mask)
            if len(missing):
                y, x = divmod(int(self._generator.choice(missing)), mask.shape[1])
                return self._clicker.click(x, y, True)
        aim = self._clicker.aim(mask)
        if self._jitter:
            aim = self._beside(aim)
        return self._clicker.click(aim.x, aim.y, aim.positive)

    def _beside(self, aim: Aim) -> Aim:
        deviation = self._jitter * SPREAD * math.sqrt(aim.squared_depth)
        right, down = self._generator.normal(0.0, deviation, 2)
        height, width = self._truth.shape
        return aim._replace(
            x=min(max(aim.x + round(float(right)), 0), width - 1),
            y=min(max(aim.y + round(float(down)), 0), height - 1),
        )
