"""Arrays of bytes in pickles: read from every protocol, and lies about them refused."""

from __future__ import annotations

import pickle
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipclick.datasets.array_pickle import (
    ARRAYS,
    PickledArray,
    PickledType,
    build_bytes,
    build_from_buffer,
    build_number,
)
from skipclick.unpickle import PLAIN, SafeUnpickler

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def read(data: bytes) -> object:
    return SafeUnpickler(data, allowed=ARRAYS).load()


def old(data: bytes) -> bytes:
    """The pickle as NumPy 1 writes it; only the older protocols name modules by lines."""
    assert b"numpy._core" in data
    return data.replace(b"numpy._core", b"numpy.core")


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("shape", [(1,), (300,), (300, 1), (1, 300)])
def test_rows_of_bytes_arrive_from_every_protocol(protocol: int, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    first, again, rest = read(pickle.dumps((array, array, "rest"), protocol))  # type: ignore[misc]
    assert isinstance(first, PickledArray)
    assert first is again
    assert rest == "rest"
    assert first.values().dtype == np.uint8
    np.testing.assert_array_equal(first.values(), array.ravel())


@pytest.mark.parametrize("protocol", range(4))
def test_pickles_of_numpy_1_are_read(protocol: int) -> None:
    array = np.arange(20, dtype=np.uint8)
    result = read(old(pickle.dumps(array, protocol)))
    assert isinstance(result, PickledArray)
    np.testing.assert_array_equal(result.values(), array)
    assert read(old(pickle.dumps(np.int64(-3), protocol))) == -3


def test_arrays_that_may_not_be_written_to_are_read() -> None:
    """Protocol 5 writes these in another way."""
    array = np.arange(20, dtype=np.uint8)
    array.flags.writeable = False
    result = read(pickle.dumps(array, 5))
    assert isinstance(result, PickledArray)
    np.testing.assert_array_equal(result.values(), array)


@given(st.sampled_from(["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]), st.data())
def test_numbers_become_pythons_own(code: str, data: st.DataObject) -> None:
    limits = np.iinfo(code)
    value = data.draw(st.integers(int(limits.min), int(limits.max)))
    for order, protocol in product("<>", PROTOCOLS):
        scalar = np.array(value, np.dtype(code).newbyteorder(order))[()]
        result = read(pickle.dumps(scalar, protocol))
        assert type(result) is int
        assert result == value


def test_numbers_with_the_highest_byte_first() -> None:
    kind = PickledType("u2", False, True)
    kind.set_state((3, ">", None, None, None, -1, -1, 0))
    assert build_number(kind, b"\x01\x02") == 258
    assert build_number(PickledType("i2"), b"\xff\xff") == -1


@pytest.mark.parametrize(
    "value",
    [
        np.zeros(3, np.float32),
        np.zeros(3, np.bool_),
        np.zeros(3, np.int8),
        np.zeros(3, np.uint16),
        np.zeros((2, 3), np.uint8),
        np.zeros((), np.float64)[()],
        np.array(["a"]),
        np.array([{}], dtype=object),
        np.zeros(3, [("a", "u1")]),
    ],
    ids=str,
)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_other_arrays_are_refused(value: object, protocol: int) -> None:
    with pytest.raises(ValueError, match=r"array|numbers|wrong arguments"):
        read(pickle.dumps(value, protocol))


BYTES = PickledType("u1")


@pytest.mark.parametrize(
    ("data", "kind", "shape"),
    [
        (b"abc", BYTES, (4,)),
        (b"abc", BYTES, (2**60,)),
        (b"abc", BYTES, (-3,)),
        (b"abc", BYTES, ()),
        (b"", BYTES, ()),
        (b"abcd", BYTES, (2, 2)),
        (b"abc", BYTES, [3]),
        (b"abc", BYTES, ("3",)),
        (b"abc", BYTES, None),
        ("abc", BYTES, (3,)),
        ([1, 2, 3], BYTES, (3,)),
        (None, BYTES, (3,)),
        (b"abc", "u1", (3,)),
        (b"abcd", PickledType("i4"), (1,)),
    ],
    ids=str,
)
def test_arrays_that_lie_are_refused(data: object, kind: object, shape: object) -> None:
    with pytest.raises(ValueError, match="array"):
        build_from_buffer(data, kind, shape, "C")
    with pytest.raises(ValueError, match="array"):
        PickledArray().set_state((1, shape, kind, False, data))


@pytest.mark.parametrize("state", [None, (), (1, (3,), BYTES, b"abc"), {"data": b"abc"}, b"abc"], ids=str)
def test_states_of_another_form_are_refused(state: object) -> None:
    with pytest.raises(ValueError, match="array wrongly"):
        PickledArray().set_state(state)
    with pytest.raises(ValueError, match="numbers wrongly"):
        PickledType("u1").set_state(state)


@pytest.mark.parametrize(
    ("kind", "data"), [("u1", b"a"), (BYTES, b"ab"), (BYTES, b""), (BYTES, "a"), (BYTES, None)]
)
def test_numbers_that_lie_are_refused(kind: object, data: object) -> None:
    with pytest.raises(ValueError, match="number"):
        build_number(kind, data)


@pytest.mark.parametrize("code", ["f4", "O", "u16", "", 1, None, ["u1"]])
def test_types_that_are_no_whole_numbers_are_refused(code: object) -> None:
    with pytest.raises(ValueError, match="only whole ones"):
        PickledType(code)


@pytest.mark.parametrize(
    ("text", "encoding"), [("ab", "utf-8"), ("ab", None), (b"ab", "latin1"), ("€", "latin1")]
)
def test_only_one_encoding_of_bytes_is_known(text: object, encoding: object) -> None:
    with pytest.raises(ValueError, match=r"bytes|latin"):
        build_bytes(text, encoding)


def test_nothing_but_our_builders_and_plain_data_is_allowed() -> None:
    own = {build_bytes, build_number, build_from_buffer, PickledType, PickledArray}
    assert set(ARRAYS.values()) == own | set(PLAIN.values())
