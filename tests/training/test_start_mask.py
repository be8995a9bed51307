"""Damaged masks to begin from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from skipclick.mask import iou
from skipclick.training.start_mask import PUBLISHED_START_MASKS, StartMaskRules, coarsen, damage, shift

Mask = NDArray[np.bool_]
RULES = StartMaskRules(share=1.0)


def rectangle(top: int, bottom: int, left: int, right: int, shape: tuple[int, int] = (60, 80)) -> Mask:
    mask = np.zeros(shape, np.bool_)
    mask[top:bottom, left:right] = True
    return mask


TARGET = rectangle(15, 45, 20, 60)
STRANGER = rectangle(0, 10, 0, 10)


def test_published_recipes_have_none() -> None:
    assert PUBLISHED_START_MASKS.share == 0


@given(seed=st.integers(0, 2**32 - 1), strangers=st.booleans())
@settings(max_examples=60)
def test_a_damaged_mask_is_a_mask_of_the_same_image(seed: int, strangers: bool) -> None:
    before = TARGET.copy()
    others = [STRANGER] if strangers else []
    mask = damage(TARGET, others, np.random.default_rng(seed), RULES)
    assert mask.dtype == np.bool_
    assert mask.shape == TARGET.shape
    assert not np.may_share_memory(mask, TARGET)
    assert not np.may_share_memory(mask, STRANGER)
    np.testing.assert_array_equal(TARGET, before)


def test_all_kinds_occur() -> None:
    generator = np.random.default_rng(0)
    masks = [damage(TARGET, [STRANGER], generator, RULES) for _ in range(400)]
    foreign = sum(np.array_equal(mask, STRANGER) for mask in masks)
    grown = sum(bool((mask >= TARGET).all()) and mask.sum() > TARGET.sum() for mask in masks)
    shrunk = sum(bool((mask <= TARGET).all()) and 0 < mask.sum() < TARGET.sum() for mask in masks)
    moved = sum(mask.sum() == TARGET.sum() and not np.array_equal(mask, TARGET) for mask in masks)
    for count in (foreign, grown, shrunk, moved):
        assert count > 40
    # A rectangle of few large pixels is the rectangle itself.
    assert foreign + grown + shrunk + moved < 400


def test_without_strangers_a_mask_stays_near_the_target() -> None:
    generator = np.random.default_rng(1)
    ious = [iou(damage(TARGET, [], generator, RULES), TARGET) for _ in range(300)]
    assert min(ious) > 0.2
    assert np.mean(ious) < 0.95


def test_an_empty_target_has_an_empty_mask() -> None:
    empty = np.zeros((20, 20), np.bool_)
    for seed in range(20):
        assert not damage(empty, [~empty], np.random.default_rng(seed), RULES).any()


def test_a_tiny_target_can_be_damaged() -> None:
    dot = rectangle(10, 11, 10, 11)
    for seed in range(40):
        assert damage(dot, [], np.random.default_rng(seed), RULES).sum() < 30


@pytest.mark.parametrize(("down", "across"), [(0, 0), (3, -7), (-15, 0), (59, 79), (-60, 5)])
def test_shifting_moves_every_pixel_and_loses_what_leaves(down: int, across: int) -> None:
    moved = shift(TARGET, down, across)
    expected = np.zeros_like(TARGET)
    for row, column in np.argwhere(TARGET):
        if 0 <= row + down < 60 and 0 <= column + across < 80:
            expected[row + down, column + across] = True
    np.testing.assert_array_equal(moved, expected)


def test_mirrored_masks_are_taken() -> None:
    np.testing.assert_array_equal(shift(TARGET[:, ::-1], 1, 2), shift(TARGET[:, ::-1].copy(), 1, 2))
    damage(TARGET[:, ::-1], [], np.random.default_rng(2), RULES)


def test_coarse_masks_consist_of_large_pixels() -> None:
    rows, columns = np.mgrid[:64, :64]
    disk = (rows - 32) ** 2 + (columns - 32) ** 2 < 24**2
    coarse = coarsen(disk, 4)
    box = coarse[9:56, 9:56]
    assert 0.6 < iou(coarse, disk) < 0.95
    # Along any row there are few changes.
    assert np.abs(np.diff(box.astype(int), axis=1)).sum(axis=1).max() <= 2
    assert len({row.tobytes() for row in box}) <= 4


def test_as_many_large_pixels_as_small_ones_change_nothing() -> None:
    np.testing.assert_array_equal(coarsen(TARGET, 40), TARGET)
