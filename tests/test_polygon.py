"""Polygons to masks and masks to polygons."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from skipclick.polygon import decode_segmentation, fill_polygon, outlines, simplify

masks = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=12))


class TestPolygons:
    def test_a_rectangle_on_pixel_edges(self) -> None:
        expected = np.zeros((6, 8), np.bool_)
        expected[1:4, 2:7] = True
        assert (fill_polygon([2, 1, 7, 1, 7, 4, 2, 4], (6, 8)) == expected).all()

    def test_centres_decide(self) -> None:
        assert fill_polygon([0.4, 0, 1.6, 0, 1.6, 1, 0.4, 1], (1, 3)).tolist() == [[True, True, False]]
        assert fill_polygon([0.6, 0, 1.4, 0, 1.4, 1, 0.6, 1], (1, 3)).tolist() == [[False, False, False]]

    def test_what_leads_out_of_the_image_is_cut_off(self) -> None:
        assert fill_polygon([-9, -9, 99, -9, 99, 99, -9, 99], (3, 4)).all()
        assert not fill_polygon([9, 9, 99, 9, 99, 99], (3, 4)).any()
        assert fill_polygon([-9e8, -9e8, 9e8, -9e8, 9e8, 9e8, -9e8, 9e8], (3, 4)).all()

    def test_a_disk_has_the_area_of_a_disk(self) -> None:
        angles = np.linspace(0, 2 * np.pi, 400, endpoint=False)
        disk = np.stack([50 + 40 * np.cos(angles), 45 + 40 * np.sin(angles)], axis=1)
        assert fill_polygon(disk.ravel().tolist(), (90, 100)).sum() == pytest.approx(
            math.pi * 1600, rel=0.002
        )

    @given(st.lists(st.floats(-5, 15), min_size=6, max_size=6))
    def test_triangles_against_the_sides_of_every_centre(self, numbers: list[float]) -> None:
        (ax, ay), (bx, by), (cx, cy) = np.array(numbers).reshape(3, 2)
        rows, columns = np.mgrid[:10, :11] + 0.5
        sides = np.stack(
            [
                (bx - ax) * (rows - ay) - (by - ay) * (columns - ax),
                (cx - bx) * (rows - by) - (cy - by) * (columns - bx),
                (ax - cx) * (rows - cy) - (ay - cy) * (columns - cx),
            ]
        )
        filled = fill_polygon(numbers, (10, 11))
        clear = (np.abs(sides) > 1e-6).all(axis=0)
        inside = (sides > 0).all(axis=0) | (sides < 0).all(axis=0)
        assert (filled == inside)[clear].all()

    @given(st.lists(st.floats(-5, 15), min_size=8, max_size=16).filter(lambda numbers: len(numbers) % 2 == 0))
    def test_it_does_not_matter_where_a_polygon_begins_or_which_way_it_runs(
        self, numbers: list[float]
    ) -> None:
        points = np.array(numbers).reshape(-1, 2)
        filled = fill_polygon(numbers, (10, 10))
        assert (fill_polygon(np.roll(points, 1, axis=0).ravel(), (10, 10)) == filled).all()
        assert (fill_polygon(points[::-1].ravel(), (10, 10)) == filled).all()

    def test_a_crossing_leaves_a_hole(self) -> None:
        twice = [0, 0, 6, 0, 6, 6, 0, 6, 0, 0, 2, 2, 4, 2, 4, 4, 2, 4, 2, 2]
        filled = fill_polygon(twice, (6, 6))
        assert filled.sum() == 36 - 4
        assert not filled[2:4, 2:4].any()

    def test_several_polygons_are_united(self) -> None:
        square, overlapping = [0, 0, 2, 0, 2, 2, 0, 2], [1, 0, 3, 0, 3, 2, 1, 2]
        assert decode_segmentation([square, overlapping], (2, 4)).tolist() == [[True, True, True, False]] * 2

    @pytest.mark.parametrize("polygon", [[], [1, 1], [0, 0, 5, 5], [1, 1, 3, 1, 2, 1]])
    def test_what_encloses_nothing_is_empty(self, polygon: list[float]) -> None:
        assert not fill_polygon(polygon, (5, 5)).any()

    @pytest.mark.parametrize("polygon", [[1, 2, 3], ["a", "b"], None, [[1], [2, 3]], {"x": 1}, 5])
    def test_what_is_no_polygon(self, polygon: object) -> None:
        with pytest.raises(ValueError, match=r".+"):
            decode_segmentation([polygon], (5, 5))

    @pytest.mark.parametrize("number", [math.nan, math.inf, -1e300])
    def test_numbers_that_lie_nowhere(self, number: float) -> None:
        with pytest.raises(ValueError, match="nowhere near an image"):
            fill_polygon([0, 0, 5, 0, number, 5], (5, 5))


@pytest.mark.parametrize("segmentation", [None, "text", 3])
def test_neither(segmentation: object) -> None:
    with pytest.raises(ValueError, match="neither polygons nor run lengths"):
        decode_segmentation(segmentation, (2, 2))


class TestOutlines:
    @settings(deadline=None)
    @given(masks)
    def test_filled_together_they_give_the_mask_again(self, mask: np.ndarray) -> None:
        found = np.zeros_like(mask)
        for outline in outlines(mask):
            found ^= fill_polygon(outline.points.ravel(), mask.shape)
        assert (found == mask).all()

    @settings(deadline=None)
    @given(masks)
    def test_one_for_each_part_and_one_for_each_hole(self, mask: np.ndarray) -> None:
        found = outlines(mask)
        parts = ndimage.label(mask)[1]
        outside = np.pad(~mask, 1, constant_values=True)
        holes = ndimage.label(outside, np.ones((3, 3)))[1] - 1
        assert sum(not outline.hole for outline in found) == parts
        assert sum(outline.hole for outline in found) == holes

    @settings(deadline=None)
    @given(masks)
    def test_they_go_along_the_sides_of_pixels_and_turn_at_every_point(self, mask: np.ndarray) -> None:
        for points, _ in outlines(mask):
            steps = np.roll(points, -1, axis=0) - points
            assert ((steps == 0).sum(axis=1) == 1).all()
            assert ((steps[:, 0] == 0) != (np.roll(steps, 1, axis=0)[:, 0] == 0)).all()

    def test_a_rectangle(self) -> None:
        mask = np.zeros((6, 8), np.bool_)
        mask[1:4, 2:7] = True
        (found,) = outlines(mask)
        assert found.points.tolist() == [[2, 1], [7, 1], [7, 4], [2, 4]]
        assert not found.hole

    def test_a_ring(self) -> None:
        mask = np.ones((3, 3), np.bool_)
        mask[1, 1] = False
        outer, hole = outlines(mask)
        assert (outer.hole, hole.hole) == (False, True)
        assert sorted(hole.points.tolist()) == [[1, 1], [1, 2], [2, 1], [2, 2]]

    def test_parts_that_meet_in_a_corner_stay_apart(self) -> None:
        for mask in (np.eye(3, dtype=np.bool_), np.eye(3, dtype=np.bool_)[::-1]):
            found = outlines(mask)
            assert [len(outline.points) for outline in found] == [4, 4, 4]

    def test_nothing_has_none(self) -> None:
        assert outlines(np.zeros((3, 4), np.bool_)) == ()

    def test_they_lie_where_the_object_lies(self) -> None:
        mask = np.zeros((500, 700), np.bool_)
        mask[490:, 690:] = True
        assert outlines(mask)[0].points.max(axis=0).tolist() == [700, 500]


class TestSimplifying:
    def disk(self) -> np.ndarray:
        rows, columns = np.mgrid[:100, :100] - 50
        return rows**2 + columns**2 < 40**2

    @pytest.mark.parametrize("tolerance", [0.5, 1.0, 2.0, 5.0])
    def test_no_point_lies_further_from_the_new_line(self, tolerance: float) -> None:
        points = outlines(self.disk())[0].points
        found = simplify(points, tolerance)
        assert 3 <= len(found) < len(points)
        kept = {tuple(point) for point in found.tolist()}
        assert kept <= {tuple(point) for point in points.astype(float).tolist()}
        ends = np.roll(found, -1, axis=0)
        along = ends - found
        part = ((points[:, None] - found) * along).sum(-1) / (along**2).sum(-1)
        nearest = found + np.clip(part, 0, 1)[..., None] * along
        assert np.hypot(*(points[:, None] - nearest).T).min(axis=0).max() <= tolerance + 1e-6

    def test_zero_keeps_all(self) -> None:
        points = outlines(self.disk())[0].points
        assert (simplify(points, 0) == points).all()

    def test_something_always_remains(self) -> None:
        (dot,) = outlines(np.ones((1, 1), np.bool_))
        assert len(simplify(dot.points, 100)) >= 3
