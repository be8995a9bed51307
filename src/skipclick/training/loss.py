"""Training losses (specification 6.7)."""

from __future__ import annotations

import torch
from torch import Tensor


def normalised_focal_loss(
    logits: Tensor, target: Tensor, *, alpha: float = 0.5, gamma: float = 2.0
) -> Tensor:
    """The published loss: focal loss whose weights are scaled to a mean of one in each sample.

    Args:
        logits: (B, 1, H, W).
        target: (B, 1, H, W), 1 object, 0 background, -1 ignored.
        alpha: weight of both classes.
        gamma: how much less certain pixels count more.

    Returns:
        (B,) loss of each sample. No gradient flows through the scaling factor.
    """
    valid = target >= 0
    probability = torch.sigmoid(logits)
    right = torch.where(valid, 1 - (target - probability).abs(), torch.ones_like(probability))
    weight = (1 - right) ** gamma
    count = valid.flatten(1).sum(1)
    with torch.no_grad():
        scale = count / (weight.flatten(1).sum(1) + 1e-12)
    log = -torch.log((right + 1e-12).clamp(max=1.0))
    pixels = alpha * scale[:, None, None, None] * weight * log
    return (pixels * valid).flatten(1).sum(1) / (count + 1e-12)


def soft_iou_loss(logits: Tensor, target: Tensor) -> Tensor:
    """One minus the IoU of probabilities with the target; ours, not published.

    Args:
        logits: (B, 1, H, W).
        target: (B, 1, H, W), 1 object, 0 background, -1 ignored.

    Returns:
        (B,) loss of each sample.
    """
    valid = (target >= 0).to(logits.dtype)
    probability, truth = torch.sigmoid(logits) * valid, target.clamp(min=0) * valid
    inter = (probability * truth).flatten(1).sum(1)
    union = (probability + truth - probability * truth).flatten(1).sum(1)
    return 1 - (inter + 1) / (union + 1)
