"""Reading the files of a project: volumes of lines, each with a checksum.

A project is a row of volumes, `journal-000001.jsonl` and so on. The first line of a volume holds the whole
document as it was when the volume began; each further line holds one action. Opening a project reads the
newest volume alone; those before it are kept for undo.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skipclick.annotation.codec import document_from_json
from skipclick.annotation.commands import command_from_json
from skipclick.annotation.document import Document
from skipclick.annotation.errors import ProjectError
from skipclick.annotation.files import reason
from skipclick.annotation.history import History
from skipclick.errors import SkipClickError

FORMAT = "skipclick-project"
VERSION = 2
"""Of volumes that begin now; 2 knows `SetReviewed`. Older ones are read as they are."""

UNDO: dict[str, Any] = {"do": "undo"}
REDO: dict[str, Any] = {"do": "redo"}
CUT_OFF = "the last action was cut off in writing and is not there"
"""The note on a volume whose writer was killed while it wrote."""

_NAME = re.compile(r"journal-(\d{6,})\.jsonl")
_LINE = re.compile(rb'\{"crc":"([0-9a-f]{8})","entry":(.*)\}\n', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume as it was read.

    Attributes:
        path: the file.
        header: its first line.
        lines: all of its lines that are sound, as bytes, the first one included.
        history: the document that they lead to, and the way there.
        note: what could not be read, in one line; empty if nothing.
        damage: the bytes that could not be read.
    """

    path: Path
    header: dict[str, Any]
    lines: list[bytes]
    history: History
    note: str
    damage: bytes


def volumes(home: Path) -> list[Path]:
    """The volumes in a folder, oldest first; none if it is no project."""
    try:
        found = [(int(match[1]), path) for path in home.iterdir() if (match := _NAME.fullmatch(path.name))]
    except OSError:
        return []
    return [path for _, path in sorted(found)]


def read_volume(path: Path, *, salvage: bool = False) -> Volume:
    """Read a volume and do again what it says.

    A last line that was cut off in the middle of writing is passed over: its action was not finished.

    Args:
        path: the file.
        salvage: stop at the first damage instead of refusing the file; the first line must be sound.

    Raises:
        ProjectError: the file cannot be read, is damaged, or comes from a newer version.
    """
    try:
        lines = [line + b"\n" for line in path.read_bytes().split(b"\n")]
    except OSError as error:
        raise ProjectError("{path} cannot be read: {reason}", path=path, reason=reason(error)) from error
    last = lines.pop()[:-1]  # what follows the last whole line, normally nothing
    lines += [last] if last else []
    try:
        header = read_line(lines[0]) if lines else {}
        if header.get("format") != FORMAT:
            raise ValueError("its first line is no project's")
        if type(header["version"]) is not int:
            raise ValueError("its first line has no version")
        if header["version"] > VERSION:
            raise ProjectError("{path} was made by a newer skipclick: update skipclick to open it", path=path)
        history = _begin(path, header)
    except (ValueError, KeyError, TypeError, RecursionError, SkipClickError) as error:
        if isinstance(error, ProjectError):
            raise
        raise ProjectError(
            "{path} is damaged ({reason}): nothing was changed; restore it from a backup, "
            "or salvage what can be read (--salvage)",
            path=path,
            reason=reason(error),
        ) from error
    sound = 1
    note = ""
    for number, line in enumerate(lines[1:], start=2):
        try:
            _replay(history, read_line(line))
        except (ValueError, KeyError, TypeError, RecursionError, SkipClickError) as error:
            note = CUT_OFF
            if number < len(lines):
                damage = {"line": number, "count": len(lines), "reason": reason(error)}
                note = "{name} is damaged in line {line} of {count} ({reason})".format(
                    name=path.name, **damage
                )
                if not salvage:
                    raise ProjectError(
                        "{path} is damaged in line {line} of {count} ({reason}): nothing was changed; "
                        "restore it from a backup, or salvage what comes before (--salvage)",
                        path=path,
                        **damage,
                    ) from error
            break
        sound = number
    return Volume(path, header, lines[:sound], history, note, b"".join(lines[sound:]))


def volume_name(number: int) -> str:
    """The file name of a volume."""
    return f"journal-{number:06d}.jsonl"


def write_line(entry: dict[str, Any]) -> bytes:
    """A line of a volume."""
    text = json.dumps(entry, separators=(",", ":"), allow_nan=False).encode("ascii")
    return b'{"crc":"%08x","entry":%s}\n' % (zlib.crc32(text), text)


def read_line(line: bytes) -> dict[str, Any]:
    """What a line says.

    Raises:
        ValueError: it is damaged.
    """
    match = _LINE.fullmatch(line)
    if match is None or int(match[1], 16) != zlib.crc32(match[2]):
        raise ValueError("the checksum is wrong")
    entry = json.loads(match[2])
    if not isinstance(entry, dict):
        raise ValueError("no action")
    return entry


def replayed(home: Path) -> Document:
    """The document that the first volume and everything done since lead to, without the later snapshots.

    Raises:
        ProjectError: a volume cannot be read, or a snapshot differs from what led to it.
    """
    document: Document | None = None
    for path in volumes(home):
        volume = read_volume(path)
        if document is not None and document_from_json(volume.header["document"]) != document:
            raise ProjectError("{path} does not begin where the volume before it ended", path=path)
        document = volume.history.document
    if document is None:
        raise ProjectError("{home} holds no project", home=home)
    return document


def _begin(path: Path, header: dict[str, Any]) -> History:
    """The history at the beginning of a volume."""
    number, older = header["volume"], header["older"]
    if not isinstance(header["images"], str) or type(number) is not int or type(older) is not int:
        raise ValueError("its first line is incomplete")
    if path.name != volume_name(number):
        raise ValueError("it has another volume's name")
    before = path.with_name(volume_name(number - 1))
    return History(
        document_from_json(header["document"]),
        undone=tuple(command_from_json(command) for command in header["undone"]),
        older=older,
        load_older=(lambda: read_volume(before).history) if older > 0 else None,
    )


def _replay(history: History, entry: dict[str, Any]) -> None:
    if entry == UNDO:
        if history.undo() is None:
            raise ValueError("nothing to undo")
    elif entry == REDO:
        if history.redo() is None:
            raise ValueError("nothing to redo")
    else:
        history.do(command_from_json(entry))
