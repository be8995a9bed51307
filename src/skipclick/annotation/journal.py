"""Writing the files of a project: an action is on disk when it is done, and is never written over.

A line is appended and flushed to the disk before its action counts as saved. When a volume has grown, the
next one begins, as a new file that appears whole.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from skipclick.annotation.codec import document_to_json
from skipclick.annotation.commands import command_to_json
from skipclick.annotation.errors import NotSavedError
from skipclick.annotation.files import reason, write_whole
from skipclick.annotation.history import History
from skipclick.annotation.volume import (
    FORMAT,
    VERSION,
    Volume,
    read_line,
    volume_name,
    volumes,
    write_line,
)

ROLL_AT = 4_000_000
"""Bytes of actions after which a volume ends, unless its document is larger still."""


class Journal:
    """The newest volume of a project, open for appending.

    Attributes:
        home: the project's folder.
    """

    def __init__(self, home: Path, number: int, lines: list[bytes], written: int, size: int) -> None:
        """Use `create` or `resume`.

        Args:
            home: the project's folder.
            number: the volume's.
            lines: its content.
            written: how many of the lines are on disk.
            size: how many bytes they are.
        """
        self.home = home
        self._number = number
        self._lines = lines
        self._written = written
        self._size = size

    @classmethod
    def create(cls, home: Path, images: str, history: History, number: int = 1) -> Journal:
        """Begin a volume.

        Raises:
            NotSavedError: it cannot be written.
        """
        lines = [write_line(_header(images, history, number))]
        journal = cls(home, number, lines, 0, 0)
        journal._create()
        return journal

    @classmethod
    def resume(cls, volume: Volume, *, repair: bool = True) -> Journal:
        """Continue a volume.

        Args:
            volume: the volume, as it was read.
            repair: put what could not be read into a file beside it, and clear away half-written files.

        Raises:
            NotSavedError: the folder cannot be written.
        """
        number = int(volume.path.stem.partition("-")[2])
        size = sum(map(len, volume.lines))
        journal = cls(volume.path.parent, number, list(volume.lines), len(volume.lines), size)
        if repair:
            for rest in volume.path.parent.glob(".*.part"):  # of a program that was killed while writing
                with contextlib.suppress(OSError):
                    rest.unlink()
        if volume.damage and repair:
            write_whole(_free(volume.path.with_suffix(".damaged")), volume.damage)
            journal._cut()
        return journal

    @property
    def unsaved(self) -> int:
        """How many actions are in memory only."""
        return len(self._lines) - self._written

    def record(self, entry: dict[str, Any]) -> None:
        """Write down an action, and those before it that could not be written.

        Raises:
            NotSavedError: as `flush`; the action is kept for the next try.
        """
        self._lines.append(write_line(entry))
        self.flush()

    def flush(self) -> None:
        """Bring what is in memory only to the disk.

        Raises:
            NotSavedError: that is not possible now; nothing is lost as long as the program runs.
        """
        if self._written == len(self._lines):
            return
        data = b"".join(self._lines[self._written :])
        path = self.home / volume_name(self._number)
        try:
            # Opened anew each time: a file whose folder has vanished could still be written, for nothing.
            with path.open("r+b") as file:
                if file.seek(0, os.SEEK_END) < self._size:
                    raise OSError("another program has changed it")
                file.truncate(self._size)  # what an earlier try left
                file.seek(self._size)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            waiting = "1 action is" if self.unsaved == 1 else f"{self.unsaved} actions are"
            raise NotSavedError(
                f"{path} cannot be written ({reason(error)}): {waiting} in memory only; make room, or save "
                "the project elsewhere"
            ) from error
        self._written = len(self._lines)
        self._size += len(data)

    def grown(self) -> bool:
        """Whether it is time for the next volume."""
        first = len(self._lines[0])
        return self._size - first > max(ROLL_AT, first)

    def roll(self, images: str, history: History) -> None:
        """Begin the next volume with the present document.

        Raises:
            NotSavedError: it cannot be written; the volume so far goes on.
        """
        self.flush()
        following = Journal.create(self.home, images, history, self._number + 1)
        self._number, self._lines = following._number, following._lines
        self._written, self._size = following._written, following._size

    def copy_to(self, home: Path, images: str) -> None:
        """Write the whole project, with what is in memory only, into another folder that exists.

        Older volumes that cannot be read any more are left out, and undo then ends where they ended.

        Raises:
            NotSavedError: it cannot be written there.
        """
        header = read_line(self._lines[0])
        try:
            older = {path.name: path.read_bytes() for path in volumes(self.home)[:-1]}
        except OSError:
            older = {}
        if len(older) < self._number - 1:
            header["older"], older = 0, {}
        header["images"] = images
        for name, data in older.items():
            write_whole(home / name, data)
        write_whole(home / volume_name(self._number), write_line(header) + b"".join(self._lines[1:]))

    def _create(self) -> None:
        data = b"".join(self._lines)
        write_whole(self.home / volume_name(self._number), data)
        self._written, self._size = len(self._lines), len(data)

    def _cut(self) -> None:
        path = self.home / volume_name(self._number)
        try:
            os.truncate(path, self._size)
        except OSError as error:
            raise NotSavedError(f"{path} cannot be repaired: {reason(error)}") from error


def _header(images: str, history: History, number: int) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "volume": number,
        "images": images,
        "older": history.depth,
        "undone": [command_to_json(command) for command in history.undone],
        "document": document_to_json(history.document),
    }


def _free(wanted: Path) -> Path:
    """`wanted`, or the first of its names with a number that does not exist yet."""
    path, number = wanted, 1
    while path.exists():
        number += 1
        path = wanted.with_name(f"{wanted.name}{number}")
    return path
