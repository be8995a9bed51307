"""The network as a whole, at toy widths: shapes, batches, independence, export."""

import dataclasses

import pytest
import torch
from torch import nn
from torch.utils._pytree import tree_map

from skipclick.errors import ModelError
from skipclick.model.config import MODELS, BackboneConfig, ModelConfig
from skipclick.model.skipclick import SkipClick

V2 = BackboneConfig("dinov2", 14, 48, 12, heads=6, hidden=96, registers=4, grid=9)
V3 = BackboneConfig("dinov3", 16, 48, 12, heads=6, hidden=96, registers=4, periods=2)
TOY = ModelConfig(V2, width=48, depth=2, heads=4, hidden=96, grid=8, pyramid=(8, 16, 16, 32), head=16)
TOYS = {
    "skip": TOY,
    "no registers": dataclasses.replace(TOY, backbone=dataclasses.replace(V2, registers=0)),
    "swiglu": dataclasses.replace(TOY, backbone=dataclasses.replace(V2, feed_forward="swiglu")),
    "intermediate": dataclasses.replace(TOY, skip=False),
    "frozen": dataclasses.replace(TOY, skip=False, taps=(2,)),
    "conv": dataclasses.replace(TOY, fusion="conv"),
    "x2": dataclasses.replace(TOY, upsample=2),
    "x4": dataclasses.replace(TOY, upsample=4),
    "dinov3": dataclasses.replace(TOY, backbone=V3),
    "small": dataclasses.replace(TOY, width=32, detail=(8, 8), normalise_taps=True, spare_upsampling=False),
}


def build(config: ModelConfig) -> SkipClick:
    """A network whose every parameter matters (layer scales and last layers are not at their start)."""
    torch.manual_seed(0)
    network = SkipClick(config).eval()
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.2)
    return network


def prompt(size: tuple[int, int], batch: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    points = torch.rand(batch, 2, 3, 2, generator=generator, dtype=torch.float64) * min(size)
    return points, torch.rand(batch, 1, *size, generator=generator)


def picture(size: tuple[int, int], batch: int = 1) -> torch.Tensor:
    return torch.rand(batch, 3, *size, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("name", TOYS)
@pytest.mark.parametrize("grid", [(8, 8), (5, 9), (10, 3)])
def test_any_size_in_patches(name: str, grid: tuple[int, int]) -> None:
    config = TOYS[name]
    size = grid[0] * config.patch, grid[1] * config.patch
    network = build(config)
    with torch.inference_mode():
        logits = network(picture(size), *prompt(size))
    assert logits.shape == (1, 1, *size)
    assert logits.isfinite().all()
    assert logits.std() > 0


@pytest.mark.parametrize("name", TOYS)
def test_a_batch_is_its_items(name: str) -> None:
    config = TOYS[name]
    size = 4 * config.patch, 6 * config.patch
    network = build(config)
    images, (points, previous) = picture(size, 3), prompt(size, 3)
    with torch.inference_mode():
        together = network(images, points, previous)
        for item in range(3):
            part = slice(item, item + 1)
            alone = network(images[part], points[part], previous[part])
            torch.testing.assert_close(together[part], alone, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", TOYS)
def test_decode_leaves_the_features_alone(name: str) -> None:
    config = TOYS[name]
    size = 4 * config.patch, 4 * config.patch
    network = build(config)
    with torch.inference_mode():
        features = network.encode(picture(size))
        flat = [features.fused, *features.skips, *features.detail]
        before = [x.clone() for x in flat]
        first = network.decode(features, *prompt(size))
        second = network.decode(features, *prompt(size))
    assert all((x == y).all() for x, y in zip(flat, before, strict=True))
    assert (first == second).all()


@pytest.mark.parametrize("name", TOYS)
def test_previous_mask_and_both_labels_matter(name: str) -> None:
    config = TOYS[name]
    size = 4 * config.patch, 4 * config.patch
    network = build(config)
    with torch.inference_mode():
        features = network.encode(picture(size))
        points, previous = prompt(size)
        logits = network.decode(features, points, previous)
        swapped = network.decode(features, points.flip(1), previous)
        emptied = network.decode(features, points, torch.zeros_like(previous))
    assert (logits - swapped).abs().max() > 1e-4
    assert (logits - emptied).abs().max() > 1e-4


def test_single_tap_models_do_not_run_later_blocks() -> None:
    network = build(TOYS["frozen"])
    runs: list[int] = []
    for index, block in enumerate(network.backbone.blocks):
        block.register_forward_hook(lambda *_args, index=index: runs.append(index))
    with torch.inference_mode():
        network.encode(picture((56, 56)))
    assert runs == [0, 1, 2]


def test_bfloat16_runs_without_special_cases() -> None:
    network = build(TOYS["small"]).to(torch.bfloat16)
    points, previous = prompt((56, 56))
    with torch.inference_mode():
        logits = network(picture((56, 56)).bfloat16(), points, previous.bfloat16())
    assert logits.dtype == torch.bfloat16
    assert logits.isfinite().all()


@pytest.mark.parametrize("name", TOYS)
def test_rounded_weights_leave_the_tokens_of_the_encoder_in_float32(name: str) -> None:
    network = build(TOYS[name]).round_weights(torch.bfloat16)
    kept = {key for key, tensor in network.named_parameters() if tensor.dtype == torch.float32}
    assert kept == {
        key
        for key, _ in network.named_parameters()
        if key.startswith(("backbone", "tap_norms")) and ".attn." not in key and ".mlp." not in key
    }
    size = 4 * network.config.patch, 6 * network.config.patch
    points, previous = prompt(size)
    with torch.inference_mode():
        taps = network.backbone(picture(size), network.config.taps)
        features = network.encode(picture(size))
        logits = network.decode(features, points, previous.bfloat16())
    assert {tap.dtype for tap in taps} == {torch.float32}
    assert {x.dtype for x in (features.fused, *features.skips, *features.detail)} == {torch.bfloat16}
    assert logits.isfinite().all()


@pytest.mark.parametrize("name", ["skip", "dinov3", "small"])
def test_rounded_weights_are_nearer_than_a_network_all_in_bfloat16(name: str) -> None:
    exact, rounded, halved = (build(TOYS[name]) for _ in range(3))
    rounded.round_weights(torch.bfloat16)
    halved.to(torch.bfloat16)
    image = picture((4 * exact.config.patch, 6 * exact.config.patch))
    with torch.inference_mode():
        expected, near, far = (x.encode(image).fused.float() for x in (exact, rounded, halved))
    assert (near - expected).norm() <= 0.8 * (far - expected).norm()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", TOYS)
def test_cuda_gives_the_same(name: str) -> None:
    config = TOYS[name]
    size = 4 * config.patch, 6 * config.patch
    network = build(config)
    arguments = picture(size), *prompt(size)
    with torch.inference_mode():
        expected = network(*arguments)
        measured = network.cuda()(*(x.cuda() for x in arguments)).cpu()
    assert (measured - expected).abs().max() <= 1e-2 * expected.std()


@pytest.mark.parametrize("shape", [(3, 56, 56), (1, 4, 56, 56), (1, 3, 57, 56), (1, 3, 56, 60)])
def test_wrong_images_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match="multiples of 14"):
        build(TOYS["skip"]).encode(torch.zeros(shape))


def test_dinov3_rescales_positions_in_training_mode_only() -> None:
    network = build(TOYS["dinov3"])
    image = picture((64, 64))
    with torch.no_grad():
        fixed = network.encode(image).fused
        assert (network.encode(image).fused == fixed).all()
        network.train()
        assert (network.encode(image).fused != fixed).any()
        network.backbone.rescale_positions = False
        assert (network.encode(image).fused == fixed).all()


class Encoder(nn.Module):
    def __init__(self, network: SkipClick) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        features = self.network.encode(image)
        return features.fused, *features.skips, *features.detail


class Decoder(nn.Module):
    def __init__(self, network: SkipClick) -> None:
        super().__init__()
        self.network = network

    def forward(self, features: tuple, points: torch.Tensor, previous: torch.Tensor) -> torch.Tensor:
        return self.network.decode(features, points, previous)


@pytest.mark.parametrize("name", ["skip", "dinov3", "small", "frozen"])
def test_encode_and_decode_can_be_exported(name: str) -> None:
    config = TOYS[name]
    size = 4 * config.patch, 6 * config.patch
    network = build(config)
    image, (points, previous) = picture(size), prompt(size)
    with torch.no_grad():
        features = network.encode(image)
        flat = features.fused, *features.skips, *features.detail
        encoded = torch.export.export(Encoder(network), (image,)).module()(image)
        decoder = torch.export.export(Decoder(network), (features, points, previous)).module()
        logits = decoder(features, points, previous)
        expected = network.decode(features, points, previous)
    for ours, theirs in zip(encoded, flat, strict=True):
        torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(logits, expected)


def test_decode_can_be_exported_for_any_number_of_clicks() -> None:
    network = build(TOYS["small"])
    size = 56, 84
    points, previous = prompt(size)
    clicks = torch.export.Dim("clicks", min=1, max=64)
    with torch.no_grad():
        features = network.encode(picture(size))
        fixed = tree_map(lambda _tensor: None, features)
        shapes = {"features": fixed, "points": {2: clicks}, "previous": None}
        program = torch.export.export(Decoder(network), (features, points, previous), dynamic_shapes=shapes)
        more = torch.cat([points, points + 3, points - 2], dim=2)
        logits = program.module()(features, more, previous)
        torch.testing.assert_close(logits, network.decode(features, more, previous))


def test_training_reaches_every_light_parameter_of_the_embedded_model() -> None:
    network = SkipClick(MODELS["skipclick-s"]).train()
    # The refinement starts at zero, which hides what lies before it from the first gradient.
    nn.init.normal_(network.detail.classify.weight)
    network(picture((56, 56)), *prompt((56, 56))).sum().backward()
    silent = {name for name, p in network.named_parameters() if p.requires_grad and p.grad is None}
    assert silent == set()
    assert all(p.grad is None for p in network.backbone.parameters())
