"""Maps from one size to another."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from skipclick.resize import above_aligned, resize_aligned, resize_through

sides = st.integers(1, 12)


def plain_resize(array: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The definition, one output value after another, in float64."""
    height, width = array.shape
    found = np.empty(size)
    for i in range(size[0]):
        for j in range(size[1]):
            y = i * (height - 1) / (size[0] - 1) if size[0] > 1 else 0.0
            x = j * (width - 1) / (size[1] - 1) if size[1] > 1 else 0.0
            r, c = int(y), int(x)
            below, right = min(r + 1, height - 1), min(c + 1, width - 1)
            upper = array[r, c] * (1 - (x - c)) + array[r, right] * (x - c)
            lower = array[below, c] * (1 - (x - c)) + array[below, right] * (x - c)
            found[i, j] = upper * (1 - (y - r)) + lower * (y - r)
    return found


@settings(deadline=None)
@given(sides, sides, sides, sides, st.integers(0, 999))
def test_resizing_follows_its_definition(h: int, w: int, h2: int, w2: int, seed: int) -> None:
    array = np.random.default_rng(seed).random((h, w), dtype=np.float32)
    found = resize_aligned(array, (h2, w2))
    assert found.dtype == np.float32
    assert found.shape == (h2, w2)
    np.testing.assert_allclose(found, plain_resize(array.astype(np.float64), (h2, w2)), atol=3e-7)
    np.testing.assert_allclose(resize_through(array, (h2, w2), (h2, w2)), found, atol=3e-7)


@pytest.mark.parametrize(
    ("size", "size2"), [((448, 448), (375, 500)), ((97, 131), (224, 64)), ((5, 1), (1, 9))]
)
def test_resizing_agrees_with_torch(size: tuple[int, int], size2: tuple[int, int]) -> None:
    array = np.random.default_rng(2).random((3, *size), dtype=np.float32)
    want = torch.nn.functional.interpolate(
        torch.from_numpy(array)[None], size2, mode="bilinear", align_corners=True
    )
    # torch computes the positions themselves in float32, which costs it the last digits.
    np.testing.assert_allclose(resize_aligned(array, size2), want[0].numpy(), atol=5e-5)


def test_resizing_leaves_leading_axes_and_the_input() -> None:
    array = np.random.default_rng(3).random((2, 3, 6, 4), dtype=np.float32)
    before = array.copy()
    found = resize_aligned(array, (9, 5))
    np.testing.assert_array_equal(found[1, 2], resize_aligned(array[1, 2], (9, 5)))
    np.testing.assert_array_equal(array, before)


def test_the_same_size_gives_the_same_values_in_new_memory() -> None:
    array = np.random.default_rng(3).random((6, 4), dtype=np.float32)
    for found in (resize_aligned(array, (6, 4)), resize_through(array, (6, 4), (6, 4))):
        np.testing.assert_array_equal(found, array)
        assert not np.may_share_memory(found, array)


def test_masks_and_integers_are_resized_as_numbers() -> None:
    mask = np.array([[False, True]])
    assert resize_aligned(mask, (1, 3)).tolist() == [[0, 0.5, 1]]
    assert resize_aligned(np.array([[0, 9]], np.uint8), (1, 4)).tolist() == [[0, 3, 6, 9]]


def test_corners_stay_and_a_single_row_takes_the_first() -> None:
    array = np.random.default_rng(4).random((6, 4), dtype=np.float32)
    found = resize_aligned(array, (11, 13))
    np.testing.assert_array_equal(
        found[[0, 0, -1, -1], [0, -1, 0, -1]], array[[0, 0, -1, -1], [0, -1, 0, -1]]
    )
    np.testing.assert_array_equal(resize_aligned(array, (1, 1)), array[:1, :1])


@settings(deadline=None)
@given(hnp.arrays(np.float32, st.tuples(sides, sides), elements=st.floats(0, 1, width=32)), sides, sides)
def test_a_probability_stays_one(array: np.ndarray, height: int, width: int) -> None:
    for found in (resize_aligned(array, (height, width)), resize_through(array, (height, width), (5, 6))):
        assert found.min() >= array.min() - 1e-7
        assert 0 <= found.min() <= found.max() <= 1


@settings(deadline=None)
@given(sides, sides, st.floats(0, 1, width=32), sides, sides)
def test_a_constant_stays_exactly_constant(h: int, w: int, value: float, h2: int, w2: int) -> None:
    assert (resize_aligned(np.full((h, w), value, np.float32), (h2, w2)) == np.float32(value)).all()


@pytest.mark.parametrize(
    ("start", "through", "size"),
    [
        ((64, 64), (375, 500), (64, 64)),
        ((64, 64), (50, 30), (64, 64)),
        ((64, 64), (700, 41), (64, 64)),
        ((375, 500), (375, 500), (56, 70)),
        ((30, 40), (300, 400), (56, 56)),
        ((1, 1), (9, 9), (4, 4)),
        ((8, 8), (1, 1), (8, 8)),
    ],
)
def test_resizing_through_a_size_is_resizing_twice(
    start: tuple[int, int], through: tuple[int, int], size: tuple[int, int]
) -> None:
    array = np.random.default_rng(6).random((2, *start), dtype=np.float32)
    twice = resize_aligned(resize_aligned(array, through), size)
    np.testing.assert_allclose(resize_through(array, through, size), twice, atol=1e-6)


def test_a_round_trip_through_a_huge_image_needs_no_huge_array() -> None:
    array = np.random.default_rng(6).random((448, 448), dtype=np.float32)
    tracemalloc.start()
    try:
        found = resize_through(array, (60000, 80000), (448, 448))
        assert tracemalloc.get_traced_memory()[1] < 64_000_000, "the map in between has 19 GB"
    finally:
        tracemalloc.stop()
    np.testing.assert_allclose(found, array, atol=0.02)


@settings(deadline=None)
@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.tuples(st.integers(1, 150), st.integers(1, 150)),
    st.sampled_from([0.0, 0.3, 0.5, 0.9]),
    st.integers(0, 2**32 - 1),
)
def test_above_a_threshold_is_resize_and_compare(
    shape: tuple[int, int], size: tuple[int, int], threshold: float, seed: int
) -> None:
    array = np.random.default_rng(seed).random(shape).astype(np.float32)
    want = resize_aligned(array, size) > threshold
    np.testing.assert_array_equal(above_aligned(array, size, threshold), want)


def test_above_agrees_to_the_last_bit_where_few_rows_are_added() -> None:
    # Two-digit values reach the threshold exactly; for this shape, rows first would be cheaper.
    array = np.random.default_rng(2).integers(0, 100, (448, 448)) / np.float32(100)
    want = resize_aligned(array, (500, 3000)) > 0.5
    np.testing.assert_array_equal(above_aligned(array, (500, 3000), 0.5), want)


@pytest.mark.parametrize("value", [0.2, 0.8])
def test_nothing_and_everything_are_above(value: float) -> None:
    assert (above_aligned(np.full((7, 9), value, np.float32), (50, 60), 0.5) == (value > 0.5)).all()


def test_a_mask_is_taken_where_a_map_is() -> None:
    mask = np.eye(4, dtype=np.bool_)
    np.testing.assert_array_equal(above_aligned(mask, (8, 8), 0.5), resize_aligned(mask, (8, 8)) > 0.5)


def test_a_huge_mask_needs_no_memory_but_its_own() -> None:
    array = np.random.default_rng(6).random((64, 64), dtype=np.float32)
    tracemalloc.start()
    try:
        above_aligned(array, (3000, 4000), 0.5)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000, "12 million pixels in float32 take 48 MB"
    finally:
        tracemalloc.stop()
