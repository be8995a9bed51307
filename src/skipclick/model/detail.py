"""The image branch of our own models: pixel edges that patch features do not know. Not in the paper."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from skipclick.model.config import ModelConfig
from skipclick.model.pyramid import group_norm


def _resize(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)


class Detail(nn.Module):
    """Light convolutions on the image, once per image, and a refinement of the logits, once per click."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        fine, coarse = config.detail
        self.stem2 = nn.Sequential(
            nn.Conv2d(3, fine, 3, stride=2, padding=1),
            group_norm(fine),
            nn.GELU(),
            nn.Conv2d(fine, fine, 3, padding=1),
            group_norm(fine),
            nn.GELU(),
        )
        self.stem4 = nn.Sequential(
            nn.Conv2d(fine, coarse, 3, stride=2, padding=1),
            group_norm(coarse),
            nn.GELU(),
            nn.Conv2d(coarse, coarse, 3, padding=1),
            group_norm(coarse),
            nn.GELU(),
        )
        hidden = config.head // config.upsample
        self.join4 = nn.Sequential(nn.Conv2d(hidden + coarse, coarse, 3, padding=1), nn.GELU())
        # 3 channels of the prompt map and one of the coarse logits.
        self.join2 = nn.Sequential(nn.Conv2d(coarse + fine + 4, fine, 3, padding=1), nn.GELU())
        self.classify = nn.Conv2d(fine, 1, 3, padding=1)
        # Training starts from the head's own logits.
        for parameter in self.classify.parameters():
            nn.init.zeros_(parameter)

    def encode(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """What the image alone gives: maps at stride 2 and 4 of a normalised image (B, 3, H, W)."""
        fine = self.stem2(image)
        return fine, self.stem4(fine)

    def forward(self, detail: tuple[Tensor, ...], hidden: Tensor, logits: Tensor, prompt: Tensor) -> Tensor:
        """Refine the head's logits at stride 2.

        Args:
            detail: what `encode` returned.
            hidden: the head's hidden map.
            logits: the head's logits, (B, 1, h, w).
            prompt: prompt map at the network's size, (B, 3, H, W).

        Returns:
            Logits (B, 1, H/2, W/2).
        """
        fine, coarse = detail
        x = self.join4(torch.cat([_resize(hidden, coarse), coarse], dim=1))
        logits = _resize(logits, fine)
        halved = F.interpolate(prompt, size=fine.shape[-2:], mode="area")
        x = self.join2(torch.cat([_resize(x, fine), fine, halved, logits * 0.2], dim=1))
        return logits + self.classify(x)
