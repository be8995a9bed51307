"""Reads pickles from strangers: builds data and executes nothing; no PyTorch here.

A pickle is a program for a small stack machine, and Python's own machine calls whatever the program names.
This one knows the instructions for plain data, calls only the builders that it was given, and turns every
other name into an inert `Placeholder`. Nothing is ever imported by a name found in the data.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO

Builder = Callable[..., object]
Handler = Callable[["SafeUnpickler", object], None]

_OLD_MODULES = {"__builtin__": "builtins", "copy_reg": "copyreg"}
_KEY_TYPES = (str, bytes, int, float, bool, type(None))


@dataclass(frozen=True, slots=True, eq=False)
class Global:
    """A name that the pickle mentions ("module.attribute"); never looked up."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Placeholder:
    """Stands for an object that the pickle wanted built; keeps the name of its class or function only."""

    name: str


class Stateful(ABC):
    """What an allowed builder returns if the pickle may give it a state afterwards."""

    __slots__ = ()

    @abstractmethod
    def set_state(self, state: object) -> None:
        """Take the state, which can be anything.

        Raises:
            ValueError: it is no state of such an object.
        """


class SafeUnpickler:
    """Reads one pickle of any protocol into plain containers, `Global` and `Placeholder`.

    Args:
        data: the pickle.
        allowed: by dotted name, what may be built; the functions get the arguments that the pickle gives
            and must tolerate any. `PLAIN` is enough for plain data.
        persistent: turns a persistent id into an object; None refuses them.
    """

    def __init__(
        self,
        data: bytes,
        *,
        allowed: Mapping[str, Builder] | None = None,
        persistent: Callable[[object], object] | None = None,
    ) -> None:
        self._data = data
        self._allowed = PLAIN if allowed is None else allowed
        self._persistent = persistent
        self._stack: list[object] = []
        self._marks: list[int] = []
        self._memo: dict[object, object] = {}

    def load(self) -> object:
        """Run the pickle.

        Raises:
            ValueError: damaged, or it needs more than this reader does.
        """
        stream = io.BytesIO(self._data)
        try:
            # A list of a hundred thousand images has millions of instructions.
            while (code := stream.read(1)) != pickle.STOP:
                instruction = _INSTRUCTIONS.get(code)
                if instruction is None:
                    raise ValueError(_complaint(code))
                read_argument, handler = instruction
                handler(self, None if read_argument is None else read_argument(stream))
        except (struct.error, OverflowError, MemoryError, EOFError) as error:
            raise ValueError(f"the pickle is damaged: {error}") from error
        return self.pop()

    def push(self, value: object) -> None:
        """Put a value on the stack."""
        self._stack.append(value)

    def pop(self) -> object:
        """Take the topmost value, never one below the last mark."""
        if len(self._stack) <= (self._marks[-1] if self._marks else 0):
            raise ValueError("the pickle takes a value that is not there")
        return self._stack.pop()

    def top(self) -> object:
        """Look at the topmost value."""
        if len(self._stack) <= (self._marks[-1] if self._marks else 0):
            raise ValueError("the pickle takes a value that is not there")
        return self._stack[-1]

    def mark(self) -> None:
        """Remember this height of the stack."""
        self._marks.append(len(self._stack))

    def pop_to_mark(self) -> list[object]:
        """Take everything above the last mark."""
        if not self._marks:
            raise ValueError("the pickle closes a group that it did not open")
        height = self._marks.pop()
        values = self._stack[height:]
        del self._stack[height:]
        return values

    def store(self, key: object) -> None:
        """Remember the topmost value; None takes the next free number."""
        self._memo[len(self._memo) if key is None else key] = self.top()

    def recall(self, key: object) -> None:
        """Put a remembered value on the stack."""
        if key not in self._memo:
            raise ValueError("the pickle recalls a value that it did not store")
        self.push(self._memo[key])

    def construct(self, target: object, arguments: object) -> object:
        """What the pickle calls a function call: an allowed builder's result, or a placeholder."""
        if isinstance(target, Placeholder):
            return target
        if not isinstance(target, Global) or not isinstance(arguments, tuple):
            raise ValueError("the pickle calls something that is not a name")
        builder = self._allowed.get(target.name)
        if builder is None:
            return Placeholder(target.name)
        try:
            return builder(*arguments)
        except (TypeError, AttributeError, KeyError) as error:
            raise ValueError(f"wrong arguments for {target.name}: {error}") from error

    def look_up(self, reference: object) -> object:
        """The object of a persistent id."""
        if self._persistent is None:
            raise ValueError("the pickle refers to data outside of it")
        return self._persistent(reference)


def build_mapping(pairs: object = ()) -> dict[object, object]:
    """A plain dictionary from (key, value) pairs; keys are simple values.

    Raises:
        ValueError: not pairs, or a key that is a container (whose hash could be made arbitrarily dear).
    """
    if not isinstance(pairs, (list, tuple)):
        raise ValueError("a mapping needs pairs")
    result: dict[object, object] = {}
    for pair in pairs:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise ValueError("a mapping needs pairs")
        result[_key(pair[0])] = pair[1]
    return result


def build_set(values: object = ()) -> set[object]:
    """A set of simple values.

    Raises:
        ValueError: not a list, or a member that is a container.
    """
    if not isinstance(values, (list, tuple)):
        raise ValueError("a set needs a list")
    return {_key(value) for value in values}


PLAIN: Mapping[str, Builder] = {
    "collections.OrderedDict": build_mapping,
    "builtins.set": build_set,
    "builtins.frozenset": build_set,
}
"""What plain data may need; dictionaries keep their order anyhow."""


def _key(value: object) -> object:
    if not isinstance(value, _KEY_TYPES):
        raise ValueError(f"a {type(value).__name__} cannot be a key here")
    return value


def _global(module: object, name: object) -> Global:
    if not isinstance(module, str) or not isinstance(name, str):
        raise ValueError("the pickle names something without text")
    return Global(f"{_OLD_MODULES.get(module, module)}.{name}")


def _read_global(machine: SafeUnpickler, argument: object) -> None:
    module, _, name = str(argument).partition(" ")
    machine.push(_global(module, name))


def _stack_global(machine: SafeUnpickler, _: object) -> None:
    name, module = machine.pop(), machine.pop()
    machine.push(_global(module, name))


def _reduce(machine: SafeUnpickler, _: object) -> None:
    arguments, target = machine.pop(), machine.pop()
    machine.push(machine.construct(target, arguments))


def _new_with_keywords(machine: SafeUnpickler, _: object) -> None:
    keywords, arguments, target = machine.pop(), machine.pop(), machine.pop()
    result = machine.construct(target, arguments)
    if keywords and not isinstance(result, Placeholder):
        raise ValueError("the pickle gives keywords where none are taken")
    machine.push(result)


def _instance(machine: SafeUnpickler, argument: object) -> None:
    module, _, name = str(argument).partition(" ")
    arguments = tuple(machine.pop_to_mark())
    machine.push(machine.construct(_global(module, name), arguments))


def _object(machine: SafeUnpickler, _: object) -> None:
    values = machine.pop_to_mark()
    if not values:
        raise ValueError("the pickle builds an object of no class")
    machine.push(machine.construct(values[0], tuple(values[1:])))


def _build(machine: SafeUnpickler, _: object) -> None:
    state, target = machine.pop(), machine.top()
    if isinstance(target, Stateful):
        target.set_state(state)
    # Other state is dropped: placeholders keep none, and a mapping's attributes (PyTorch writes versions
    # there) mean nothing to us.
    elif not isinstance(target, (Placeholder, dict)):
        raise ValueError("the pickle sets the state of a plain value")


def _append(machine: SafeUnpickler, values: list[object]) -> None:
    target = machine.top()
    if isinstance(target, list):
        target.extend(values)
    elif not isinstance(target, Placeholder):
        raise ValueError("the pickle appends to what is not a list")


def _set_items(machine: SafeUnpickler, values: list[object]) -> None:
    target = machine.top()
    if isinstance(target, dict):
        for key, value in _pairs(values):
            target[_key(key)] = value
    elif not isinstance(target, Placeholder):
        raise ValueError("the pickle sets an entry of what is not a mapping")


def _set_item(machine: SafeUnpickler, _: object) -> None:
    value, key = machine.pop(), machine.pop()
    _set_items(machine, [key, value])


def _add_items(machine: SafeUnpickler, _: object) -> None:
    values = machine.pop_to_mark()
    target = machine.top()
    if isinstance(target, set):
        target.update(build_set(values))
    elif not isinstance(target, Placeholder):
        raise ValueError("the pickle adds to what is not a set")


def _pairs(values: list[object]) -> Iterator[tuple[object, object]]:
    if len(values) % 2:
        raise ValueError("the pickle has a key without a value")
    return zip(values[::2], values[1::2], strict=True)


def _pop(machine: SafeUnpickler, _: object) -> None:
    # Popping right after a mark removes the mark, as in Python's own machine.
    if machine._marks and machine._marks[-1] == len(machine._stack):
        machine._marks.pop()
    else:
        machine.pop()


def _pop_mark(machine: SafeUnpickler, _: object) -> None:
    machine.pop_to_mark()


def _tuple_of(count: int) -> Handler:
    def handler(machine: SafeUnpickler, _: object) -> None:
        values = [machine.pop() for _ in range(count)]
        machine.push(tuple(reversed(values)))

    return handler


def _every(names: Iterable[str], handler: Handler) -> dict[str, Handler]:
    return dict.fromkeys(names, handler)


_LITERALS = [
    "INT",
    "BININT",
    "BININT1",
    "BININT2",
    "LONG",
    "LONG1",
    "LONG4",
    "FLOAT",
    "BINFLOAT",
    "UNICODE",
    "BINUNICODE",
    "SHORT_BINUNICODE",
    "BINUNICODE8",
    "STRING",
    "BINSTRING",
    "SHORT_BINSTRING",
    "BINBYTES",
    "SHORT_BINBYTES",
    "BINBYTES8",
    "BYTEARRAY8",
]

_HANDLERS: dict[str, Handler] = {
    **_every(["PROTO", "FRAME"], lambda machine, argument: None),
    **_every(_LITERALS, lambda machine, argument: machine.push(argument)),
    **_every(["PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"], SafeUnpickler.store),
    **_every(["GET", "BINGET", "LONG_BINGET"], SafeUnpickler.recall),
    "NONE": lambda machine, _: machine.push(None),
    "NEWTRUE": lambda machine, _: machine.push(True),
    "NEWFALSE": lambda machine, _: machine.push(False),
    "MARK": lambda machine, _: machine.mark(),
    "POP": _pop,
    "POP_MARK": _pop_mark,
    "DUP": lambda machine, _: machine.push(machine.top()),
    "EMPTY_LIST": lambda machine, _: machine.push([]),
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    "EMPTY_SET": lambda machine, _: machine.push(set()),
    "EMPTY_TUPLE": lambda machine, _: machine.push(()),
    "LIST": lambda machine, _: machine.push(machine.pop_to_mark()),
    "DICT": lambda machine, _: machine.push(build_mapping(list(_pairs(machine.pop_to_mark())))),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.pop_to_mark())),
    "TUPLE1": _tuple_of(1),
    "TUPLE2": _tuple_of(2),
    "TUPLE3": _tuple_of(3),
    "FROZENSET": lambda machine, _: machine.push(build_set(machine.pop_to_mark())),
    "APPEND": lambda machine, _: _append(machine, [machine.pop()]),
    "APPENDS": lambda machine, _: _append(machine, machine.pop_to_mark()),
    "SETITEM": _set_item,
    "SETITEMS": lambda machine, _: _set_items(machine, machine.pop_to_mark()),
    "ADDITEMS": _add_items,
    "GLOBAL": _read_global,
    "STACK_GLOBAL": _stack_global,
    "REDUCE": _reduce,
    "NEWOBJ": _reduce,
    "NEWOBJ_EX": _new_with_keywords,
    "INST": _instance,
    "OBJ": _object,
    "BUILD": _build,
    "PERSID": lambda machine, argument: machine.push(machine.look_up(argument)),
    "BINPERSID": lambda machine, _: machine.push(machine.look_up(machine.pop())),
}

# How each instruction's argument is read, by Python's own description of the format, and what it does.
_INSTRUCTIONS: dict[bytes, tuple[Callable[[IO[bytes]], object] | None, Handler]] = {
    opcode.code.encode("latin-1"): (opcode.arg.reader if opcode.arg else None, _HANDLERS[opcode.name])
    for opcode in pickletools.opcodes
    if opcode.name in _HANDLERS
}


def _complaint(code: bytes) -> str:
    """Why an instruction cannot be followed."""
    if not code:
        return "the pickle has no end"
    names = {opcode.code.encode("latin-1"): opcode.name for opcode in pickletools.opcodes}
    return f"instruction {names[code]} is not supported" if code in names else f"{code!r} is no instruction"
