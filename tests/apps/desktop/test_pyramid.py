"""Views of an image at any scale."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from skipclick.apps.desktop.pyramid import CRISP, Pyramid

Picture = Callable[[int, int], NDArray[np.uint8]]


def smooth(width: int, height: int) -> NDArray[np.uint8]:
    """A picture that changes so slowly that every way of scaling it agrees."""
    x, y = np.meshgrid(np.linspace(20, 220, width), np.linspace(0, 30, height))
    return np.stack([x + y, 240 - x, x], axis=-1).astype(np.uint8)


SMOOTH = smooth(613, 451)


def test_at_full_size_the_pixels_are_the_image_s(picture: Picture) -> None:
    image = picture(37, 23)
    np.testing.assert_array_equal(Pyramid(image).view(1.0, 0, 0, 37, 23), image)
    np.testing.assert_array_equal(Pyramid(image).view(1.0, 5, 7, 12, 9), image[7:16, 5:17])


@settings(max_examples=40)
@given(
    scale=st.floats(CRISP, 64),
    left=st.integers(0, 700),
    top=st.integers(0, 700),
    width=st.integers(1, 90),
    height=st.integers(1, 90),
)
def test_enlarged_far_every_screen_pixel_shows_the_pixel_it_lies_in(
    scale: float, left: int, top: int, width: int, height: int
) -> None:
    image = np.random.default_rng(0).integers(0, 256, (260, 270, 3), np.uint8)
    across, down = (left + np.arange(width) + 0.5) / scale, (top + np.arange(height) + 0.5) / scale
    expected = image[down.astype(int)][:, across.astype(int)]
    got = Pyramid(image).view(scale, left, top, width, height)
    # On the line between two pixels either may be shown.
    clear = (np.abs(down - np.rint(down)) > 0.002)[:, None] & (np.abs(across - np.rint(across)) > 0.002)
    np.testing.assert_array_equal(got[clear], expected[clear])


def test_crisp_pixels_are_squares_of_one_colour(picture: Picture) -> None:
    view = Pyramid(picture(20, 20)).view(8.0, 0, 0, 160, 160)
    squares = view.reshape(20, 8, 20, 8, 3).transpose(0, 2, 1, 3, 4).reshape(400, 64, 3)
    assert (squares == squares[:, :1]).all()


def test_below_that_pixels_are_interpolated() -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    image[:, 2:] = 200
    row = Pyramid(image).view(2.0, 0, 0, 8, 8)[3, :, 0].astype(int)
    assert (np.diff(row) >= 0).all()
    assert 0 < row[3] < row[4] < 200
    assert (row[0], row[7]) == (0, 200)


@pytest.mark.parametrize("level", [1, 2, 3])
def test_at_a_half_a_quarter_an_eighth_pixels_are_means(level: int, picture: Picture) -> None:
    image, side = picture(256, 192), 2**level
    means = image.reshape(192 // side, side, 256 // side, side, 3).mean(axis=(1, 3))
    view = Pyramid(image).view(1 / side, 0, 0, 256 // side, 192 // side)
    assert np.abs(view - means).max() <= level  # each halving rounds


@settings(max_examples=30)
@given(st.floats(0.05, 2.9), st.integers(0, 40), st.integers(0, 40))
def test_any_scale_shows_the_same_scene(scale: float, left: int, top: int) -> None:
    width, height = max(1, min(50, int(613 * scale) - left)), max(1, min(50, int(451 * scale) - top))
    view = Pyramid(SMOOTH).view(scale, left, top, width, height)
    x = np.clip((left + np.arange(width) + 0.5) / scale - 0.5, 0, 612)
    y = np.clip((top + np.arange(height) + 0.5) / scale - 0.5, 0, 450)
    expected = SMOOTH[np.rint(y).astype(int)][:, np.rint(x).astype(int)]
    inner = view[1:-1, 1:-1].astype(int) - expected[1:-1, 1:-1]
    assert np.abs(inner).max(initial=0) <= 8


def test_odd_sizes_keep_their_last_row_and_column() -> None:
    image = np.full((131, 257, 3), 90, np.uint8)
    view = Pyramid(image).view(0.25, 0, 0, 65, 33)
    assert (view == 90).all()


@pytest.mark.parametrize("scale", [0.3, 1.0, 1.7, 5.0])
def test_a_part_is_drawn_as_in_the_whole(scale: float) -> None:
    """A mask's array is its bounding box; where that begins must not show."""
    whole = np.zeros((300, 400), np.uint8)
    whole[101:203, 57:211] = 255
    whole[120:140, 80:90] = 0
    part = Pyramid(whole[101:203, 57:211].copy(), origin=(57, 101), edge="zero")
    width, height = int(400 * scale), int(300 * scale)
    one = part.view(scale, 0, 0, width, height) > 127
    other = Pyramid(whole).view(scale, 0, 0, width, height) > 127
    assert np.count_nonzero(one != other) <= (0 if scale >= 1 else 0.004 * one.size)


def test_outside_a_part_there_is_nothing() -> None:
    part = Pyramid(np.full((10, 10), 255, np.uint8), origin=(50, 50), edge="zero")
    assert not part.view(1.0, 0, 0, 40, 40).any()
    assert not part.view(1.0, 70, 0, 40, 90).any()
    assert part.view(1.0, 40, 40, 30, 30).sum() == 100 * 255


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (3, 2), (64, 64), (65, 1)])
@pytest.mark.parametrize("scale", [0.01, 0.5, 1.0, 64.0])
def test_tiny_images_and_extreme_scales(size: tuple[int, int], scale: float) -> None:
    image = np.full((size[1], size[0], 3), 77, np.uint8)
    assert (Pyramid(image).view(scale, 0, 0, 20, 20) == 77).all()


def test_building_ahead_changes_nothing(picture: Picture) -> None:
    image = picture(500, 300)
    ahead, later = Pyramid(image), Pyramid(image)
    ahead.build()
    for scale in (0.9, 0.4, 0.11):
        np.testing.assert_array_equal(ahead.view(scale, 3, 4, 20, 20), later.view(scale, 3, 4, 20, 20))


def test_the_image_is_not_copied_and_its_memory_is_known(picture: Picture) -> None:
    image = picture(500, 300)
    photo = Pyramid(image)
    assert photo.image is image
    assert photo.size == (500, 300)
    assert image.nbytes < photo.nbytes < 1.4 * image.nbytes


def test_views_are_new_arrays(picture: Picture) -> None:
    image = picture(40, 30)
    before = image.copy()
    Pyramid(image).view(1.0, 0, 0, 40, 30)[:] = 0
    np.testing.assert_array_equal(image, before)
