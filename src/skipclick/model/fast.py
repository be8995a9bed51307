"""The same network rearranged for inference: fewer operations per click, by exact algebra alone.

`fast(network)` answers what `network` answers, up to float rounding. The identities, and where they are used:

* *A sum instead of a concatenation.* A linear layer of concat(a, b) is one layer of a plus another of b. What
  depends on the image alone (skip connections, image branch) is computed in `encode` (`_Level`, `_Refine`).
* *Mix before upsampling.* The head's ReLU comes before its bilinear upsampling, so nothing but linear maps
  lie between the ReLU and the next one; the upsampling acts on positions, the 1×1 convolution `mix` on
  channels, and such maps commute. Each level is mixed at its own resolution (`_Level`).
* *Order of pixels.* A transposed convolution whose stride is its side is one linear layer per pixel that
  yields 2×2 pixels; what follows (1×1 convolutions, activations, a norm over the whole map) doesn't know
  where a pixel lies. The pixels are put in order once, at the end, on few channels (`_lay_out`).
* *A disk is small.* Only pixels in a small window around a click can lie in its disk (`near_disks`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from skipclick.errors import ModelError
from skipclick.model.detail import Detail
from skipclick.model.fusion import Fusion
from skipclick.model.skipclick import SkipClick
from skipclick.model.transformer import as_tokens


class FastFeatures(NamedTuple):
    """Everything that depends on the image alone; B images.

    Attributes:
        fused: the taps mixed by `fuse` (or the one tap), a map (B, C, g_h, g_w).
        positions: the fusion blocks' positional table on this grid, (1, n, C); None for the
            convolutional stack, which has none.
        levels: what the skip connections add to the first layer of each pyramid level, fine to coarse,
            (B, pixels, channels) each; empty without skip connections.
        detail: what the image branch adds inside the refinement at strides 2 and 4; empty without it.
    """

    fused: Tensor
    positions: Tensor | None
    levels: tuple[Tensor, ...]
    detail: tuple[Tensor, ...]


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
        mix, bias, _ = _matrix(head.mix)
        mix4, mix8, mix16, mix32 = mix.split(config.head, dim=-1)
        # The bias of `mix` is added once, at the finest level.
        self.level4 = _Level(pyramid.level4, config.width, head.levels[0], _Pixels(mix4, bias, 1))
        self.level8 = _Level(pyramid.level8, config.width, head.levels[1], _Pixels(mix8, None, 1))
        self.level16 = _Level(pyramid.level16, config.width, head.levels[2], _Pixels(mix16, None, 1))
        self.level32 = _Level(pyramid.level32, config.width, head.levels[3], _Pixels(mix32, None, 1))
        self.refine = _Refine(network.detail) if config.detail else None
        self.eval()

    def encode(self, image: Tensor) -> FastFeatures:
        """Encode images, see `SkipClick.encode`."""
        fused, skips, detail = self.network.encode(image)
        fusion = self.network.fusion
        return FastFeatures(
            fused,
            fusion.positions((fused.shape[-2], fused.shape[-1])) if isinstance(fusion, Fusion) else None,
            # Without skip connections there is nothing to pair the levels with.
            tuple(level.image_term(skip) for level, skip in zip(self._levels(), skips, strict=False)),
            self.refine.image_terms(detail) if self.refine is not None else (),
        )

    def decode(self, features: FastFeatures, points: Tensor, previous: Tensor) -> Tensor:
        """Answer one prompt per image, or many prompts on one image; `features` are not changed.

        Args:
            features: what `encode` returned, of B images or of one.
            points: clicks, (B, 2, N, 2); these, `previous` and the logits are those of `SkipClick.decode`.
            previous: previous mask as a probability, (B, 1, H, W).
        """
        network = self.network
        grid = features.fused.shape[-2], features.fused.shape[-1]
        size = previous.shape[-2], previous.shape[-1]
        disks = near_disks(points, size, network.config.disk_radius)
        prompt = torch.cat([previous, disks.to(previous.dtype)], dim=1)
        x = as_tokens(features.fused + network.prompt_embed(prompt))
        if features.positions is None:
            x = network.fusion(x, grid)
        else:
            x += features.positions
            for block in network.fusion.blocks:
                x = block(x)
        hidden, logits = self._head(x, grid, features.levels)
        if self.refine is not None:
            logits = self.refine(features.detail, hidden, logits, prompt)
        return F.interpolate(logits, size=size, mode="bilinear", align_corners=True)

    def forward(self, image: Tensor, points: Tensor, previous: Tensor) -> Tensor:
        """`encode`, then `decode`."""
        return self.decode(self.encode(image), points, previous)

    def _levels(self) -> tuple[_Level, ...]:
        return self.level4, self.level8, self.level16, self.level32

    def _head(self, x: Tensor, grid: tuple[int, int], terms: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """Hidden map and logits of `Pyramid` and `Head` from the fused tokens (B, n, C)."""
        head = self.network.head
        given = terms or (None,) * 4
        mixed, *coarser = (level(x, grid, term) for level, term in zip(self._levels(), given, strict=True))
        for summand in coarser:
            mixed += _resize(summand, like=mixed)
        hidden = F.relu(mixed)
        if head.upsample >= 2:
            hidden = head.up1(hidden)
        if head.upsample == 4:
            hidden = head.up2(hidden)
        return hidden, head.classify(hidden)


def fast(network: SkipClick) -> FastSkipClick:
    """The fast form of a network, for inference; see `FastSkipClick`."""
    return FastSkipClick(network)


class _Level(nn.Module):
    """A pyramid level and its part of the head, up to the upsampling.

    Between its layers pixels are tokens (B, n, C); the four that a doubling makes of one stand side by side.
    """

    def __init__(self, stage: nn.Sequential, width: int, project: nn.Module, mix: nn.Module) -> None:
        super().__init__()
        first, *rest = stage
        weight, bias, pixels = _matrix(first)
        skips = weight.shape[-1] > width
        self.own = _Pixels(weight[..., :width], None if skips else bias, pixels)
        self.image = _Pixels(weight[..., width:], bias, pixels) if skips else None
        self.rest = nn.Sequential(*map(_on_pixels, rest), _on_pixels(project), nn.ReLU(), mix)
        self.halves = isinstance(first, nn.Conv2d) and first.stride == (2, 2)
        self.doublings = sum(isinstance(layer, nn.ConvTranspose2d) for layer in stage)

    def image_term(self, skip: Tensor) -> Tensor:
        """What a skip connection (B, C, g_h, g_w) adds to the first layer, its bias included."""
        if self.image is None:
            raise ModelError("this network has no skip connections")
        term: Tensor = self.image(self._inputs(as_tokens(skip), (skip.shape[-2], skip.shape[-1])))
        return term

    def forward(self, x: Tensor, grid: tuple[int, int], term: Tensor | None) -> Tensor:
        """The level's summand of the mixed map, (B, head, h, w), from fused tokens (B, n, C)."""
        x = self.own(self._inputs(x, grid))
        x = self.rest(x if term is None else x.add_(term))
        if self.halves:
            grid = grid[0] // 2, grid[1] // 2
        return _lay_out(x, grid, self.doublings)

    def _inputs(self, x: Tensor, grid: tuple[int, int]) -> Tensor:
        """Tokens as the first layer takes them: for a stride of 2 the four of a window become one."""
        if not self.halves:
            return x
        height, width = grid[0] // 2, grid[1] // 2
        # An odd last row or column lies in no window.
        x = x.unflatten(1, grid)[:, : 2 * height, : 2 * width]
        return x.unflatten(2, (width, 2)).unflatten(1, (height, 2)).transpose(2, 3).flatten(3).flatten(1, 2)


class _Pixels(nn.Linear):
    """A linear layer of each pixel whose outputs are one or more pixels: (B, n, C) to (B, n · pixels, C')."""

    def __init__(self, weight: Tensor, bias: Tensor | None, pixels: int) -> None:
        weight = weight.flatten(1)
        super().__init__(weight.shape[1], weight.shape[0], bias=bias is not None, device="meta")
        self.pixels = pixels
        self.weight = nn.Parameter(weight.detach().contiguous(), requires_grad=False)
        if bias is not None:
            self.bias = nn.Parameter(bias.detach(), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        """The layer of each token; the pixels that come of one stand side by side."""
        return super().forward(x).unflatten(2, (self.pixels, -1)).flatten(1, 2)


class _Norm(nn.Module):
    """The group norm of one group, of pixels as tokens: its statistics know no order."""

    def __init__(self, norm: nn.GroupNorm) -> None:
        super().__init__()
        self.norm = norm

    def forward(self, x: Tensor) -> Tensor:
        """Normalise each item of (B, n, C)."""
        x = F.layer_norm(x, x.shape[1:], eps=self.norm.eps)
        return torch.addcmul(self.norm.bias, x, self.norm.weight)


class _Refine(nn.Module):
    """`Detail.forward` with the image's share of both 3×3 convolutions computed once per image.

    Zero padding treats each channel alone, so a padded convolution is a sum over its input channels too.
    """

    def __init__(self, detail: Detail) -> None:
        super().__init__()
        join4, join2 = detail.join4[0], detail.join2[0]
        if not isinstance(join4, nn.Conv2d) or not isinstance(join2, nn.Conv2d):
            raise TypeError("both joins start with a convolution")
        fine, coarse = join2.out_channels, join4.out_channels
        hidden = join4.in_channels - coarse
        self.own4 = _take(join4, [*range(hidden)], bias=False)
        self.image4 = _take(join4, [*range(hidden, hidden + coarse)], bias=True)
        self.own2 = _take(join2, [*range(coarse), *range(coarse + fine, join2.in_channels)], bias=False)
        self.image2 = _take(join2, [*range(coarse, coarse + fine)], bias=True)
        self.classify = detail.classify

    def image_terms(self, detail: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """What the maps of `Detail.encode` add inside `join2` and `join4`, biases included."""
        fine, coarse = detail
        return self.image2(_channels_last(fine)), self.image4(_channels_last(coarse))

    def forward(self, terms: tuple[Tensor, ...], hidden: Tensor, logits: Tensor, prompt: Tensor) -> Tensor:
        """Refine the head's logits, see `Detail.forward`."""
        fine, coarse = terms
        x = F.gelu(self.own4(_resize(hidden, like=coarse)).add_(coarse))
        logits = _resize(logits, like=fine)
        halved = F.interpolate(prompt, size=fine.shape[-2:], mode="area")
        parts = [_resize(x, like=fine), _channels_last(halved), _channels_last(logits * 0.2)]
        return logits + self.classify(F.gelu(self.own2(torch.cat(parts, dim=1)).add_(fine)))


def near_disks(points: Tensor, size: tuple[int, int], radius: float) -> Tensor:
    """`click_disks`, the same to the pixel, from the small window around each click.

    A pixel outside a click's window is farther than `radius` + 1 from it in one direction, so rounding
    cannot bring it into the disk; inside the window the test is that of `click_disks`, number by number.
    Arguments and result, (B, 2, h, w) float32, are those of `click_disks`.
    """
    height, width = size
    reach = math.ceil(radius)
    steps = torch.arange(-reach, reach + 2, device=points.device, dtype=points.dtype)
    rows, columns = (points.floor()[..., None] + steps).unbind(dim=-2)
    down = (rows - points[..., :1]).float().square()
    across = (columns - points[..., 1:]).float().square()
    inside = (down[..., :, None] + across[..., None, :]) <= radius**2
    inside = inside & (points.amax(dim=-1) >= 0)[..., None, None]
    inside = inside & ((rows >= 0) & (rows < height))[..., :, None]
    inside = inside & ((columns >= 0) & (columns < width))[..., None, :]
    # Pixels that are in no disk all go to one place behind the map, which is cut off.
    index = rows.long()[..., :, None] * width + columns.long()[..., None, :]
    index = torch.where(inside, index, height * width).flatten(2)
    marks = torch.zeros(*points.shape[:2], height * width + 1, device=points.device)
    return marks.scatter(2, index, 1.0)[..., :-1].unflatten(2, size)


def _matrix(layer: nn.Module) -> tuple[Tensor, Tensor, int]:
    """A convolution whose windows do not overlap: weight (outputs, window, inputs), bias, pixels it makes.

    A transposed one has a window of one pixel and the outputs of four, pixel by pixel.
    """
    if isinstance(layer, nn.ConvTranspose2d) and layer.bias is not None:
        return layer.weight.permute(2, 3, 1, 0).flatten(0, 2)[:, None], layer.bias.repeat(4), 4
    if isinstance(layer, nn.Conv2d) and layer.bias is not None:
        return layer.weight.permute(0, 2, 3, 1).flatten(1, 2), layer.bias, 1
    raise TypeError(f"{layer} is no convolution with a bias")


def _on_pixels(layer: nn.Module) -> nn.Module:
    """A layer of the pyramid or the head for pixels as tokens, in any order."""
    if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
        return _Pixels(*_matrix(layer))
    return _Norm(layer) if isinstance(layer, nn.GroupNorm) else layer


def _take(layer: nn.Conv2d, channels: list[int], *, bias: bool) -> nn.Conv2d:
    """The part of a padded 3×3 convolution that reads some of its input channels."""
    with torch.device("meta"):
        part = nn.Conv2d(len(channels), layer.out_channels, 3, padding=1, bias=bias)
    weight = _channels_last(layer.weight.detach()[:, channels])
    part.weight = nn.Parameter(weight, requires_grad=False)
    if bias and layer.bias is not None:
        part.bias = nn.Parameter(layer.bias.detach(), requires_grad=False)
    return part


def _lay_out(x: Tensor, grid: tuple[int, int], doublings: int) -> Tensor:
    """Put the pixels (B, n, C) that doublings made of a grid in their places: (B, C, h, w), channels last."""
    x = x.unflatten(1, grid + (2, 2) * doublings)
    last = x.ndim - 1
    x = x.permute(0, *range(1, last, 2), *range(2, last, 2), last)
    return x.flatten(2 + doublings, -2).flatten(1, 1 + doublings).permute(0, 3, 1, 2)


def _resize(x: Tensor, like: Tensor) -> Tensor:
    # On a CPU, resizing channels-last maps is several times faster.
    return F.interpolate(_channels_last(x), size=like.shape[-2:], mode="bilinear", align_corners=False)


def _channels_last(x: Tensor) -> Tensor:
    return x.to(memory_format=torch.channels_last)
