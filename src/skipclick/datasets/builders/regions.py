"""Instances of COCO and LVIS on one image: which of them stay, and which lie in which (specification 5.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MIN_AREA = 80
"""Smaller instances are dropped; in pixels."""

SAME_BOX = 0.70
SAME_AS_LVIS = 0.70
SAME_IN_LVIS = 0.85
BOX_INSIDE = 0.7
MASK_INSIDE = 0.8


class Box(NamedTuple):
    """The first and last row and column of a region, all of them inside it."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A mask with what is asked of it again and again.

    Attributes:
        mask: (H, W) bool, not empty.
        box: its bounding box.
        area: its pixels.
    """

    mask: NDArray[np.bool_]
    box: Box
    area: int


@dataclass(frozen=True, slots=True)
class Node:
    """An instance's place in the hierarchy.

    Attributes:
        parent: number of the instance that it lies in; None for none.
        children: numbers of those that lie in it and in none of its other children, the largest first.
        level: how many instances it lies in, by way of its parents.
    """

    parent: int | None
    children: tuple[int, ...]
    level: int


def make_region(mask: NDArray[np.bool_]) -> Region | None:
    """A region, or None if the mask (H, W) is smaller than `MIN_AREA`."""
    area = int(np.count_nonzero(mask))
    if area < MIN_AREA:
        return None
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return Region(mask, Box(int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])), area)


def merge(coco: Sequence[Region], lvis: Sequence[Region]) -> list[Region]:
    """The instances of an image: COCO's that LVIS does not have, then LVIS's, each once.

    Args:
        coco: things of the panoptic annotation, in its order.
        lvis: LVIS's annotations, in their order; of several equal ones the last stays.
    """
    kept = [one for one in coco if not any(_same(one, other, SAME_AS_LVIS) for other in lvis)]
    for position, one in enumerate(lvis, start=1):
        if not any(_same(one, later, SAME_IN_LVIS) for later in lvis[position:]):
            kept.append(one)
    return kept


def find_hierarchy(regions: Sequence[Region]) -> list[Node]:
    """For each region its place among the others.

    A region is put into the largest one that it lies in; inside that one it goes down from child to child
    that it lies in as well, to the deepest.
    """
    order = sorted(range(len(regions)), key=lambda number: -regions[number].area)
    parents: dict[int, int] = {}
    children: dict[int, list[int]] = {number: [] for number in order}
    levels = dict.fromkeys(order, 0)

    def deepest(number: int, inner: int) -> int:
        below = [
            deepest(child, inner)
            for child in children[number]
            if regions[child].area >= regions[inner].area and lies_in(regions[inner], regions[child])
        ]
        return max(below, key=levels.__getitem__, default=number)

    for position, outer in enumerate(order, start=1):
        for inner in order[position:]:
            if inner not in parents and lies_in(regions[inner], regions[outer]):
                parents[inner] = parent = deepest(outer, inner)
                children[parent].append(inner)
                levels[inner] = levels[parent] + 1
    return [
        Node(parents.get(number), tuple(children[number]), levels[number]) for number in range(len(regions))
    ]


def lies_in(inner: Region, outer: Region) -> bool:
    """Whether one region lies in another for the most part."""
    height, width = _overlap(inner.box, outer.box)
    box = (inner.box.bottom - inner.box.top + 1) * (inner.box.right - inner.box.left + 1)
    return height * width / box >= BOX_INSIDE and _shared(inner, outer) / inner.area > MASK_INSIDE


def _same(one: Region, other: Region, least: float) -> bool:
    """Whether box IoU and mask IoU say that two regions are one object."""
    height, width = _overlap(one.box, other.box)
    tall = max(one.box.bottom, other.box.bottom) - min(one.box.top, other.box.top) + 1
    wide = max(one.box.right, other.box.right) - min(one.box.left, other.box.left) + 1
    # The product of the IoUs along the two axes, not the IoU of the areas.
    if height / tall * (width / wide) <= SAME_BOX:
        return False
    shared = _shared(one, other)
    return shared / (one.area + other.area - shared) > least


def _overlap(one: Box, other: Box) -> tuple[int, int]:
    """Height and width of what two boxes have in common."""
    height = min(one.bottom, other.bottom) - max(one.top, other.top) + 1
    width = min(one.right, other.right) - max(one.left, other.left) + 1
    return max(height, 0), max(width, 0)


def _shared(one: Region, other: Region) -> int:
    rows = slice(max(one.box.top, other.box.top), min(one.box.bottom, other.box.bottom) + 1)
    columns = slice(max(one.box.left, other.box.left), min(one.box.right, other.box.right) + 1)
    return int(np.count_nonzero(one.mask[rows, columns] & other.mask[rows, columns]))
