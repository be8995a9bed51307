"""The whole network: `encode` an image once, `decode` a prompt many times (specification 2.1)."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from skipclick.errors import ModelError
from skipclick.model.config import ModelConfig
from skipclick.model.detail import Detail
from skipclick.model.dinov2 import DinoV2
from skipclick.model.dinov3 import DinoV3
from skipclick.model.fusion import ConvFusion, Fusion
from skipclick.model.head import Head
from skipclick.model.prompt_map import prompt_map
from skipclick.model.pyramid import Pyramid
from skipclick.model.transformer import as_map, as_tokens

MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)


class ImageFeatures(NamedTuple):
    """Everything that depends on the image alone.

    Attributes:
        fused: the taps mixed by `fuse` (or the one tap), a map (B, C, g_h, g_w).
        skips: the four taps as maps, shallowest first, or empty without skip connections.
        detail: the image branch at strides 2 and 4, or empty without it.
    """

    fused: Tensor
    skips: tuple[Tensor, ...]
    detail: tuple[Tensor, ...]


class SkipClick(nn.Module):
    """Any of the networks of `skipclick.model.config`, by its configuration; without state of its own."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        encoder = config.backbone
        self.backbone = DinoV2(encoder) if encoder.family == "dinov2" else DinoV3(encoder)
        if config.normalise_taps:
            self.tap_norms = nn.ModuleList(nn.LayerNorm(encoder.width) for _ in config.taps)
        if config.fuses:
            self.fuse = nn.Linear(len(config.taps) * encoder.width, config.width)
        self.prompt_embed = nn.Conv2d(3, config.width, config.patch, stride=config.patch)
        self.fusion = Fusion(config) if config.fusion == "transformer" else ConvFusion(config)
        self.pyramid = Pyramid(config)
        self.head = Head(config)
        if config.detail:
            self.detail = Detail(config)
        self.backbone.requires_grad_(config.train_backbone)

    def encode(self, image: Tensor) -> ImageFeatures:
        """Encode images, (B, 3, H, W) float RGB in [0, 1], H and W multiples of the patch.

        Raises:
            ModelError: wrong shape.
        """
        patch = self.config.patch
        if image.ndim != 4 or image.shape[1] != 3 or image.shape[2] % patch or image.shape[3] % patch:
            raise ModelError(
                f"the network takes (B, 3, H, W) with H and W multiples of {patch}, not {tuple(image.shape)}"
            )
        # Colours that are rounded to bfloat16 before the mean is subtracted cost more than all else that is.
        image = normalise(image)
        return self.prepare(image, self.backbone(image, self.config.taps))

    def prepare(self, image: Tensor, taps: list[Tensor]) -> ImageFeatures:
        """The trainable rest of `encode`, for taps that were computed before.

        Args:
            image: normalised, (B, 3, H, W).
            taps: what the encoder returned, (B, n, C) each.
        """
        grid = image.shape[-2] // self.config.patch, image.shape[-1] // self.config.patch
        if self.config.normalise_taps:
            taps = [norm(tap) for norm, tap in zip(self.tap_norms, taps, strict=True)]
        dtype = self.prompt_embed.weight.dtype
        image, taps = image.to(dtype), [tap.to(dtype) for tap in taps]
        fused = self.mix_taps(taps)
        skips = tuple(as_map(tap, grid) for tap in taps) if self.config.skip else ()
        detail = self.detail.encode(image) if self.config.detail else ()
        return ImageFeatures(as_map(fused, grid), skips, detail)

    def mix_taps(self, taps: list[Tensor]) -> Tensor:
        """What the fusion blocks work on, of the taps (B, n, C) each: all mixed, or the only one."""
        mixed: Tensor = self.fuse(torch.cat(taps, dim=-1)) if self.config.fuses else taps[0]
        return mixed

    def decode(self, features: ImageFeatures, points: Tensor, previous: Tensor) -> Tensor:
        """Answer one prompt per image; `features` are not changed.

        Args:
            features: what `encode` returned.
            points: clicks, (B, 2, N, 2) rows and columns in network pixels, axis 1 (positive, negative),
                unused slots (-1, -1); float64 reproduces the published evaluation to the last disk.
            previous: previous mask as a probability, (B, 1, H, W).

        Returns:
            Logits (B, 1, H, W), in the precision of the weights.
        """
        grid = features.fused.shape[-2], features.fused.shape[-1]
        size = previous.shape[-2], previous.shape[-1]
        prompt = prompt_map(points, previous, self.config.disk_radius)
        tokens = as_tokens(features.fused + self.prompt_embed(prompt))
        mixed = as_map(self.fusion(tokens, grid), grid)
        hidden, logits = self.head(self.pyramid(mixed, features.skips))
        if self.config.detail:
            logits = self.detail(features.detail, hidden, logits, prompt)
        return F.interpolate(logits, size=size, mode="bilinear", align_corners=True)

    def forward(self, image: Tensor, points: Tensor, previous: Tensor) -> Tensor:
        """`encode`, then `decode`."""
        return self.decode(self.encode(image), points, previous)

    def round_weights(self, dtype: torch.dtype) -> SkipClick:
        """Round the weights in place, but for those along which the encoder's tokens run from block to block.

        Its patches, positions, norms and layer scales, and with them the sums of its blocks, stay as they
        are: they cost next to no time, and rounding them to bfloat16 makes half of the error of the taps.
        Prompts and features are in `dtype` then; images are better given in float32.

        Args:
            dtype: what to compute in, such as bfloat16.

        Returns:
            The network itself.
        """
        for name, part in self.named_children():
            if name == "backbone":
                for block in self.backbone.blocks:
                    block.attn.to(dtype)
                    block.mlp.to(dtype)
            elif name != "tap_norms":
                part.to(dtype)
        return self


def normalise(image: Tensor) -> Tensor:
    """Subtract ImageNet's mean colour and divide by its deviation (specification 2.2)."""
    mean = image.new_tensor(MEAN)[:, None, None]
    deviation = image.new_tensor(DEVIATION)[:, None, None]
    return (image - mean) / deviation
