"""Arrays of bytes and whole numbers inside pickles from strangers: builders for `skipclick.unpickle`.

NumPy pickles an array as the name of a function, its arguments, and a state that is set afterwards. None of
NumPy's functions is called here with what the pickle says, and nothing larger than the pickle is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from skipclick.unpickle import PLAIN, Builder, Stateful

_SIZES = {f"{kind}{size}": size for kind in "iu" for size in (1, 2, 4, 8)}
_BYTE_ORDERS = ("<", ">", "=", "|")


class PickledType(Stateful):
    """A kind of whole numbers, such as "u1"; the state tells the order of the bytes."""

    __slots__ = ("code", "order")

    def __init__(self, code: object, *_: object) -> None:
        if not isinstance(code, str) or code not in _SIZES:
            raise ValueError("the pickle has numbers that are not whole, and only whole ones are read")
        self.code = code
        self.order = "<"

    def set_state(self, state: object) -> None:
        """Take (version, byte order, …)."""
        if not isinstance(state, tuple) or len(state) < 2 or state[1] not in _BYTE_ORDERS:
            raise ValueError("the pickle describes numbers wrongly")
        self.order = state[1]


class PickledArray(Stateful):
    """A row of bytes; other arrays are refused."""

    __slots__ = ("_data",)

    def __init__(self, *_: object) -> None:
        self._data = b""

    def set_state(self, state: object) -> None:
        """Take (version, shape, type, whether columns come first, bytes)."""
        if not isinstance(state, tuple) or len(state) != 5:
            raise ValueError("the pickle describes an array wrongly")
        self.fill(state[4], state[2], state[1])

    def fill(self, data: object, kind: object, shape: object) -> None:
        """Take the content.

        Raises:
            ValueError: not bytes, not in a row, or not as many as announced.
        """
        if not isinstance(kind, PickledType) or kind.code != "u1":
            raise ValueError("the pickle has an array of something else than bytes")
        if not isinstance(shape, tuple) or not all(isinstance(length, int) for length in shape):
            raise ValueError("the pickle gives an array a shape that is none")
        # Older releases of OpenCV encoded pictures as columns, (N, 1).
        long = [length for length in shape if length != 1]
        if not isinstance(data, (bytes, bytearray)) or len(long) > 1 or len(data) != (long or [1])[0]:
            raise ValueError("the pickle has an array whose bytes do not fit its shape")
        self._data = bytes(data)

    def values(self) -> NDArray[np.uint8]:
        """The bytes, (N,) uint8, read-only."""
        return np.frombuffer(self._data, np.uint8)


def build_from_buffer(data: object, kind: object, shape: object, *_: object) -> PickledArray:
    """An array as protocol 5 writes it.

    Raises:
        ValueError: not a row of bytes.
    """
    array = PickledArray()
    array.fill(data, kind, shape)
    return array


def build_number(kind: object, data: object) -> int:
    """A single number.

    Raises:
        ValueError: not a whole number.
    """
    if not isinstance(kind, PickledType) or not isinstance(data, bytes) or len(data) != _SIZES[kind.code]:
        raise ValueError("the pickle has a number whose bytes do not fit its type")
    return int.from_bytes(data, "big" if kind.order == ">" else "little", signed=kind.code[0] == "i")


def build_bytes(text: object, encoding: object) -> bytes:
    """Bytes as protocols 0 to 2 write them: a text with one character for each.

    Raises:
        ValueError: another encoding, or a character that is no byte.
    """
    if not isinstance(text, str) or encoding != "latin1":
        raise ValueError("the pickle encodes bytes in an unknown way")
    return text.encode("latin1")


# NumPy 2 moved its own modules; files of both times are read.
ARRAYS: Mapping[str, Builder] = {
    **PLAIN,
    "_codecs.encode": build_bytes,
    "numpy.dtype": PickledType,
    **dict.fromkeys(("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar"), build_number),
    **dict.fromkeys(
        ("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"), PickledArray
    ),
    **dict.fromkeys(("numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer"), build_from_buffer),
}
"""What pickles of plain data and arrays of bytes may build; arrays arrive as `PickledArray`."""
