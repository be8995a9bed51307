"""The SegFormer head (specification 2.10): four levels to one map of logits."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from skipclick.model.config import ModelConfig
from skipclick.model.pyramid import group_norm


def _up(inputs: int, outputs: int) -> nn.Sequential:
    """Double the size of a map."""
    return nn.Sequential(
        nn.ConvTranspose2d(inputs, outputs, 2, stride=2),
        group_norm(outputs),
        nn.Conv2d(outputs, outputs, 1),
        group_norm(outputs),
        nn.GELU(),
    )


def _convolution(inputs: int, outputs: int) -> nn.Conv2d:
    """A 1×1 convolution with the published recipe's initial weights (specification 6.1)."""
    layer = nn.Conv2d(inputs, outputs, 1)
    if not layer.weight.is_meta:  # as in `Fusion.reset`
        nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


class Head(nn.Module):
    """Project each level, bring all to the finest size, mix, classify. Convolutions and ReLU, no norm."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.head
        self.upsample = config.upsample
        self.levels = nn.ModuleList(_convolution(channels, width) for channels in config.pyramid)
        self.mix = _convolution(4 * width, width)
        if config.spare_upsampling or config.upsample >= 2:
            self.up1 = _up(width, width // 2)
        if config.spare_upsampling or config.upsample == 4:
            self.up2 = _up(width // 2, width // 4)
        self.dropout = nn.Dropout2d(config.dropout)
        self.classify = nn.Conv2d(width // config.upsample, 1, 1)

    def forward(self, levels: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Classify each pixel of the finest level.

        Returns:
            The hidden map (B, width / upsample, h, w) and the logits (B, 1, h, w).
        """
        size = levels[0].shape[-2:]
        resized = [
            F.interpolate(F.relu(layer(level)), size=size, mode="bilinear", align_corners=False)
            for layer, level in zip(self.levels, levels, strict=True)
        ]
        hidden = F.relu(self.mix(torch.cat(resized, dim=1)))
        if self.upsample >= 2:
            hidden = self.up1(hidden)
        if self.upsample == 4:
            hidden = self.up2(hidden)
        hidden = self.dropout(hidden)
        return hidden, self.classify(hidden)
