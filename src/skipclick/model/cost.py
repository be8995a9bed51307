"""What a network costs: the multiply-adds of its parts, and how many the device could do at most."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from skipclick.model.fast import FastSkipClick
from skipclick.model.transformer import as_map

_PEAK_SIDE = 2048


def multiply_adds(form: FastSkipClick, size: tuple[int, int]) -> dict[str, int]:
    """Multiply-adds for one image, in matrix products, convolutions and attention; nothing else is counted.

    Args:
        form: the fast form of a network.
        size: height and width in network pixels.

    Returns:
        `encode` and `click` of the fast form, and the parts of the network as it is written: `encoder` (the
        ViT), `fuse` (the taps mixed), `fusion` (the fusion blocks), `pyramid` and `head`.
    """
    network, config = form.network, form.network.config
    weight = network.prompt_embed.weight
    image = weight.new_zeros(1, 3, *size)
    grid = size[0] // config.patch, size[1] // config.patch
    tokens = weight.new_zeros(1, grid[0] * grid[1], config.width)
    points = torch.ones(1, 2, 1, 2, device=weight.device)
    with torch.inference_mode():
        features = form.encode(image)
        taps = [tap.to(weight.dtype) for tap in network.backbone(image, config.taps)]
        mixed, skips = as_map(tokens, grid), network.prepare(image, taps).skips
        levels = network.pyramid(mixed, skips)
        return {
            "encode": _count(lambda: form.encode(image)),
            "encoder": _count(lambda: network.backbone(image, config.taps)),
            "click": _count(lambda: form.decode(features, points, image[:, :1])),
            "fuse": _count(lambda: network.mix_taps(taps)),
            "fusion": _count(lambda: network.fusion(tokens, grid)),
            "pyramid": _count(lambda: network.pyramid(mixed, skips)),
            "head": _count(lambda: network.head(levels)),
        }


def matrix_peak(device: torch.device, dtype: torch.dtype, repeats: int = 5) -> float:
    """Multiply-adds per second of the best of a few large matrix products, with the threads set now."""
    a = torch.ones(_PEAK_SIDE, _PEAK_SIDE, device=device, dtype=dtype)
    times = []
    for _ in range(repeats + 1):
        began = time.perf_counter()
        _ = a @ a
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        times.append(time.perf_counter() - began)
    return _PEAK_SIDE**3 / min(times[1:])


def _count(action: Callable[[], object]) -> int:
    # Attention is counted where it is written as two products; its fused forms on a CPU are not known to the
    # counter.
    with (
        sdpa_kernel(SDPBackend.MATH),
        FlopCounterMode(display=False, custom_mapping=_packed_operations()) as counter,
    ):
        action()
    return counter.get_total_flops() // 2


def _packed_operations() -> dict[object, Callable[..., int]]:
    """How the counter is to count packed layers, which it doesn't know."""
    operation = getattr(torch.ops.mkldnn, "_linear_pointwise", None)
    return {} if operation is None else {operation: _linear_flops}


def _linear_flops(tokens: Sequence[int], weight: Sequence[int], *_rest: object, **_more: object) -> int:
    return 2 * math.prod(tokens) * weight[0]
