"""Opening and saving, and the language: the actions that ask something."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from skipclick.annotation import NotSavedError, Project, ProjectBusyError, ProjectError, find_home
from skipclick.annotation.location import tidy
from skipclick.apps.desktop import dialogs
from skipclick.apps.desktop.clicking import Clicking
from skipclick.apps.desktop.keys import native
from skipclick.apps.desktop.leaving import Leaving
from skipclick.apps.desktop.places import free_place, holds_project_of, project_place
from skipclick.apps.desktop.settings import Settings
from skipclick.apps.desktop.translate import LANGUAGES, explain, tr
from skipclick.apps.desktop.work import Work
from skipclick.image import IMAGE_SUFFIXES


class Files(QObject):
    """Asks, does, and says what came of it.

    Args:
        work: what is being worked on.
        clicking: knows which clicks have no answer yet.
        settings: where the last folder is remembered.
        parent: over which dialogs are shown.

    Signals:
        language_wanted: (language) one of `LANGUAGES`.
        settings_changed: they are to be written.
    """

    language_wanted = Signal(str)
    settings_changed = Signal()

    def __init__(
        self,
        work: Work,
        clicking: Clicking,
        settings: Settings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._work, self._settings, self._parent = work, settings, parent
        self.leaving = Leaving(work, clicking, self.save_elsewhere, parent)

    # Opening.

    def open_folder(self) -> None:
        """Choose a folder and open it."""
        found = dialogs.ask_folder(self._parent, tr("Open folder"), self._settings.folder)
        if found is not None:
            self.open(found)

    def open_image(self) -> None:
        """Choose a photo and open it with its folder."""
        kinds = " ".join(f"*{suffix}" for suffix in IMAGE_SUFFIXES)
        found = dialogs.ask_file(self._parent, tr("Load photo"), self._settings.folder, f"({kinds})")
        if found is not None:
            self.open(found)

    def open(self, path: Path, home: Path | None = None) -> bool:
        """Open a folder, or a photo with its folder.

        Args:
            path: either of them, or the folder of a project that lies apart.
            home: where the project is to lie if not in the folder.

        Returns:
            Whether it is open now; if not, what was open before still is.
        """
        folder, image = (path.parent, path.name) if path.is_file() else (path, None)
        present = self._work.project
        if present is not None and folder.absolute() in (present.folder, present.home):
            self._work.go(image)
            return True
        if not self.leaving.may_leave():
            return False
        apart = self._remembered(folder) if home is None else None
        if apart is not None and not holds_project_of(apart, folder):
            if not self._goes_on_without(folder, apart):
                return False
            apart = None
        project = self._open_project(folder, home or apart)
        if project is None:
            return False
        self._settings.folder = str(folder.absolute())
        self._work.open(project, image)
        if apart is not None and not project.notes:  # these weigh more
            self._work.notice.emit(tr("This project is kept in {folder}.", folder=apart), False)
        if image is not None and image not in project.names:
            self._work.notice.emit(tr("{name} is no image that can be opened.", name=image), True)
        return True

    def _open_project(self, folder: Path, home: Path | None) -> Project | None:
        """Open the project of a folder; what stands in the way is said, with ways on."""
        options: dict[str, bool] = {}
        while True:
            try:
                if home is None:
                    return Project.open(folder, **options)  # type: ignore[arg-type]
                return Project.open(home, images=folder, **options)
            except NotSavedError as error:
                home = self._find_place(folder, explain(error))
                if home is None:
                    return None
            except ProjectBusyError as error:
                ways = [tr("Only look at it"), tr("Open it anyway")]
                choice = dialogs.choose(
                    self._parent, tr("This folder is open elsewhere"), explain(error), ways
                )
                if choice is None or (choice == 1 and options.get("take_over")):
                    return None
                options = {"read_only": True} if choice == 0 else {"take_over": True}
            except ProjectError as error:
                damaged = find_home(home or folder) is not None and not options.get("salvage")
                ways = [tr("Go on with what can be read")] if damaged else []
                title = tr("This folder cannot be opened")
                if dialogs.choose(self._parent, title, explain(error), ways) is None:
                    return None
                options["salvage"] = True

    def _goes_on_without(self, folder: Path, place: Path) -> bool:
        """A project that was kept elsewhere is not there: its disk may only have to be connected."""
        title = tr("The project is not where it was")
        text = tr(
            "The work on these photos is kept in {folder}, which cannot be found. Connect its disk and open "
            "them again, or go on without that work.",
            folder=place,
        )
        if dialogs.choose(self._parent, title, text, [tr("Go on without it")]) is None:
            return False
        self._remember(folder, None)
        return True

    def _find_place(self, folder: Path, message: str) -> Path | None:
        title = tr("Nothing can be written in this folder")
        text = tr("{message}. The photos stay where they are.", message=message)
        if dialogs.choose(self._parent, title, text, [tr("Keep the project elsewhere …")]) is None:
            return None
        place = dialogs.ask_folder(self._parent, tr("Where to keep the project"), str(Path.home()))
        if place is None:
            return None
        place = project_place(place, folder)
        self._remember(folder, place)
        return place

    def _remember(self, folder: Path, place: Path | None) -> None:
        """Look for the project of a folder elsewhere from now on, or in the folder again."""
        key = str(tidy(folder))
        self._settings.places.pop(key, None)
        if place is not None:
            self._settings.places[key] = str(place)
        self.settings_changed.emit()

    def _remembered(self, folder: Path) -> Path | None:
        known = self._settings.places.get(str(tidy(folder)))
        return None if known is None else Path(known)

    # Saving and exporting.

    def save(self) -> None:
        """Everything is saved at once; say so, or try again what could not be."""
        project = self._work.project
        if project is None:
            self._work.notice.emit(tr("Nothing is open yet."), False)
        elif project.unsaved:
            self._work.try_saving()
        else:
            text = tr(
                "Everything is saved in {folder}. {key} exports masks.",
                folder=project.home,
                key=native("Ctrl+E"),
            )
            self._work.notice.emit(text, False)

    def save_elsewhere(self) -> None:
        """Write the project into another folder and go on there."""
        project = self._work.project
        if project is None:
            return
        place = dialogs.ask_folder(self._parent, tr("Where to keep the project"), str(Path.home()))
        if place is not None:
            place = free_place(place, project.folder.name)
            if self._work.save_elsewhere(place):
                self._remember(project.folder, place)

    # Language.

    def choose_language(self) -> None:
        """Ask for a language."""
        names = list(LANGUAGES.values())
        found = dialogs.ask_item(self._parent, tr("Language"), tr("Language of the program:"), names)
        if found is not None:
            self.language_wanted.emit(next(code for code, name in LANGUAGES.items() if name == found))
