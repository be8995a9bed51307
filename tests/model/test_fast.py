"""The fast form answers what the network answers, for every design, size and batch."""

import dataclasses
import functools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves, tree_map

from skipclick.errors import ModelError
from skipclick.model.config import BackboneConfig, ModelConfig
from skipclick.model.fast import FastFeatures, FastSkipClick, fast
from skipclick.model.prompt_map import click_disks, near_disks
from skipclick.model.skipclick import SkipClick

V2 = BackboneConfig("dinov2", 14, 48, 12, heads=6, hidden=96, registers=4, grid=9)
V3 = BackboneConfig("dinov3", 16, 48, 12, heads=6, hidden=96, registers=4, periods=2)
TOY = ModelConfig(V2, width=48, depth=2, heads=4, hidden=96, grid=8, pyramid=(8, 16, 16, 32), head=16)
SMALL = dataclasses.replace(TOY, width=32, detail=(8, 12), normalise_taps=True, spare_upsampling=False)
TOYS = {
    "skip": TOY,
    "no registers": dataclasses.replace(TOY, backbone=dataclasses.replace(V2, registers=0)),
    "swiglu": dataclasses.replace(TOY, backbone=dataclasses.replace(V2, feed_forward="swiglu")),
    "intermediate": dataclasses.replace(TOY, skip=False),
    "frozen": dataclasses.replace(TOY, skip=False, taps=(2,)),
    "conv": dataclasses.replace(TOY, fusion="conv"),
    "conv without skip": dataclasses.replace(TOY, fusion="conv", skip=False),
    "x2": dataclasses.replace(TOY, upsample=2),
    "x4": dataclasses.replace(TOY, upsample=4),
    "dinov3": dataclasses.replace(TOY, backbone=V3),
    "small": SMALL,
    "small without skip": dataclasses.replace(SMALL, skip=False),
    "small x2": dataclasses.replace(SMALL, upsample=2),
}
TOLERANCE = 1e-4
"""Largest difference, as a part of the logits' standard deviation."""

NETWORKS: dict[str, SkipClick] = {}


def build(name: str) -> SkipClick:
    """A network whose every parameter matters (layer scales and last layers are not at their start)."""
    if name not in NETWORKS:
        generator = torch.Generator().manual_seed(0)
        network = SkipClick(TOYS[name]).eval().requires_grad_(False)
        for parameter in network.parameters():
            nn.init.normal_(parameter, std=0.2, generator=generator)
        NETWORKS[name] = network
    return NETWORKS[name]


@functools.cache
def form_of(name: str) -> FastSkipClick:
    return fast(build(name))


def arguments(
    config: ModelConfig, grid: tuple[int, int], images: int, prompts: int, clicks: int = 3, seed: int = 0
) -> tuple[Tensor, Tensor, Tensor]:
    """Images, points (one slot unused) and previous masks."""
    generator = torch.Generator().manual_seed(seed)
    size = grid[0] * config.patch, grid[1] * config.patch
    points = torch.rand(prompts, 2, clicks, 2, generator=generator, dtype=torch.float64) * max(size)
    points[:, 0, -1] = -1
    return (
        torch.rand(images, 3, *size, generator=generator),
        points,
        torch.rand(prompts, 1, *size, generator=generator),
    )


def tensors(features: FastFeatures) -> list[Tensor]:
    return [x for x in tree_leaves(features) if isinstance(x, Tensor)]


def assert_same(ours: Tensor, expected: Tensor, tolerance: float = TOLERANCE) -> None:
    assert ours.shape == expected.shape
    assert ours.dtype == expected.dtype
    assert expected.std() > 0
    assert (ours - expected).abs().max() <= tolerance * expected.std()


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("grid", [(8, 8), (5, 9), (10, 3), (2, 2), (3, 4)])
@pytest.mark.parametrize("name", TOYS)
def test_the_fast_form_equals_the_network(name: str, grid: tuple[int, int], batch: int) -> None:
    network = build(name)
    inputs = arguments(network.config, grid, batch, batch)
    with torch.inference_mode():
        assert_same(form_of(name)(*inputs), network(*inputs))


@settings(deadline=None, max_examples=60)
@given(
    name=st.sampled_from(sorted(TOYS)),
    height=st.integers(2, 9),
    width=st.integers(2, 9),
    batch=st.sampled_from([1, 2, 3]),
    clicks=st.integers(1, 24),
    seed=st.integers(0, 2**16),
)
def test_it_does_for_anything(name: str, height: int, width: int, batch: int, clicks: int, seed: int) -> None:
    network = build(name)
    inputs = arguments(network.config, (height, width), batch, batch, clicks, seed)
    with torch.inference_mode():
        assert_same(form_of(name)(*inputs), network(*inputs))


@pytest.mark.parametrize("name", TOYS)
def test_many_prompts_share_one_image(name: str) -> None:
    network = build(name)
    image, points, previous = arguments(network.config, (4, 5), 1, 4)
    with torch.inference_mode():
        form = fast(network)
        together = form.decode(form.encode(image), points, previous)
        assert_same(together, network(image.expand(4, -1, -1, -1), points, previous))


@pytest.mark.parametrize("name", TOYS)
def test_decode_leaves_the_features_alone(name: str) -> None:
    network = build(name)
    image, points, previous = arguments(network.config, (4, 4), 2, 2)
    inputs = points.clone(), previous.clone()
    with torch.inference_mode():
        form = fast(network)
        features = form.encode(image)
        before = [x.clone() for x in tensors(features)]
        first = form.decode(features, points, previous)
        second = form.decode(features, points, previous)
    assert all((x == y).all() for x, y in zip(tensors(features), before, strict=True))
    assert (first == second).all()
    assert (points == inputs[0]).all()
    assert (previous == inputs[1]).all()


@pytest.mark.parametrize("name", TOYS)
def test_the_network_stays_as_it_was(name: str) -> None:
    network = build(name)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    inputs = arguments(network.config, (3, 3), 1, 1)
    with torch.inference_mode():
        fast(network)(*inputs)
    after = network.state_dict()
    assert list(after) == list(before)
    assert all((after[key] == value).all() for key, value in before.items())


def test_a_trainable_network_stays_trainable() -> None:
    network = SkipClick(TOYS["small"]).eval()
    trainable = [name for name, parameter in network.named_parameters() if parameter.requires_grad]
    fast(network)
    assert trainable
    assert trainable == [name for name, parameter in network.named_parameters() if parameter.requires_grad]


def test_per_image_terms_exist_where_the_design_has_them() -> None:
    counts = {}
    for name in ("skip", "intermediate", "small", "conv"):
        network = build(name)
        with torch.inference_mode():
            features = fast(network).encode(arguments(network.config, (3, 4), 1, 1)[0])
        counts[name] = len(features.levels), len(features.detail)
    assert counts == {
        "skip": (4, 0),
        "intermediate": (0, 0),
        "small": (4, 2),
        "conv": (4, 0),
    }


@pytest.mark.parametrize("name", ["skip", "conv", "x2", "small"])
def test_bfloat16_is_as_near_to_float32_as_the_network_is(name: str) -> None:
    config = TOYS[name]
    exact = build(name)
    network = SkipClick(config).eval().requires_grad_(False)
    network.load_state_dict(exact.state_dict())
    network.to(torch.bfloat16)
    image, points, previous = arguments(config, (5, 4), 1, 1)
    with torch.inference_mode():
        expected = exact(image, points, previous)
        halved = image.bfloat16(), points, previous.bfloat16()
        plain, ours = network(*halved), fast(network)(*halved)
    assert ours.dtype == torch.float32
    error = (ours - expected).square().mean().sqrt()
    assert error <= 2 * (plain.float() - expected).square().mean().sqrt()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", TOYS)
def test_cuda_gives_the_same(name: str) -> None:
    config = TOYS[name]
    inputs = arguments(config, (4, 6), 1, 1)
    with torch.inference_mode():
        expected = build(name)(*inputs)
        network = SkipClick(config).eval().requires_grad_(False)
        network.load_state_dict(build(name).state_dict())
        measured = fast(network.cuda())(*(x.cuda() for x in inputs)).cpu()
    assert_same(measured, expected, tolerance=1e-2)


def test_training_mode_is_refused() -> None:
    with pytest.raises(ModelError, match="eval"):
        fast(SkipClick(TOYS["frozen"]).train())


def test_wrong_images_are_refused() -> None:
    with pytest.raises(ModelError, match="multiples of 14"):
        fast(build("skip")).encode(torch.zeros(1, 3, 56, 60))


class Encoder(nn.Module):
    def __init__(self, form: FastSkipClick) -> None:
        super().__init__()
        self.form = form

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        return tuple(tensors(self.form.encode(image)))


class Decoder(nn.Module):
    def __init__(self, form: FastSkipClick) -> None:
        super().__init__()
        self.form = form

    def forward(self, features: FastFeatures, points: Tensor, previous: Tensor) -> Tensor:
        return self.form.decode(features, points, previous)


def test_encode_can_be_exported() -> None:
    form = fast(build("small"))
    image, _, _ = arguments(TOYS["small"], (4, 6), 1, 1)
    with torch.no_grad():
        exported = torch.export.export(Encoder(form), (image,)).module()(image)
        expected = tensors(form.encode(image))
    for ours, theirs in zip(exported, expected, strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("name", ["conv", "small"])
def test_decode_can_be_exported_for_any_number_of_clicks(name: str) -> None:
    network = build(name)
    form = fast(network)
    image, points, previous = arguments(network.config, (4, 6), 1, 1)
    clicks = torch.export.Dim("clicks", min=1, max=64)
    with torch.no_grad():
        features = form.encode(image)
        fixed = tree_map(lambda _tensor: None, features)
        shapes = {"features": fixed, "points": {2: clicks}, "previous": None}
        inputs = features, points, previous
        program = torch.export.export(Decoder(form), inputs, dynamic_shapes=shapes)
        more = torch.cat([points, points + 3, points - 2], dim=2)
        assert_same(program.module()(features, more, previous), network(image, more, previous))


coordinates = st.one_of(
    st.floats(-8, 60),
    st.integers(-8, 60),
    st.integers(-16, 120).map(lambda x: x / 2),
    st.just(-1.0),
    st.floats(-1e6, 1e6),
)
radii = st.one_of(st.floats(0, 9), st.sampled_from([0.0, 1.0, 5.0, math.sqrt(2), math.sqrt(13), 5.5]))


@given(
    clicks=st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=12),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    radius=radii,
    single=st.booleans(),
)
def test_near_disks_are_the_same_to_the_pixel(
    clicks: list[tuple[float, float]], size: tuple[int, int], radius: float, single: bool
) -> None:
    used = 2 * (len(clicks) // 2)
    points = torch.tensor(clicks[:used], dtype=torch.float32 if single else torch.float64)
    points = points.reshape(1, 2, used // 2, 2)
    ours, expected = near_disks(points, size, radius), click_disks(points, size, radius)
    assert ours.dtype == expected.dtype
    assert ours.shape == expected.shape
    assert (ours == expected).all()


def test_near_disks_keep_batch_items_and_labels_apart() -> None:
    points = torch.full((2, 2, 2, 2), -1.0, dtype=torch.float64)
    points[0, 0, 0] = torch.tensor([10.0, 12.0])
    points[1, 1, 1] = torch.tensor([30.0, 20.0])
    disks = near_disks(points, (40, 30), 5.0)
    assert disks.sum(dim=(2, 3)).tolist() == [[81, 0], [0, 81]]
    assert disks[0, 0, 10, 12] == disks[0, 0, 15, 12] == disks[1, 1, 30, 25] == 1
    assert disks[0, 0, 16, 12] == disks[1, 1, 30, 26] == 0
