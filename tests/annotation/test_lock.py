"""One program at a time."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from skipclick.annotation.errors import NotSavedError, ProjectBusyError
from skipclick.annotation.lock import ProjectLock, read_holder

HOLD = """
import sys
from pathlib import Path
from skipclick.annotation.lock import ProjectLock
lock = ProjectLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def note(folder: Path, **change: object) -> None:
    content = {"host": socket.gethostname(), "pid": 1, "since": time.time(), **change}
    (folder / "opened-by.json").write_text(json.dumps(content), encoding="utf-8")


def test_it_says_who_holds_it(tmp_path: Path) -> None:
    lock = ProjectLock(tmp_path)
    assert lock.crashed is None
    holder = read_holder(tmp_path / "opened-by.json")
    assert holder is not None
    assert (holder.host, holder.pid) == (socket.gethostname(), os.getpid())
    assert abs(holder.since - time.time()) < 60
    lock.release()
    assert read_holder(tmp_path / "opened-by.json") is None


def test_the_second_is_refused_until_the_first_has_gone(tmp_path: Path) -> None:
    first = ProjectLock(tmp_path)
    with pytest.raises(
        ProjectBusyError, match=f"process {os.getpid()} on .* since 20.*close it there"
    ) as caught:
        ProjectLock(tmp_path)
    assert "\n" not in str(caught.value)
    first.release()
    ProjectLock(tmp_path).release()


def test_another_process_is_noticed_and_its_death_too(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(ProjectBusyError, match=f"process {other.pid} "):
            ProjectLock(tmp_path)
        other.kill()
        other.wait()
    lock = ProjectLock(tmp_path)
    assert lock.crashed is not None
    assert lock.crashed.pid == other.pid
    lock.release()


def test_a_stale_note_of_this_computer_is_no_obstacle(tmp_path: Path) -> None:
    """Even if a living process has its number by now."""
    note(tmp_path, pid=os.getpid())
    lock = ProjectLock(tmp_path)
    assert lock.crashed is not None
    lock.release()


def test_the_note_of_another_computer_is_believed_unless_told(tmp_path: Path) -> None:
    note(tmp_path, host="elsewhere", pid=5)
    with pytest.raises(ProjectBusyError, match="process 5 on elsewhere"):
        ProjectLock(tmp_path)
    with pytest.raises(ProjectBusyError):  # and refusing has not taken the lock
        ProjectLock(tmp_path)
    lock = ProjectLock(tmp_path, take_over=True)
    assert lock.crashed is not None
    assert lock.crashed.host == "elsewhere"
    lock.release()


@pytest.mark.parametrize(
    "content", ["", "nonsense", "[]", "{}", '{"host": 1}', '{"host":"a","pid":"x","since":0}']
)
def test_a_note_that_cannot_be_read_says_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "opened-by.json").write_text(content, encoding="utf-8")
    lock = ProjectLock(tmp_path)
    assert lock.crashed is None
    (tmp_path / "opened-by.json").write_text(content, encoding="utf-8")
    with pytest.raises(ProjectBusyError, match="another program"):
        ProjectLock(tmp_path)
    lock.release()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotSavedError, match="cannot be written"):
        ProjectLock(tmp_path / "file")


def test_releasing_survives_a_vanished_folder(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    lock = ProjectLock(home)
    for file in home.iterdir():
        file.unlink()
    home.rmdir()
    lock.release()
    assert not home.exists()
