"""Which instances stay and which lie in which, on rectangles whose overlaps are known exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipclick.datasets.builders.regions import (
    MIN_AREA,
    Box,
    Node,
    Region,
    find_hierarchy,
    lies_in,
    make_region,
    merge,
)

Rows = tuple[int, int, int, int]

# Specification 5.6: half-open rows and columns on 100 x 100 pixels.
ANCHOR: list[Rows] = [(10, 90, 10, 90), (20, 60, 20, 60), (30, 50, 30, 50), (0, 15, 0, 100), (70, 85, 70, 95)]


def rectangle(top: int, bottom: int, left: int, right: int) -> Region:
    mask = np.zeros((100, 100), np.bool_)
    mask[top:bottom, left:right] = True
    region = make_region(mask)
    assert region is not None
    return region


def parents(*boxes: Rows) -> list[int | None]:
    return [node.parent for node in find_hierarchy([rectangle(*box) for box in boxes])]


def kept(coco: Sequence[Rows], lvis: Sequence[Rows]) -> list[Rows]:
    regions = merge([rectangle(*box) for box in coco], [rectangle(*box) for box in lvis])
    return [(box.top, box.bottom + 1, box.left, box.right + 1) for box in (one.box for one in regions)]


class TestRegion:
    def test_box_and_area(self) -> None:
        region = rectangle(10, 20, 30, 45)
        assert region.box == Box(10, 19, 30, 44)
        assert region.area == 150

    def test_a_region_of_two_parts(self) -> None:
        mask = np.zeros((100, 100), np.bool_)
        mask[0:10, 0:10] = mask[90:100, 50:60] = True
        region = make_region(mask)
        assert region is not None
        assert (region.box, region.area) == (Box(0, 99, 0, 59), 200)

    def test_small_ones_are_dropped(self) -> None:
        mask = np.zeros((100, 100), np.bool_)
        assert make_region(mask) is None
        mask.flat[: MIN_AREA - 1] = True
        assert make_region(mask) is None
        mask.flat[MIN_AREA - 1] = True
        region = make_region(mask)
        assert region is not None
        assert region.area == 80


class TestMerge:
    def test_coco_first_then_lvis(self) -> None:
        coco: list[Rows] = [(0, 10, 0, 10), (50, 60, 50, 60)]
        lvis: list[Rows] = [(80, 90, 0, 10), (20, 30, 20, 30)]
        assert kept(coco, lvis) == coco + lvis

    def test_lvis_replaces_coco_s_mask_of_the_same_object(self) -> None:
        assert kept([(0, 100, 0, 10)], [(0, 100, 0, 9)]) == [(0, 100, 0, 9)]

    @pytest.mark.parametrize(("columns", "same"), [(70, False), (71, True), (72, True)])
    def test_both_ious_must_be_more_than_070(self, columns: int, same: bool) -> None:
        assert len(kept([(0, 100, 0, 100)], [(0, 100, 0, columns)])) == (1 if same else 2)

    def test_equal_boxes_do_not_make_equal_masks(self) -> None:
        frame = np.ones((100, 100), np.bool_)
        frame[20:80, 20:80] = False
        ring = make_region(frame)
        assert ring is not None
        assert len(merge([ring], [rectangle(0, 100, 0, 100)])) == 2

    def test_equal_masks_do_not_make_equal_boxes(self) -> None:
        """A single pixel far off widens the box."""
        mask = rectangle(0, 10, 0, 10).mask.copy()
        mask[99, 99] = True
        far = make_region(mask)
        assert far is not None
        assert len(merge([far], [rectangle(0, 10, 0, 10)])) == 2

    def test_box_iou_is_the_product_of_both_directions(self) -> None:
        """The IoU of the areas, 0.707, would make them one; 81 of 97 rows and columns are 0.697."""
        one, other = (0, 89, 0, 89), (8, 97, 8, 97)
        assert 81**2 / (2 * 89**2 - 81**2) > 0.70 > (81 / 97) ** 2
        assert kept([one], [other]) == [one, other]

    @pytest.mark.parametrize(("columns", "same"), [(85, False), (86, True)])
    def test_within_lvis_the_masks_must_be_more_than_085_alike(self, columns: int, same: bool) -> None:
        assert len(kept([], [(0, 100, 0, 100), (0, 100, 0, columns)])) == (1 if same else 2)

    def test_of_equal_ones_in_lvis_the_last_stays(self) -> None:
        first, second, third = (0, 100, 0, 100), (0, 100, 0, 90), (0, 100, 0, 99)
        assert kept([], [first, second, third]) == [third]

    def test_coco_s_own_doubles_stay(self) -> None:
        assert len(kept([(0, 50, 0, 50), (0, 50, 0, 50)], [])) == 2

    def test_a_later_one_counts_even_if_it_is_dropped_itself(self) -> None:
        """The first is like the second, the second like the third, but the first not like the third."""
        chain: list[Rows] = [(0, 100, 0, 100), (0, 100, 0, 87), (0, 100, 0, 76)]
        assert kept([], chain) == [chain[2]]


class TestHierarchy:
    def test_the_anchor(self) -> None:
        nodes = find_hierarchy([rectangle(*box) for box in ANCHOR])
        assert nodes == [
            Node(None, (1,), 0),
            Node(0, (2,), 1),
            Node(1, (), 2),
            Node(None, (), 0),
            Node(None, (), 0),
        ]

    def test_exactly_08_is_not_inside(self) -> None:
        inner, outer = rectangle(*ANCHOR[4]), rectangle(*ANCHOR[0])
        assert np.count_nonzero(inner.mask & outer.mask) / inner.area == 0.8
        assert not lies_in(inner, outer)
        assert lies_in(rectangle(70, 85, 70, 94), outer)

    def test_the_box_must_lie_inside_too(self) -> None:
        outer = rectangle(0, 50, 0, 50)
        mask = rectangle(10, 40, 10, 40).mask.copy()
        mask[99, 99] = True
        inner = make_region(mask)
        assert inner is not None
        assert np.count_nonzero(inner.mask & outer.mask) / inner.area > 0.99
        assert not lies_in(inner, outer)

    def test_order_does_not_matter(self) -> None:
        assert parents(*ANCHOR[::-1]) == [None, None, 3, 4, None]

    def test_the_largest_comes_first_then_its_deepest_child(self) -> None:
        room, table, cloth, plate = (0, 100, 0, 100), (10, 90, 10, 90), (15, 60, 15, 60), (20, 40, 20, 40)
        assert parents(plate, room, cloth, table) == [2, None, 3, 1]

    def test_of_two_branches_the_deeper_is_taken(self) -> None:
        """The plate lies in both tables; the second has a cloth, in which it lies as well."""
        room, left, right = (0, 100, 0, 100), (0, 60, 0, 100), (2, 61, 0, 100)
        cloth, plate = (5, 61, 30, 70), (20, 40, 40, 60)
        result = find_hierarchy([rectangle(*box) for box in (room, left, right, cloth, plate)])
        assert result[1].parent == 0
        assert result[2].parent == 1
        assert result[4].parent == 3
        assert result[4].level == result[3].level + 1

    def test_equal_masks_lie_in_one_another_one_way(self) -> None:
        assert parents((0, 50, 0, 50), (0, 50, 0, 50), (0, 50, 0, 50)) == [None, 0, 1]

    def test_none(self) -> None:
        assert find_hierarchy([]) == []
        assert find_hierarchy([rectangle(0, 50, 0, 50)]) == [Node(None, (), 0)]


@st.composite
def boxes(draw: st.DrawFn) -> Rows:
    top, left = draw(st.integers(0, 80)), draw(st.integers(0, 80))
    return top, draw(st.integers(top + 10, 100)), left, draw(st.integers(left + 10, 100))


@given(st.lists(boxes(), max_size=8))
def test_a_hierarchy_is_a_forest(found: list[Rows]) -> None:
    regions = [rectangle(*box) for box in found]
    nodes = find_hierarchy(regions)
    for number, node in enumerate(nodes):
        assert all(nodes[child].parent == number for child in node.children)
        if node.parent is None:
            assert node.level == 0
            assert not any(
                lies_in(regions[number], other) for other in regions if other.area > regions[number].area
            )
        else:
            assert number in nodes[node.parent].children
            assert node.level == nodes[node.parent].level + 1
            assert lies_in(regions[number], regions[node.parent])
            assert regions[node.parent].area >= regions[number].area


@given(st.lists(boxes(), max_size=6), st.lists(boxes(), max_size=6))
def test_merging_only_drops(coco: list[Rows], lvis: list[Rows]) -> None:
    result = kept(coco, lvis)
    of_lvis = [box for box in lvis if box in result]
    assert len(result) <= len(coco) + len(lvis)
    assert set(result) <= set(coco) | set(lvis)
    assert bool(of_lvis) == bool(lvis)
