"""The published training metric: the IoU at a threshold that follows the best one (specification 6.8)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

STEP = 0.025
"""How far from the threshold its neighbours are tried."""


def iou_sums(probability: Tensor, truth: Tensor, threshold: float) -> Tensor:
    """What `AdaptiveIou.update` needs of a batch; sums of parts of a batch may be added.

    Args:
        probability: (B, 1, H, W) in [0, 1].
        truth: (B, 1, H, W): 1 object, 0 background, -1 ignored.
        threshold: the present one, from 0 to 1.

    Returns:
        (7,) float64 on the CPU: for the threshold, the one below and the one above, the sum of IoUs and
        the number of samples whose union is not empty; last the number of object pixels.
    """
    inside, valid = truth == 1, truth >= 0
    values = []
    for level in (threshold, threshold - STEP, threshold + STEP):
        predicted = (probability > level) & valid
        both = (predicted & inside).flatten(1).sum(1)
        either = (predicted | inside).flatten(1).sum(1)
        filled = either > 0
        values += [(both[filled] / either[filled]).sum(), filled.sum().float()]
    return torch.stack([*values, inside.sum().float()]).cpu().double()


@dataclass(slots=True)
class AdaptiveIou:
    """The metric's state; for logging only.

    Attributes:
        threshold: the present threshold, from 0 to 1.
        running: the running mean of the best IoUs.
        total: sum of the best IoUs of this epoch's batches.
        count: number of those batches.
    """

    threshold: float = 0.4
    running: float = 0.0
    total: float = 0.0
    count: int = 0

    def update(self, sums: Tensor) -> float | None:
        """Take in a batch.

        Args:
            sums: what `iou_sums` returned for the present threshold.

        Returns:
            The best of the three IoUs; None for a batch without any object, which is passed over.
        """
        values = sums.tolist()
        if not values[6]:
            return None
        ious = [values[at] / values[at + 1] for at in (0, 2, 4)]
        best = max(range(3), key=lambda index: ious[index])
        level = (self.threshold, self.threshold - STEP, self.threshold + STEP)[best]
        self.threshold = 0.99 * self.threshold + 0.01 * level
        self.running = 0.9 * self.running + 0.1 * ious[best]
        self.total += ious[best]
        self.count += 1
        return ious[best]

    def values(self) -> tuple[float, float, float, int]:
        """The state, from which `AdaptiveIou(*values)` goes on."""
        return self.threshold, self.running, self.total, self.count

    def end_epoch(self) -> float:
        """The epoch's mean of the best IoUs, NaN without any; the next epoch begins."""
        mean = self.total / self.count if self.count else float("nan")
        self.total, self.count = 0.0, 0
        return mean
