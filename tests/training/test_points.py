"""Clicks for training: the distributions of specification 6.5 and the rules of 6.6."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from skipclick.training.points import (
    PUBLISHED_POINTS,
    SLOTS,
    UNDECIDED,
    PointRules,
    answer_mask,
    border,
    draw_count,
    erode,
    error_depths,
    first_answer,
    initial_points,
)

Mask = NDArray[np.bool_]
Points = NDArray[np.float32]

EMPTY = np.full((48, 3), -1, np.float32)


def box(top: int, bottom: int, left: int, right: int, shape: tuple[int, int] = (40, 50)) -> Mask:
    mask = np.zeros(shape, np.bool_)
    mask[top:bottom, left:right] = True
    return mask


def used(points: Points, half: int) -> NDArray[np.int64]:
    """Rows and columns of the filled slots of a half, which are its first ones."""
    slots = points[half * SLOTS : (half + 1) * SLOTS]
    filled = slots[:, 2] == 100
    count = int(filled.sum())
    assert filled[:count].all()
    np.testing.assert_array_equal(slots[count:], EMPTY[: SLOTS - count])
    return slots[:count, :2].astype(np.int64)


def chi_square(counts: NDArray[np.float64], expected: NDArray[np.float64]) -> float:
    return float(((counts - expected) ** 2 / expected).sum())


def draw(
    target: Mask,
    draws: int,
    *,
    parts: tuple[Mask, ...] | None = None,
    others: Mask | None = None,
    rules: PointRules = PUBLISHED_POINTS,
    seed: int = 0,
) -> list[Points]:
    generator = np.random.default_rng(seed)
    parts = (target,) if parts is None else parts
    others = ~target if others is None else others
    return [initial_points(target, parts, others, generator, rules) for _ in range(draws)]


def test_the_published_values() -> None:
    assert asdict(PUBLISHED_POINTS) == {
        "decay": 0.8,
        "erode": 0.9,
        "erosion": 3,
        "least": 10,
        "background": 0.1,
        "other": 0.4,
        "border": 0.5,
        "border_width": 0.1,
    }
    assert (SLOTS, UNDECIDED) == (24, 0.49)


@pytest.mark.parametrize(("least", "most", "mean"), [(1, 24, 4.886), (0, 24, 3.905)])
def test_counts_decay_geometrically(least: int, most: int, mean: float) -> None:
    generator = np.random.default_rng(least)
    draws = [draw_count(least, most, 0.8, generator) for _ in range(6000)]
    weights = 0.8 ** np.arange(most - least + 1)
    weights /= weights.sum()
    assert weights @ np.arange(least, most + 1) == pytest.approx(mean, abs=5e-4)
    assert (min(draws), max(draws)) == (least, most)
    # The last bin gathers the rare counts; 13 bins, 12 degrees of freedom, 0.1 %.
    counts = np.bincount(np.array(draws) - least, minlength=len(weights)).astype(float)
    grouped = np.append(counts[:12], counts[12:].sum())
    expected = 6000 * np.append(weights[:12], weights[12:].sum())
    assert chi_square(grouped, expected) < 32.9


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.bool_, (12, 14)), st.booleans(), st.integers(0, 2**32 - 1))
def test_the_layout_holds_for_any_target(target: Mask, whole: bool, seed: int) -> None:
    target = target | whole
    parts = (target,) if target.any() else ()
    points = initial_points(target, parts, ~target, np.random.default_rng(seed))
    assert points.shape == (48, 3)
    assert points.dtype == np.float32
    positive, negative = used(points, 0), used(points, 1)
    assert (len(positive) > 0) == bool(target.any())
    assert target[positive[:, 0], positive[:, 1]].all()
    assert not target[negative[:, 0], negative[:, 1]].any()
    if whole:  # nowhere to put negative points
        assert len(negative) == 0


def test_numbers_of_points() -> None:
    drawn = draw(box(10, 30, 10, 30), 2000, seed=1)
    positive = [len(used(points, 0)) for points in drawn]
    negative = [len(used(points, 1)) for points in drawn]
    # Standard deviations of these distributions are below 4.4.
    assert np.mean(positive) == pytest.approx(4.886, abs=3.3 * 4.4 / np.sqrt(2000))
    assert np.mean(negative) == pytest.approx(3.905, abs=3.3 * 4.4 / np.sqrt(2000))
    assert min(positive) == 1
    assert min(negative) == 0
    assert abs(np.corrcoef(positive, negative)[0, 1]) < 0.08


def test_positive_points_are_uniform_over_the_eroded_object_mostly() -> None:
    target = box(10, 22, 10, 22)  # 12 by 12, eroded 6 by 6
    inner = box(13, 19, 13, 19)
    first = np.array([used(points, 0)[0] for points in draw(target, 3000, seed=2)])
    inside = inner[first[:, 0], first[:, 1]]
    share = 0.9 + 0.1 * 36 / 144
    assert inside.mean() == pytest.approx(share, abs=3.3 * np.sqrt(share * (1 - share) / 3000))
    counts = np.zeros((6, 6))
    np.add.at(counts, tuple((first[inside] - 13).T), 1)
    assert chi_square(counts, np.full((6, 6), inside.sum() / 36)) < 66.6  # 35 degrees, 0.1 %


def test_erosion_is_decided_once_for_all_points_of_an_object() -> None:
    target, inner = box(10, 22, 10, 22), box(13, 19, 13, 19)
    outside = 0
    for points in draw(target, 1500, seed=3):
        positive = used(points, 0)
        outside += not inner[positive[:, 0], positive[:, 1]].all()
    # Only the items that are not eroded, a tenth, can have a point outside, and those nearly always do.
    assert 0.04 < outside / 1500 < 0.1 + 3.3 * np.sqrt(0.09 / 1500)


@pytest.mark.parametrize(("size", "eroded"), [(9, False), (10, True)])
def test_an_object_that_erosion_would_nearly_destroy_stays_whole(size: int, eroded: bool) -> None:
    target = box(10, 10 + size, 10, 10 + size)  # leaves 3 by 3 = 9 pixels, or 4 by 4 = 16
    always = replace(PUBLISHED_POINTS, erode=1.0)
    rows = [row for points in draw(target, 200, rules=always) for row, _ in used(points, 0)]
    assert (min(rows) == 13) == eroded
    assert (min(rows) == 10) != eroded


def test_more_than_ten_pixels_must_remain() -> None:
    always = replace(PUBLISHED_POINTS, erode=1.0)
    for width, first in ((10, 10), (11, 13)):  # eroded: one row of 10, or of 11
        target = box(10, 17, 10, 16 + width)
        rows = {row for points in draw(target, 200, rules=always) for row, _ in used(points, 0)}
        assert min(rows) == first


def test_erosion_leaves_the_image_edge_alone() -> None:
    np.testing.assert_array_equal(erode(box(0, 40, 0, 20), 3), box(0, 40, 0, 17))
    np.testing.assert_array_equal(erode(box(5, 20, 5, 20)[::-1], 3), box(8, 17, 8, 17)[::-1])


@pytest.mark.parametrize(("side", "width"), [(10, 1), (11, 2), (20, 2), (1, 1)])
def test_the_border_is_a_tenth_of_the_root_of_the_area_wide(side: int, width: int) -> None:
    target = box(15, 15 + side, 15, 15 + side)
    expected = box(15 - width, 15 + side + width, 15 - width, 15 + side + width) & ~target
    np.testing.assert_array_equal(border(target, 0.1), expected)


def test_negative_strategies_have_their_shares() -> None:
    target = box(15, 25, 15, 25)
    near = border(target, 0.1)
    others = box(0, 5, 0, 5)
    counts = np.zeros(3)
    for points in draw(target, 2500, others=others, seed=4):
        for row, column in used(points, 1):
            counts[0 if others[row, column] else 1 if near[row, column] else 2] += 1
    # "Background" lies on the others (25 pixels) and the border (44) as well, of 1900 in all.
    shares = np.array([0.4 + 0.1 * 25 / 1900, 0.5 + 0.1 * 44 / 1900, 0.1 * 1831 / 1900])
    assert chi_square(counts, counts.sum() * shares) < 13.8  # 2 degrees of freedom, 0.1 %


def test_negative_points_are_uniform_over_the_border() -> None:
    target = box(15, 25, 15, 25)
    only_border = replace(PUBLISHED_POINTS, background=0.0, other=0.0, border=1.0)
    counts = np.zeros(target.shape)
    for points in draw(target, 1200, rules=only_border, seed=5):
        np.add.at(counts, tuple(used(points, 1).T), 1)
    near = border(target, 0.1)
    assert counts[~near].sum() == 0
    assert chi_square(counts[near], np.full(44, counts.sum() / 44)) < 77.5  # 43 degrees, 0.1 %


def test_points_without_a_place_are_left_out() -> None:
    target = box(15, 25, 15, 25)
    nowhere = np.zeros_like(target)
    drawn = draw(target, 1500, others=nowhere, seed=6)
    counts = [len(used(points, 1)) for points in drawn]
    assert np.mean(counts) == pytest.approx(0.6 * 3.905, abs=0.28)


def test_an_empty_item_has_negative_points_anywhere() -> None:
    target = np.zeros((6, 7), np.bool_)
    counts = np.zeros(target.shape)
    numbers = []
    for points in draw(target, 1500, parts=(), others=target, seed=7):
        assert len(used(points, 0)) == 0
        negative = used(points, 1)
        numbers.append(len(negative))
        np.add.at(counts, tuple(negative.T), 1)
    assert np.mean(numbers) == pytest.approx(3.905, abs=0.37)
    assert chi_square(counts, np.full((6, 7), counts.sum() / 42)) < 75  # 41 degrees, 0.1 %


def test_two_objects_get_a_point_each_and_further_ones_by_turns_of_a_coin() -> None:
    first, second = box(5, 15, 5, 45), box(25, 35, 5, 15)
    further: list[int] = []
    on_first = 0
    for points in draw(first | second, 2500, parts=(first, second), seed=8):
        positive = used(points, 0)
        assert first[tuple(positive[0])]
        assert second[tuple(positive[1])]
        rest = positive[2:]
        further.append(len(rest))
        on_first += int(first[rest[:, 0], rest[:, 1]].sum())
    total = sum(further)
    assert abs(on_first - total / 2) < 3.3 * np.sqrt(total / 4)
    weights = 0.8 ** np.arange(25)
    weights /= weights.sum()
    # What is beyond 22 is cut: the mean of min(m, 22), and the largest number of points is 24.
    assert np.mean(further) == pytest.approx(np.minimum(np.arange(25), 22) @ weights, abs=0.29)
    assert max(further) == 22


def test_points_are_the_same_for_the_same_generator() -> None:
    target = box(10, 30, 10, 30)
    np.testing.assert_array_equal(draw(target, 1, seed=9)[0], draw(target, 1, seed=9)[0])
    assert (draw(target, 1, seed=9)[0] != draw(target, 1, seed=10)[0]).any()


def test_depths_are_those_of_the_five_by_five_steps() -> None:
    errors = np.ones((21, 21), np.bool_)
    errors[10, 10] = False
    depths = error_depths(errors)
    assert depths.dtype == np.float32
    assert depths[10, 11] == pytest.approx(1.0)
    assert depths[11, 11] == pytest.approx(1.4, abs=1e-3)
    assert depths[11, 12] == pytest.approx(2.1969, abs=1e-3)  # exactly it would be 2.236
    assert depths[0, 5] == pytest.approx(1.0)  # outside of the image there is no error
    assert depths[10, 10] == 0


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(np.bool_, (13, 11)),
    hnp.arrays(np.float32, (13, 11), elements=st.floats(0, 1, width=32)),
    st.integers(1, 24),
    st.integers(0, 2**32 - 1),
)
def test_an_answer_lies_in_the_inner_half_of_the_largest_error(
    truth: Mask, probability: NDArray[np.float32], order: int, seed: int
) -> None:
    before = EMPTY.copy()
    after = answer_mask(before, truth, probability, order, np.random.default_rng(seed))
    np.testing.assert_array_equal(before, EMPTY)
    missing = error_depths(truth & (probability < 0.49))
    surplus = error_depths(~truth & (probability > 0.49))
    largest = max(missing.max(), surplus.max())
    changed = np.flatnonzero((after != EMPTY).any(axis=1))
    if largest == 0:
        assert len(changed) == 0
        return
    positive = missing.max() > surplus.max()
    assert changed.tolist() == [(24 if positive else 48) - order]
    row, column, third = after[changed[0]]
    assert third == order
    assert (missing if positive else surplus)[int(row), int(column)] > largest / 2


def test_answers_are_uniform_over_the_inner_half() -> None:
    truth = box(10, 21, 10, 21)  # depths 1 to 6, so the inner half is 4, 5 and 6: 5 by 5 pixels
    nothing = np.zeros(truth.shape, np.float32)
    generator = np.random.default_rng(11)
    counts = np.zeros(truth.shape)
    for _ in range(2000):
        row, column, _ = answer_mask(EMPTY, truth, nothing, 1, generator)[23].astype(int)
        counts[row, column] += 1
    inner = box(13, 18, 13, 18)
    assert counts[inner].sum() == 2000
    assert chi_square(counts[inner], np.full(25, 80.0)) < 51.2  # 24 degrees, 0.1 %


def test_a_tie_is_answered_by_a_negative_click() -> None:
    truth = box(5, 12, 5, 12)
    probability = box(20, 27, 20, 27).astype(np.float32)
    points = answer_mask(EMPTY, truth, probability, 2, np.random.default_rng(0))
    assert np.flatnonzero((points != -1).any(axis=1)).tolist() == [46]


def test_the_larger_error_is_answered() -> None:
    truth = box(5, 13, 5, 13)
    probability = box(20, 26, 20, 26).astype(np.float32)
    points = answer_mask(EMPTY, truth, probability, 3, np.random.default_rng(0))
    assert np.flatnonzero((points != -1).any(axis=1)).tolist() == [21]


@pytest.mark.parametrize(("value", "sign"), [(0.485, 0), (0.49, None), (0.495, 1)])
def test_undecided_pixels_are_no_errors(value: float, sign: int | None) -> None:
    """Half of the image is object; everywhere the same probability."""
    truth = box(0, 40, 0, 25)
    probability = np.full(truth.shape, value, np.float32)
    points = answer_mask(EMPTY, truth, probability, 1, np.random.default_rng(0))
    changed = np.flatnonzero((points != -1).any(axis=1)).tolist()
    assert changed == ([] if sign is None else [23 + 24 * sign])


def test_an_answer_takes_its_slot_whatever_was_there() -> None:
    points = np.full((48, 3), 100, np.float32)
    after = answer_mask(
        points, box(5, 20, 5, 20), np.zeros((40, 50), np.float32), 3, np.random.default_rng(0)
    )
    assert after[21, 2] == 3
    np.testing.assert_array_equal(np.delete(after, 21, axis=0), np.delete(points, 21, axis=0))


@pytest.mark.parametrize("order", [0, 25, -1])
def test_an_order_without_a_slot_is_refused(order: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 24"):
        answer_mask(EMPTY, box(5, 9, 5, 9), np.zeros((40, 50), np.float32), order, np.random.default_rng(0))


def test_no_negative_point_lies_on_ignored_pixels() -> None:
    target, ignored = np.zeros((60, 60), np.bool_), np.zeros((60, 60), np.bool_)
    target[20:40, 20:40] = True
    ignored[:, :18] = ignored[41:] = True
    source = np.random.default_rng(0)
    for _ in range(100):
        points = initial_points(target, [target], ~target, source, ignored=ignored)
        for row, column, _ in points[24:]:
            assert row < 0 or not ignored[int(row), int(column)]


def test_ignored_pixels_are_never_answered() -> None:
    truth, ignored = np.zeros((40, 40), np.bool_), np.zeros((40, 40), np.bool_)
    truth[:10, :10], ignored[20:] = True, True
    everything = np.ones((40, 40), np.float32)
    nothing = np.full((48, 3), -1, np.float32)
    for seed in range(20):
        points = answer_mask(nothing, truth, everything, 1, np.random.default_rng(seed), ignored)
        (row, column, _) = points[47]
        assert not ignored[int(row), int(column)]
        assert not truth[int(row), int(column)]


def test_the_first_answer_is_an_initial_point_in_the_first_slot() -> None:
    truth = np.zeros((40, 40), np.bool_)
    truth[10:30, 10:30] = True
    for mask, slot in ((np.zeros_like(truth), 0), (np.ones_like(truth), 24)):
        points = first_answer(truth, mask.astype(np.float32), np.random.default_rng(0))
        assert points[slot, 2] == 100
        assert (np.delete(points, slot, axis=0) == -1).all()
        row, column = points[slot, :2].astype(int)
        assert truth[row, column] == (slot == 0)


def test_a_right_mask_has_no_first_answer() -> None:
    truth = np.eye(20, dtype=np.bool_)
    assert (first_answer(truth, truth.astype(np.float32), np.random.default_rng(0)) == -1).all()
