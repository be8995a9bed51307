"""Drawing masks and clicks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipclick.errors import ImageError
from skipclick.overlay import MASK, NEGATIVE, POSITIVE, WHITE, cut_out, draw_clicks, draw_mask
from skipclick.prompt import Click


def grey(height: int = 40, width: int = 60, value: int = 100) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def square(height: int = 40, width: int = 60) -> np.ndarray:
    mask = np.zeros((height, width), bool)
    mask[10:30, 20:40] = True
    return mask


def test_the_tint_is_the_stated_share() -> None:
    drawn = draw_mask(grey(), square(), colour=(200, 0, 100), strength=0.25, edge=0)
    assert drawn[20, 30].tolist() == [125, 75, 100]


def test_background_pixels_stay_as_they_are() -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    drawn = draw_mask(image, square())
    np.testing.assert_array_equal(drawn[~square()], image[~square()])


def test_the_border_lies_inside_the_object_and_has_the_stated_width() -> None:
    drawn = draw_mask(grey(), square(), strength=0.0, edge=2)
    line = (drawn == np.array(MASK, np.uint8)).all(axis=2)
    expected = square()
    expected[12:28, 22:38] = False
    np.testing.assert_array_equal(line, expected)


def test_the_frame_of_the_photo_is_no_border() -> None:
    drawn = draw_mask(grey(), np.ones((40, 60), bool), strength=0.0, edge=3)
    np.testing.assert_array_equal(drawn, grey())


def test_an_empty_mask_draws_nothing() -> None:
    np.testing.assert_array_equal(draw_mask(grey(), np.zeros((40, 60), bool)), grey())


def test_nothing_is_drawn_on_the_photo_given() -> None:
    image = grey()
    draw_mask(image, square())
    draw_clicks(image, [Click(20, 20)])
    cut_out(image, square())
    np.testing.assert_array_equal(image, grey())


def test_a_read_only_photo_will_do() -> None:
    image = grey()
    image.flags.writeable = False
    assert draw_clicks(image, [Click(20, 20)]).flags.writeable
    assert draw_mask(image, square()).flags.writeable


@pytest.mark.parametrize(("positive", "colour"), [(True, POSITIVE), (False, NEGATIVE)])
def test_a_marker_is_a_coloured_disk_in_a_white_ring(positive: bool, colour: tuple[int, int, int]) -> None:
    drawn = draw_clicks(grey(81, 81), [Click(40, 40, positive)], radius=20)
    diagonal = round(15 / 2**0.5)
    assert drawn[40 + diagonal, 40 + diagonal].tolist() == list(colour)
    assert drawn[40, 40].tolist() == list(WHITE)
    assert drawn[40, 40 + 22].tolist() == list(WHITE)
    assert drawn[40, 40 + 28].tolist() == [100, 100, 100]


def test_plus_and_minus_tell_the_labels_apart_without_colour() -> None:
    plus = draw_clicks(grey(81, 81), [Click(40, 40, True)], radius=20)
    minus = draw_clicks(grey(81, 81), [Click(40, 40, False)], radius=20)
    assert plus[32, 40].tolist() == list(WHITE)
    assert minus[32, 40].tolist() == list(NEGATIVE)
    assert plus[40, 32].tolist() == minus[40, 32].tolist() == list(WHITE)


def test_a_marker_is_symmetric_about_its_click() -> None:
    drawn = draw_clicks(grey(61, 61), [Click(30, 30)], radius=12)
    np.testing.assert_array_equal(drawn, drawn[::-1])
    np.testing.assert_array_equal(drawn, drawn[:, ::-1])


def test_a_marker_follows_fractions_of_a_pixel() -> None:
    drawn = draw_clicks(grey(61, 61), [Click(30.5, 30)], radius=12)
    np.testing.assert_array_equal(drawn[:, 1:], drawn[:, :0:-1])


def test_later_clicks_lie_on_top() -> None:
    both = draw_clicks(grey(81, 81), [Click(40, 40, True), Click(40, 40, False)], radius=20)
    last = draw_clicks(grey(81, 81), [Click(40, 40, False)], radius=20)
    np.testing.assert_array_equal(both[26:55, 26:55], last[26:55, 26:55])


def test_a_click_in_the_corner_does_not_wrap_round() -> None:
    drawn = draw_clicks(grey(), [Click(0, 0)], radius=6)
    changed = (drawn != grey()).any(axis=2)
    assert changed[0, 0]
    assert not changed[12:].any()
    assert not changed[:, 12:].any()


@given(x=st.floats(-1e4, 1e4), y=st.floats(-1e4, 1e4), positive=st.booleans())
def test_any_click_can_be_drawn(x: float, y: float, positive: bool) -> None:
    assert draw_clicks(grey(), [Click(x, y, positive)]).shape == (40, 60, 3)


@given(height=st.integers(1, 30), width=st.integers(1, 30), seed=st.integers(0, 99))
def test_any_size_and_mask_can_be_drawn(height: int, width: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    image = generator.integers(0, 256, (height, width, 3), dtype=np.uint8)
    mask = generator.random((height, width)) < 0.5
    drawn = draw_mask(image, mask)
    np.testing.assert_array_equal(drawn[~mask], image[~mask])
    assert drawn.dtype == cut_out(image, mask).dtype == np.uint8


def test_a_cut_out_keeps_the_object_and_chequers_the_rest() -> None:
    cut = cut_out(grey(), square())
    np.testing.assert_array_equal(cut[square()], grey()[square()])
    assert set(np.unique(cut[~square()])) == {226, 255}


@pytest.mark.parametrize(
    ("image", "mask", "says"),
    [
        (np.zeros((4, 4), np.uint8), np.zeros((4, 4), bool), r"\(H, W, 3\) uint8"),
        (np.zeros((4, 4, 3), np.float32), np.zeros((4, 4), bool), "float32"),
        (np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.float32), "threshold a probability first"),
        (np.zeros((4, 4, 3), np.uint8), np.zeros((4, 5), bool), "must agree"),
    ],
)
def test_what_does_not_fit_is_named(image: np.ndarray, mask: np.ndarray, says: str) -> None:
    for draw in (draw_mask, cut_out):
        with pytest.raises(ImageError, match=says):
            draw(image, mask)
