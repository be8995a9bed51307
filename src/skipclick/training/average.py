"""A running average of the weights: smoother than any single step's, and what is kept where there is one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn


class WeightAverage:
    """An exponential average of parameters, with a decay that grows from small at the beginning.

    Args:
        parameters: what is averaged; the average begins with their present values.
        decay: how much of the average stays at a step, below 1.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], decay: float) -> None:
        self._parameters = list(parameters)
        self._decay = decay
        self.values = [parameter.detach().clone() for parameter in self._parameters]

    @torch.no_grad()
    def update(self, steps: int) -> None:
        """Take in the present weights.

        Args:
            steps: taken so far, this one included; the first ones replace more of the average.
        """
        weight = 1 - min(self._decay, (1 + steps) / (20 + steps))
        for value, parameter in zip(self.values, self._parameters, strict=True):
            value.lerp_(parameter, weight)

    @torch.no_grad()
    def load(self, values: Sequence[Tensor]) -> None:
        """Go on from values that were saved."""
        for value, saved in zip(self.values, values, strict=True):
            value.copy_(saved)
