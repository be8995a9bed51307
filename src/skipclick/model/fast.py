"""The same network rearranged for inference: fewer operations per click, by exact algebra alone.

`fast(network)` answers what `network` answers, up to float rounding. The identities, and where they are used:

* *A sum instead of a concatenation.* A linear layer of concat(a, b) is one layer of a plus another of b. What
  depends on the image alone (skip connections, image branch, positions) is computed in `encode`
  (`fast_norm.Joined`, `fast_detail.Refine`).
* *Mix before upsampling.* The head's ReLU comes before its bilinear upsampling, so nothing but linear maps
  lie between the ReLU and the next one; the upsampling acts on positions, the 1×1 convolution `mix` on
  channels, and such maps commute. Each level is mixed at its own resolution (`fast_levels.Level`).
* *Order of pixels.* A transposed convolution whose stride is its side is one linear layer per pixel that
  yields 2×2 pixels; what follows (1×1 convolutions, activations, a norm over the whole map) doesn't know
  where a pixel lies. The pixels are put in order once, at the end, on few channels (`fast_levels`).
* *A norm between two linear layers.* The norm's mean and variance follow from what goes into the first layer,
  so that both layers become one and nobody computes what lies between (`fast_norm.NormBetween`).
* *A disk is small.* Only pixels in a small window around a click can lie in its disk (`near_disks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from skipclick.errors import ModelError
from skipclick.model.fast_cpu import PackedBlock, PackedPatches, add_resized
from skipclick.model.fast_detail import Refine
from skipclick.model.fast_levels import Level, matrix
from skipclick.model.fast_norm import Matrix
from skipclick.model.fusion import Fusion
from skipclick.model.prompt_map import near_disks
from skipclick.model.skipclick import SkipClick
from skipclick.model.transformer import Block, as_tokens


class FastFeatures(NamedTuple):
    """Everything that depends on the image alone; B images.

    Attributes:
        fused: the taps mixed by `fuse` (or the one tap), a map (B, C, g_h, g_w), plus the fusion blocks'
            positional table where they have one.
        levels: what the first layer of each pyramid level needs to know of the skip connections, fine to
            coarse, (B, pixels, channels) each; empty without skip connections.
        detail: what the image branch adds inside the refinement at strides 2 and 4; empty without it.
    """

    fused: Tensor
    levels: tuple[Tensor, ...]
    detail: tuple[Tensor, ...]

    def named(self) -> dict[str, Tensor]:
        """All tensors by name: `fused`, then `levels0` to `levels3` and `detail0`, `detail1` if there are."""
        rows = (("levels", self.levels), ("detail", self.detail))
        parts = {f"{field}{index}": x for field, tensors in rows for index, x in enumerate(tensors)}
        return {"fused": self.fused, **parts}

    @classmethod
    def from_named(cls, tensors: Mapping[str, Tensor]) -> FastFeatures:
        """What `named` took apart."""
        levels, detail = (
            tuple(tensors[name] for name in sorted(tensors) if name.startswith(field))
            for field in ("levels", "detail")
        )
        return cls(tensors["fused"], levels, detail)


class FastSkipClick(nn.Module):
    """A `SkipClick` network for inference, with its interface and its own features.

    Features of one image serve any number of prompts without being repeated. Weights are rearranged once:
    after a change of the network's, make a new fast form.

    Args:
        network: the network, in eval mode, on its device and in its precision.

    Raises:
        ModelError: the network is in training mode.
    """

    def __init__(self, network: SkipClick) -> None:
        super().__init__()
        if network.training:
            raise ModelError("the fast form is for inference only: call network.eval() first")
        self.network = network
        config, head, pyramid = network.config, network.head, network.pyramid
        weight, bias, _ = matrix(head.mix)
        mix4, mix8, mix16, mix32 = weight.split(config.head, dim=-1)
        # The bias of `mix` is added once, at the finest level.
        self.level4 = Level(pyramid.level4, config.width, head.levels[0], Matrix(mix4, bias, 1))
        self.level8 = Level(pyramid.level8, config.width, head.levels[1], Matrix(mix8, None, 1))
        self.level16 = Level(pyramid.level16, config.width, head.levels[2], Matrix(mix16, None, 1))
        self.level32 = Level(pyramid.level32, config.width, head.levels[3], Matrix(mix32, None, 1))
        self.embed = PackedPatches(network.prompt_embed)
        plain = network.fusion.blocks if isinstance(network.fusion, Fusion) else ()
        self.blocks = nn.ModuleList(PackedBlock(block) for block in plain if isinstance(block, Block))
        self.refine = Refine(network.detail) if config.detail else None
        self.eval()

    def encode(self, image: Tensor) -> FastFeatures:
        """Encode images, see `SkipClick.encode`."""
        fused, skips, detail = self.network.encode(image)
        fusion = self.network.fusion
        if isinstance(fusion, Fusion):
            grid = fused.shape[-2], fused.shape[-1]
            fused = fused + fusion.positions(grid).transpose(1, 2).unflatten(2, grid)
        return FastFeatures(
            fused,
            # Without skip connections there is nothing to pair the levels with.
            tuple(level.image_term(skip) for level, skip in zip(self._levels(), skips, strict=False)),
            self.refine.image_terms(detail) if self.refine is not None else (),
        )

    def decode(self, features: FastFeatures, points: Tensor, previous: Tensor) -> Tensor:
        """Answer one prompt per image, or many prompts on one image; `features` are not changed.

        Args:
            features: what `encode` returned, of B images or of one.
            points: clicks, (B, 2, N, 2); these and `previous` are those of `SkipClick.decode`.
            previous: previous mask as a probability, (B, 1, H, W).

        Returns:
            Logits (B, 1, H, W) float32, whatever the precision of the weights.
        """
        size = previous.shape[-2], previous.shape[-1]
        return self.answer(features, near_disks(points, size, self.network.config.disk_radius), previous)

    def answer(self, features: FastFeatures, disks: Tensor, previous: Tensor) -> Tensor:
        """`decode` with the clicks drawn already.

        Args:
            features, previous: as for `decode`.
            disks: the clicks as `prompt_map.click_disks` draws them, (B, 2, H, W).
        """
        network = self.network
        grid = features.fused.shape[-2], features.fused.shape[-1]
        size = previous.shape[-2], previous.shape[-1]
        prompt = torch.cat([previous, disks.to(previous.dtype)], dim=1)
        x = as_tokens(features.fused) + self.embed(prompt)
        if isinstance(network.fusion, Fusion):
            for block in self.blocks:
                x = block(x)
        else:
            x = network.fusion(x, grid)
        hidden, logits = self._head(x, grid, features.levels)
        if self.refine is not None:
            logits = self.refine(features.detail, hidden, logits, prompt)
        # In float32, which is both nearer and, on a CPU, faster.
        return F.interpolate(logits.float(), size=size, mode="bilinear", align_corners=True)

    def forward(self, image: Tensor, points: Tensor, previous: Tensor) -> Tensor:
        """`encode`, then `decode`."""
        return self.decode(self.encode(image), points, previous)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of what `encode` returns, see `FastFeatures.named`."""
        config = self.network.config
        levels = [f"levels{index}" for index in range(4 if config.skip else 0)]
        return ("fused", *levels, *(f"detail{index}" for index in range(len(config.detail))))

    def _levels(self) -> tuple[Level, ...]:
        return self.level4, self.level8, self.level16, self.level32

    def _head(self, x: Tensor, grid: tuple[int, int], terms: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """Hidden map and logits of `Pyramid` and `Head` from the fused tokens (B, n, C)."""
        head = self.network.head
        given = terms or (None,) * 4
        mixed, *coarser = (level(x, grid, term) for level, term in zip(self._levels(), given, strict=True))
        hidden = add_resized(mixed, coarser).relu_()
        if head.upsample >= 2:
            hidden = head.up1(hidden)
        if head.upsample == 4:
            hidden = head.up2(hidden)
        return hidden, head.classify(hidden)


def fast(network: SkipClick) -> FastSkipClick:
    """The fast form of a network, for inference; see `FastSkipClick`."""
    return FastSkipClick(network)
