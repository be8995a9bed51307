"""Muon in float32: momentum whose matrices are made orthogonal (Jordan and others, 2024).

PyTorch's own works in bfloat16, which takes half a minute a step on a processor without instructions for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor


def orthogonal(x: Tensor, rounds: int = 5) -> Tensor:
    """A matrix with the singular vectors of x and singular values near one (Newton-Schulz, five rounds)."""
    wide = x if x.shape[0] <= x.shape[1] else x.T
    wide = wide / (wide.norm() + 1e-7)
    for _ in range(rounds):
        gram = wide @ wide.T
        wide = 3.4445 * wide + (-4.775 * gram + 2.0315 * gram @ gram) @ wide
    return wide if x.shape[0] <= x.shape[1] else wide.T


class Muon(torch.optim.Optimizer):
    """For matrices alone; a learning rate means what it means for AdamW (steps are as long as its are)."""

    def __init__(self, matrices: Iterable[Tensor], lr: float, weight_decay: float, momentum: float = 0.95):
        super().__init__(matrices, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """One step; matrices without a gradient stay as they are."""
        for group in self.param_groups:
            for matrix in group["params"]:
                if matrix.grad is None:
                    continue
                state = self.state[matrix]
                velocity = state.setdefault("velocity", torch.zeros_like(matrix))
                velocity.lerp_(matrix.grad, 1 - group["momentum"])
                ahead = matrix.grad.lerp(velocity, group["momentum"])
                matrix.mul_(1 - group["lr"] * group["weight_decay"])
                # 0.2: the root mean square of AdamW's steps.
                length = 0.2 * max(matrix.shape) ** 0.5
                matrix.add_(orthogonal(ahead), alpha=-group["lr"] * length)
