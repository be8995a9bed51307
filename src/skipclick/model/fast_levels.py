"""A pyramid level and its part of the head, for inference; part of `skipclick.model.fast`."""

from __future__ import annotations

from torch import Tensor, nn

from skipclick.model.fast_norm import Joined, Matrix, NormBetween, Pixels, TokenNorm, square_cost
from skipclick.model.transformer import as_tokens


class Level(nn.Module):
    """A pyramid level and its part of the head, up to the upsampling.

    Args:
        stage: the pyramid's layers of this level.
        width: channels of the fused tokens; what else the first layer takes is the skip connection.
        project: the head's 1×1 convolution of this level.
        mix: the head's mixing layer, its columns for this level.
    """

    def __init__(self, stage: nn.Sequential, width: int, project: nn.Module, mix: Matrix) -> None:
        super().__init__()
        first, *rest = stage
        weight, bias, pixels = _windows(first)
        own = Matrix(weight[..., :width].flatten(1), bias, pixels)
        skip = weight[..., width:].flatten(1)
        image = Matrix(skip, bias, pixels) if skip.shape[1] else None
        composed = _composed(own, image, rest)
        self.first: Joined | NormBetween = Joined(own, image) if composed is None else composed
        self.rest = nn.Sequential(
            *_on_pixels(rest if composed is None else rest[2:]), Pixels(matrix(project), "relu"), Pixels(mix)
        )
        self.halves = isinstance(first, nn.Conv2d) and first.stride == (2, 2)
        self.doublings = sum(isinstance(layer, nn.ConvTranspose2d) for layer in stage)

    def image_term(self, skip: Tensor) -> Tensor:
        """What a skip connection (B, C, g_h, g_w) adds to the first layer, its bias included."""
        return self.first.image_term(self._inputs(as_tokens(skip), (skip.shape[-2], skip.shape[-1])))

    def forward(self, x: Tensor, grid: tuple[int, int], term: Tensor | None) -> Tensor:
        """The level's summand of the mixed map, (B, head, h, w), from fused tokens (B, n, C)."""
        x = self.rest(self.first(self._inputs(x, grid), term))
        if self.halves:
            grid = grid[0] // 2, grid[1] // 2
        return lay_out(x, grid, self.doublings)

    def _inputs(self, x: Tensor, grid: tuple[int, int]) -> Tensor:
        """Tokens as the first layer takes them: for a stride of 2 the four of a window become one."""
        if not self.halves:
            return x
        height, width = grid[0] // 2, grid[1] // 2
        # An odd last row or column lies in no window.
        x = x.unflatten(1, grid)[:, : 2 * height, : 2 * width]
        return x.unflatten(2, (width, 2)).unflatten(1, (height, 2)).transpose(2, 3).flatten(3).flatten(1, 2)


def matrix(layer: nn.Module) -> Matrix:
    """A convolution whose windows do not overlap, as a layer of what lies in a window."""
    weight, bias, pixels = _windows(layer)
    return Matrix(weight.flatten(1), bias, pixels)


def _windows(layer: nn.Module) -> tuple[Tensor, Tensor, int]:
    """Weight (outputs, window, inputs), bias, and the pixels made; see `matrix`.

    A transposed convolution has a window of one pixel and the outputs of four, pixel by pixel.
    """
    if isinstance(layer, nn.ConvTranspose2d) and layer.bias is not None:
        return layer.weight.permute(2, 3, 1, 0).flatten(0, 2)[:, None], layer.bias.repeat(4), 4
    if isinstance(layer, nn.Conv2d) and layer.bias is not None:
        return layer.weight.permute(0, 2, 3, 1).flatten(1, 2), layer.bias, 1
    raise TypeError(f"{layer} is no convolution with a bias")


def _composed(own: Matrix, image: Matrix | None, rest: list[nn.Module]) -> NormBetween | None:
    """The layer, the norm after it and the layer after that as one, where they follow and it saves work."""
    if len(rest) < 2 or not isinstance(rest[0], nn.GroupNorm) or not isinstance(rest[1], nn.Conv2d):
        return None
    after = matrix(rest[1])
    middle, inputs = own.weight.shape
    outputs = own.pixels * after.weight.shape[0]
    apart = middle * inputs + middle * after.weight.shape[0]
    together = outputs * inputs + square_cost(inputs)
    return NormBetween(own, image, rest[0], after) if together < apart else None


def _on_pixels(layers: list[nn.Module]) -> list[nn.Module]:
    """Layers of the pyramid or the head for pixels as tokens, in any order."""
    done: list[nn.Module] = []
    while layers:
        layer, *layers = layers
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
            both = _composed(matrix(layer), None, layers)
            done.append(Pixels(matrix(layer)) if both is None else both)
            layers = layers if both is None else layers[2:]
        else:
            done.append(TokenNorm(layer) if isinstance(layer, nn.GroupNorm) else layer)
    return done


def lay_out(x: Tensor, grid: tuple[int, int], doublings: int) -> Tensor:
    """Put the pixels (B, n, C) that doublings made of a grid in their places: (B, C, h, w), channels last."""
    x = x.unflatten(1, grid + (2, 2) * doublings)
    last = x.ndim - 1
    x = x.permute(0, *range(1, last, 2), *range(2, last, 2), last)
    return x.flatten(2 + doublings, -2).flatten(1, 1 + doublings).permute(0, 3, 1, 2)
