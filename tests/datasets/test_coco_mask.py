from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from skipclick.datasets.coco_mask import decode_counts, decode_segmentation, expand_runs, fill_polygon


def count_runs(mask: np.ndarray) -> list[int]:
    """Run lengths by the definition: down the columns, background first."""
    counts, value = [0], False
    for pixel in mask.T.ravel():
        if pixel != value:
            counts.append(0)
            value = not value
        counts[-1] += 1
    return counts


def encode_counts(counts: list[int]) -> str:
    """COCO's text, character by character."""
    text = ""
    for index, count in enumerate(counts):
        value = count - counts[index - 2] if index > 2 else count
        while True:
            five, value = value & 31, value >> 5
            more = value != (-1 if five & 16 else 0)
            text += chr(48 + five + 32 * more)
            if not more:
                break
    return text


masks = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=12))


class TestRunLengths:
    def test_a_rectangle_as_the_reference_library_writes_it(self) -> None:
        expected = np.zeros((5, 7), np.bool_)
        expected[1:4, 2:6] = True
        assert decode_counts(";32000004") == [11, 3, 2, 3, 2, 3, 2, 3, 6]
        assert (decode_segmentation({"size": [5, 7], "counts": ";32000004"}, (5, 7)) == expected).all()

    @pytest.mark.parametrize(
        ("text", "counts"),
        [("", []), ("0", [0]), ("?", [15]), ("`0", [16]), ("PT7", [(4 << 5) + (7 << 10)]), ("O", [-1])],
    )
    def test_single_numbers(self, text: str, counts: list[int]) -> None:
        assert decode_counts(text) == counts

    @given(masks)
    def test_lists(self, mask: np.ndarray) -> None:
        height, width = mask.shape
        rle = {"size": [height, width], "counts": count_runs(mask)}
        assert (decode_segmentation(rle, (height, width)) == mask).all()

    @given(masks)
    def test_text(self, mask: np.ndarray) -> None:
        height, width = mask.shape
        rle = {"size": [height, width], "counts": encode_counts(count_runs(mask))}
        assert (decode_segmentation(rle, (height, width)) == mask).all()

    @given(st.lists(st.integers(0, 10**7), max_size=9))
    def test_text_of_large_numbers(self, counts: list[int]) -> None:
        assert decode_counts(encode_counts(counts)) == counts

    @pytest.mark.parametrize("text", ["P", "0P", "`"])
    def test_text_that_is_cut_short(self, text: str) -> None:
        with pytest.raises(ValueError, match="cut short"):
            decode_counts(text)

    @pytest.mark.parametrize("text", ["/", "p", " ", "é"])
    def test_characters_that_are_none_of_it(self, text: str) -> None:
        with pytest.raises(ValueError, match="cannot hold the character"):
            decode_counts(text)

    @pytest.mark.parametrize("counts", [[], [5], [7], [10**30], [0, 5]])
    def test_counts_must_fill_the_image(self, counts: list[int]) -> None:
        with pytest.raises(ValueError, match=r"run lengths fill \d+ of 6 pixels"):
            expand_runs(counts, (2, 3))

    @pytest.mark.parametrize("counts", [None, 6, [6.0], ["6"], [7, -1], {"6": 6}])
    def test_counts_are_whole_numbers(self, counts: object) -> None:
        with pytest.raises(ValueError, match="whole numbers"):
            expand_runs(counts, (2, 3))

    def test_the_size_is_the_image_s(self) -> None:
        with pytest.raises(ValueError, match=r"for size \[3, 2\], not \[2, 3\]"):
            decode_segmentation({"size": [3, 2], "counts": [6]}, (2, 3))


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
