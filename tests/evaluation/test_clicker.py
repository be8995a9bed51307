from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from skipclick.evaluation.clicker import ROUNDS_EXACTLY, Clicker, squared_depths
from skipclick.prompt import Click


class LiteralClicker:
    """The specification word for word, on the whole image and by brute force."""

    def __init__(self, truth: np.ndarray) -> None:
        self.truth = truth
        self.unclicked = np.ones(truth.shape, bool)

    def next_click(self, mask: np.ndarray) -> Click:
        valid = self.truth != -1
        inside = self.truth == 1
        missing = brute_squared_depths(inside & ~mask & valid) * self.unclicked
        surplus = brute_squared_depths(~inside & mask & valid) * self.unclicked
        positive = bool(missing.max() > surplus.max())
        chosen = missing if positive else surplus
        row, col = next(zip(*np.nonzero(chosen == chosen.max()), strict=True))
        self.unclicked[row, col] = False
        return Click(float(col), float(row), positive)


def brute_squared_depths(errors: np.ndarray) -> np.ndarray:
    padded = np.pad(errors, 1)
    zeros = np.argwhere(~padded)
    everywhere = np.argwhere(np.ones_like(padded))
    squared = ((everywhere[:, None] - zeros[None]) ** 2).sum(-1).min(1)
    return squared.reshape(padded.shape)[1:-1, 1:-1]


def truth_and_masks(draw: st.DrawFn) -> tuple[np.ndarray, list[np.ndarray]]:
    shape = draw(array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14))
    truth = draw(arrays(np.int8, shape, elements=st.sampled_from([-1, 0, 0, 1, 1, 1]), fill=st.just(1)))
    masks = draw(st.lists(arrays(np.bool_, shape, fill=st.booleans()), min_size=1, max_size=4))
    return truth, masks


@settings(max_examples=100, deadline=None)
@given(st.composite(truth_and_masks)())
def test_clicks_are_those_of_the_specification(case: tuple[np.ndarray, list[np.ndarray]]) -> None:
    truth, masks = case
    ours, literal = Clicker(truth), LiteralClicker(truth)
    for mask in masks:
        assert ours.next_click(mask) == literal.next_click(mask)


@settings(max_examples=60, deadline=None)
@given(arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=16), fill=st.just(True)))
def test_depths_are_exact(errors: np.ndarray) -> None:
    assert np.array_equal(squared_depths(errors), brute_squared_depths(errors))


@pytest.mark.parametrize("sigma", [0.3, 2.0, 12.0])
def test_depths_are_those_of_a_transform_in_64_bits(sigma: float) -> None:
    generator = np.random.default_rng(1)
    for shape in ((3, 200), (117, 140), (300, 260)):
        for share in (0.2, 0.7, 0.999):
            errors = blobs(generator, shape, sigma, share)
            exact = np.rint(ndimage.distance_transform_edt(np.pad(errors, 1))[1:-1, 1:-1] ** 2)
            assert np.array_equal(squared_depths(errors), exact)


@pytest.mark.parametrize(("side", "beyond"), [(600, False), (2002, True)])
def test_depths_are_exact_on_either_side_of_the_limit(side: int, beyond: bool) -> None:
    rows, columns = np.ogrid[1 : side + 1, 1 : side + 1]
    depths = np.minimum(np.minimum(rows, side + 1 - rows), np.minimum(columns, side + 1 - columns))
    assert (depths.max() > ROUNDS_EXACTLY) == beyond
    assert np.array_equal(squared_depths(np.ones((side, side), bool)), depths**2)


def blobs(generator: np.random.Generator, shape: tuple[int, int], sigma: float, share: float) -> np.ndarray:
    noise = ndimage.gaussian_filter(generator.standard_normal(shape), sigma)
    return np.asarray(noise > np.quantile(noise, 1 - share))


@pytest.mark.parametrize("sigma", [0.5, 1.5, 4.0, 9.0])
def test_patch_by_patch_finds_what_the_whole_image_holds(sigma: float) -> None:
    generator = np.random.default_rng(5)
    for _ in range(5):
        truth = blobs(generator, (60, 90), sigma, 0.4).astype(np.int8)
        truth[blobs(generator, (60, 90), sigma, 0.05)] = -1
        clicker = Clicker(truth)
        unclicked = np.ones(truth.shape, bool)
        for _ in range(4):
            mask = blobs(generator, (60, 90), sigma, 0.5)
            missing = squared_depths((truth == 1) & ~mask) * unclicked
            surplus = squared_depths((truth == 0) & mask) * unclicked
            positive = bool(missing.max() > surplus.max())
            chosen = missing if positive else surplus
            row, col = divmod(int(chosen.argmax()), 90)
            assert clicker.next_click(mask) == Click(col, row, positive)
            unclicked[row, col] = False


def test_first_click_goes_to_the_innermost_point() -> None:
    truth = np.zeros((40, 60), np.int8)
    truth[10:21, 30:51] = 1
    assert Clicker(truth).next_click(np.zeros((40, 60), bool)) == Click(35, 15, True)


def test_the_border_of_the_image_bounds_errors() -> None:
    truth = np.ones((9, 9), np.int8)
    assert Clicker(truth).next_click(np.zeros((9, 9), bool)) == Click(4, 4, True)


def test_ignored_pixels_bound_errors_and_are_none() -> None:
    truth = np.ones((9, 20), np.int8)
    truth[:, 9] = -1
    truth[:, 10:] = 0
    mask = np.zeros((9, 20), bool)
    mask[:, 9] = True
    assert Clicker(truth).next_click(mask) == Click(4, 4, True)
    assert Clicker(-np.ones((9, 20), np.int8)).next_click(mask) == Click(0, 0, False)


def test_a_tie_between_missing_and_surplus_is_negative() -> None:
    truth = np.zeros((5, 14), np.int8)
    truth[1:4, 1:4] = 1
    mask = np.zeros((5, 14), bool)
    mask[1:4, 8:11] = True
    assert Clicker(truth).next_click(mask) == Click(9, 2, False)


def test_among_equals_the_first_in_row_major_order() -> None:
    truth = np.zeros((12, 12), np.int8)
    truth[6:9, 1:4] = 1
    truth[1:4, 7:10] = 1
    truth[1:4, 2:5] = 1
    clicker = Clicker(truth)
    nothing = np.zeros((12, 12), bool)
    assert [clicker.next_click(nothing) for _ in range(3)] == [
        Click(3, 2, True),
        Click(8, 2, True),
        Click(2, 7, True),
    ]


def test_a_pixel_is_clicked_once_whatever_its_sign() -> None:
    truth = np.zeros((3, 3), np.int8)
    truth[1, 1] = 1
    clicker = Clicker(truth)
    assert clicker.next_click(np.zeros((3, 3), bool)) == Click(1, 1, True)
    # The only error has been clicked: nothing is left.
    assert clicker.next_click(np.zeros((3, 3), bool)) == Click(0, 0, False)


def test_without_errors_the_first_pixel_again_and_again() -> None:
    truth = np.zeros((6, 6), np.int8)
    truth[2:4, 2:4] = 1
    clicker = Clicker(truth)
    assert [clicker.next_click(truth == 1) for _ in range(3)] == [Click(0, 0, False)] * 3


def test_every_pixel_of_a_stubborn_object_gets_its_click() -> None:
    truth = np.zeros((8, 8), np.int8)
    truth[2:5, 3:7] = 1
    clicker = Clicker(truth)
    nothing = np.zeros((8, 8), bool)
    clicks = {(click.y, click.x) for click in (clicker.next_click(nothing) for _ in range(12))}
    assert clicks == {(float(row), float(col)) for row, col in np.argwhere(truth == 1)}


def test_nothing_given_is_changed() -> None:
    truth = np.ones((5, 5), np.int8)
    mask = np.zeros((5, 5), bool)
    truth.flags.writeable = mask.flags.writeable = False
    Clicker(truth).next_click(mask)


def test_most_of_a_large_image_is_never_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = np.zeros((1000, 1500), np.int8)
    truth[300:700, 500:1000] = 1
    mask = truth == 1
    mask[300:303, 500:1000] = False
    mask[10:15, 10:15] = mask[990:995, 1490:1495] = True
    looked_at = []

    def counted(errors: np.ndarray) -> np.ndarray:
        looked_at.append(errors.size)
        return squared_depths(errors)

    monkeypatch.setattr("skipclick.evaluation.clicker.squared_depths", counted)
    assert Clicker(truth).next_click(mask) == Click(12, 12, False)
    assert sorted(looked_at) == [25, 25, 1500]


def masks_that_change_a_little(draw: st.DrawFn) -> tuple[np.ndarray, list[np.ndarray]]:
    shape = draw(array_shapes(min_dims=2, max_dims=2, min_side=4, max_side=16))
    truth = draw(arrays(np.int8, shape, elements=st.sampled_from([-1, 0, 1, 1]), fill=st.just(1)))
    masks = [draw(arrays(np.bool_, shape, fill=st.booleans()))]
    for _ in range(draw(st.integers(1, 5))):
        mask = masks[-1].copy()
        row, col = draw(st.integers(0, shape[0] - 1)), draw(st.integers(0, shape[1] - 1))
        mask[row : row + draw(st.integers(0, 3)), col : col + 3] ^= True
        masks.append(mask)
    return truth, masks


@settings(max_examples=100, deadline=None)
@given(st.composite(masks_that_change_a_little)())
def test_what_is_remembered_changes_no_click(case: tuple[np.ndarray, list[np.ndarray]]) -> None:
    truth, masks = case
    ours, literal = Clicker(truth), LiteralClicker(truth)
    for mask in masks:
        assert ours.next_click(mask) == literal.next_click(mask)


@settings(max_examples=100, deadline=None)
@given(arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=20), fill=st.booleans()))
def test_depths_within_a_patchs_box_are_those_within_the_image(errors: np.ndarray) -> None:
    whole = squared_depths(errors)
    patches, count = ndimage.label(errors, np.ones((3, 3)))
    for number, box in enumerate(ndimage.find_objects(patches), start=1):
        patch = patches[box] == number
        assert np.array_equal(squared_depths(patch)[patch], whole[box][patch])
    assert count == patches.max()


def test_patches_that_stay_are_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = np.zeros((100, 300), np.int8)
    truth[10:70, 10:70] = truth[20:70, 100:150] = truth[20:60, 200:240] = 1
    looked_at = []

    def counted(errors: np.ndarray) -> np.ndarray:
        looked_at.append(errors.shape)
        return squared_depths(errors)

    monkeypatch.setattr("skipclick.evaluation.clicker.squared_depths", counted)
    clicker = Clicker(truth)
    mask = np.zeros((100, 300), bool)
    assert clicker.next_click(mask) == Click(39, 39, True)
    # Of patches of 60, 50 and 40 pixels only the first can hold the deepest place.
    assert looked_at == [(60, 60)]
    clicker.next_click(mask)
    assert looked_at == [(60, 60)]
    mask[10:70, 10:70] = True
    clicker.next_click(mask)
    mask[20:60, 200:240] = True
    clicker.next_click(mask)
    assert looked_at == [(60, 60), (50, 50)]
    mask[20, 100] = True
    clicker.next_click(mask)
    assert looked_at == [(60, 60), (50, 50), (50, 50)]


def test_aiming_clicks_nothing() -> None:
    truth = np.zeros((9, 9), np.int8)
    truth[2:7, 2:7] = 1
    clicker = Clicker(truth)
    nothing = np.zeros((9, 9), bool)
    assert clicker.aim(nothing) == clicker.aim(nothing) == (4, 4, True, 9)
    assert clicker.click(4, 4, True) == Click(4, 4, True)
    assert clicker.aim(nothing) != (4, 4, True, 9)
