"""Malicious checkpoints: each attack is shown to work against Python's own reader, and to do nothing here.

The attacks only create a marker file in the test's own folder.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from skipclick.errors import ModelError
from skipclick.unpickle import Placeholder
from skipclick.weights.checkpoint import read_checkpoint
from skipclick.weights.published import read_published

Payload = Callable[[Path], bytes]


class Call:
    """Pickles into a call of a function."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.call


class CallThenState(Call):
    """Pickles into a call of a function, and a state for its result."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...], object]:  # type: ignore[override]
        return *self.call, {"__class__": "anything", "__setstate__": "anything"}


class Trap:
    """Executes code when its state is set or an item is added."""

    def __setstate__(self, state: str) -> None:
        Path(state).touch()

    def __setitem__(self, key: str, value: str) -> None:
        Path(key).touch()

    def append(self, item: str) -> None:
        Path(item).touch()


class TrapState(Trap):
    """A trap with a state."""

    def __init__(self, marker: Path) -> None:
        self.path = str(marker)

    def __reduce__(self) -> tuple[object, ...]:
        return Trap, (), self.path


class TrapItems(TrapState):
    """A trap with entries."""

    def __reduce__(self) -> tuple[object, ...]:
        return Trap, (), None, None, iter([(self.path, "value")])


class TrapList(TrapState):
    """A trap with elements."""

    def __reduce__(self) -> tuple[object, ...]:
        return Trap, (), None, iter([self.path])


def text(value: str) -> bytes:
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def command(marker: Path) -> str:
    return f"touch '{marker}'"


def python(marker: Path) -> str:
    return f"open({str(marker)!r}, 'w').close()"


ATTACKS: dict[str, Payload] = {
    "os.system by __reduce__": lambda marker: pickle.dumps(Call(os.system, command(marker))),
    "eval": lambda marker: pickle.dumps(Call(eval, python(marker))),
    "exec": lambda marker: pickle.dumps(Call(exec, python(marker))),
    "a state after the call": lambda marker: pickle.dumps([CallThenState(exec, python(marker))]),
    "nested deeply": lambda marker: pickle.dumps({"a": [({"b": Call(exec, python(marker))},)]}),
    "as a dictionary key": lambda marker: b"}cbuiltins\nexec\n" + text(python(marker)) + b"\x85RNs.",
    "INST": lambda marker: b"(" + text(python(marker)) + b"ibuiltins\nexec\n.",
    "OBJ": lambda marker: b"(cbuiltins\nexec\n" + text(python(marker)) + b"o.",
    # By dots from an allowed module to the built-in functions.
    "attributes of an allowed module": lambda marker: (
        b"\x80\x04"
        + text("collections")
        + text("namedtuple.__builtins__.get")
        + b"\x93"
        + text("exec")
        + b"\x85R"
        + text(python(marker))
        + b"\x85R."
    ),
    "a module by a dotted name": lambda marker: (
        b"\x80\x04" + text("shutil") + text("os.system") + b"\x93" + text(command(marker)) + b"\x85R."
    ),
    "__setstate__": lambda marker: pickle.dumps(TrapState(marker)),
    "__setitem__": lambda marker: pickle.dumps(TrapItems(marker)),
    "append": lambda marker: pickle.dumps(TrapList(marker)),
    "a module that PyTorch imports": lambda marker: (
        b"\x80\x04"
        + text("torch.serialization")
        + text("os.system")
        + b"\x93"
        + text(command(marker))
        + b"\x85R."
    ),
    "functools.partial": lambda marker: (
        b"cfunctools\npartial\n(cbuiltins\nexec\n" + text(python(marker)) + b"tR)R."
    ),
}


def archive(data: bytes, storages: dict[str, bytes] | None = None, **extra: bytes) -> bytes:
    """A PyTorch archive around a pickle."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("model/data.pkl", data)
        file.writestr("model/byteorder", "little")
        for key, content in (storages or {}).items():
            file.writestr(f"model/data/{key}", content)
        for name, content in extra.items():
            file.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ATTACKS)
def test_the_attack_works_on_others_and_does_nothing_here(name: str, tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    data = ATTACKS[name](marker)

    try:
        pickle.loads(data)
    except Exception as error:  # Some attacks fail after having struck.
        print(error)
    assert marker.exists(), "the attack is harmless, so this test would prove nothing"
    marker.unlink()

    path = tmp_path / "attack.pth"
    path.write_bytes(archive(data))
    with contextlib.suppress(ModelError):
        read_checkpoint(path)
    assert not marker.exists()


@pytest.mark.parametrize("place", ["config", "state_dict", "params", "both"])
def test_calls_inside_an_otherwise_honest_checkpoint(place: str, tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    call = Call(os.system, command(marker))
    content: dict[str, object] = {
        "state_dict": OrderedDict(
            weight=torch.zeros(2), extra=call if place in ("state_dict", "both") else None
        ),
        "config": {"class": "x", "params": {"head_params": call if place in ("params", "both") else None}},
        "more": call if place == "config" else None,
    }
    path = tmp_path / "attack.pth"
    torch.save(content, path)
    torch.load(path, weights_only=False)
    assert marker.exists()
    marker.unlink()

    result = read_checkpoint(path)
    assert isinstance(result, dict)
    assert torch.equal(result["state_dict"]["weight"], torch.zeros(2))
    with pytest.raises(ModelError):
        read_published(path)
    assert not marker.exists()


def test_a_call_of_a_placeholder_calls_nothing(tmp_path: Path) -> None:
    path = tmp_path / "attack.pth"
    path.write_bytes(archive(b"cisegm.model\nLoss\n)R)RN}b."))
    with pytest.raises(ModelError):
        read_checkpoint(path)
    path.write_bytes(archive(b"cisegm.model\nLoss\n)R)R}b."))
    result = read_checkpoint(path)
    assert isinstance(result, Placeholder)
    assert result.name == "isegm.model.Loss"


def test_a_placeholder_takes_no_state(tmp_path: Path) -> None:
    path = tmp_path / "attack.pth"
    state = b"}" + text("name") + text("fooled") + b"s}" + text("__class__") + b"Ns\x86"
    path.write_bytes(archive(b"cisegm.model\nLoss\n)R" + state + b"b."))
    result = read_checkpoint(path)
    assert isinstance(result, Placeholder)
    assert result.name == "isegm.model.Loss"
    assert not hasattr(result, "__dict__")


# The smallest file of each kind of lie about a tensor.


def tensor_pickle(
    offset: int, size: tuple[int, ...], stride: tuple[int, ...], *, count: int = 4, key: str = "0"
) -> bytes:
    """The pickle of one tensor, which may be a lie."""

    class Storage:
        pass

    class Pickler(pickle.Pickler):
        def persistent_id(self, item: object) -> object:
            if isinstance(item, Storage):
                return ("storage", torch.FloatStorage, key, "cpu", count)
            return None

    class Tensor:
        def __reduce__(self) -> tuple[object, ...]:
            arguments = (Storage(), offset, size, stride, False, OrderedDict())
            return torch._utils._rebuild_tensor_v2, arguments

    buffer = io.BytesIO()
    Pickler(buffer, 2).dump(Tensor())
    return buffer.getvalue()


def test_the_honest_tensor_is_read(tmp_path: Path) -> None:
    path = tmp_path / "tensor.pth"
    numbers = struct.pack("<4f", 1, 2, 3, 4)
    path.write_bytes(archive(tensor_pickle(1, (3,), (1,)), {"0": numbers}))
    result = read_checkpoint(path)
    assert isinstance(result, torch.Tensor)
    assert result.tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("offset", "size", "stride"),
    [
        (0, (5,), (1,)),
        (1, (4,), (1,)),
        (4, (1,), (1,)),
        (5, (0,), (1,)),
        (0, (2,), (4,)),
        (0, (2, 2), (2, 2**61)),
        (0, (2**61, 2**61), (0, 0)),
        (0, (2**40,), (0,)),
        (-1, (1,), (1,)),
        (0, (-1,), (1,)),
        (0, (2,), (-1,)),
        (0, (2, 2), (1,)),
        (0, (1,) * 40, (1,) * 40),
        (2**70, (1,), (1,)),
    ],
)
def test_tensors_cannot_reach_beyond_their_storage(
    offset: int, size: tuple[int, ...], stride: tuple[int, ...], tmp_path: Path
) -> None:
    path = tmp_path / "attack.pth"
    path.write_bytes(archive(tensor_pickle(offset, size, stride), {"0": bytes(16)}))
    with pytest.raises(ModelError, match="tensor"):
        read_checkpoint(path)


@pytest.mark.parametrize("count", [3, 5, 2**40, -1])
def test_a_storage_of_another_size_than_announced(count: int, tmp_path: Path) -> None:
    path = tmp_path / "attack.pth"
    path.write_bytes(archive(tensor_pickle(0, (1,), (1,), count=count), {"0": bytes(16)}))
    with pytest.raises(ModelError, match=r"size|wrongly|beyond"):
        read_checkpoint(path)


@pytest.mark.parametrize("key", ["../../../etc/passwd", "/etc/passwd", "..\\secret", "missing"])
def test_a_storage_key_is_never_a_path(key: str, tmp_path: Path) -> None:
    path = tmp_path / "attack.pth"
    path.write_bytes(archive(tensor_pickle(0, (1,), (1,), key=key), {"0": bytes(16)}))
    with pytest.raises(ModelError, match="missing"):
        read_checkpoint(path)


def test_entries_with_traversing_names_are_not_written_anywhere(tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    path = folder / "attack.pth"
    extra = {"../escaped": b"x", "/tmp/escaped": b"x"}
    path.write_bytes(
        archive(tensor_pickle(0, (1,), (1,)), {"0": bytes(16), "../../../escaped": b"x"}, **extra)
    )
    read_checkpoint(path)
    assert [item.name for item in tmp_path.rglob("*")] == ["inside", "attack.pth"]


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pth"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("model/data.pkl", b"N.")
        file.writestr("model/data/0", bytes(50_000_000))
    assert path.stat().st_size < 100_000
    with pytest.raises(ModelError, match="compressed"):
        read_checkpoint(path)


def test_an_entry_that_lies_about_its_size(tmp_path: Path) -> None:
    path = tmp_path / "lie.pth"
    content = bytearray(archive(tensor_pickle(0, (4,), (1,)), {"0": bytes(16)}))
    # The last directory entry's two sizes, raised to nearly 4 GB.
    directory = content.rindex(b"PK\x01\x02")
    content[directory + 20 : directory + 28] = struct.pack("<II", 0xFFFFFFF0, 0xFFFFFFF0)
    path.write_bytes(content)
    with pytest.raises(ModelError, match="larger than the file"):
        read_checkpoint(path)


def test_two_entries_of_one_name(tmp_path: Path) -> None:
    path = tmp_path / "twice.pth"
    # The writer refuses to be so careless, so the second name is changed afterwards.
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("model/data.pkl", b"N.")
        file.writestr("model/data.pkm", b"K\x01.")
    path.write_bytes(path.read_bytes().replace(b"data.pkm", b"data.pkl"))
    with pytest.raises(ModelError, match="same name"):
        read_checkpoint(path)


def test_a_container_that_holds_itself(tmp_path: Path) -> None:
    path = tmp_path / "cycle.pth"
    path.write_bytes(archive(b"]q\x00h\x00a."))
    with pytest.raises(ModelError, match="themselves"):
        read_checkpoint(path)


def test_nesting_that_would_exhaust_the_stack(tmp_path: Path) -> None:
    path = tmp_path / "deep.pth"
    path.write_bytes(archive(b"N" + b"\x85" * 60_000 + b"."))
    with pytest.raises(ModelError, match="deeply"):
        read_checkpoint(path)


def test_a_key_whose_hash_would_exhaust_the_stack(tmp_path: Path) -> None:
    path = tmp_path / "hash.pth"
    path.write_bytes(archive(b"}N" + b"\x85" * 60_000 + b"Ns."))
    with pytest.raises(ModelError, match="key"):
        read_checkpoint(path)


def test_exponential_sharing_is_copied_once(tmp_path: Path) -> None:
    path = tmp_path / "laughs.pth"
    # Each list holds the former one twice: 2 to the power of 60 leaves.
    path.write_bytes(archive(b"N" + b"2\x86" * 60 + b"."))
    result = read_checkpoint(path)
    for _ in range(60):
        assert isinstance(result, tuple)
        assert result[0] is result[1]
        result = result[0]


def test_a_memo_index_cannot_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "memo.pth"
    path.write_bytes(archive(b"Nr\xff\xff\xff\x7f."))
    assert read_checkpoint(path) is None


def test_a_pickle_beyond_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skipclick.weights.checkpoint.MAX_PICKLE", 1000)
    path = tmp_path / "long.pth"
    path.write_bytes(archive(b"N0" * 600 + b"N."))
    with pytest.raises(ModelError, match="larger than"):
        read_checkpoint(path)


def test_a_tensor_takes_no_state(tmp_path: Path) -> None:
    path = tmp_path / "state.pth"
    data = tensor_pickle(0, (4,), (1,)).removesuffix(b".") + b"}" + text("data") + b"Nsb."
    path.write_bytes(archive(data, {"0": bytes(16)}))
    with pytest.raises(ModelError, match="state of a plain value"):
        read_checkpoint(path)
