"""Masks as COCO's JSON files hold them: polygons and run lengths."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

FAR = 1e9
"""No coordinate of a polygon is this far out, in pixels; with larger ones numbers would overflow."""


def decode_segmentation(segmentation: object, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Read the entry "segmentation" of an annotation.

    Args:
        segmentation: a list of polygons [x1, y1, x2, y2, …], or an object with "size" [H, W] and "counts",
            run lengths as a list or as COCO's text.
        shape: (H, W) of the image.

    Returns:
        (H, W) bool; of several polygons the union.

    Raises:
        ValueError: it is neither, or damaged.
    """
    if isinstance(segmentation, dict):
        counts = segmentation.get("counts")
        if segmentation.get("size") != list(shape):
            raise ValueError(f"run lengths for size {segmentation.get('size')}, not {list(shape)}")
        return expand_runs(decode_counts(counts) if isinstance(counts, str) else counts, shape)
    if not isinstance(segmentation, list):
        raise ValueError("neither polygons nor run lengths")
    mask = np.zeros(shape, np.bool_)
    for polygon in segmentation:
        mask |= fill_polygon(polygon, shape)
    return mask


def fill_polygon(polygon: Any, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The pixels whose centres lie inside a polygon; where it crosses itself, the even-odd rule decides.

    In COCO's coordinates pixel (0, 0) reaches from 0 to 1, so its centre is at (0.5, 0.5).

    Args:
        polygon: x1, y1, x2, y2, … in pixels; closed by itself.
        shape: (H, W) of the image.

    Returns:
        (H, W) bool.

    Raises:
        ValueError: not an even number of coordinates, or coordinates beyond `FAR`.
    """
    try:
        points = np.array(polygon, np.float64).reshape(-1, 2)
    except TypeError as error:
        raise ValueError("a polygon is a list of numbers") from error
    if not (np.abs(points) < FAR).all():  # this way round NaN is refused too
        raise ValueError("a polygon has coordinates that lie nowhere near an image")
    height, width = shape
    # Going along a row, one is inside after an odd number of edges.
    crossed = np.zeros((height, width + 1), np.bool_)
    for start, end in zip(points, np.roll(points, -1, axis=0), strict=True):
        (x0, y0), (x1, y1) = (start, end) if start[1] <= end[1] else (end, start)
        rows = np.arange(max(ceil(y0 - 0.5), 0), max(min(ceil(y1 - 0.5), height), 0))
        x = x0 + (rows + 0.5 - y0) * ((x1 - x0) / (y1 - y0)) if rows.size else rows
        crossed[rows, np.clip(np.ceil(x - 0.5), 0, width).astype(np.intp)] ^= True
    inside: NDArray[np.bool_] = np.logical_xor.accumulate(crossed[:, :width], axis=1)
    return inside


def expand_runs(counts: Any, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Run lengths down one column after another, beginning with background, as a mask (H, W) bool.

    Raises:
        ValueError: they are no whole numbers, or don't fill the image exactly.
    """
    if not isinstance(counts, list) or not all(isinstance(count, int) and count >= 0 for count in counts):
        raise ValueError("run lengths are a list of whole numbers or a text")
    height, width = shape
    if sum(counts) != height * width:
        raise ValueError(f"run lengths fill {sum(counts)} of {height * width} pixels")
    inside = np.arange(len(counts)) % 2 == 1
    return np.repeat(inside, counts).reshape(width, height).T


def decode_counts(text: str) -> list[int]:
    """Read run lengths from COCO's text.

    A character carries six bits, counted from "0": five of a number, the lowest first, and one that says
    whether more follow. From the fourth number on, what is kept is the difference to the last but one.

    Raises:
        ValueError: another character, or a number that is cut short.
    """
    counts: list[int] = []
    value = bits = 0
    for character in text:
        six = ord(character) - ord("0")
        if not 0 <= six < 64:
            raise ValueError(f"run lengths cannot hold the character {character!r}")
        value |= (six & 0b11111) << bits
        bits += 5
        if six & 0b100000:
            continue
        if six & 0b10000:  # the sign, in two's complement
            value -= 1 << bits
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value = bits = 0
    if bits:
        raise ValueError("run lengths are cut short")
    return counts
