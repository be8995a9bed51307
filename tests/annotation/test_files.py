"""Files that are whole, or what was there before."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from skipclick.annotation.errors import NotSavedError
from skipclick.annotation.files import free_name, reason, write_whole


def test_written_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for data in (b"first", b"", b"second" * 1000):
        write_whole(path, data)
        assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


def test_a_free_name_is_the_wanted_one_or_has_a_number(tmp_path: Path) -> None:
    wanted = tmp_path / "part.damaged"
    for expected in ("part.damaged", "part.damaged2", "part.damaged3"):
        found = free_name(wanted)
        assert found.name == expected
        found.touch()


def test_the_longest_names_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    write_whole(path, b"data")
    assert path.read_bytes() == b"data"


def test_other_people_may_read_what_they_may_read_otherwise(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_whole(tmp_path / "file", b"data")
    usual, ours = ((tmp_path / name).stat().st_mode for name in ("usual", "file"))
    assert stat.S_IMODE(ours) == stat.S_IMODE(usual)


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_failure_leaves_what_was_there(
    tmp_path: Path, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_whole(path, b"precious")

    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((os, "fsync", fail) if broken == "fsync" else (Path, "replace", fail)))
    with pytest.raises(NotSavedError, match=r"file cannot be written: No space left on device"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotSavedError, match="No such file"):
        write_whole(tmp_path / "none" / "file", b"")


def test_drives_that_cannot_sync_folders_are_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def only_files(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(22, "Invalid argument")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", only_files)
    write_whole(tmp_path / "file", b"data")
    assert (tmp_path / "file").read_bytes() == b"data"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError(13, "Permission denied", "/a/b"), "Permission denied"),
        (ValueError("a\n  b"), "a b"),
        (ValueError(), "ValueError"),
        (KeyError("name"), "no 'name'"),
        (ValueError("x" * 1000), "x" * 300),
    ],
)
def test_reasons_are_one_short_line(error: Exception, text: str) -> None:
    assert reason(error) == text
