"""What is done in another way on a CPU gives what the plain operation gives."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from skipclick.model import fast_cpu
from skipclick.model.transformer import Block, as_tokens

sides = st.integers(1, 9)
batches = st.sampled_from([1, 3])
bf16 = pytest.mark.skipif(not fast_cpu._has_packed_layers(), reason="no packed layers here")


def numbers(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def plainly(action: Callable[[], Tensor]) -> Tensor:
    """The same without the CPU's ways."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_cpu, "is_quick", lambda _x: False)
        return action()


def assert_same_both_ways(action: Callable[[], Tensor]) -> None:
    torch.testing.assert_close(action(), plainly(action), atol=2e-6, rtol=1e-5)


def convolution(inputs: int, outputs: int, side: int, **options: int | bool) -> nn.Conv2d:
    layer = nn.Conv2d(inputs, outputs, side, **options).requires_grad_(False)
    for seed, parameter in enumerate(layer.parameters()):
        parameter.data = numbers(*parameter.shape, seed=seed)
    return layer


@settings(deadline=None)
@given(batch=batches, height=sides, width=sides, double=st.booleans())
def test_resizing(batch: int, height: int, width: int, double: bool) -> None:
    like = numbers(1, 1, 2 * height, 2 * width) if double else numbers(1, 1, height + 3, 2 * width)
    assert_same_both_ways(lambda: fast_cpu.resize(numbers(batch, 3, height, width), like))


@settings(deadline=None)
@given(batch=batches, height=sides, width=sides)
def test_halving(batch: int, height: int, width: int) -> None:
    x = numbers(batch, 3, 2 * height, 2 * width)
    ours = fast_cpu.halve(x, like=numbers(1, 1, height, width))
    torch.testing.assert_close(ours, F.avg_pool2d(x, 2), atol=2e-6, rtol=1e-5)
    assert_same_both_ways(lambda: fast_cpu.halve(x, like=ours))


@settings(deadline=None)
@given(batch=batches, sizes=st.lists(st.tuples(sides, sides), min_size=2, max_size=4))
def test_a_sum_of_resized_maps(batch: int, sizes: list[tuple[int, int]]) -> None:
    maps = [numbers(batch, 5, *size, seed=seed) for seed, size in enumerate(sizes)]
    assert_same_both_ways(lambda: fast_cpu.add_resized(maps[0].clone(), maps[1:]))


@settings(deadline=None)
@given(batch=batches, height=sides, width=sides)
def test_a_convolution_of_a_doubled_map(batch: int, height: int, width: int) -> None:
    doubled = fast_cpu.DoubledConvolution(convolution(4, 3, 3, padding=1, bias=False))
    x, like = numbers(batch, 4, height, width), numbers(1, 1, 2 * height, 2 * width)
    with torch.inference_mode():
        assert_same_both_ways(lambda: doubled(x, like))
        other = numbers(1, 1, 2 * height + 1, 2 * width)
        assert_same_both_ways(lambda: doubled(x, other))


@settings(deadline=None)
@given(batch=batches, count=st.integers(2, 40), shift=st.floats(-3, 3))
def test_a_norm_of_each_item(batch: int, count: int, shift: float) -> None:
    norm = nn.GroupNorm(1, 6).requires_grad_(False)
    norm.weight.data, norm.bias.data = numbers(6, seed=1), numbers(6, seed=2)
    x = numbers(batch, count, 6) * torch.arange(1, batch + 1)[:, None, None] + shift
    ours = fast_cpu.apply_group_norm(x, norm)
    torch.testing.assert_close(ours, norm(x.transpose(1, 2)).transpose(1, 2), atol=2e-5, rtol=1e-5)


def test_patches() -> None:
    layer = convolution(3, 8, 4, stride=4)
    patches = fast_cpu.PackedPatches(layer)
    x = numbers(2, 3, 12, 20)
    torch.testing.assert_close(patches(x), as_tokens(layer(x)), atol=2e-5, rtol=1e-5)
    assert_same_both_ways(lambda: patches(x) / 100)


@bf16
@pytest.mark.parametrize("activation", ["none", "relu", "gelu"])
@pytest.mark.parametrize("bias", [True, False])
def test_a_packed_layer(activation: str, bias: bool) -> None:
    layer = nn.Linear(48, 40, bias=bias).requires_grad_(False).bfloat16()
    packed = fast_cpu.PackedLinear(layer, activation)
    assert packed.packed is not None
    x = numbers(2, 30, 48).bfloat16()
    ours, expected = packed(x).float(), plainly(lambda: packed(x)).float()
    assert ours.shape == (2, 30, 40)
    # Its activation takes the sums before they are rounded.
    torch.testing.assert_close(ours, expected, atol=0.01, rtol=0.02)
    exact = packed.layer.float()(x.float())
    wanted = {"none": exact, "relu": exact.relu(), "gelu": F.gelu(exact)}[activation]
    torch.testing.assert_close(ours, wanted, atol=0.01, rtol=0.01)


def test_without_packed_layers_the_layer_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_cpu, "_has_packed_layers", lambda: False)
    layer = nn.Linear(48, 40).requires_grad_(False).bfloat16()
    x = numbers(2, 30, 48).bfloat16()
    ours = fast_cpu.PackedLinear(layer, "relu")
    assert ours.packed is None
    assert (ours(x) == layer(x).relu()).all()


@pytest.mark.parametrize("precision", [torch.float32, pytest.param(torch.bfloat16, marks=bf16)])
def test_a_packed_block(precision: torch.dtype) -> None:
    block = Block(48, 4, 96, eps=1e-6).requires_grad_(False)
    x = numbers(2, 30, 48)
    expected = block(x)
    ours = fast_cpu.PackedBlock(block.to(precision))(x.to(precision)).float()
    bound = 1e-5 if precision == torch.float32 else 0.05
    torch.testing.assert_close(ours, expected, atol=bound, rtol=bound)


def test_a_gated_block_is_refused() -> None:
    with pytest.raises(TypeError, match="feed-forward"):
        fast_cpu.PackedBlock(Block(48, 4, 96, eps=1e-6, swiglu=True))


def test_what_is_exported_is_the_plain_operation() -> None:
    class Halve(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return fast_cpu.halve(x, like=x[..., ::2, ::2])

    program = torch.export.export(Halve(), (numbers(1, 3, 8, 6),))
    called = {str(node.target) for node in program.graph.nodes if node.op == "call_function"}
    assert any("bilinear" in name for name in called)
