"""Which part of an image the network looks at for small things."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from skipclick.apps.desktop.focus import EXPAND, focus_region
from skipclick.prompt import Click

SHAPE = (4000, 6000)


def test_one_click_is_in_the_middle_of_a_part_of_the_image() -> None:
    region = focus_region(SHAPE, [Click(3000, 2000)])
    assert region is not None
    left, top, right, bottom = region
    assert right - left == bottom - top == 1200
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((3000, 2000), abs=1)


def test_a_click_in_the_corner_moves_the_region_into_the_image() -> None:
    assert focus_region(SHAPE, [Click(0, 0)]) == (0, 0, 1200, 1200)
    assert focus_region(SHAPE, [Click(5999.5, 3999.5)]) == (4800, 2800, 6000, 4000)


def test_it_surrounds_the_mask_with_room() -> None:
    mask = np.zeros(SHAPE, bool)
    mask[1000:3000, 2000:2500] = True
    region = focus_region(SHAPE, [Click(2100, 1500)], mask)
    assert region is not None
    left, top, right, bottom = region
    assert left < 2000
    assert right > 2500
    assert bottom - top >= EXPAND * 2000
    assert top < 1000
    assert bottom > 3000


def test_for_a_large_object_it_is_the_whole_image() -> None:
    mask = np.ones((400, 600), bool)
    assert focus_region((400, 600), [Click(5, 5)], mask) is None


@pytest.mark.parametrize("shape", [(80, 90), (1, 1), (100, 100)])
def test_for_a_tiny_image_too(shape: tuple[int, int]) -> None:
    assert focus_region(shape, [Click(0, 0)]) is None


def test_nothing_to_look_at() -> None:
    assert focus_region(SHAPE, []) is None
    assert focus_region(SHAPE, [], np.zeros(SHAPE, bool)) is None


def test_a_narrow_image_gives_all_its_breadth() -> None:
    region = focus_region((100, 5000), [Click(2500, 50)])
    assert region is not None
    assert (region[1], region[3]) == (0, 100)


class TestKeep:
    first = focus_region(SHAPE, [Click(3000, 2000)])

    def test_a_click_inside_keeps_it(self) -> None:
        clicks = [Click(3000, 2000), Click(3300, 1800, False)]
        assert focus_region(SHAPE, clicks, keep=self.first) == self.first

    def test_a_click_outside_makes_it_larger(self) -> None:
        region = focus_region(SHAPE, [Click(3000, 2000), Click(4900, 2000)], keep=self.first)
        assert region is not None
        assert region != self.first
        assert region[0] < 3000
        assert region[2] > 4900

    def test_a_click_at_its_edge_does_too_but_not_at_the_image_s(self) -> None:
        assert focus_region(SHAPE, [Click(3000, 2000), Click(3590, 2000)], keep=self.first) != self.first
        corner = focus_region(SHAPE, [Click(0, 0)])
        assert focus_region(SHAPE, [Click(0, 0), Click(2, 900)], keep=corner) == corner

    def test_a_region_much_too_large_is_given_up(self) -> None:
        region = focus_region(SHAPE, [Click(3000, 2000)], keep=(100, 100, 5000, 3900))
        assert region == self.first


@given(st.data())
def test_the_region_lies_in_the_image_and_holds_every_click(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(1, 8000)), data.draw(st.integers(1, 8000))
    x = st.floats(-0.5, width - 0.5)
    y = st.floats(-0.5, height - 0.5)
    points = data.draw(st.lists(st.tuples(x, y), min_size=1, max_size=6))
    clicks = [Click(*point) for point in points]
    region = focus_region((height, width), clicks)
    assume(region is not None)
    assert region is not None
    left, top, right, bottom = region
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    for click in clicks:  # in the region's own pixels a click may be half a pixel off its outermost centres
        assert -0.5 <= click.x - left <= right - left - 0.5
        assert -0.5 <= click.y - top <= bottom - top - 0.5
    again = focus_region((height, width), clicks, keep=region)
    assert again == region
