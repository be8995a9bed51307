"""Clicks for training: the initial ones (specification 6.5) and those that answer a mask (6.6).

Points are the published layout, (48, 3) float32: 24 slots of positive clicks, then 24 of negative ones, each
(row, column, order) in network pixels and (-1, -1, -1) where unused. Initial points have the order 100, an
answer the number of its round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Points = NDArray[np.float32]

SLOTS = 24
"""Slots of each sign."""

INITIAL_ORDER = 100.0
"""Third entry of an initial point."""

UNDECIDED = 0.49
"""A probability below is a "no", one above a "yes", and one that equals it neither."""


@dataclass(frozen=True, slots=True)
class PointRules:
    """How initial points are drawn; the published values.

    Attributes:
        decay: each further point is as likely as the one before, times this.
        erode: probability that positive points keep away from the object's edge.
        erosion: by how many pixels then.
        least: an object is not eroded unless more pixels than this remain.
        background: probability of a negative point anywhere outside the target.
        other: probability of one on other objects.
        border: probability of one just outside the target.
        border_width: of that border, as a share of the square root of the target's area.
    """

    decay: float = 0.8
    erode: float = 0.9
    erosion: int = 3
    least: int = 10
    background: float = 0.1
    other: float = 0.4
    border: float = 0.5
    border_width: float = 0.1


PUBLISHED_POINTS = PointRules()


def initial_points(
    target: Mask,
    parts: Sequence[Mask],
    others: Mask,
    generator: np.random.Generator,
    rules: PointRules = PUBLISHED_POINTS,
    ignored: Mask | None = None,
) -> Points:
    """Random clicks on a target and around it (specification 6.5).

    Args:
        target: (H, W) bool, what is to be segmented; nothing of it for an empty item.
        parts: the chosen objects, each (H, W) bool; one, or several whose union is the target, or none for
            an empty item.
        others: (H, W) bool, where negative points of the strategy "other" lie.
        generator: where the randomness comes from.
        rules: how to draw.
        ignored: (H, W) bool, pixels outside the target on which no negative point lies; None for none.

    Returns:
        (48, 3) float32, filled from the front of each half. An empty item has no positive points.
    """
    points = np.full((2 * SLOTS, 3), -1, np.float32)
    positive = _positive(parts, generator, rules)
    negative = _negative(target, target if ignored is None else target | ignored, others, generator, rules)
    for start, chosen in ((0, positive), (SLOTS, negative)):
        points[start : start + len(chosen), :2] = chosen
        points[start : start + len(chosen), 2] = INITIAL_ORDER
    return points


def draw_count(least: int, most: int, decay: float, generator: np.random.Generator) -> int:
    """A number from `least` to `most`, each as likely as the one before times `decay`."""
    weights = decay ** np.arange(most - least + 1)
    return least + int(generator.choice(len(weights), p=weights / weights.sum()))


def erode(mask: Mask, pixels: int) -> Mask:
    """Take away what lies within `pixels` of the edge, seen as a square; the image's edge takes nothing.

    Args:
        mask: (H, W) bool.
        pixels: how many times a 3×3 square erodes.
    """
    eroded: NDArray[np.uint8] = cv2.erode(_bytes(mask), _SQUARE, iterations=pixels)
    return eroded.view(np.bool_)


def border(mask: Mask, share: float) -> Mask:
    """What surrounds a mask, ⌈share · √area⌉ pixels wide, seen as a square.

    Args:
        mask: (H, W) bool.
        share: of the square root of the mask's area.
    """
    width = ceil(share * sqrt(int(mask.sum())))
    dilated: NDArray[np.uint8] = cv2.dilate(_bytes(mask), _SQUARE, iterations=width)
    return dilated.view(np.bool_) & ~mask


def error_depths(errors: Mask) -> NDArray[np.float32]:
    """How deep each pixel lies inside an error, with the image surrounded by none.

    OpenCV's approximate Euclidean distance by steps on a 5×5 grid, not the exact one that evaluation uses.

    Args:
        errors: (H, W) bool.

    Returns:
        (H, W) float32, in pixels; 0 where `errors` is False.
    """
    padded = np.pad(errors, 1).view(np.uint8)
    depths: NDArray[np.float32] = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_5)
    return depths[1:-1, 1:-1]


def answer_mask(
    points: Points,
    truth: Mask,
    probability: NDArray[np.float32],
    order: int,
    generator: np.random.Generator,
    ignored: Mask | None = None,
) -> Points:
    """Add the click with which a simulated user answers a mask (specification 6.6).

    It lies anywhere in the inner half of the largest error: unlike evaluation's, it is random. On a tie
    between missing and surplus pixels it is negative. Without errors no click is added.

    Args:
        points: (48, 3) float32; not changed.
        truth: (H, W) bool, the target.
        probability: (H, W) float32 in [0, 1], the mask that is answered.
        order: number of the round, from 1. The click takes the slot that is this far from the end of its
            half, whatever was there.
        generator: where the randomness comes from.
        ignored: (H, W) bool, pixels outside the target that are never errors; None for none.

    Returns:
        (48, 3) float32, a new array.

    Raises:
        ValueError: `order` is not from 1 to 24.
    """
    if not 1 <= order <= SLOTS:
        raise ValueError(f"a click's order is from 1 to {SLOTS}, not {order}")
    result = points.copy()
    missing = error_depths(truth & (probability < UNDECIDED))
    outside = ~truth if ignored is None else ~(truth | ignored)
    surplus = error_depths(outside & (probability > UNDECIDED))
    positive = bool(missing.max() > surplus.max())
    depths = missing if positive else surplus
    chosen = _draw(depths > depths.max() / 2, 1, generator)
    if len(chosen):
        slot = (SLOTS if positive else 2 * SLOTS) - order
        result[slot] = (*chosen[0], order)
    return result


def first_answer(
    truth: Mask,
    probability: NDArray[np.float32],
    generator: np.random.Generator,
    ignored: Mask | None = None,
) -> Points:
    """The one click that answers a starting mask, as an initial point; none if the mask is right.

    Args:
        truth: (H, W) bool, the target.
        probability: (H, W) float32 in [0, 1], the starting mask.
        generator: where the randomness comes from.
        ignored: (H, W) bool, pixels outside the target that are never errors; None for none.

    Returns:
        (48, 3) float32.
    """
    nothing = np.full((2 * SLOTS, 3), -1, np.float32)
    answered = answer_mask(nothing, truth, probability, SLOTS, generator, ignored)
    # The last possible order took the first slot of its half.
    answered[answered[:, 2] == SLOTS, 2] = INITIAL_ORDER
    return answered


_SQUARE = np.ones((3, 3), np.uint8)
_NOWHERE = np.empty((0, 2), np.int64)


def _bytes(mask: Mask) -> NDArray[np.uint8]:
    """A mask as OpenCV takes it, which knows no mirrored arrays."""
    return np.ascontiguousarray(mask).view(np.uint8)


def _positive(parts: Sequence[Mask], generator: np.random.Generator, rules: PointRules) -> NDArray[np.int64]:
    """(N, 2) rows and columns of positive points."""
    regions = [_inner(part, generator, rules) for part in parts]
    if not regions:
        return _NOWHERE
    if len(regions) == 1:
        return _draw(regions[0], draw_count(1, SLOTS, rules.decay, generator), generator)
    # One point for each part, then further ones for any. All of these are drawn alike, so that the first
    # that find room are as good as a random subset of them.
    further = min(draw_count(0, SLOTS, rules.decay, generator), SLOTS - len(regions))
    of = [*range(len(regions)), *generator.integers(len(regions), size=further)]
    return np.concatenate([_draw(regions[index], 1, generator) for index in of])


def _inner(part: Mask, generator: np.random.Generator, rules: PointRules) -> Mask:
    """Where positive points on an object may lie."""
    if generator.random() >= rules.erode:
        return part
    eroded = erode(part, rules.erosion)
    return eroded if int(eroded.sum()) > rules.least else part


def _negative(
    target: Mask, barred: Mask, others: Mask, generator: np.random.Generator, rules: PointRules
) -> NDArray[np.int64]:
    """(N, 2) rows and columns of negative points, none of them barred; some may find no place."""
    free = ~barred
    regions = (
        (free, others & free, border(target, rules.border_width) & free) if target.any() else (free,) * 3
    )
    count = draw_count(0, SLOTS, rules.decay, generator)
    strategies = generator.choice(3, size=count, p=(rules.background, rules.other, rules.border))
    return np.concatenate([_NOWHERE, *(_draw(regions[index], 1, generator) for index in strategies)])


def _draw(region: Mask, count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """(count, 2) rows and columns of uniformly drawn pixels of a region, none if it has none."""
    pixels = np.flatnonzero(region)
    if not len(pixels):
        return _NOWHERE
    chosen = pixels[generator.integers(len(pixels), size=count)]
    return np.stack(np.divmod(chosen, region.shape[1]), axis=1)
