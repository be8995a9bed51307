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
from skipclick.annotation.document import Document
from skipclick.annotation.errors import NotSavedError, ProjectError
from skipclick.annotation.files import free_name, reason, write_whole
from skipclick.annotation.history import History
from skipclick.annotation.volume import (
    FORMAT,
    UNDO,
    VERSION,
    Volume,
    read_line,
    read_volume,
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

    def __init__(
        self, home: Path, number: int, lines: list[bytes], written: int, size: int, version: int = VERSION
    ) -> None:
        """Use `create` or `resume`.

        Args:
            home: the project's folder.
            number: the volume's.
            lines: its content.
            written: how many of the lines are on disk.
            size: how many bytes they are.
            version: of the format that its first line names.
        """
        self.home = home
        self._number = number
        self._lines = lines
        self._written = written
        self._size = size
        self._version = version

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
        version = int(volume.header["version"])
        journal = cls(volume.path.parent, number, list(volume.lines), len(volume.lines), size, version)
        if repair:
            for rest in volume.path.parent.glob(".*.part"):  # of a program that was killed while writing
                with contextlib.suppress(OSError):
                    rest.unlink()
        if volume.damage and repair:
            write_whole(free_name(volume.path.with_suffix(".damaged")), volume.damage)
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
            raise NotSavedError(
                "{path} cannot be written ({reason}): 1 action is in memory only; make room, or save the "
                "project elsewhere"
                if self.unsaved == 1
                else "{path} cannot be written ({reason}): {number} actions are in memory only; make room, "
                "or save the project elsewhere",
                path=path,
                reason=reason(error),
                number=self.unsaved,
            ) from error
        self._written = len(self._lines)
        self._size += len(data)

    def grown(self) -> bool:
        """Whether it is time for the next volume: this one is large, or of an older version.

        A program that knows only the older version would take new actions in it for damage.
        """
        if self._version < VERSION:
            return True
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
        self._written, self._size, self._version = following._written, following._size, VERSION

    def copy_to(self, home: Path, images: str, history: History) -> None:
        """Write the whole project, with what is in memory only, into another folder that exists.

        What was written is read again. If older volumes are gone or damaged, undo reaches back in the copy
        as far as it does in memory.

        Args:
            home: the folder.
            images: how the copy is to remember the folder of images.
            history: the project's.

        Raises:
            NotSavedError: it cannot be written there.
        """
        place = home / volume_name(self._number)
        older = volumes(self.home)[:-1]
        with contextlib.suppress(OSError):
            for path in older:
                write_whole(home / path.name, path.read_bytes())
            header = {**read_line(self._lines[0]), "images": images}
            write_whole(place, write_line(header) + b"".join(self._lines[1:]))
            if len(older) == self._number - 1 and _leads_to(place, history.document):
                return
        # This volume's lines may undo what older ones hold: without those they say nothing.
        write_whole(place, b"".join(_lines_from_memory(images, history, self._number)))
        if not _leads_to(place, history.document):
            raise NotSavedError(
                "{place} does not keep what is written to it: choose another disk", place=home.parent
            )

    def _create(self) -> None:
        data = b"".join(self._lines)
        write_whole(self.home / volume_name(self._number), data)
        self._written, self._size = len(self._lines), len(data)

    def _cut(self) -> None:
        path = self.home / volume_name(self._number)
        try:
            os.truncate(path, self._size)
        except OSError as error:
            raise NotSavedError(
                "{path} cannot be repaired: {reason}", path=path, reason=reason(error)
            ) from error


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


def _lines_from_memory(images: str, history: History, number: int) -> list[bytes]:
    """A volume that needs no older one: everything that the history holds is done anew in it."""
    header = _header(images, History(history.earliest), number)
    commands = [command_to_json(command) for command in (*history.done, *reversed(history.undone))]
    return [write_line(entry) for entry in (header, *commands, *[UNDO] * len(history.undone))]


def _leads_to(path: Path, document: Document) -> bool:
    """Whether a volume can be read and ends with this document."""
    try:
        return read_volume(path).history.document == document
    except ProjectError:
        return False
