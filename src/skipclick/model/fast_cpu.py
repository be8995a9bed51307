"""What PyTorch's CPU operations do slowly, done by faster ones; part of `skipclick.model.fast`.

On other devices, and where a graph is exported or compiled, each of these is the plain operation that it
stands for. The results are the same but for rounding.
"""

from __future__ import annotations

import functools

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from skipclick.model.transformer import Block, Mlp, as_tokens


def is_quick(x: Tensor) -> bool:
    """Whether the CPU's ways are taken for a tensor."""
    return x.device.type == "cpu" and not torch.compiler.is_compiling()


def channels_last(x: Tensor) -> Tensor:
    """The same map with its channels side by side in memory."""
    return x.to(memory_format=torch.channels_last)


def resize(x: Tensor, like: Tensor) -> Tensor:
    """Half-pixel bilinear resizing to the size of another map; the result is laid out channels last."""
    size = like.shape[-2], like.shape[-1]
    if is_quick(x) and size == (2 * x.shape[-2], 2 * x.shape[-1]):
        return _double(x)
    return _interpolate(x, size)


def halve(x: Tensor, like: Tensor) -> Tensor:
    """The mean of each 2×2 pixels of a map (B, C, H, W), as large as another map."""
    if is_quick(x) and x.shape[-2] % 2 == x.shape[-1] % 2 == 0:
        rows = x[:, :, ::2] + x[:, :, 1::2]
        return (rows[..., ::2] + rows[..., 1::2]).mul_(0.25)
    # Half the side: the bilinear mean of four pixels is that of their area.
    return resize(x, like)


def add_resized(fine: Tensor, coarser: list[Tensor]) -> Tensor:
    """A map (B, C, H, W), which may be changed, plus coarser ones that are resized to its size."""
    if not is_quick(fine):
        for x in coarser:
            fine += resize(x, like=fine)
        return fine
    # Rows of pixels first, each map by itself; then one matrix for the columns of all.
    height, width = fine.shape[-2], fine.shape[-1]
    widened = [torch.matmul(_resizing(x.shape[-1], width, x.dtype), x.permute(0, 2, 3, 1)) for x in coarser]
    matrix = torch.cat([_resizing(x.shape[-2], height, x.dtype) for x in coarser], dim=1)
    total = channels_last(fine).permute(0, 2, 3, 1)
    total += torch.matmul(matrix, torch.cat(widened, dim=1).flatten(2)).view(total.shape)
    return total.permute(0, 3, 1, 2)


def apply_group_norm(x: Tensor, norm: nn.GroupNorm) -> Tensor:
    """The group norm of one group, of pixels as tokens, (B, n, C) each item by itself."""
    # PyTorch's own norm of one group runs over the map three times, and on one thread.
    if is_quick(x):
        parts = zip(*(_moments(item) for item in x.split(1)), strict=True)
        mean, variance = (torch.stack(part) for part in parts)
    else:
        wide = x.float()
        mean = wide.mean(dim=1).mean(dim=1)
        variance = (wide.square().mean(dim=1).mean(dim=1) - mean.square()).clamp(min=0)
    mean, variance = mean.view(-1, 1, 1), variance.view(-1, 1, 1)
    gain = (variance + norm.eps).rsqrt().to(x.dtype) * norm.weight
    return torch.addcmul(torch.addcmul(norm.bias, mean.to(x.dtype), gain, value=-1), x, gain)


_ACTIVATIONS = {"none": lambda x: x, "relu": F.relu, "gelu": F.gelu}


class PackedLinear(nn.Module):
    """A linear layer and its activation in one step, in bfloat16 with weights laid out for the processor.

    PyTorch's own way adds the bias in a pass of its own and lays the weights out anew at each call. Its
    operations for compiled graphs, which are used here, are not public: where they are missing, and on
    other devices and in float32, the layer itself computes.

    Args:
        layer: the layer.
        activation: "gelu", "relu" or "none".
    """

    def __init__(self, layer: nn.Linear, activation: str = "none") -> None:
        super().__init__()
        self.layer, self.activation = layer, activation
        self.packed: Tensor | None = None
        weight = layer.weight.detach()
        if weight.device.type == "cpu" and weight.dtype == torch.bfloat16 and _has_packed_layers():
            self.packed = torch.ops.mkldnn._reorder_linear_weight(weight, None)

    def forward(self, x: Tensor) -> Tensor:
        """Map tokens (B, n, C) one by one."""
        if self.packed is not None and is_quick(x):
            kind = "none" if self.activation == "gelu" else ""
            done: Tensor = torch.ops.mkldnn._linear_pointwise(
                x, self.packed, self.layer.bias, self.activation, [], kind
            )
            return done
        y: Tensor = self.layer(x)
        return _ACTIVATIONS[self.activation](y)


class PackedBlock(nn.Module):
    """A fusion block with packed layers; see `transformer.Block`.

    Args:
        block: without layer scale and rotation, as the fusion blocks are.
    """

    def __init__(self, block: Block) -> None:
        super().__init__()
        self.block = block
        attn, mlp = block.attn, block.mlp
        if not isinstance(mlp, Mlp):
            raise TypeError("a fusion block has a plain feed-forward layer")
        self.qkv, self.proj = PackedLinear(attn.qkv), PackedLinear(attn.proj)
        self.fc1, self.fc2 = PackedLinear(mlp.fc1, "gelu"), PackedLinear(mlp.fc2)

    def forward(self, x: Tensor) -> Tensor:
        """Transform tokens (B, n, C)."""
        block = self.block
        x = self.proj(block.attn.mix(self.qkv(block.norm1(x)))) + x
        return self.fc2(self.fc1(block.norm2(x))) + x


class PackedPatches(nn.Module):
    """The convolution that turns each patch of a map into a token, as a packed layer of the patch's pixels.

    Args:
        layer: a convolution whose stride is its side.
    """

    def __init__(self, layer: nn.Conv2d) -> None:
        super().__init__()
        self.layer, self.side = layer, layer.kernel_size[0]
        with torch.device("meta"):
            flat = nn.Linear(layer.weight[0].numel(), layer.out_channels, bias=layer.bias is not None)
        flat.weight = nn.Parameter(layer.weight.detach().flatten(1), requires_grad=False)
        if layer.bias is not None:
            flat.bias = nn.Parameter(layer.bias.detach(), requires_grad=False)
        self.flat = PackedLinear(flat)

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels, H, W) to tokens (B, n, C)."""
        if not is_quick(x):
            return as_tokens(self.layer(channels_last(x)))
        patches = x.unflatten(3, (-1, self.side)).unflatten(2, (-1, self.side))
        return self.flat(patches.permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2))


class DoubledConvolution(nn.Module):
    """A 3×3 convolution, padded and without a bias, of a map that is resized to twice its size first.

    Two pixels apart, a pixel of the result depends on 3×3 pixels of the small map by the same weights, so one
    convolution of the small map makes the four kinds of pixels. Where the large map's border is near, clamped
    pixels and zeros are mixed, and there the border is computed as it is written.

    Args:
        layer: the convolution.
    """

    def __init__(self, layer: nn.Conv2d) -> None:
        super().__init__()
        self.layer = layer
        # Row of the result (even, odd), row of the kernel, row of the small map.
        rows = torch.tensor(
            [
                [[0.75, 0.25, 0.0], [0.25, 0.75, 0.0], [0.0, 0.75, 0.25]],
                [[0.25, 0.75, 0.0], [0.0, 0.75, 0.25], [0.0, 0.25, 0.75]],
            ],
            dtype=torch.float64,
        )
        weight = layer.weight.detach().cpu().double()  # not every device has numbers of 64 bits
        four = torch.einsum("pka,qlb,ockl->pqocab", rows, rows, weight).flatten(0, 2)
        self.four = nn.Parameter(channels_last(four.to(layer.weight)), requires_grad=False)

    def forward(self, x: Tensor, like: Tensor) -> Tensor:
        """(B, C, h, w) to (B, C', H, W), the size of another map."""
        height, width = x.shape[-2:]
        if not is_quick(x) or like.shape[-2:] != (2 * height, 2 * width):
            done: Tensor = self.layer(resize(x, like))
            return done
        y = F.conv2d(x, self.four, padding=1).permute(0, 2, 3, 1).unflatten(3, (2, 2, -1))
        y = y.permute(0, 1, 3, 2, 4, 5).flatten(3, 4).flatten(1, 2).permute(0, 3, 1, 2)
        for axis in (2, 3):
            edge = min(3, x.shape[axis])
            both = [x.narrow(axis, 0, edge), x.narrow(axis, x.shape[axis] - edge, edge)]
            ends = torch.cat(both)
            first, last = self.layer(_interpolate(ends, (2 * ends.shape[-2], 2 * ends.shape[-1]))).chunk(2)
            y.narrow(axis, 0, 2).copy_(first.narrow(axis, 0, 2))
            end = y.shape[axis] - 2
            y.narrow(axis, end, 2).copy_(last.narrow(axis, last.shape[axis] - 2, 2))
        return y


@functools.cache
def _has_packed_layers() -> bool:
    """Whether this PyTorch has packed layers, and this processor instructions that they need for bfloat16."""
    operations = torch.ops.mkldnn
    names = ("_is_mkldnn_bf16_supported", "_reorder_linear_weight", "_linear_pointwise")
    return all(hasattr(operations, name) for name in names) and bool(operations._is_mkldnn_bf16_supported())


def _interpolate(x: Tensor, size: tuple[int, int]) -> Tensor:
    # On a CPU, resizing channels-last maps is several times faster.
    return F.interpolate(channels_last(x), size=size, mode="bilinear", align_corners=False)


def _double(x: Tensor) -> Tensor:
    """Bilinear resizing of (B, C, h, w) to twice its sides."""
    x = x.permute(0, 2, 3, 1)
    for axis in (1, 2):
        size = x.shape[axis]
        first, last = x.narrow(axis, 0, 1), x.narrow(axis, size - 1, 1)
        padded = torch.cat([first, x, last], dim=axis)
        before, after = padded.narrow(axis, 0, size), padded.narrow(axis, 2, size)
        out = x.new_empty(*x.shape[: axis + 1], 2, *x.shape[axis + 1 :])
        torch.lerp(x, before, 0.25, out=out.select(axis + 1, 0))
        torch.lerp(x, after, 0.25, out=out.select(axis + 1, 1))
        x = out.flatten(axis, axis + 1)
    return x.permute(0, 3, 1, 2)


@functools.lru_cache(maxsize=64)
def _resizing(size: int, to: int, dtype: torch.dtype) -> Tensor:
    """Half-pixel linear resizing of one axis as a matrix, (to, size)."""
    with torch.inference_mode(mode=False):
        rows = F.interpolate(torch.eye(size)[None], size=to, mode="linear", align_corners=False)
        return rows[0].T.to(dtype).contiguous()


def _moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance of one item, (1, n, C), by way of each channel's, which PyTorch finds in one pass."""
    zeros = x.new_zeros(x.shape[2], dtype=torch.float32)  # the statistics are as exact as these
    maps = x[:, :, None].permute(0, 3, 1, 2)
    means, variances = torch.batch_norm_update_stats(maps, zeros, zeros, 0.0)
    among, mean = torch.var_mean(means, correction=0)
    return mean, variances.mean() + among
