"""Reads PyTorch's `.pth` archives without PyTorch's unpickler (specification 3.1).

PyTorch's weights-only mode refuses the published checkpoints, because they hold an object of a class of
their package; its other mode executes whatever the file says. This reader does neither.
"""

from __future__ import annotations

import struct
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from skipclick.errors import ModelError
from skipclick.unpickle import PLAIN, Builder, Global, SafeUnpickler

MAX_PICKLE = 64 * 2**20
"""Largest pickle read, in bytes; a published one has 56 thousand."""

_MAX_DEPTH = 64
_MAX_DIMENSIONS = 16
_LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."

_DTYPES: Mapping[str, torch.dtype] = {
    "torch.DoubleStorage": torch.float64,
    "torch.FloatStorage": torch.float32,
    "torch.HalfStorage": torch.float16,
    "torch.BFloat16Storage": torch.bfloat16,
    "torch.LongStorage": torch.int64,
    "torch.IntStorage": torch.int32,
    "torch.ShortStorage": torch.int16,
    "torch.CharStorage": torch.int8,
    "torch.ByteStorage": torch.uint8,
    "torch.BoolStorage": torch.bool,
}


@dataclass(frozen=True, slots=True, eq=False)
class _Storage:
    """A file of the archive: `count` numbers."""

    key: str
    dtype: torch.dtype
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class _Stored:
    """A tensor that is still in the archive; its bounds have been checked."""

    storage: _Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


def read_checkpoint(path: Path | str) -> object:
    """Read what `torch.save` wrote, executing nothing.

    Tensors arrive on the CPU in the type they were saved in; dictionaries, lists, tuples, sets and simple
    values as themselves; objects of any other class as `unpickle.Placeholder`.

    Args:
        path: a zip archive of PyTorch 1.6 or later.

    Returns:
        The saved object; for checkpoints a dictionary.

    Raises:
        ModelError: no such file, another format, damaged, or its tensors leave their storage.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            head = file.read(len(_LEGACY))
        if not zipfile.is_zipfile(path):
            raise ModelError(_explain(path, head))
        with zipfile.ZipFile(path) as archive:
            return _Reader(archive, path.stat().st_size).read()
    except ModelError:
        raise
    except FileNotFoundError as error:
        raise ModelError(f"{path} does not exist") from error
    except (ValueError, zipfile.BadZipFile, struct.error, RuntimeError, EOFError) as error:
        raise ModelError(f"{path} cannot be read as a PyTorch checkpoint: {error}") from error
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or error}") from error


def _explain(path: Path, head: bytes) -> str:
    """Why a file is not a zip archive."""
    if head == _LEGACY:
        return (
            f"{path} is in PyTorch's old format: load and save it once more with PyTorch 1.6 or later, "
            "if you trust its source"
        )
    if head.startswith(b"PK"):
        return f"{path} is incomplete: fetch it again"
    if head.lstrip().startswith(b"<"):
        return f"{path} is a web page, not a checkpoint: fetch it again with a browser"
    return f"{path} is not a PyTorch checkpoint"


class _Reader:
    """One archive, while it is being read."""

    def __init__(self, archive: zipfile.ZipFile, size: int) -> None:
        self.archive = archive
        self.loaded: dict[tuple[str, torch.dtype], Tensor] = {}
        self.seen: dict[int, object] = {}
        entries = archive.infolist()
        if len({entry.filename for entry in entries}) != len(entries):
            raise ValueError("two of its entries have the same name")
        # PyTorch never compresses, so nothing in an honest archive is larger than the archive.
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
            raise ValueError("its entries are compressed, which PyTorch never does")
        if sum(entry.file_size for entry in entries) > size:
            raise ValueError("its entries claim to be larger than the file")
        pickles = [entry for entry in entries if entry.filename.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise ValueError("it does not hold exactly one data.pkl")
        if pickles[0].file_size > MAX_PICKLE:
            raise ValueError(f"its data.pkl is larger than {MAX_PICKLE >> 20} MB")
        self.pickle = pickles[0]
        self.folder = self.pickle.filename.removesuffix("data.pkl")
        self.swapped = self._byteorder() != sys.byteorder

    def _byteorder(self) -> str:
        try:
            order = self.archive.read(self.folder + "byteorder").decode("ascii", "replace")
        except KeyError:
            return "little"  # Releases before 2.1 wrote no such entry, and wrote little-endian.
        if order not in ("little", "big"):
            raise ValueError("its byte order is unknown")
        return order

    def read(self) -> object:
        """Unpickle, then put tensors in place of their descriptions."""
        machine = SafeUnpickler(self.archive.read(self.pickle), allowed=_ALLOWED, persistent=_storage)
        return self.fill(machine.load(), 0)

    def fill(self, value: object, depth: int) -> object:
        """Copy containers with their tensors loaded; a container used twice is copied once."""
        if isinstance(value, _Stored):
            return self.tensor(value)
        if isinstance(value, _Storage):
            raise ValueError("it holds a storage outside of a tensor")
        if not isinstance(value, (dict, list, tuple)):
            return value
        if depth > _MAX_DEPTH:
            raise ValueError("its containers are nested too deeply, or hold themselves")
        if id(value) in self.seen:
            return self.seen[id(value)]
        result: object
        if isinstance(value, dict):
            result = {key: self.fill(item, depth + 1) for key, item in value.items()}
        else:
            result = type(value)(self.fill(item, depth + 1) for item in value)
        self.seen[id(value)] = result
        return result

    def tensor(self, stored: _Stored) -> Tensor:
        """A view into its storage, with the saved strides."""
        storage = stored.storage
        slot = storage.key, storage.dtype
        if slot not in self.loaded:
            self.loaded[slot] = self.load(storage)
        return self.loaded[slot].as_strided(stored.size, stored.stride, stored.offset)

    def load(self, storage: _Storage) -> Tensor:
        """All numbers of a storage."""
        try:
            entry = self.archive.getinfo(f"{self.folder}data/{storage.key}")
        except KeyError as error:
            raise ValueError(f"its storage {storage.key!r} is missing") from error
        width = storage.dtype.itemsize
        if entry.file_size != storage.count * width:
            raise ValueError(f"its storage {storage.key!r} has another size than announced")
        if not entry.file_size:
            return torch.empty(0, dtype=storage.dtype)
        raw = torch.frombuffer(bytearray(self.archive.read(entry)), dtype=torch.uint8)
        if storage.dtype is torch.bool:
            return raw != 0
        if self.swapped:
            raw = raw.view(-1, width).flip(1).flatten()
        return raw.view(storage.dtype)


def _storage(reference: object) -> _Storage:
    """The persistent id ("storage", type, key, device, count)."""
    if not isinstance(reference, tuple) or len(reference) != 5 or reference[0] != "storage":
        raise ValueError("it refers to data that is not a storage")
    _, kind, key, _, count = reference
    if not isinstance(kind, Global) or kind.name not in _DTYPES:
        raise ValueError("it holds numbers of an unsupported type")
    if not isinstance(key, str) or not _whole(count):
        raise ValueError("it describes a storage wrongly")
    return _Storage(key, _DTYPES[kind.name], count)


def _tensor(
    storage: object,
    offset: object,
    size: object,
    stride: object,
    requires_grad: object = False,
    hooks: object = None,
    metadata: object = None,
) -> _Stored:
    """Describe a tensor; gradients, hooks and metadata are dropped."""
    if not isinstance(storage, _Storage) or not isinstance(size, tuple) or not isinstance(stride, tuple):
        raise ValueError("it describes a tensor wrongly")
    if len(size) != len(stride) or len(size) > _MAX_DIMENSIONS:
        raise ValueError("a tensor has too many dimensions or strides")
    if not all(map(_whole, (offset, *size, *stride))) or not isinstance(offset, int):
        raise ValueError("a tensor has a negative or fractional size, stride or offset")
    count, last = 1, offset
    for length, step in zip(size, stride, strict=True):
        count *= length
        last += (length - 1) * step
    # An expanded tensor (stride 0) may be larger than its storage; copies of it would fill the memory.
    if count > storage.count or (count and last >= storage.count) or offset > storage.count:
        raise ValueError("a tensor reaches beyond its storage")
    return _Stored(storage, offset, size, stride)


def _parameter(data: object, requires_grad: object = True, hooks: object = None) -> _Stored:
    """A parameter is its tensor."""
    if not isinstance(data, _Stored):
        raise ValueError("it describes a parameter wrongly")
    return data


def _size(values: object = ()) -> tuple[object, ...]:
    if not isinstance(values, (list, tuple)):
        raise ValueError("it describes a size wrongly")
    return tuple(values)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62


_ALLOWED: Mapping[str, Builder] = {
    **PLAIN,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": _parameter,
    "torch.Size": _size,
}
