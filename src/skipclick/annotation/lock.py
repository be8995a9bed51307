"""One program at a time: a lock that the system lifts when its holder dies, and a note of who holds it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from skipclick.annotation.errors import NotSavedError, ProjectBusyError
from skipclick.annotation.files import reason, write_whole


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a project open.

    Attributes:
        host: the computer's name.
        pid: the process.
        since: when it was opened, in seconds since 1970.
    """

    host: str
    pid: int
    since: float


class ProjectLock:
    """The lock of a project's folder.

    Attributes:
        crashed: who had the project open before and did not close it; None if nobody.
    """

    def __init__(self, home: Path, *, take_over: bool = False) -> None:
        """Take the lock.

        Args:
            home: the project's folder.
            take_over: ignore the note of another computer. Locks of the system may not reach from one
                computer to another, so such a note is believed, stale or not.

        Raises:
            ProjectBusyError: another program has the project open.
            NotSavedError: the folder cannot be written.
        """
        self._note = home / "opened-by.json"
        self._lock = FileLock(home / "lock", thread_local=False)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise _busy(home, read_holder(self._note)) from error
        except OSError as error:
            raise NotSavedError(
                "{home} cannot be written: {reason}", home=home, reason=reason(error)
            ) from error
        before = read_holder(self._note)
        here = socket.gethostname()
        if before is not None and before.host != here and not take_over:
            self._lock.release()
            raise _busy(home, before)
        self.crashed = before
        note = {"host": here, "pid": os.getpid(), "since": time.time()}
        try:
            write_whole(self._note, json.dumps(note).encode())
        except NotSavedError:
            self._lock.release()
            raise

    def release(self) -> None:
        """Let others open the project."""
        with contextlib.suppress(OSError):  # the folder may have vanished
            self._note.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._lock.release()


def read_holder(note: Path) -> Holder | None:
    """Who has written a note; None if there is none, or none that can be read."""
    try:
        found = json.loads(note.read_bytes())
        return Holder(str(found["host"]), int(found["pid"]), float(found["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _busy(home: Path, holder: Holder | None) -> ProjectBusyError:
    if holder is None:
        return ProjectBusyError("{home} is open in another program: close it there", home=home)
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(holder.since))
    return ProjectBusyError(
        "{home} is open in process {process} on {host} since {when}: close it there"
        if holder.host == socket.gethostname()
        else "{home} is open in process {process} on {host} since {when}: close it there; if nobody works on "
        "it any more, take it over (--take-over)",
        home=home,
        process=holder.pid,
        host=holder.host,
        when=when,
    )
