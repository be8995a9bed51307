"""Linear layers of pixels, and a group norm between two of them, are what they stand for."""

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from skipclick.errors import ModelError
from skipclick.model import fast_norm
from skipclick.model.fast_levels import Level, matrix
from skipclick.model.fast_norm import Joined, Matrix, NormBetween, Pixels, Square, TokenNorm


def numbers(*shape: int, seed: int, scale: float = 1.0, shift: float = 0.0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)) * scale + shift


def group_norm(channels: int, seed: int) -> nn.GroupNorm:
    norm = nn.GroupNorm(1, channels)
    norm.weight.data = numbers(channels, seed=seed, shift=1)
    norm.bias.data = numbers(channels, seed=seed + 1)
    return norm


def apart(own: Matrix, norm: nn.GroupNorm, after: Matrix, x: Tensor, t: Tensor | float = 0.0) -> Tensor:
    """The three layers one after another, in float64."""
    weight, bias, pixels = own
    y = x.double() @ weight.double().T + (0 if bias is None else bias.double()) + t
    y = y.unflatten(2, (pixels, -1)).flatten(1, 2)
    mean = y.mean(dim=(1, 2), keepdim=True)
    deviation = (y.var(dim=(1, 2), keepdim=True, correction=0) + norm.eps).sqrt()
    y = (y - mean) / deviation * norm.weight.double() + norm.bias.double()
    return y @ after.weight.double().T + (0 if after.bias is None else after.bias.double())


@settings(deadline=None, max_examples=40)
@example(  # of a map of two nearly equal values
    inputs=6, middle=1, outputs=1, pixels=1, count=2, batch=1, shift=0.0, bias=False, seed=0
)
@given(
    inputs=st.integers(1, 12),
    middle=st.integers(1, 12),
    outputs=st.integers(1, 8),
    pixels=st.sampled_from([1, 4]),
    count=st.integers(2, 20),
    batch=st.integers(1, 3),
    shift=st.floats(-3, 3),
    bias=st.booleans(),
    seed=st.integers(0, 2**16),
)
def test_a_norm_between_two_layers(
    inputs: int,
    middle: int,
    outputs: int,
    pixels: int,
    count: int,
    batch: int,
    shift: float,
    bias: bool,
    seed: int,
) -> None:
    own = Matrix(
        numbers(pixels * middle, inputs, seed=seed),
        numbers(pixels * middle, seed=seed + 1) if bias else None,
        pixels,
    )
    after = Matrix(numbers(outputs, middle, seed=seed + 2), numbers(outputs, seed=seed + 3), 1)
    norm = group_norm(middle, seed + 4)
    x = numbers(batch, count, inputs, seed=seed + 6, shift=shift)
    with torch.inference_mode():
        ours = NormBetween(own, None, norm, after)(x)
        expected = apart(own, norm, after, x)
        y = x.double() @ own.weight.double().T + (0 if own.bias is None else own.bias.double())
    assert ours.shape == (batch, count * pixels, outputs)
    # The variance is a difference of moments: the smaller its share of them, the fewer places it has.
    moments = y.square().mean(dim=(1, 2)) / (y.var(dim=(1, 2), correction=0) + norm.eps)
    allowed = 1e-4 * max(1.0, float(moments.max()) / 100)
    assert (ours - expected).abs().max() <= allowed * max(1.0, float(expected.abs().max()))


@pytest.mark.parametrize("pixels", [1, 4])
def test_the_share_of_a_skip_connection_is_given_once(pixels: int) -> None:
    own = Matrix(numbers(pixels * 6, 5, seed=0), None, pixels)
    image = Matrix(numbers(pixels * 6, 7, seed=1), numbers(pixels * 6, seed=2), pixels)
    after = Matrix(numbers(3, 6, seed=3), numbers(3, seed=4), 1)
    norm = group_norm(6, 5)
    x, skip = numbers(2, 9, 5, seed=7), numbers(2, 9, 7, seed=8)
    layer = NormBetween(own, image, norm, after)
    with torch.inference_mode():
        term = layer.image_term(skip)
        ours = layer(x, term)
        given_share = skip.double() @ image.weight.double().T + image.bias.double()
        expected = apart(own, norm, after, x, given_share)
    assert term.shape == (2, 9, pixels * 3 + 5 + 2)
    torch.testing.assert_close(ours.double(), expected, atol=1e-5, rtol=1e-4)


def test_items_of_a_batch_have_statistics_of_their_own() -> None:
    own = Matrix(numbers(8, 4, seed=0), numbers(8, seed=1), 1)
    layer = NormBetween(own, None, group_norm(8, 2), Matrix(numbers(3, 8, seed=4), None, 1))
    x = numbers(2, 6, 4, seed=5)
    x[1] *= 100
    with torch.inference_mode():
        torch.testing.assert_close(layer(x)[:1], layer(x[:1]))
        torch.testing.assert_close(layer(x)[1:], layer(x[1:]))


def test_a_map_of_equal_numbers_gives_no_nan() -> None:
    own = Matrix(torch.zeros(4, 3), torch.full((4,), 7.0), 1)
    layer = NormBetween(own, None, group_norm(4, 0), Matrix(numbers(2, 4, seed=2), None, 1))
    with torch.inference_mode():
        assert layer(numbers(1, 5, 3, seed=3)).isfinite().all()


def test_joined_is_a_layer_of_the_concatenation() -> None:
    weight, bias = numbers(6, 9, seed=0), numbers(6, seed=1)
    x, skip = numbers(2, 5, 4, seed=2), numbers(2, 5, 5, seed=3)
    layer = Joined(Matrix(weight[:, :4], bias, 1), Matrix(weight[:, 4:], bias, 1))
    with torch.inference_mode():
        ours = layer(x, layer.image_term(skip))
        expected = torch.cat([x, skip], dim=2) @ weight.T + bias
    torch.testing.assert_close(ours, expected)


@pytest.mark.parametrize("kind", ["joined", "between"])
def test_without_skip_connections_there_is_no_share(kind: str) -> None:
    own, after = Matrix(numbers(6, 4, seed=0), None, 1), Matrix(numbers(2, 6, seed=1), None, 1)
    layer = Joined(own, None) if kind == "joined" else NormBetween(own, None, group_norm(6, 2), after)
    with pytest.raises(ModelError, match="no skip connections"):
        layer.image_term(torch.zeros(1, 2, 4))


def test_token_norm_is_group_norm() -> None:
    norm, x = group_norm(5, 0), numbers(3, 4, 5, seed=2, scale=3, shift=1)
    with torch.inference_mode():
        expected = norm(x.transpose(1, 2)).transpose(1, 2)
        torch.testing.assert_close(TokenNorm(norm)(x), expected)


@pytest.mark.parametrize("shift", [0.0, 20.0])
def test_token_norm_of_a_large_map(shift: float) -> None:
    norm, x = group_norm(64, 0), numbers(2, 4096, 64, seed=2, shift=shift)
    x[1] *= 50
    with torch.inference_mode():
        expected = nn.functional.group_norm(
            x.double().transpose(1, 2), 1, norm.weight.double(), norm.bias.double()
        ).transpose(1, 2)
        assert (TokenNorm(norm)(x) - expected).abs().max() < 2e-4


def test_token_norm_of_equal_numbers() -> None:
    norm = group_norm(4, 0)
    with torch.inference_mode():
        ours = TokenNorm(norm)(torch.full((1, 9, 4), 3.0))
    torch.testing.assert_close(ours, norm.bias.expand(1, 9, 4), atol=2e-3, rtol=0)


@pytest.mark.parametrize("width", [1, 4, 5, 6, 10, 13])
def test_a_quadratic_form_in_strips(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_norm, "STRIP", 5)
    a, x = numbers(7, width, seed=0).double(), numbers(2, 3, width, seed=1)
    form = Square(a.T @ a, x)
    assert len(form.strips) == -(-width // 5)
    assert fast_norm.square_cost(width) == sum(strip.numel() for strip in form.strips)
    with torch.inference_mode():
        expected = (x.double() @ a.T).square().sum(dim=2).float()
        torch.testing.assert_close(form(x), expected)


def test_a_transposed_convolution_makes_four_pixels_of_one() -> None:
    torch.manual_seed(0)
    layer = nn.ConvTranspose2d(3, 5, 2, stride=2)
    x = numbers(1, 3, 4, 6, seed=1)
    with torch.inference_mode():
        pixels = Pixels(matrix(layer))(x.flatten(2).transpose(1, 2))
        expected = layer(x)
    placed = pixels.unflatten(1, (4, 6, 2, 2)).permute(0, 5, 1, 3, 2, 4).flatten(4).flatten(2, 3)
    torch.testing.assert_close(placed, expected)


def test_only_convolutions_with_a_bias_are_matrices() -> None:
    for layer in (nn.Linear(2, 2), nn.Conv2d(2, 2, 1, bias=False)):
        with pytest.raises(TypeError, match="no convolution with a bias"):
            matrix(layer)


def norms_between(level: Level) -> int:
    return sum(isinstance(module, NormBetween) for module in level.modules())


@pytest.mark.parametrize(
    ("inputs", "middle", "outputs", "composed"),
    [
        (16, 32, 2, True),  # (4 · 2 + 16) · 16 = 384 against 4 · 32 · (16 + 2) = 2304
        (64, 8, 2, False),  # (4 · 2 + 64) · 64 = 4608 against 4 · 8 · (64 + 2) = 2112
    ],
)
def test_layers_are_composed_where_it_saves_work(
    inputs: int, middle: int, outputs: int, composed: bool
) -> None:
    stage = nn.Sequential(
        nn.ConvTranspose2d(inputs, middle, 2, stride=2),
        nn.GroupNorm(1, middle),
        nn.Conv2d(middle, outputs, 1),
        nn.GroupNorm(1, outputs),
        nn.GELU(),
    )
    level = Level(stage, inputs, nn.Conv2d(outputs, 4, 1), Matrix(torch.zeros(4, 4), None, 1))
    assert norms_between(level) == int(composed)


def test_half_of_a_quadratic_form_is_what_it_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fast_norm.square_cost(256) == 256 * 256
    assert fast_norm.square_cost(768) == 256 * (256 + 512 + 768)
    # As a whole (4 · 2 + 32) · 32 = 1280 against 4 · 7 · (32 + 2) = 952 of the layers apart; in strips 896.
    stage = nn.Sequential(
        nn.ConvTranspose2d(32, 7, 2, stride=2), nn.GroupNorm(1, 7), nn.Conv2d(7, 2, 1), nn.GELU()
    )
    mix = Matrix(torch.zeros(4, 4), None, 1)
    assert norms_between(Level(stage, 32, nn.Conv2d(2, 4, 1), mix)) == 0
    monkeypatch.setattr(fast_norm, "STRIP", 8)
    assert norms_between(Level(stage, 32, nn.Conv2d(2, 4, 1), mix)) == 1
