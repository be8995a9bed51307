"""Masks as arrays: made once, or told, and forgotten when they are not shown any more."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from skipclick.apps.desktop.maskstore import MaskStore
from skipclick.mask import RunLengths


def make_mask(height: int, width: int, bits: int) -> NDArray[np.bool_]:
    """A mask whose pixels are the lowest bits of a number."""
    return np.array([bits >> place & 1 for place in range(height * width)], np.bool_).reshape(height, width)


SIDES = st.integers(1, 8)
MASKS = st.builds(make_mask, SIDES, SIDES, st.integers(0, 2**64 - 1))


@settings(deadline=None)
@given(MASKS)
def test_a_part_is_the_mask_without_its_empty_rim(mask: NDArray[np.bool_]) -> None:
    part = MaskStore().part(RunLengths.from_mask(mask))
    whole = np.zeros_like(mask)
    height, width = part.mask.shape
    whole[part.top : part.top + height, part.left : part.left + width] = part.mask
    assert np.array_equal(whole, mask)
    if mask.any():
        assert all(rim.any() for rim in (part.mask[0], part.mask[-1], part.mask[:, 0], part.mask[:, -1]))


@settings(deadline=None)
@given(MASKS)
def test_a_mask_that_was_told_is_the_one_that_would_be_made(mask: NDArray[np.bool_]) -> None:
    runs, told = RunLengths.from_mask(mask), MaskStore()
    told.put(runs, mask)
    one, other = told.part(runs), MaskStore().part(runs)
    assert (one.left, one.top) == (other.left, other.top)
    assert np.array_equal(one.mask, other.mask)
    assert not one.mask.flags.writeable


def test_a_mask_that_was_told_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    mask = np.eye(5, dtype=np.bool_)
    runs, store = RunLengths.from_mask(mask), MaskStore()
    store.put(runs, mask)
    monkeypatch.setattr(RunLengths, "to_mask", lambda _: pytest.fail("made from run lengths"))
    first = store.part(runs)
    store.put(runs, ~mask)  # one mask, one array, as long as it is kept
    assert store.part(runs) is first


def test_only_what_is_shown_is_kept() -> None:
    one, other = (
        RunLengths.from_mask(mask) for mask in (np.eye(3, dtype=np.bool_), np.ones((3, 3), np.bool_))
    )
    store = MaskStore()
    first = store.part(one)
    store.part(other)
    store.keep([one])
    assert store.part(one) is first
    assert set(store._parts) == {one}
