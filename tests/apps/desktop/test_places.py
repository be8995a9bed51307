"""Where projects that lie apart from their images are begun and found again."""

from __future__ import annotations

from pathlib import Path

import pytest

from skipclick.annotation import Project
from skipclick.apps.desktop.places import free_place, holds_project_of, project_place


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    place = tmp_path / "photos"
    place.mkdir()
    return place


def begin(home: Path, images: Path) -> Path:
    Project.open(home, images=images).close()
    return home


def test_an_empty_folder_is_taken_as_it_is(photos: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert free_place(empty, "photos") == empty
    assert project_place(empty, photos) == empty


def test_in_another_one_a_new_folder_is_made_that_is_free(photos: Path, shelf: Path) -> None:
    assert free_place(shelf, "photos") == shelf / "photos-skipclick"
    begin(shelf / "photos-skipclick", photos)
    assert free_place(shelf, "photos") == shelf / "photos-skipclick-2"
    (shelf / "photos-skipclick-2").touch()
    assert free_place(shelf, "photos") == shelf / "photos-skipclick-3"


def test_the_project_itself_is_found_again(photos: Path, tmp_path: Path) -> None:
    home = begin(tmp_path / "photos-skipclick", photos)
    assert project_place(home, photos) == home
    assert project_place(home.parent / "." / home.name, photos) == home


def test_so_is_the_one_begun_inside(photos: Path, shelf: Path) -> None:
    home = begin(shelf / "photos-skipclick", photos)
    assert project_place(shelf, photos) == home


def test_not_that_of_other_photos_of_the_same_name(photos: Path, shelf: Path, tmp_path: Path) -> None:
    others = tmp_path / "other disk" / "photos"
    others.mkdir(parents=True)
    theirs = begin(shelf / "photos-skipclick", others)
    assert project_place(shelf, photos) == shelf / "photos-skipclick-2"
    assert project_place(theirs, photos) == theirs / "photos-skipclick"
    mine = begin(shelf / "photos-skipclick-2", photos)
    assert project_place(shelf, photos) == mine
    assert project_place(shelf, others) == theirs


def test_nor_one_beside_its_own_images(photos: Path, shelf: Path) -> None:
    Project.open(shelf).close()
    assert not holds_project_of(shelf, photos)
    assert project_place(shelf, photos) == shelf / "photos-skipclick"


def test_photos_that_have_moved_find_their_project(photos: Path, tmp_path: Path) -> None:
    home = begin(tmp_path / "place" / "kept", photos)
    moved = photos.rename(tmp_path / "moved")
    assert project_place(home, moved) == home


def test_a_link_to_the_photos_leads_to_their_project(photos: Path, tmp_path: Path) -> None:
    home = begin(tmp_path / "kept", photos)
    link = tmp_path / "link"
    link.symlink_to(photos)
    assert holds_project_of(home, link)


def test_a_damaged_project_is_not_passed_over(photos: Path, tmp_path: Path) -> None:
    home = begin(tmp_path / "kept", photos)
    next(home.glob("journal-*")).write_bytes(b"damaged")
    assert project_place(home, photos) == home
