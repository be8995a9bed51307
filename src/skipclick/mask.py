"""Masks as plain arrays: from logits to a probability, agreement of two, cleaning, and run lengths."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from skipclick.errors import ImageError


def sigmoid(logits: NDArray[Any]) -> NDArray[np.float32]:
    """The probability that logits stand for, 1 / (1 + exp(-logits)), without overflow.

    Args:
        logits: any shape, any real dtype; computed in float32.

    Returns:
        The same shape, float32 in [0, 1].
    """
    logits = np.asarray(logits, dtype=np.float32)
    small = np.exp(-np.abs(logits))
    return np.asarray(np.where(logits >= 0, np.float32(1), small) / (1 + small))


def iou(mask: NDArray[np.bool_], truth: NDArray[np.bool_], ignore: NDArray[np.bool_] | None = None) -> float:
    """Intersection over union (specification 4.6).

    Args:
        mask: (H, W) bool, the answer.
        truth: (H, W) bool, what it should be.
        ignore: (H, W) bool, pixels that count for neither; None for none.

    Returns:
        A quotient in [0, 1]; NaN if neither mask has a pixel that counts.

    Raises:
        ImageError: the masks differ in size, or one is not bool.
    """
    for other in (mask, truth) if ignore is None else (mask, truth, ignore):
        if other.dtype != np.bool_ or other.shape != mask.shape:
            raise ImageError(
                f"masks to compare must be bool and of one size, not {mask.dtype} {mask.shape} and "
                f"{other.dtype} {other.shape}"
            )
    shared, either = mask & truth, mask | truth
    if ignore is not None:
        shared, either = shared & ~ignore, either & ~ignore
    union = int(np.count_nonzero(either))
    return int(np.count_nonzero(shared)) / union if union else float("nan")


def remove_specks(mask: NDArray[np.bool_], area: int) -> NDArray[np.bool_]:
    """Drop small islands of object, then fill small holes; see `drop_islands` and `fill_holes`.

    Args:
        mask: (H, W) bool.
        area: islands and holes of fewer pixels go; 0 and 1 change nothing.

    Returns:
        (H, W) bool, a new array.
    """
    return fill_holes(drop_islands(mask, area), area)


def drop_islands(mask: NDArray[np.bool_], area: int | None = None) -> NDArray[np.bool_]:
    """Drop small parts of the object; pixels are connected through sides or corners.

    The largest island stays whatever its size, so this never empties a mask.

    Args:
        mask: (H, W) bool.
        area: islands of fewer pixels go; None leaves the largest island alone.

    Returns:
        (H, W) bool, a new array.
    """
    if (area is not None and area <= 1) or not mask.any():
        return mask.copy()
    import cv2  # only here, so that sessions start without it

    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA]
    keep = np.zeros(len(areas), np.bool_) if area is None else areas >= area
    keep[1 + np.argmax(areas[1:])] = True
    keep[0] = False
    return np.asarray(keep[labels])


def fill_holes(mask: NDArray[np.bool_], area: int | None = None) -> NDArray[np.bool_]:
    """Fill holes: parts of the background, connected through sides, that do not touch the image's border.

    Args:
        mask: (H, W) bool.
        area: holes of fewer pixels are filled; None fills all.

    Returns:
        (H, W) bool, a new array.
    """
    if (area is not None and area <= 1) or not mask.any():
        return mask.copy()
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=4)
    areas = stats[:, cv2.CC_STAT_AREA]
    fill = np.ones(len(areas), np.bool_) if area is None else areas < area
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        fill[edge] = False
    fill[0] = False  # the object itself
    return np.asarray(mask | fill[labels])


@dataclass(frozen=True, slots=True)
class RunLengths:
    """A mask kept small, without loss, as COCO keeps it: run lengths down one column after another.

    Attributes:
        size: (H, W) in pixels.
        counts: COCO's text, see `write_counts`; the first run is background.
    """

    size: tuple[int, int]
    counts: str

    @classmethod
    def from_mask(cls, mask: NDArray[np.bool_]) -> Self:
        """Keep a mask, (H, W) bool.

        Raises:
            ImageError: it is something else.
        """
        counts = write_counts(count_runs(mask))
        return cls((mask.shape[0], mask.shape[1]), counts)

    def to_mask(self) -> NDArray[np.bool_]:
        """The mask, (H, W) bool, a new array.

        Raises:
            ValueError: the text is damaged.
        """
        return np.ascontiguousarray(expand_runs(read_counts(self.counts), self.size))

    def area(self) -> int:
        """The number of the object's pixels.

        Raises:
            ValueError: the text is damaged.
        """
        counts = read_counts(self.counts)
        _check_runs(counts, self.size)
        return sum(counts[1::2])


def count_runs(mask: NDArray[np.bool_]) -> list[int]:
    """Run lengths of a mask (H, W) bool, down one column after another, beginning with background.

    Raises:
        ImageError: not such a mask.
    """
    if mask.ndim != 2 or mask.dtype != np.bool_:
        raise ImageError(f"a mask is (height, width) bool, not {mask.shape} {mask.dtype}")
    columns = np.flatnonzero(mask.any(axis=0))
    if not columns.size:
        return [mask.size]
    # A run ends where a pixel differs from the one above it: nothing has to be turned round for that.
    height, first, last = mask.shape[0], int(columns[0]), int(columns[-1]) + 1
    part = mask[:, first:last]
    rows, inside = np.divmod(np.flatnonzero(part[1:] != part[:-1]), last - first)
    above, top = np.append(False, part[-1]), np.append(part[0], False)  # a column's foot, the next one's top
    changes = [(first + inside) * height + rows + 1, (first + np.flatnonzero(above != top)) * height]
    edges = np.concatenate([[0], *changes, [mask.size]])
    edges.sort()
    counts: list[int] = np.diff(edges).tolist()
    return counts if counts[-1] else counts[:-1]


def expand_runs(counts: Any, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Run lengths down one column after another, beginning with background, as a mask (H, W) bool.

    Raises:
        ValueError: they are no whole numbers, or don't fill the image exactly.
    """
    _check_runs(counts, shape)
    height, width = shape
    edges = np.cumsum(counts, dtype=np.int64)[:-1]
    edges = edges[edges < height * width]
    places, times = np.unique(edges, return_counts=True)
    places = places[times % 2 == 1]  # where a run has no pixels, two edges cancel
    # Each pixel that differs from the one above it, and the top row as it is; then row by row downwards,
    # which is several times quicker in a large image than to write columns and turn them round.
    mask = np.zeros(shape, np.bool_)
    columns, rows = np.divmod(places, height)
    mask[rows, columns] = True
    mask[:1] = np.searchsorted(places, np.arange(width) * height, side="right") % 2 == 1
    for above, row in pairwise(mask):
        np.logical_xor(above, row, out=row)
    return mask


def _check_runs(counts: Any, shape: tuple[int, int]) -> None:
    if not isinstance(counts, list) or not all(isinstance(count, int) and count >= 0 for count in counts):
        raise ValueError("run lengths are a list of whole numbers or a text")
    height, width = shape
    if sum(counts) != height * width:
        raise ValueError(f"run lengths fill {sum(counts)} of {height * width} pixels")


_LONGEST = 7
"""Characters of one number in COCO's text: 35 bits are more than any image has pixels."""


def write_counts(counts: list[int]) -> str:
    """Write run lengths as COCO's text.

    A character carries six bits, counted from "0": five of a number, the lowest first, and one that says
    whether more follow. From the fourth number on, what is kept is the difference to the last but one.
    """
    rest = np.array(counts, np.int64)
    rest[3:] -= np.array(counts[1:-2], np.int64)
    text = np.zeros((len(counts), _LONGEST), np.uint8)
    more = np.ones(len(counts), np.bool_)
    used = np.zeros_like(text, dtype=np.bool_)
    for place in range(_LONGEST):
        used[:, place] = more
        five, rest = rest & 31, rest >> 5
        more = more & (rest != np.where(five & 16, -1, 0))
        text[:, place] = ord("0") + five + 32 * more
    return text[used].tobytes().decode("ascii")


def read_counts(text: str) -> list[int]:
    """Read run lengths from COCO's text, see `write_counts`.

    Raises:
        ValueError: another character, or a number that is cut short or far too large.
    """
    six = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64) - ord("0")
    strange = np.flatnonzero((six < 0) | (six > 63))
    if strange.size:
        raise ValueError(f"run lengths cannot hold the character {text[strange[0]]!r}")
    if not six.size:
        return []
    ends = np.flatnonzero(six < 32)
    if not ends.size or ends[-1] != six.size - 1:
        raise ValueError("run lengths are cut short")
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts + 1
    if lengths.max() > _LONGEST:
        raise ValueError("run lengths hold a number larger than any image")
    shifts = 5 * (np.arange(six.size) - np.repeat(starts, lengths))
    values = np.add.reduceat((six & 31) << shifts, starts)
    values -= np.where(six[ends] & 16, 1 << (5 * lengths), 0)  # the sign, in two's complement
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    counts: list[int] = values.tolist()
    return counts
