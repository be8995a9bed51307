from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from skipclick.evaluation.boundary import F_TOLERANCE, IOU_BREADTH, boundary_f, boundary_iou


def literal_outline(mask: np.ndarray) -> list[tuple[int, int]]:
    height, width = mask.shape
    found = []
    for row, col in zip(*np.nonzero(mask), strict=True):
        sides = ((row - 1, col), (row + 1, col), (row, col - 1), (row, col + 1))
        if any(0 <= r < height and 0 <= c < width and not mask[r, c] for r, c in sides):
            found.append((int(row), int(col)))
    return found


def literal_f(mask: np.ndarray, truth: np.ndarray) -> float:
    ours, theirs = literal_outline(mask), literal_outline(truth)
    if not ours or not theirs:
        return float(not ours and not theirs)
    tolerance = math.ceil(F_TOLERANCE * math.hypot(*mask.shape))

    def share(some: list[tuple[int, int]], others: list[tuple[int, int]]) -> float:
        return sum(any(math.dist(one, other) <= tolerance for other in others) for one in some) / len(some)

    precision, recall = share(ours, theirs), share(theirs, ours)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def literal_band(mask: np.ndarray) -> np.ndarray:
    breadth = max(1, round(IOU_BREADTH * math.hypot(*mask.shape)))
    padded = np.pad(mask, breadth)
    band = np.zeros_like(mask)
    for row, col in zip(*np.nonzero(mask), strict=True):
        band[row, col] = not padded[row : row + 2 * breadth + 1, col : col + 2 * breadth + 1].all()
    return band


def literal_iou(mask: np.ndarray, truth: np.ndarray) -> float:
    ours, theirs = literal_band(mask), literal_band(truth)
    either = (ours | theirs).sum()
    return float((ours & theirs).sum() / either) if either else 1.0


pairs = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12).flatmap(
    lambda shape: st.tuples(*(arrays(np.bool_, shape, fill=st.booleans()) for _ in range(3)))
)


@settings(max_examples=80, deadline=None)
@given(pairs)
def test_both_scores_are_what_they_are_defined_to_be(
    masks: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    mask, truth, ignore = masks
    assert boundary_f(mask, truth) == pytest.approx(literal_f(mask, truth))
    assert boundary_iou(mask, truth) == pytest.approx(literal_iou(mask, truth))
    assert boundary_f(mask, truth, ignore) == pytest.approx(literal_f(mask & ~ignore, truth & ~ignore))
    assert boundary_iou(mask, truth, ignore) == pytest.approx(literal_iou(mask & ~ignore, truth & ~ignore))


def disk(shape: tuple[int, int], radius: float, right: int = 0) -> np.ndarray:
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return np.hypot(rows - shape[0] // 2, columns - shape[1] // 2 - right) <= radius


SHAPE = (300, 400)  # a diagonal of 500: a tolerance of 4 pixels, bands of 10


@pytest.mark.parametrize("score", [boundary_f, boundary_iou])
def test_a_perfect_mask_scores_one(score: object) -> None:
    assert callable(score)
    assert score(disk(SHAPE, 80), disk(SHAPE, 80)) == 1.0


def test_within_the_tolerance_outlines_agree() -> None:
    truth = disk(SHAPE, 80)
    assert boundary_f(disk(SHAPE, 83), truth) == 1.0
    assert boundary_f(disk(SHAPE, 90), truth) == 0.0
    assert 0.2 < boundary_f(disk(SHAPE, 80, right=8), truth) < 0.8


def test_a_band_tells_more_about_the_outline_than_the_whole_does() -> None:
    truth, mask = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    truth[40:260, 40:360] = mask[36:264, 36:364] = True
    assert (truth & mask).sum() / (truth | mask).sum() > 0.94
    # Bands of 10 pixels, 4 apart.
    shared = 220 * 320 - 208 * 308
    bands = (220 * 320 - 200 * 300) + (228 * 328 - 208 * 308)
    assert boundary_iou(mask, truth) == shared / (bands - shared)


@pytest.mark.parametrize(("f", "quotient"), [(boundary_f, boundary_iou)])
def test_empty_masks(f: object, quotient: object) -> None:
    nothing, something = np.zeros(SHAPE, bool), disk(SHAPE, 20)
    for score in (f, quotient):
        assert callable(score)
        assert score(nothing, nothing) == 1.0
        assert score(nothing, something) == score(something, nothing) == 0.0


def test_what_is_ignored_is_in_neither_mask() -> None:
    truth = disk(SHAPE, 80)
    mask = truth.copy()
    mask[:20] = True
    ignore = np.zeros(SHAPE, bool)
    ignore[:40] = True
    assert boundary_f(mask, truth) < 1.0
    assert boundary_f(mask, truth, ignore) == boundary_iou(mask, truth, ignore) == 1.0
