"""From logits to masks, agreement of masks, and cleaning."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from skipclick.errors import ImageError
from skipclick.mask import iou, remove_specks, sigmoid

masks = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=14))
EIGHT = np.ones((3, 3), bool)


def drawing(*rows: str) -> np.ndarray:
    return np.array([[character == "#" for character in row] for row in rows])


@settings(deadline=None)
@given(hnp.arrays(np.float32, 20, elements=st.floats(-80, 80, width=32)))
def test_sigmoid_agrees_with_its_definition(logits: np.ndarray) -> None:
    exact = [1 / (1 + math.exp(-float(each))) for each in logits]
    np.testing.assert_allclose(sigmoid(logits), exact, rtol=3e-7)


def test_sigmoid_is_float32_and_survives_huge_logits() -> None:
    found = sigmoid(np.array([-np.inf, -1e30, -200, 0, 200, 1e30, np.inf]))
    assert found.dtype == np.float32
    assert found.tolist() == [0, 0, 0, 0.5, 1, 1, 1]


def test_sigmoid_keeps_the_shape_and_leaves_its_input() -> None:
    logits = np.full((2, 3, 4), 1.5, np.float32)
    assert sigmoid(logits).shape == (2, 3, 4)
    assert (logits == 1.5).all()
    assert sigmoid(np.float32(0)).shape == ()


@settings(deadline=None)
@given(hnp.arrays(np.float32, 30, elements=st.floats(-30, 30, width=32)))
def test_sigmoid_is_monotone_and_symmetric(logits: np.ndarray) -> None:
    logits = np.sort(logits)
    assert (np.diff(sigmoid(logits)) >= 0).all()
    np.testing.assert_allclose(sigmoid(-logits), 1 - sigmoid(logits), atol=1e-7)


def test_iou_counts_pixels() -> None:
    mask, truth = drawing("##.", "##."), drawing(".##", ".##")
    assert iou(mask, truth) == pytest.approx(2 / 6)
    assert iou(mask, mask) == 1
    assert iou(mask, drawing("..#", "..#")) == 0


def test_ignored_pixels_count_for_neither() -> None:
    mask, truth = drawing("##.", "##."), drawing(".##", ".##")
    assert iou(mask, truth, ignore=drawing("#..", "#..")) == pytest.approx(2 / 4)
    assert iou(mask, truth, ignore=drawing(".#.", "...")) == pytest.approx(1 / 5)


def test_iou_of_nothing_is_nan_without_a_warning() -> None:
    nothing = np.zeros((3, 3), bool)
    assert math.isnan(iou(nothing, nothing))
    assert math.isnan(iou(~nothing, ~nothing, ignore=~nothing))


@settings(deadline=None)
@given(st.data())
def test_iou_is_symmetric_and_bounded(data: st.DataObject) -> None:
    mask = data.draw(masks)
    truth, ignore = (data.draw(hnp.arrays(np.bool_, mask.shape)) for _ in range(2))
    found = iou(mask, truth, ignore)
    if math.isnan(found):
        assert not ((mask | truth) & ~ignore).any()
    else:
        assert 0 <= found <= 1
        assert found == iou(truth, mask, ignore)
        assert found == iou(mask & ~ignore, truth & ~ignore)


@pytest.mark.parametrize("other", [np.zeros((3, 4), bool), np.zeros((3, 3), np.uint8)])
def test_iou_refuses_masks_that_do_not_match(other: np.ndarray) -> None:
    mask = np.zeros((3, 3), bool)
    for arguments in ((mask, other), (other, mask), (mask, mask, other)):
        with pytest.raises(ImageError, match="masks to compare"):
            iou(*arguments)


def test_small_islands_and_holes_go() -> None:
    mask = drawing(
        "#........",
        "..#####..",
        "..#.###..",
        "..#####.#",
        "..#####.#",
        ".........",
    )
    assert (
        remove_specks(mask, 3)
        == drawing(
            ".........",
            "..#####..",
            "..#####..",
            "..#####..",
            "..#####..",
            ".........",
        )
    ).all()
    assert (remove_specks(mask, 2)[3:5, 8]).all(), "an island of exactly the area stays"


def test_a_hole_of_exactly_the_area_stays() -> None:
    mask = drawing("#####", "#..##", "#####")
    assert (remove_specks(mask, 2) == mask).all()
    assert remove_specks(mask, 3).all()


def test_background_at_the_border_is_no_hole() -> None:
    mask = drawing("##.##", "#####", ".####")
    assert (remove_specks(mask, 100) == mask).all()


def test_object_joins_across_corners_and_background_does_not() -> None:
    diagonal = drawing("#..", ".#.", "..#")
    assert (remove_specks(diagonal, 3) == diagonal).all()
    leaky = drawing("#.##", ".#.#", "####", "####")
    assert remove_specks(leaky, 2).sum() == leaky.sum() + 1, "only the enclosed pixel is filled"


def test_an_island_in_a_hole_goes_before_the_hole_is_measured() -> None:
    mask = drawing("#####", "#...#", "#.#.#", "#...#", "#####")
    assert not remove_specks(mask, 9)[2, 2]
    assert remove_specks(mask, 10).all()


@pytest.mark.parametrize("area", [0, 1])
def test_an_area_of_up_to_one_changes_nothing_but_copies(area: int) -> None:
    mask = drawing("#.#", "...", "###")
    found = remove_specks(mask, area)
    assert (found == mask).all()
    assert not np.may_share_memory(found, mask)


def test_cleaning_takes_views_and_read_only_masks() -> None:
    mask = np.zeros((10, 10), bool)
    mask[2:8, 2:8] = True
    mask[0, 9] = True
    view = mask[::-1, ::-1]
    mask.flags.writeable = False
    assert remove_specks(view, 4).sum() == 36
    assert mask.sum() == 37


@settings(deadline=None, max_examples=60)
@given(masks, st.integers(2, 40))
def test_cleaning_leaves_only_large_parts_or_the_largest(mask: np.ndarray, area: int) -> None:
    found = remove_specks(mask, area)
    assert found.dtype == np.bool_
    assert found.any() == mask.any()
    labels, count = ndimage.label(found, EIGHT)
    sizes = np.bincount(labels.ravel())[1:]
    assert count <= 1 or sizes.min() >= area
    holes, _ = ndimage.label(~found)
    outside = {*holes[0], *holes[-1], *holes[:, 0], *holes[:, -1]}
    for label, size in enumerate(np.bincount(holes.ravel())):
        assert label == 0 or label in outside or size >= area
    assert (remove_specks(found, area) == found).all(), "cleaning twice is cleaning once"
