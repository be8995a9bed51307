"""The pickle reader agrees with Python's own on plain data, and invents nothing on the rest."""

from __future__ import annotations

import collections
import contextlib
import datetime
import pickle
import pickletools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from skipclick.unpickle import PLAIN, Global, Placeholder, SafeUnpickler, Stateful

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(max_size=300)
)
plain = st.recursive(
    scalars | st.sets(st.integers() | st.text()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=4)
    ),
    max_leaves=12,
)


class Thing:
    """An object with state."""

    def __init__(self, value: object) -> None:
        self.value = value


class Table(dict[str, int]):
    """A mapping with state."""


def read(data: bytes) -> object:
    return SafeUnpickler(data).load()


@given(value=plain, protocol=st.integers(3, pickle.HIGHEST_PROTOCOL))
def test_plain_data_arrives_as_it_was(value: object, protocol: int) -> None:
    assert read(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_is_read(protocol: int) -> None:
    value = {
        "a": [1, -2.5, None, True, False, "é\n"],
        "b": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)),
        7: 2**80,
    }
    assert read(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_ordered_dictionaries_and_sets_become_plain_ones(protocol: int) -> None:
    pairs = collections.OrderedDict([("z", 1), ("a", 2)])
    assert list(read(pickle.dumps(pairs, protocol)).items()) == [("z", 1), ("a", 2)]  # type: ignore[attr-defined]
    assert read(pickle.dumps({3, "x"}, protocol)) == {3, "x"}
    assert read(pickle.dumps(frozenset([3]), protocol)) == {3}


def test_attributes_of_a_mapping_are_dropped() -> None:
    pairs = collections.OrderedDict(a=1)
    pairs._metadata = {"version": 1}  # type: ignore[attr-defined]
    result = read(pickle.dumps(pairs))
    assert result == {"a": 1}
    assert type(result) is dict


def test_shared_objects_stay_shared() -> None:
    inner: list[int] = []
    first, second = read(pickle.dumps([inner, inner]))  # type: ignore[misc]
    assert first is second


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_other_objects_become_placeholders(protocol: int) -> None:
    result = read(pickle.dumps({"object": Thing([1, 2]), "after": 5}, protocol))
    assert isinstance(result, dict)
    assert result["after"] == 5
    assert isinstance(result["object"], Placeholder)
    # Protocols 0 and 1 build objects through a helper of copyreg.
    assert result["object"].name in (f"{__name__}.Thing", "copyreg._reconstructor")


def test_containers_of_a_foreign_class_become_placeholders() -> None:
    table = Table(a=1, b=2)
    table.extra = 3  # type: ignore[attr-defined]
    assert isinstance(read(pickle.dumps(table)), Placeholder)


def test_classes_and_functions_are_only_named() -> None:
    result = read(pickle.dumps([len, datetime.date]))
    assert [type(item) for item in result] == [Global, Global]  # type: ignore[attr-defined]
    assert [item.name for item in result] == ["builtins.len", "datetime.date"]  # type: ignore[attr-defined]


def test_python_2_names_are_translated() -> None:
    assert read(b"c__builtin__\nset\n(]tR.") == set()


def test_an_allowed_builder_is_called_with_the_arguments() -> None:
    data = pickle.dumps(datetime.date(2025, 1, 12))
    built = SafeUnpickler(data, allowed={"datetime.date": lambda *args: ("date", args)}).load()
    assert built == ("date", (b"\x07\xe9\x01\x0c",))


def test_wrong_arguments_for_a_builder_are_an_error() -> None:
    data = pickle.dumps(datetime.date(2025, 1, 12))
    with pytest.raises(ValueError, match=r"wrong arguments for datetime\.date"):
        SafeUnpickler(data, allowed={"datetime.date": lambda: None}).load()


class Box(Stateful):
    """Keeps what it is given."""

    def __init__(self, *arguments: object) -> None:
        self.arguments = arguments
        self.states: list[object] = []

    def set_state(self, state: object) -> None:
        if state == {"value": "bad"}:
            raise ValueError("a bad state")
        self.states.append(state)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_builder_may_ask_for_the_state(protocol: int) -> None:
    name = f"{__name__}.Thing" if protocol > 1 else "copyreg._reconstructor"
    result = SafeUnpickler(pickle.dumps([Thing("good")], protocol), allowed={name: Box}).load()
    (box,) = result  # type: ignore[misc]
    assert isinstance(box, Box)
    assert box.states == [{"value": "good"}]
    with pytest.raises(ValueError, match="a bad state"):
        SafeUnpickler(pickle.dumps(Thing("bad"), protocol), allowed={name: Box}).load()


def test_a_state_reaches_only_what_a_builder_made_for_it() -> None:
    """Neither a class of the same method nor the name of our own class is enough."""
    data = b"c" + f"{Box.__module__}\n{Box.__name__}".encode() + b"\n)R}b."
    result = read(data)
    assert isinstance(result, Placeholder)
    with pytest.raises(ValueError, match="plain value"):
        SafeUnpickler(b"cbuiltins\nset\n]\x85R}b.").load()


def test_bytes_that_can_be_changed_arrive_as_such() -> None:
    result = read(pickle.dumps([bytearray(b"ab")], 5))
    assert result == [bytearray(b"ab")]
    assert type(result[0]) is bytearray  # type: ignore[index]
    with pytest.raises(ValueError, match="cannot be a key"):
        read(b"\x80\x05}\x96\x01\x00\x00\x00\x00\x00\x00\x00aNs.")


def test_persistent_ids_need_a_reader() -> None:
    with pytest.raises(ValueError, match="outside of it"):
        read(b"X\x01\x00\x00\x00aQ.")
    assert SafeUnpickler(b"X\x01\x00\x00\x00aQ.", persistent=lambda key: f"<{key}>").load() == "<a>"
    assert SafeUnpickler(b"Pkey\n.", persistent=lambda key: f"<{key}>").load() == "<key>"


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "^the pickle has no end"),
        (b"N", "^the pickle has no end"),
        (b"K", "not enough|damaged|expected"),
        (b".", "not there"),
        (b"0.", "not there"),
        (b"t.", "did not open"),
        (b"h\x07.", "did not store"),
        (b"}X\x01\x00\x00\x00a.", None),
        (b"}(X\x01\x00\x00\x00au.", "without a value"),
        (b"}]Ns.", "cannot be a key"),
        (b"}(]NtNs.", "cannot be a key"),
        (b"NN(a.", "not there"),
        (b"K\x01K\x02a.", "not a list"),
        (b"K\x01(K\x02K\x03u.", "not a mapping"),
        (b"\x80\x04](K\x03\x90.", "not a set"),
        (b"K\x01K\x02b.", "plain value"),
        (b"K\x01)R.", "not a name"),
        (b"cos\nsystem\nNR.", "not a name"),
        (b"(o.", "no class"),
        (b"\x80\x04K\x01K\x02\x93.", "without text"),
        (b"\x82\x01.", "EXT1 is not supported"),
        (b"\x80\x05\x97.", "NEXT_BUFFER is not supported"),
        (b"\xff.", r"^b'\\xff' is no instruction"),
        (b"X\xff\xff\xff\x7fa.", "expected|damaged"),
        (b"c__builtin__\nset\nK\x01\x85R.", "a set needs"),
        (b"\x80\x04c__builtin__\nset\n]\x85}X\x01\x00\x00\x00aK\x01s\x92.", "keywords"),
    ],
)
def test_damaged_or_hostile_pickles_are_refused(data: bytes, complaint: str | None) -> None:
    if complaint is None:
        assert read(data) == "a"
        return
    with pytest.raises(ValueError, match=complaint):
        read(data)


@settings(max_examples=100)
@given(data=st.binary(max_size=200))
@example(data=b"\x80\x05")
@example(data=b"I" + b"9" * 5000 + b"\n.")
def test_random_bytes_never_do_worse_than_a_value_error(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        read(data)


@given(
    value=plain,
    position=st.integers(min_value=0),
    replacement=st.integers(0, 255),
)
def test_damaged_pickles_never_do_worse_than_a_value_error(
    value: object, position: int, replacement: int
) -> None:
    data = bytearray(pickle.dumps({"thing": Thing(1), "value": value}))
    data[position % len(data)] = replacement
    with contextlib.suppress(ValueError):
        read(bytes(data))


def test_no_opcode_is_forgotten() -> None:
    """Every instruction of Python's machine is handled or knowingly refused."""
    refused = {"EXT1", "EXT2", "EXT4", "NEXT_BUFFER", "READONLY_BUFFER", "STOP"}
    from skipclick import unpickle

    assert set(unpickle._HANDLERS) == {opcode.name for opcode in pickletools.opcodes} - refused


def test_the_plain_builders_import_nothing() -> None:
    assert set(PLAIN) == {"collections.OrderedDict", "builtins.set", "builtins.frozenset"}
