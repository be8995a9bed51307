"""Maps from one size to another, the published way (specification, "Bilinear AC").

Linear in both axes with aligned corners, no antialiasing: output index i samples input position
i * (n_in - 1) / (n_out - 1).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


def resize_aligned(array: NDArray[Any], size: tuple[int, int]) -> NDArray[np.float32]:
    """Resize maps linearly with aligned corners (specification, "Bilinear AC").

    Args:
        array: (..., h, w), any real dtype; computed in float32.
        size: (h2, w2) in pixels.

    Returns:
        (..., h2, w2) float32, a new array; the same values if the size stays.
    """
    resized = resize_axes(array, size, rows=-2)
    return resized.copy() if np.may_share_memory(resized, array) else resized


def resize_through(
    array: NDArray[Any], through: tuple[int, int], size: tuple[int, int]
) -> NDArray[np.float32]:
    """What two resizes give, to `through` and then to `size`, without the map in between.

    Both are linear and separable, so of each row and column in between only the two that the second
    resize reads are computed. A previous mask goes from the network's size through the photo's and back
    (specification 4.3, items 2 and 7) without ever filling 48 megapixels.

    Args:
        array: (..., h, w), any real dtype; computed in float32.
        through: (H, W), the size in between.
        size: (h2, w2) of the result.

    Returns:
        (..., h2, w2) float32, a new array.
    """
    for axis, middle, length in zip((-2, -1), through, size, strict=True):
        there, back = _taps(array.shape[axis], middle), _taps(middle, length)
        low = _interpolate(array, there.at(back.low), axis)
        high = _interpolate(array, there.at(back.high), axis)
        array = _blend(low, high, back.fraction, axis)
    return array


def above_aligned(array: NDArray[Any], size: tuple[int, int], threshold: float) -> NDArray[np.bool_]:
    """Where a map resized linearly with aligned corners is above a threshold.

    The same as `resize_aligned(array, size) > threshold`, without the resized map: between two rows of the
    input, only the columns are computed in which one of the two reaches the threshold. A mask for a photo
    of 48 megapixels then takes a fraction of a second and no memory but its own.

    Args:
        array: (h, w), any real dtype; computed in float32.
        size: (H, W) of the result, in pixels.
        threshold: what to be above.

    Returns:
        (H, W) bool, a new array.
    """
    (height, width), (h, w) = size, array.shape
    if height < h or width < w:  # fewer pixels than the input: the resized map costs next to nothing
        return np.asarray(resize_aligned(array, size) > threshold)
    result = np.zeros(size, np.bool_)
    rows, columns = _taps(h, height), _taps(w, width)
    wide = _interpolate(array, columns, 1) if w != width else array.astype(np.float32, copy=False)
    reaches = wide > threshold
    ends = np.searchsorted(rows.low, np.arange(h + 1))
    for row in np.flatnonzero(np.diff(ends)):
        first, last, low, high = ends[row], ends[row + 1], wide[row], wide[rows.high[ends[row]]]
        used = np.flatnonzero(reaches[row] | reaches[rows.high[first]])
        if len(used):
            part = slice(used[0], used[-1] + 1)
            between = (high[part] - low[part]) * rows.fraction[first:last, None] + low[part]
            np.greater(between, np.float32(threshold), out=result[first:last, part])
    return result


class _Taps(NamedTuple):
    """For each output index along an axis: the two inputs that it lies between, and how far along."""

    low: NDArray[np.intp]
    high: NDArray[np.intp]
    fraction: NDArray[np.float32]

    def at(self, indices: NDArray[np.intp]) -> _Taps:
        return _Taps(self.low[indices], self.high[indices], self.fraction[indices])


def _taps(n_in: int, n_out: int) -> _Taps:
    position = np.arange(n_out) * (n_in - 1) / max(n_out - 1, 1)
    low = position.astype(np.intp)
    return _Taps(low, np.minimum(low + 1, n_in - 1), (position - low).astype(np.float32))


def _blend(
    low: NDArray[np.float32], high: NDArray[np.float32], fraction: NDArray[np.float32], axis: int
) -> NDArray[np.float32]:
    """low + (high - low) * fraction, in the memory of `high`."""
    shape = [1] * low.ndim
    shape[axis] = -1
    high -= low
    high *= fraction.reshape(shape)
    high += low
    return high


def _interpolate(array: NDArray[Any], taps: _Taps, axis: int) -> NDArray[np.float32]:
    low = np.take(array, taps.low, axis).astype(np.float32, copy=False)
    high = np.take(array, taps.high, axis).astype(np.float32, copy=False)
    return _blend(low, high, taps.fraction, axis)


# A value gathered along a row costs about as much as four copied with their whole row.
_GATHER_COST = 4


def resize_axes(array: NDArray[Any], size: tuple[int, int], rows: int) -> NDArray[np.float32]:
    """Resize the axes `rows` and `rows + 1`, columns first if both grow, else in the cheaper order.

    When both grow, columns first is cheaper but for a few shapes, and `above_aligned` does the same to the
    last bit.
    """
    height, width = array.shape[rows], array.shape[rows + 1]
    order = [(rows, height, size[0]), (rows + 1, width, size[1])]
    rows_first = size[0] * width + _GATHER_COST * size[0] * size[1]
    columns_first = _GATHER_COST * height * size[1] + size[0] * size[1]
    grows = size[0] >= height and size[1] >= width
    if grows or columns_first < rows_first:
        order.reverse()
    for axis, n_in, n_out in order:
        if n_in != n_out:
            array = _interpolate(array, _taps(n_in, n_out), axis)
    return array.astype(np.float32, copy=False)
