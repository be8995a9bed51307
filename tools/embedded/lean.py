"""The decoder of our own models in a form that trains faster on a CPU: the same parameters and answers.

Everything between the patch grid and the image branch stays in token layout, (B, n, sub-pixels, C), where
transposed and 1×1 convolutions are matrix products, and bilinear resizing is two of them: PyTorch's own
kernels for these spend most of a bfloat16 step on moving memory. Only for designs with skip connections,
transformer blocks, an image branch and no upsampling in the head.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from skipclick.model.fast_levels import lay_out
from skipclick.model.prompt_map import near_disks
from skipclick.model.skipclick import SkipClick
from skipclick.model.transformer import Block


class Attend(torch.autograd.Function):
    """Softmax attention of scaled queries, keys and values, each (B, heads, n, C).

    PyTorch's own gradient for CPUs works at a small part of a processor's speed in bfloat16; this one is
    made of matrix products of one head at a time, which stay in its cache.
    """

    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Attend, (B, heads, n, C)."""
        ctx.save_for_backward(query, key, value)
        return F.scaled_dot_product_attention(query, key, value, scale=1.0)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, ...]:
        """The gradients of queries, keys and values."""
        flat = [x.flatten(0, 1) for x in (*ctx.saved_tensors, gradient)]
        parts: list[list[Tensor]] = [[], [], []]
        for query, key, value, given in zip(*flat, strict=True):
            weights = torch.softmax(query @ key.T, dim=-1)
            scores = torch._softmax_backward_data(given @ value.T, weights, -1, weights.dtype)
            for part, x in zip(parts, (scores @ key, scores.T @ query, weights.T @ given), strict=True):
                part.append(x)
        return tuple(torch.stack(part).view_as(gradient) for part in parts)


def block(layer: Block, x: Tensor) -> Tensor:
    """A fusion block on tokens (B, n, C)."""
    attention = layer.attn
    y = attention.qkv(layer.norm1(x)).view(*x.shape[:2], 3, attention.heads, -1)
    query, key, value = y.permute(2, 0, 3, 1, 4)
    y = Attend.apply(query * query.shape[-1] ** -0.5, key, value)
    x = x + attention.proj(y.transpose(1, 2).reshape(x.shape))
    return x + layer.mlp(layer.norm2(x))


@lru_cache(maxsize=64)
def resizing(source: int, target: int, dtype: torch.dtype) -> Tensor:
    """The matrix (target, source) of bilinear resizing along one side, corners not aligned."""
    columns = F.interpolate(torch.eye(source)[None], size=target, mode="linear", align_corners=False)
    return columns[0].T.contiguous().to(dtype)


def resize(maps: list[Tensor], height: int, width: int) -> Tensor:
    """The sum of maps (B, h, w, C) of any sizes, each resized bilinearly."""
    batch, channels = maps[0].shape[0], maps[0].shape[3]
    columns, across = [], []
    for x in maps:
        h, w = x.shape[1:3]
        rows = resizing(h, height, x.dtype) @ x.permute(1, 0, 2, 3).reshape(h, -1)
        columns.append(rows.view(height, batch, w, channels).permute(2, 1, 0, 3).reshape(w, -1))
        across.append(resizing(w, width, x.dtype))
    # One product over the columns of all maps also adds them.
    whole = torch.cat(across, dim=1) @ torch.cat(columns)
    return whole.view(width, batch, height, channels).permute(1, 2, 0, 3).contiguous()


def channels_last(x: Tensor) -> Tensor:
    """The same map (B, C, h, w) with channels last in memory, its gradient too: other layouts are slow."""
    x = x.contiguous(memory_format=torch.channels_last)
    if x.requires_grad:
        x.register_hook(lambda gradient: gradient.contiguous(memory_format=torch.channels_last))
    return x


def convolve(layers: nn.Sequential, x: Tensor) -> Tensor:
    """The layers one by one, channels last."""
    for layer in layers:
        x = channels_last(layer(x))
    return x


def split(convolution: nn.Module, x: Tensor) -> Tensor:
    """A transposed 2×2 convolution of stride 2 on (B, n, s, C): (B, n, 4 s, C'), rows of sub-pixels first."""
    weight = convolution.weight.permute(2, 3, 1, 0).flatten(0, 2)
    y = F.linear(x, weight, convolution.bias.repeat(4))
    return y.view(*x.shape[:2], 4 * x.shape[2], -1)


def pointwise(convolution: nn.Module, x: Tensor) -> Tensor:
    """A 1×1 convolution on channels-last values."""
    return F.linear(x, convolution.weight[:, :, 0, 0], convolution.bias)


def norm(layer: nn.GroupNorm, x: Tensor) -> Tensor:
    """Group normalisation with one group of (B, n, s, C)."""
    return layer(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


def levels(net: SkipClick, x: Tensor, skips: list[Tensor], grid: tuple[int, int]) -> list[Tensor]:
    """The pyramid's levels as maps (B, h, w, C), fine to coarse, each through the head's projection."""
    inputs = [torch.cat([x, skip], dim=-1)[:, :, None] for skip in skips]
    fine, half, same, wide = net.pyramid.level4, net.pyramid.level8, net.pyramid.level16, net.pyramid.level32
    y4 = split(fine[3], F.gelu(norm(fine[1], split(fine[0], inputs[0]))))
    y4 = F.gelu(norm(fine[6], pointwise(fine[5], norm(fine[4], y4))))
    y8 = norm(half[1], split(half[0], inputs[1]))
    y8 = F.gelu(norm(half[3], pointwise(half[2], y8)))
    y16 = F.gelu(norm(same[1], pointwise(same[0], inputs[2])))
    even = grid[0] // 2 * 2, grid[1] // 2 * 2
    tokens = inputs[3].view(len(x), *grid, -1)[:, : even[0], : even[1]]
    tokens = tokens.reshape(len(x), even[0] // 2, 2, even[1] // 2, 2, -1).permute(0, 1, 3, 2, 4, 5)
    tokens = tokens.reshape(len(x), even[0] // 2 * (even[1] // 2), 1, -1)
    y32 = F.linear(tokens, wide[0].weight.permute(0, 2, 3, 1).flatten(1), wide[0].bias)
    y32 = F.gelu(norm(wide[3], pointwise(wide[2], norm(wide[1], y32))))
    small = even[0] // 2, even[1] // 2
    shapes = ((grid, 2), (grid, 1), (grid, 0), (small, 0))
    width = net.config.head
    maps = []
    for number, (y, (cells, doublings)) in enumerate(zip((y4, y8, y16, y32), shapes, strict=True)):
        y = F.relu(pointwise(net.head.levels[number], y))
        # Mixing is linear, so each level's share is taken before it is resized.
        y = F.linear(y, net.head.mix.weight[:, number * width : (number + 1) * width, 0, 0])
        maps.append(lay_out(y.flatten(1, 2), cells, doublings).permute(0, 2, 3, 1))
    return maps


def lean_decode(
    net: SkipClick, images: Tensor, taps: list[Tensor], points: Tensor, previous: Tensor
) -> Tensor:
    """What `net.decode(net.prepare(images, taps), points, previous)` returns; arguments as there."""
    height, width = previous.shape[-2:]
    patch = net.config.patch
    grid = height // patch, width // patch
    prompt = torch.cat([previous, near_disks(points, (height, width), net.config.disk_radius)], dim=1)
    with torch.no_grad():
        patches = prompt.view(-1, 3, grid[0], patch, grid[1], patch).permute(0, 2, 4, 1, 3, 5)
        patches = patches.reshape(len(prompt), grid[0] * grid[1], -1).to(taps[0].dtype)
        halved = F.interpolate(prompt, size=((height + 1) // 2, (width + 1) // 2), mode="area")
    taps = [layer(tap) for layer, tap in zip(net.tap_norms, taps, strict=True)]
    x = net.mix_taps(taps) + F.linear(patches, net.prompt_embed.weight.flatten(1), net.prompt_embed.bias)
    x = x + net.fusion.positions(grid)
    for layer in net.fusion.blocks:
        x = block(layer, x)
    x = x.to(taps[0].dtype)
    maps = levels(net, x, taps, grid)
    rows, columns = maps[0].shape[1:3]
    hidden = F.relu(maps[0] + net.head.mix.bias.to(maps[0].dtype) + resize(maps[1:], rows, columns))
    if net.training:
        hidden = hidden * F.dropout(hidden.new_ones(len(hidden), 1, 1, hidden.shape[3]), net.head.dropout.p)
    logits = pointwise(net.head.classify, hidden).permute(0, 3, 1, 2)
    fine = convolve(net.detail.stem2, images.to(memory_format=torch.channels_last))
    middle = convolve(net.detail.stem4, fine)
    y = torch.cat([resize([hidden], *middle.shape[-2:]), middle.permute(0, 2, 3, 1)], dim=-1)
    y = convolve(net.detail.join4, y.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    logits = F.interpolate(logits.float(), size=fine.shape[-2:], mode="bilinear", align_corners=False)
    extra = torch.cat([halved, logits * 0.2], dim=1).to(y.dtype)
    parts = [resize([y], *fine.shape[-2:]), fine.permute(0, 2, 3, 1), extra.permute(0, 2, 3, 1)]
    y = convolve(net.detail.join2, torch.cat(parts, dim=-1).permute(0, 3, 1, 2))
    logits = logits + net.detail.classify(y).float()
    return F.interpolate(logits, size=(height, width), mode="bilinear", align_corners=True)
