"""Writing files so that they are whole, or what was there before."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from skipclick.annotation.errors import NotSavedError


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place and move it there when it is safely on disk.

    Raises:
        NotSavedError: it cannot be written; what was there before is untouched.
    """
    # A short name of its own: the wanted one may be as long as names can be.
    part = path.parent / f".{secrets.token_hex(8)}.part"
    try:
        try:
            with part.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise NotSavedError("{path} cannot be written: {reason}", path=path, reason=reason(error)) from error


def free_name(wanted: Path) -> Path:
    """`wanted`, or the first of its names with a number that does not exist yet."""
    path, number = wanted, 1
    while path.exists():
        number += 1
        path = wanted.with_name(f"{wanted.name}{number}")
    return path


def reason(error: BaseException) -> str:
    """What went wrong, in one line."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    if isinstance(error, KeyError):
        text = f"no {error}"
    return " ".join(text.split())[:300] or type(error).__name__


def _sync_folder(folder: Path) -> None:
    """Bring a new name to the disk too, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:  # some network drives know no such thing; the file itself is there
        pass
    finally:
        os.close(handle)
