"""Changing masks by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from skipclick.annotation.edit import box_mask, grow, paint, paint_polygon, shrink, smooth
from skipclick.annotation.errors import AnnotationError

masks = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=16))
points = st.lists(st.tuples(st.floats(-6, 20), st.floats(-6, 20)), min_size=1, max_size=5)
EMPTY = np.zeros((10, 14), np.bool_)


def distances(path: list[tuple[float, float]], shape: tuple[int, int]) -> np.ndarray:
    """From each pixel's centre to the path, by the definition."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    best = np.full(shape, np.inf)
    for (x0, y0), (x1, y1) in zip(path, path[1:] or path, strict=False):
        length = (x1 - x0) ** 2 + (y1 - y0) ** 2
        part = ((columns - x0) * (x1 - x0) + (rows - y0) * (y1 - y0)) / length if length > 1e-12 else 0 * rows
        part = np.clip(part, 0, 1)
        best = np.minimum(best, np.hypot(columns - x0 - part * (x1 - x0), rows - y0 - part * (y1 - y0)))
    return best


class TestBrush:
    @settings(deadline=None, max_examples=25)
    @given(path=points, radius=st.floats(0.6, 8))
    def test_everything_near_the_path_and_nothing_else(
        self, path: list[tuple[float, float]], radius: float
    ) -> None:
        distance = distances(path, EMPTY.shape)
        painted = paint(EMPTY, path, radius)
        assert painted[distance < radius - 1e-6].all()
        # Beyond it, at most the pixels that hold the points themselves.
        assert not painted[distance > max(radius, math.sqrt(0.5)) + 1e-6].any()

    @settings(deadline=None, max_examples=25)
    @given(path=points, radius=st.floats(0, 8), mask=hnp.arrays(np.bool_, EMPTY.shape))
    def test_the_eraser_takes_away_what_the_brush_adds(
        self, path: list[tuple[float, float]], radius: float, mask: np.ndarray
    ) -> None:
        stroke = paint(EMPTY, path, radius)
        assert (paint(mask, path, radius) == (mask | stroke)).all()
        assert (paint(mask, path, radius, value=False) == (mask & ~stroke)).all()

    def test_a_dot(self) -> None:
        assert np.argwhere(paint(EMPTY, [(3, 4)], 0)).tolist() == [[4, 3]]
        assert np.argwhere(paint(EMPTY, [(3.4, 4.4)], 0.1)).tolist() == [[4, 3]]
        assert paint(EMPTY, [(3, 4)], 1).sum() == 5
        assert paint(EMPTY, [(3, 4)], 1.5).sum() == 9

    def test_the_thinnest_line_has_no_gaps(self) -> None:
        line = paint(EMPTY, [(0, 0), (13, 9)], 0.5)
        assert ndimage.label(line, np.ones((3, 3)))[1] == 1
        assert line[0, 0]
        assert line[9, 13]

    def test_outside_the_image(self) -> None:
        assert not paint(EMPTY, [(-50, 4), (-40, 5)], 3).any()
        assert not paint(EMPTY, [(99, 99)], 3).any()
        assert paint(EMPTY, [(-3, 4)], 3.2)[4, 0]
        assert paint(EMPTY, [(-1e8, 4), (1e8, 4)], 0.5).sum() == 14

    def test_a_large_image_and_a_long_stroke(self) -> None:
        mask = np.zeros((4000, 6000), np.bool_)
        painted = paint(mask, [(100, 100), (130, 120), (160, 110)], 40)
        assert not mask.any()
        rows, columns = np.nonzero(painted)
        assert rows.max() == 160
        assert columns.min() == 60

    @pytest.mark.parametrize(
        "path", [[], [(1,)], [(1, 2, 3)], [(math.nan, 1)], [(1, math.inf)], [(1e300, 0)]]
    )
    def test_positions_that_cannot_be(self, path: list[tuple[float, ...]]) -> None:
        with pytest.raises(AnnotationError, match="pairs of finite numbers"):
            paint(EMPTY, path, 3)  # type: ignore[arg-type]

    @pytest.mark.parametrize("radius", [-1, math.nan, math.inf])
    def test_radii_that_cannot_be(self, radius: float) -> None:
        with pytest.raises(AnnotationError, match="radius"):
            paint(EMPTY, [(1, 1)], radius)


class TestPolygons:
    def test_centres_decide(self) -> None:
        """In the coordinates of clicks a pixel's centre is a whole number."""
        filled = paint_polygon(EMPTY, [(1.5, 1.5), (4.5, 1.5), (4.5, 3.5), (1.5, 3.5)])
        assert np.argwhere(filled).tolist() == [[2, 2], [2, 3], [2, 4], [3, 2], [3, 3], [3, 4]]

    def test_filling_and_cutting(self) -> None:
        corners = [(0.6, 0.6), (8.4, 0.6), (8.4, 8.4), (0.6, 8.4)]
        full = paint_polygon(EMPTY, corners)
        assert full.sum() == 64
        cut = paint_polygon(full, [(2.6, 2.6), (5.4, 2.6), (5.4, 5.4), (2.6, 5.4)], value=False)
        assert full.sum() - cut.sum() == 9
        assert not cut[3:6, 3:6].any()

    @settings(deadline=None, max_examples=25)
    @given(points)
    def test_cutting_is_the_opposite_of_filling(self, corners: list[tuple[float, float]]) -> None:
        polygon = paint_polygon(EMPTY, corners)
        assert (paint_polygon(~EMPTY, corners, value=False) == ~polygon).all()
        assert not paint_polygon(polygon, corners, value=False).any()

    def test_corners_outside_the_image(self) -> None:
        assert paint_polygon(EMPTY, [(-1e6, -1e6), (1e6, -1e6), (1e6, 1e6), (-1e6, 1e6)]).all()

    def test_positions_that_cannot_be(self) -> None:
        with pytest.raises(AnnotationError):
            paint_polygon(EMPTY, [(0, 0), (math.nan, 1), (2, 2)])


class TestBoxes:
    def test_borders_belong_to_it(self) -> None:
        assert np.argwhere(box_mask((5, 6), 1, 2, 3, 3)).tolist() == [
            [2, 1],
            [2, 2],
            [2, 3],
            [3, 1],
            [3, 2],
            [3, 3],
        ]

    def test_swapped_sides_are_put_right(self) -> None:
        assert (box_mask((5, 6), 3, 3, 1, 2) == box_mask((5, 6), 1, 2, 3, 3)).all()

    def test_beyond_the_image(self) -> None:
        assert box_mask((5, 6), -10, -10, 100, 100).all()
        assert not box_mask((5, 6), 50, 50, 100, 100).any()
        with pytest.raises(AnnotationError):
            box_mask((5, 6), math.nan, 0, 1, 1)


class TestGrowing:
    @settings(deadline=None, max_examples=25)
    @given(mask=masks, distance=st.floats(0, 6) | st.integers(0, 6))
    def test_by_the_definition(self, mask: np.ndarray, distance: float) -> None:
        found = grow(mask, distance)
        if mask.any():
            exact = ndimage.distance_transform_edt(~mask)
            clear = np.abs(exact - distance) > 1e-9
            assert (found == (exact <= distance))[clear].all()
        else:
            assert not found.any()

    @settings(deadline=None, max_examples=25)
    @given(mask=masks, distance=st.floats(0, 6) | st.integers(0, 6))
    def test_shrinking_is_growing_the_background(self, mask: np.ndarray, distance: float) -> None:
        if not mask.all():
            assert (shrink(mask, distance) == ~grow(~mask, distance)).all()

    def test_whole_distances_are_met_exactly(self) -> None:
        dot = paint(np.zeros((41, 41), np.bool_), [(20, 20)], 0)
        for distance in range(1, 20):
            rows, columns = np.mgrid[:41, :41] - 20
            assert (grow(dot, distance) == (rows**2 + columns**2 <= distance**2)).all()

    def test_the_frame_is_no_background(self) -> None:
        mask = box_mask((10, 14), 0, 0, 6, 9)
        assert (shrink(mask, 2) == box_mask((10, 14), 0, 0, 4, 9)).all()
        assert shrink(~EMPTY, 5).all()

    def test_everything_can_be_shrunk_away(self) -> None:
        assert not shrink(box_mask((10, 14), 3, 3, 5, 5), 2).any()

    def test_nothing_stays_nothing(self) -> None:
        for change in (grow, shrink, smooth):
            assert not change(EMPTY, 3).any()


class TestSmoothing:
    def test_a_whisker_goes_and_the_body_stays(self) -> None:
        mask = box_mask((40, 60), 10, 10, 30, 30) | box_mask((40, 60), 31, 20, 50, 20)
        smoothed = smooth(mask, 2)
        assert not smoothed[20, 40:50].any()
        assert smoothed[15:26, 15:26].all()

    def test_straight_sides_stay_where_they_are(self) -> None:
        mask = box_mask((40, 60), 0, 0, 25, 39)
        assert (smooth(mask, 3) == mask).all()

    def test_it_does_not_depend_on_what_lies_around(self) -> None:
        mask = box_mask((40, 60), 5, 5, 20, 20)
        wide = np.pad(mask, ((50, 50), (50, 50)))
        assert (smooth(wide, 2)[50:-50, 50:-50] == smooth(mask, 2)).all()

    def test_zero_changes_nothing(self) -> None:
        mask = box_mask((40, 60), 5, 5, 5, 5)
        assert (smooth(mask, 0) == mask).all()


@pytest.mark.parametrize("change", [grow, shrink, smooth])
@pytest.mark.parametrize("step", [-1, 1001, math.nan, math.inf])
def test_steps_that_cannot_be(change: Callable[[np.ndarray, float], np.ndarray], step: float) -> None:
    with pytest.raises(AnnotationError, match="from 0 to 1000"):
        change(~EMPTY, step)


@given(mask=masks, step=st.sampled_from([0.0, 1.0, 2.5]))
@settings(deadline=None, max_examples=25)
def test_every_operation_returns_a_new_mask_and_leaves_the_old_one(mask: np.ndarray, step: float) -> None:
    before = mask.copy()
    mask.flags.writeable = False
    height, width = mask.shape
    for result in (
        paint(mask, [(0, 0), (width, height)], step),
        paint_polygon(mask, [(0, 0), (width, 0), (0, height)]),
        grow(mask, step),
        shrink(mask, step),
        smooth(mask, step),
    ):
        assert result.dtype == np.bool_
        assert result.shape == mask.shape
        assert not np.may_share_memory(result, mask)
    assert (mask == before).all()
