"""Linear layers of pixels, and group norms among them, for inference; part of `skipclick.model.fast`.

Pixels are tokens (B, n, C) in any order: neither a layer of each pixel nor the statistics of a whole map know
where a pixel lies. A transposed convolution whose stride is its side is a layer that makes four of one.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from skipclick.errors import ModelError
from skipclick.model.fast_cpu import PackedLinear, apply_group_norm

NO_SKIPS = "this network has no skip connections"

STRIP = 256
"""Columns of a quadratic form's matrix that are applied in one product."""


class Matrix(NamedTuple):
    """A linear layer of a pixel that makes one or more pixels.

    Attributes:
        weight: (pixels · outputs, inputs).
        bias: (pixels · outputs,); None for none.
        pixels: how many pixels come of one.
    """

    weight: Tensor
    bias: Tensor | None
    pixels: int


class Pixels(nn.Module):
    """A `Matrix` as a layer: (B, n, C) to (B, n · pixels, C'), the pixels of one side by side."""

    def __init__(self, matrix: Matrix, activation: str = "none") -> None:
        super().__init__()
        weight, bias, self.pixels = matrix
        layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None, device="meta")
        layer.weight = _frozen(weight)
        if bias is not None:
            layer.bias = _frozen(bias)
        self.layer = PackedLinear(layer, activation)

    def forward(self, x: Tensor) -> Tensor:
        """Map each token."""
        y: Tensor = self.layer(x)
        return y.unflatten(2, (self.pixels, -1)).flatten(1, 2)


class TokenNorm(nn.Module):
    """The group norm of one group, of pixels as tokens."""

    def __init__(self, norm: nn.GroupNorm) -> None:
        super().__init__()
        self.norm = norm

    def forward(self, x: Tensor) -> Tensor:
        """Normalise each item of (B, n, C)."""
        return apply_group_norm(x, self.norm)


class Joined(nn.Module):
    """A layer of concat(x, skip) as a layer of x plus one of the skip connection.

    Args:
        own: the share of x; its bias counts only without a skip connection.
        image: the share of the skip connection, with the bias of both; None for none.
    """

    def __init__(self, own: Matrix, image: Matrix | None) -> None:
        super().__init__()
        self.own = Pixels(own if image is None else own._replace(bias=None))
        self.image = None if image is None else Pixels(image)

    def image_term(self, skip: Tensor) -> Tensor:
        """What `forward` needs to know of a skip connection (B, n, C)."""
        if self.image is None:
            raise ModelError(NO_SKIPS)
        term: Tensor = self.image(skip)
        return term

    def forward(self, x: Tensor, term: Tensor | None = None) -> Tensor:
        """(B, n, C) to (B, n · pixels, C')."""
        x = self.own(x)
        return x if term is None else x.add_(term)


class NormBetween(nn.Module):
    """`after(norm(before(concat(x, skip))))` as one linear layer of x, for a norm over the whole map.

    With y = A x + t, t holding the bias and the share of the skip connection, and
    z = B (γ (y - μ) / σ + β): BγA is one matrix, and the statistics follow without y. Its mean is linear in
    the mean of x, and the mean of |y|² = xᵀ(AᵀA)x + 2 x·(Aᵀt) + |t|² is a quadratic form. The variance, their
    difference, loses places where it is a small share of the mean square, as it is of a map of few nearly
    equal values.

    Args:
        own: A, see `Joined`.
        image: see `Joined`.
        norm: of one group.
        after: B; makes one pixel of one.
    """

    def __init__(self, own: Matrix, image: Matrix | None, norm: nn.GroupNorm, after: Matrix) -> None:
        super().__init__()
        width = own.weight.shape[0]
        self.pixels, self.eps, self.width = own.pixels, norm.eps, width
        # In float64 once, so that products of weights lose nothing.
        a, b = own.weight.double(), after.weight.double() * norm.weight.double()
        composed = torch.einsum("om,pmi->poi", b, a.unflatten(0, (own.pixels, -1))).flatten(0, 1)
        self.outputs = composed.shape[0]
        self.weight = _frozen(composed, own.weight)
        self.square = Square(a.T @ a, own.weight)
        self.mean = _frozen(a.mean(dim=0), own.weight)
        self.gain = _frozen(b.sum(dim=1), own.weight)
        shift = after.weight.double() @ norm.bias.double()
        self.shift = _frozen(shift if after.bias is None else shift + after.bias, own.weight)
        self.back, self.forth = _frozen(2 * a.T, own.weight), _frozen(b, own.weight)
        self.image = None if image is None else Pixels(image._replace(pixels=1))
        if image is None:
            bias = own.weight.new_zeros(width) if own.bias is None else own.bias
            self.constant = _frozen(self._summary(bias[None, None]))

    def image_term(self, skip: Tensor) -> Tensor:
        """What `forward` needs to know of a skip connection (B, n, C)."""
        if self.image is None:
            raise ModelError(NO_SKIPS)
        return self._summary(self.image(skip))

    def forward(self, x: Tensor, term: Tensor | None = None) -> Tensor:
        """(B, n, C) to (B, n · pixels, C')."""
        outer, back, moments = (self.constant if term is None else term).split(
            [self.outputs, x.shape[2], 2], dim=2
        )
        z = (
            F.linear(x, self.weight, outer.flatten())
            if term is None
            else F.linear(x, self.weight).add_(outer)
        )
        means = moments.float().mean(dim=1)
        mean = (x.mean(dim=1) @ self.mean).float() + means[:, 0]
        cross = (self.square(x) + (x.float() * back.float()).sum(dim=2)).mean(dim=1)
        variance = cross / self.width + means[:, 1] - mean.square()
        scale = (variance.clamp(min=0) + self.eps).rsqrt()
        z = z.unflatten(2, (self.pixels, -1)).flatten(1, 2)
        shift = self.shift - self.gain * (mean * scale).to(x.dtype)[:, None, None]
        return torch.addcmul(shift, z, scale.to(x.dtype)[:, None, None])

    def _summary(self, t: Tensor) -> Tensor:
        """Bγt of each pixel, 2 Aᵀt, and the means of t and t² of each token, (B, n, channels) together."""
        outer = F.linear(t.unflatten(2, (self.pixels, -1)), self.forth).flatten(2)
        moments = torch.stack([t.mean(dim=2), t.square().mean(dim=2)], dim=2)
        return torch.cat([outer, F.linear(t, self.back), moments], dim=2)


def square_cost(channels: int) -> int:
    """Multiply-adds of `Square` for each token."""
    return sum((end - start) * end for start, end in _strips(channels))


def _strips(channels: int) -> list[tuple[int, int]]:
    """First column of each strip, and the one after its last."""
    return [(start, min(start + STRIP, channels)) for start in range(0, channels, STRIP)]


class Square(nn.Module):
    """The quadratic form xᵀGx of each token.

    G is symmetric, so that a triangle of it, with what lies off the diagonal doubled, does the same; strip by
    strip, only little of the other triangle is multiplied.

    Args:
        gram: G, (C, C) float64.
        like: a tensor of the precision to compute in.
    """

    def __init__(self, gram: Tensor, like: Tensor) -> None:
        super().__init__()
        upper = 2 * gram.triu(1) + gram.diagonal().diag()
        self.strips = nn.ParameterList(
            _frozen(upper[:end, start:end].T, like) for start, end in _strips(len(gram))
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, n, C) to (B, n) float32."""
        sums = x.new_zeros(x.shape[:2], dtype=torch.float32)
        for strip in self.strips:
            width, end = strip.shape
            part = F.linear(x[..., :end], strip)
            sums = sums + (part.float() * x[..., end - width : end].float()).sum(dim=2)
        return sums


def _frozen(x: Tensor, like: Tensor | None = None) -> nn.Parameter:
    x = x if like is None else x.to(like.dtype)
    return nn.Parameter(x.detach().contiguous(), requires_grad=False)
