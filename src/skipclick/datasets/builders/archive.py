"""ZIP archives from the internet: everything odd about them is refused before anything is read."""

from __future__ import annotations

import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from skipclick.errors import DatasetError

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest archive that is believed to be a data set's.

    Attributes:
        files: so many files.
        file_bytes: unpacked size of a file.
        total_bytes: unpacked size of all files.
        ratio: unpacked size divided by packed size; deflate itself ends at about 1030.
        ratio_from: files up to this unpacked size may have any ratio.
    """

    files: int = 100_000
    file_bytes: int = 64 * MIB
    total_bytes: int = 4096 * MIB
    ratio: int = 100
    ratio_from: int = MIB


LIMITS = Limits()


class Archive:
    """An open archive whose list of contents has been checked.

    Attributes:
        path: the archive.
        names: its files, folders being parted by "/"; sorted.
    """

    def __init__(self, path: Path, opened: zipfile.ZipFile, limits: Limits) -> None:
        """Check the list of contents.

        Raises:
            ValueError: says what is wrong with it.
        """
        self.path = path
        self._zip = opened
        entries = opened.infolist()
        for entry in entries:
            _check_entry(entry, limits)
        files = [entry for entry in entries if not entry.is_dir()]
        _check_all(files, limits)
        self._entries = {entry.filename: entry for entry in files}
        self.names = tuple(sorted(self._entries))

    def read(self, name: str) -> bytes:
        """Unpack a file into memory, at most `Limits.file_bytes`.

        Raises:
            DatasetError: it is damaged, or there is none of this name.
        """
        try:
            return self._zip.read(self._entries[name])
        except KeyError:
            raise DatasetError(f"{self.path} holds no {name}") from None
        except (
            zipfile.BadZipFile,
            zlib.error,
            struct.error,
            EOFError,
            RuntimeError,
            ValueError,
            OSError,
        ) as error:
            raise DatasetError(f"{self.path} is damaged at {name} ({error}): fetch it again") from error


@contextmanager
def open_archive(path: Path, limits: Limits = LIMITS) -> Iterator[Archive]:
    """Open a ZIP archive; nothing is unpacked.

    Refused are names that lead out of a folder or mean something else on Windows, names that occur twice
    (also in other letter case), links and other things that are no files, encrypted files, and archives
    that unpack to much more than a data set's would.

    Args:
        path: the archive.
        limits: what is too much.

    Raises:
        DatasetError: no ZIP archive, or one of these.
    """
    try:
        opened = zipfile.ZipFile(path)
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}") from error
    except (zipfile.BadZipFile, struct.error, ValueError, RuntimeError, OverflowError) as error:
        raise DatasetError(f"{path} is no whole ZIP archive ({error}): fetch it again") from error
    with opened:
        try:
            archive = Archive(path, opened, limits)
        except ValueError as error:
            raise DatasetError(f"{path} is refused, nothing was unpacked: {error}") from error
        yield archive


def _check_entry(entry: zipfile.ZipInfo, limits: Limits) -> None:
    # zipfile changes the name for the system that it runs on; what stands in the file is checked.
    name = entry.orig_filename
    _check_name(name)
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ValueError(f"{name!r} is a link or a device, not a file")
    if entry.flag_bits & 1:
        raise ValueError(f"{name!r} is encrypted")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{name!r} is packed by a method other than deflate")
    if entry.file_size > limits.file_bytes:
        raise ValueError(f"{name!r} would unpack to {entry.file_size / MIB:.0f} MiB, which is no mask")
    if entry.file_size > max(limits.ratio_from, limits.ratio * entry.compress_size):
        raise ValueError(
            f"{name!r} would unpack to {entry.file_size / MIB:.0f} MiB from {entry.compress_size} bytes"
        )


def _check_name(name: str) -> None:
    if "\\" in name or ":" in name:
        raise ValueError(f"{name!r} is a name from Windows; pack it again with / between folders")
    if any(unicodedata.category(character) == "Cc" for character in name):
        raise ValueError(f"the name {name!r} holds control characters")
    for part in name.removesuffix("/").split("/"):
        # Windows drops dots and spaces at the end, so that one name hides another.
        if part in ("", "..", ".") or part != part.rstrip(" ."):
            raise ValueError(f"{name!r} is no plain path inside a folder")


def _check_all(files: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(files) > limits.files:
        raise ValueError(f"it holds {len(files)} files, more than {limits.files}")
    total = sum(entry.file_size for entry in files)
    if total > limits.total_bytes:
        raise ValueError(f"it would unpack to {total / MIB:.0f} MiB, more than {limits.total_bytes // MIB}")
    if (double := _first_double(entry.filename for entry in files)) is not None:
        raise ValueError(f"{double!r} is in it twice")


def _first_double(names: Iterable[str]) -> str | None:
    """The first name that would take another's place on some file system."""
    seen: set[str] = set()
    for name in names:
        key = unicodedata.normalize("NFC", name).casefold()
        if key in seen:
            return name
        seen.add(key)
    return None
