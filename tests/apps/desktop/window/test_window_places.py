"""Projects that are kept apart from their photos, found again at the next start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from skipclick.annotation import NotSavedError, Project
from skipclick.apps.desktop.settings import Settings

User = Any  # of the conftest


class TestReadOnlyPhotos:
    @pytest.fixture
    def reader(self, user: User, folder: Path, monkeypatch: pytest.MonkeyPatch) -> User:
        """Nothing can be written in the folder of photos, and no folder is open."""
        user.window.work.open(None)
        project = next((folder / ".skipclick").glob("journal-*"))
        project.unlink()
        opened = Project.open

        def refuse(path: Path, **options: Any) -> Project:
            if path == folder:
                raise NotSavedError("read-only")
            return opened(path, **options)

        monkeypatch.setattr(Project, "open", refuse)
        return user

    @pytest.fixture
    def kept(self, reader: User, folder: Path, shelf: Path) -> User:
        """The project was begun on the shelf, has an object, and was closed."""
        reader.will_answer("Keep the project elsewhere …", shelf)
        assert reader.window.files.open(folder)
        assert reader.window.work.project.home == shelf / "winter-skipclick"
        reader.ready()
        reader.click(60, 60)
        reader.window.work.open(None)
        reader.asked.clear()
        return reader

    def test_the_next_time_nothing_is_asked(self, kept: User, folder: Path, shelf: Path) -> None:
        assert kept.window.files.open(folder)
        assert kept.asked == []
        assert len(kept.objects) == 1
        assert kept.said[-1] == f"This project is kept in {shelf / 'winter-skipclick'}."

    def test_it_is_remembered_by_the_next_program_too(
        self, kept: User, folder: Path, shelf: Path, tmp_path: Path
    ) -> None:
        places = Settings.read(tmp_path / "settings.json").places
        assert places == {str(folder): str(shelf / "winter-skipclick")}

    @pytest.mark.parametrize("chosen", ["shelf", "shelf/winter-skipclick"])
    def test_choosing_it_again_finds_it(self, chosen: str, kept: User, folder: Path, tmp_path: Path) -> None:
        kept.window._settings.places.clear()  # as on another computer
        kept.will_answer("Keep the project elsewhere …", tmp_path / chosen)
        assert kept.window.files.open(folder)
        assert len(kept.objects) == 1
        assert kept.window.work.project.home == tmp_path / "shelf" / "winter-skipclick"
        assert not list((tmp_path / "shelf" / "winter-skipclick").glob("*-skipclick"))

    def test_a_place_that_is_gone_is_said(self, kept: User, folder: Path, shelf: Path) -> None:
        away = shelf.rename(shelf.with_name("in a pocket"))
        kept.will_answer("Cancel")
        assert not kept.window.files.open(folder)
        assert str(shelf / "winter-skipclick") in kept.asked[-1]
        assert "Connect its disk" in kept.asked[-1]
        away.rename(shelf)
        assert kept.window.files.open(folder)
        assert len(kept.objects) == 1
        assert len(kept.asked) == 1

    def test_going_on_without_it_begins_anew(
        self, kept: User, folder: Path, shelf: Path, tmp_path: Path
    ) -> None:
        shelf.rename(shelf.with_name("in a pocket"))
        new = tmp_path / "new"
        new.mkdir()
        kept.will_answer("Go on without it", "Keep the project elsewhere …", new)
        assert kept.window.files.open(folder)
        assert kept.objects == ()
        assert Settings.read(tmp_path / "settings.json").places == {str(folder): str(new)}


class TestSavedElsewhere:
    @pytest.fixture
    def moved(self, user: User, shelf: Path) -> Path:
        """One object was made before the project was saved elsewhere, one after."""
        user.click(60, 60)
        user.key("Space")
        user.will_answer(shelf)
        user.window.files.save_elsewhere()
        user.awake()
        user.click(200, 100)
        user.window.work.open(None)
        return shelf / "winter-skipclick"

    def test_the_folder_opens_where_the_work_went_on(self, user: User, moved: Path, folder: Path) -> None:
        assert user.window.files.open(folder)
        assert user.window.work.project.home == moved
        assert len(user.objects) == 2

    def test_the_old_place_opens_by_its_own_name(self, user: User, moved: Path, folder: Path) -> None:
        assert user.window.files.open(folder / ".skipclick")
        assert user.window.work.project.home == folder / ".skipclick"
        assert len(user.objects) == 1

    def test_a_place_that_is_named_goes_first(
        self, user: User, moved: Path, folder: Path, tmp_path: Path
    ) -> None:
        assert user.window.files.open(folder, tmp_path / "third")
        assert user.window.work.project.home == tmp_path / "third"

    def test_saving_elsewhere_again_takes_a_free_place(self, user: User, moved: Path, folder: Path) -> None:
        user.window.files.open(folder)
        user.will_answer(moved.parent)
        user.window.files.save_elsewhere()
        assert user.window.work.project.home == moved.with_name("winter-skipclick-2")
        assert len(user.objects) == 2
