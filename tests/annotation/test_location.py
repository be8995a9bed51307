"""Where a project lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from skipclick.annotation.errors import NotSavedError, ProjectError
from skipclick.annotation.location import find_home, images_from, newest_volume, tidy
from skipclick.annotation.project import Project


def test_found_by_its_images_and_by_itself(photos: Path, tmp_path: Path) -> None:
    assert find_home(photos) is None
    assert find_home(tmp_path / "none") is None
    Project.open(photos).close()
    assert find_home(photos) == photos / ".skipclick"
    assert find_home(photos / ".skipclick") == photos / ".skipclick"
    assert find_home(tmp_path) is None


@pytest.mark.parametrize(
    ("folder", "home", "expected"),
    [
        ("photos", "photos/.skipclick", ".."),
        ("photos", "project", "../photos"),
        ("photos/2024", "project", "../photos/2024"),
        ("a/photos", "b/project", None),
    ],
)
def test_images_are_remembered_relative_where_both_move_together(
    tmp_path: Path, folder: str, home: str, expected: str | None
) -> None:
    found = images_from(tmp_path / folder, tmp_path / home)
    assert found == (str(tmp_path / folder) if expected is None else expected)
    assert tidy(tmp_path / home / found) == tmp_path / folder


def test_paths_without_detours(tmp_path: Path) -> None:
    assert tidy(tmp_path / "a" / ".." / "b") == tmp_path / "b"
    assert tidy(Path("x")).is_absolute()


def test_without_salvage_damage_is_an_error_and_nothing_moves(photos: Path) -> None:
    Project.open(photos).close()
    home = photos / ".skipclick"
    before = sorted(home.iterdir())
    (home / "journal-000002.jsonl").write_bytes(b"")
    with pytest.raises(ProjectError):
        newest_volume(home)
    assert newest_volume(home, salvage=True).path.name == "journal-000001.jsonl"
    assert sorted(home.iterdir()) == [*before[:1], home / "journal-000002.jsonl", *before[1:]]
    newest_volume(home, salvage=True, set_aside=True)
    assert not (home / "journal-000002.jsonl").exists()
    assert (home / "journal-000002.damaged").exists()


def test_what_was_put_aside_before_is_kept(photos: Path) -> None:
    Project.open(photos).close()
    home = photos / ".skipclick"
    for damage in (b"first", b"second"):
        (home / "journal-000002.jsonl").write_bytes(damage)
        newest_volume(home, salvage=True, set_aside=True)
    assert (home / "journal-000002.damaged").read_bytes() == b"first"
    assert (home / "journal-000002.damaged2").read_bytes() == b"second"


def test_salvage_of_nothing_is_still_an_error(photos: Path) -> None:
    Project.open(photos).close()
    (photos / ".skipclick" / "journal-000001.jsonl").write_bytes(b"")
    with pytest.raises(ProjectError, match="damaged"):
        newest_volume(photos / ".skipclick", salvage=True, set_aside=True)
    assert (photos / ".skipclick" / "journal-000001.jsonl").exists()


def test_a_volume_that_cannot_be_put_aside_is_said(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Project.open(photos).close()
    (photos / ".skipclick" / "journal-000002.jsonl").write_bytes(b"")

    def refuse(path: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(NotSavedError, match="cannot be put aside: Permission denied"):
        newest_volume(photos / ".skipclick", salvage=True, set_aside=True)
