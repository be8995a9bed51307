# ruff: noqa: E501  (the table of anchors reads best as rows)
"""The network against numbers that executing the published code gave (specification 2.12).

Weights are artificial: a hash of each tensor's published name and index, so nothing has to be downloaded.
"""

import zlib

import numpy as np
import pytest
import torch

from skipclick.model.config import MODELS, skipclick
from skipclick.model.skipclick import SkipClick, normalise
from skipclick.weights.published import published_name

SMALL = {"heads": 6, "depth": 2}
VARIANTS = {
    "skip-vits": skipclick("dinov2_vits14_reg", **SMALL),
    "skip-vits-no-registers": skipclick("dinov2_vits14", **SMALL),
    "frozen-vits": skipclick("dinov2_vits14_reg", **SMALL, taps=(2,), skip=False),
    "intermediate-vits": skipclick("dinov2_vits14_reg", **SMALL, skip=False),
    "upsample-x4": skipclick("dinov2_vits14_reg", **SMALL, skip=False, upsample=4),
    "conv": skipclick("dinov2_vits14_reg", depth=2, fusion="conv"),
    "skip-vitb": MODELS["skip"],
    "skip-dinov3-vitb": MODELS["skip-dinov3-vitb"],
    "skip-dinov3-vits": skipclick("dinov3_vits16", **SMALL),
}
SPOTS = ((0, 0), (10, 20), (100, 200), (300, 50), (-1, -1))
ANCHORS = [
    ("skip-vits", 448, (-0.14711, 0.13682, -0.62336, 0.42222), (-0.07093, 0.10888, -0.03741, -0.36302, -0.20757)),
    ("skip-vits", 672, (-0.14265, 0.13797, -0.66864, 0.41570), (-0.08502, 0.10051, -0.01822, -0.32703, -0.57578)),
    ("skip-vits-no-registers", 448, (-0.14733, 0.13684, -0.62510, 0.41971), (-0.07088, 0.10976, -0.03937, -0.36047, -0.20955)),
    ("frozen-vits", 448, (-0.19660, 0.13970, -0.91924, 0.50492), (-0.42804, -0.42702, -0.19706, -0.19277, -0.48787)),
    ("intermediate-vits", 448, (-0.08020, 0.10939, -0.62612, 0.33874), (-0.04450, 0.00056, -0.02257, 0.02047, -0.19807)),
    ("upsample-x4", 448, (-0.21646, 0.28462, -1.37372, 1.44076), (-1.12237, 0.14786, -0.46044, 0.17226, -0.03282)),
    ("conv", 448, (-0.13027, 0.12376, -0.55627, 0.40223), (-0.08478, 0.04846, -0.16290, -0.29343, -0.31036)),
    ("skip-dinov3-vits", 448, (0.02411, 0.10918, -0.50934, 0.48839), (0.11742, 0.01464, 0.24719, -0.01928, -0.15047)),
    pytest.param("skip-vitb", 448, (-0.23116, 0.11342, -0.68443, 0.38630), (-0.17256, -0.29687, -0.22331, -0.00713, -0.27745), marks=pytest.mark.slow),
    pytest.param("skip-dinov3-vitb", 448, (-0.20511, 0.12239, -0.92988, 0.27012), (-0.05156, -0.30134, -0.30745, -0.06342, -0.45298), marks=pytest.mark.slow),
]  # fmt: skip


def artificial(name: str, shape: torch.Size) -> torch.Tensor:
    """The weight of a published name by the specification's rule."""
    count = int(np.prod(shape))
    x = (np.arange(count, dtype=np.uint64) + zlib.crc32(name.encode())) & 0xFFFFFFFF
    x ^= x >> np.uint64(16)
    x = (x * np.uint64(0x7FEB352D)) & 0xFFFFFFFF
    x ^= x >> np.uint64(15)
    x = (x * np.uint64(0x846CA68B)) & 0xFFFFFFFF
    x ^= x >> np.uint64(16)
    u = x / 2**32 - 0.5
    if name.endswith(".gamma"):
        values = 0.5 + 0.2 * u
    elif name.endswith(".bias"):
        values = 0.1 * u
    elif name.endswith(("_token", "_tokens", "pos_embed")):
        values = 0.2 * u
    elif len(shape) == 1:
        values = 1 + 0.2 * u
    else:
        values = u * np.sqrt(12 * shape[0] / count)
    return torch.from_numpy(values.reshape(shape).astype(np.float32))


def build(variant: str) -> SkipClick:
    config = VARIANTS[variant]
    network = SkipClick(config).eval()
    state = network.state_dict()
    for name, tensor in state.items():
        if not name.endswith(("periods", "bias_mask")):
            tensor.copy_(artificial(published_name(name, config.backbone.family), tensor.shape))
    return network


def inputs(size: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    row, col = np.mgrid[:size, :size].astype(np.float64)
    image = np.stack([0.5 + 0.5 * np.sin(0.05 * (c + 1) * col + 0.03 * row) for c in range(3)])
    inside = (col - 0.4 * size) ** 2 + (row - 0.5 * size) ** 2 < (0.2 * size) ** 2
    points = torch.tensor([[[[100, 200], [150.25, 60.5]], [[300.5, 50.25], [-1, -1]]]], dtype=torch.float64)
    previous = torch.from_numpy(np.where(inside, 0.8, 0.0).astype(np.float32))
    return torch.from_numpy(image.astype(np.float32))[None], points, previous[None, None]


def test_the_artificial_weights_follow_the_rule() -> None:
    u = artificial("w.bias", torch.Size([3]))
    assert u.shape == (3,)
    crc_of_w = artificial("w", torch.Size([3]))
    np.testing.assert_allclose((crc_of_w - 1) / 0.2, [0.43090893, -0.48329926, 0.39912075], atol=1e-5)


@pytest.mark.parametrize(("variant", "size", "statistics", "spots"), ANCHORS)
def test_logits(variant: str, size: int, statistics: tuple[float, ...], spots: tuple[float, ...]) -> None:
    network = build(variant)
    with torch.inference_mode():
        logits = network(*inputs(size))[0, 0]
    measured = [logits.mean(), logits.std(), logits.min(), logits.max()]
    np.testing.assert_allclose(measured, statistics, atol=2e-5)
    np.testing.assert_allclose([logits[spot] for spot in SPOTS], spots, atol=2e-5)


def test_what_leaves_each_part() -> None:
    """The intermediate tensors of the first row: population deviation, first three values, last value."""
    network = build("skip-vits")
    image, points, previous = inputs(448)
    seen: dict[str, torch.Tensor] = {"rgb": normalise(image)}
    parts = {
        "fuse": network.fuse,
        "fusion": network.fusion,
        "level4": network.pyramid.level4,
        "level8": network.pyramid.level8,
        "level16": network.pyramid.level16,
        "level32": network.pyramid.level32,
    }
    for name, part in parts.items():
        part.register_forward_hook(lambda _m, _i, out, name=name: seen.__setitem__(name, out))
    network.prompt_embed.register_forward_hook(
        lambda _m, _i, out: seen.__setitem__("prompt", out.flatten(2).transpose(1, 2))
    )
    with torch.inference_mode():
        taps = network.backbone(normalise(image), network.config.taps)
        network(image, points, previous)
    seen |= {f"tap{index}": tap for index, tap in enumerate(taps)}
    expected = {
        "rgb": (0.23111, 1.57105, 0.06550, 0.17463, 0.28348, -1.67018),
        "tap0": (0.00983, 1.74148, -2.42782, 1.02307, 3.83004, 2.78718),
        "tap1": (0.04515, 1.88500, -2.82236, 0.34732, 4.98742, 2.81518),
        "tap2": (0.08034, 1.99223, -2.61246, -0.02086, 4.95468, 3.29254),
        "tap3": (0.07588, 2.12031, -3.39901, 0.27721, 5.43074, 3.34948),
        "fuse": (-0.00243, 1.91089, -1.91993, -1.60839, -5.02966, -0.81560),
        "prompt": (0.00067, 0.16106, 0.02482, -0.00209, 0.01428, 0.02984),
        "fusion": (0.02107, 2.23510, -0.24311, -0.41351, -5.79969, -2.05067),
        "level4": (0.27876, 0.59371, 0.14894, -0.14831, -0.15037, -0.16469),
        "level8": (0.27770, 0.59006, 0.50396, 0.31652, -0.13807, 1.30384),
        "level16": (0.27988, 0.59641, -0.16776, 0.98968, 0.90779, -0.04735),
        "level32": (0.28115, 0.58883, 1.16337, -0.16653, 0.57137, 0.23676),
    }
    for name, numbers in expected.items():
        flat = seen[name].flatten()
        measured = [flat.mean(), flat.std(correction=0), *flat[:3], flat[-1]]
        np.testing.assert_allclose(measured, numbers, atol=5e-5, err_msg=name)
