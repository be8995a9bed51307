"""The network as it is trained: simulated clicks without gradient, then one answer with it (6.6)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Literal, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from skipclick.model.dinov3 import DinoV3
from skipclick.model.skipclick import SkipClick, normalise
from skipclick.training.points import SLOTS, answer_mask

Precision: TypeAlias = Literal["float32", "bf16", "fp16"]

_TYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


class SeededDropout(nn.Dropout2d):
    """Channel dropout whose choice is given for each item, instead of drawn from PyTorch's generator."""

    def __init__(self, share: float) -> None:
        super().__init__(share)
        self.factors: Tensor | None = None

    def draw(self, generators: Sequence[np.random.Generator], channels: int, device: torch.device) -> None:
        """Choose the channels that the next batch loses.

        Args:
            generators: one for each item.
            channels: of the map.
            device: of the map.
        """
        kept = np.stack([generator.random(channels) >= self.p for generator in generators])
        factors = torch.from_numpy(kept.astype(np.float32) / np.float32(1 - self.p))
        self.factors = factors[:, :, None, None].to(device)

    def forward(self, x: Tensor) -> Tensor:
        """Scale each channel of (B, C, h, w), in training; otherwise nothing."""
        if not self.training or self.factors is None:
            return x
        return x * self.factors.to(x.dtype)


class Trainee(nn.Module):
    """A network in training; its forward pass is what gradients are synchronised around.

    Args:
        network: the network; its dropout is replaced by one with the same share, and its encoder's
            `rescale_positions` is set.
        rescale_positions: see `Recipe.rescale_positions`.
    """

    def __init__(self, network: SkipClick, *, rescale_positions: bool) -> None:
        super().__init__()
        self.network = network
        self.dropout = SeededDropout(network.config.dropout)
        network.head.dropout = self.dropout
        self.rescales = isinstance(network.backbone, DinoV3) and rescale_positions
        if isinstance(network.backbone, DinoV3):
            network.backbone.rescale_positions = rescale_positions

    def forward(self, image: Tensor, taps: list[Tensor] | None, points: Tensor, previous: Tensor) -> Tensor:
        """Answer one prompt per image.

        Args:
            image: (B, 3, H, W) float32 in [0, 1].
            taps: the encoder's outputs; None computes them, with gradient if the encoder is trained.
            points: (B, 2, N, 2), see `SkipClick.decode`.
            previous: (B, 1, H, W) float32 in [0, 1].

        Returns:
            Logits (B, 1, H, W).
        """
        image = normalise(image)
        network = self.network
        if taps is None:
            taps = network.backbone(image, network.config.taps)
        return network.decode(network.prepare(image, taps), points, previous)


def simulate_clicks(
    trainee: Trainee,
    image: Tensor,
    taps: list[Tensor],
    truth: Tensor,
    points: NDArray[np.float32],
    previous: Tensor,
    rounds: int,
    generators: Sequence[np.random.Generator],
    precision: AbstractContextManager[object] | None = None,
) -> tuple[NDArray[np.float32], Tensor]:
    """Let the network answer, and click into its errors, so many times; in eval mode and without gradient.

    Args:
        trainee: left in training mode.
        image: (B, 3, H, W) float32 in [0, 1].
        taps: what the encoder gives in eval mode.
        truth: (B, 1, H, W): 1 object, 0 background, -1 ignored.
        points: (B, 48, 3) float32, the initial points; not changed.
        previous: (B, 1, H, W) float32 in [0, 1], the mask to begin with.
        rounds: how many times.
        generators: one for each item.
        precision: an autocast context; None computes as the weights are.

    Returns:
        All points (B, 48, 3) float32, and the last answer as a probability (B, 1, H, W) float32.
    """
    network = trainee.network
    values = truth[:, 0].cpu().numpy()
    inside, ignored = values == 1, values == -1
    trainee.eval()
    with torch.no_grad(), precision or nullcontext():
        features = network.prepare(normalise(image), taps)
        for order in range(1, rounds + 1):
            logits = network.decode(features, network_points(points, image.device), previous)
            previous = torch.sigmoid(logits.float())
            answers = previous[:, 0].cpu().numpy()
            points = np.stack(
                [
                    answer_mask(points[i], inside[i], answers[i], order, generator, ignored[i])
                    for i, generator in enumerate(generators)
                ]
            )
    trainee.train()
    return points, previous


def network_points(points: NDArray[np.float32], device: torch.device) -> Tensor:
    """Points (B, 48, 3) float32 as the network takes them, (B, 2, N, 2), without slots that nobody uses."""
    pairs = points[:, :, :2].reshape(len(points), 2, SLOTS, 2)
    used = (pairs.max(axis=-1) >= 0).any(axis=(0, 1))
    used[0] = True  # a map without clicks is drawn from an unused slot
    return torch.from_numpy(pairs[:, :, used]).to(device)


def autocast(device: torch.device, precision: Precision) -> AbstractContextManager[object]:
    """The context in which the network computes in a precision."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, _TYPES[precision])
