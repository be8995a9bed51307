"""Opening and saving, importing and exporting, models and languages: the actions that ask something."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from skipclick.annotation import (
    FORMATS,
    NotSavedError,
    Project,
    ProjectBusyError,
    ProjectError,
    export_annotations,
    find_home,
    import_annotations,
)
from skipclick.annotation.importing import Existing
from skipclick.apps.desktop import dialogs
from skipclick.apps.desktop.dialogs import Part
from skipclick.apps.desktop.keys import native
from skipclick.apps.desktop.settings import Settings
from skipclick.apps.desktop.translate import LANGUAGES, counted, tr
from skipclick.apps.desktop.work import Work
from skipclick.errors import SkipClickError
from skipclick.image import IMAGE_SUFFIXES


class Files(QObject):
    """Asks, does, and says what came of it.

    Args:
        work: what is being worked on.
        settings: where the last folder is remembered.
        models: the names of models to offer.
        chosen: the images that are chosen in the list.
        parent: over which dialogs are shown.

    Signals:
        model_wanted: (source) another model is to be loaded.
        language_wanted: (language) one of `LANGUAGES`.
    """

    model_wanted = Signal(str)
    language_wanted = Signal(str)

    def __init__(
        self,
        work: Work,
        settings: Settings,
        models: Callable[[], list[str]],
        chosen: Callable[[], tuple[str, ...]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._work, self._settings, self._parent = work, settings, parent
        self._models, self._chosen = models, chosen

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
        project = self._open_project(folder, home)
        if project is None:
            return False
        self._settings.folder = str(folder.absolute())
        self._work.open(project, image)
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
                home = self._find_place(folder, str(error))
                if home is None:
                    return None
            except ProjectBusyError as error:
                ways = [tr("Only look at it"), tr("Open it anyway")]
                choice = dialogs.choose(self._parent, tr("This folder is open elsewhere"), str(error), ways)
                if choice is None or (choice == 1 and options.get("take_over")):
                    return None
                options = {"read_only": True} if choice == 0 else {"take_over": True}
            except ProjectError as error:
                damaged = find_home(home or folder) is not None and not options.get("salvage")
                ways = [tr("Go on with what can be read")] if damaged else []
                title = tr("This folder cannot be opened")
                if dialogs.choose(self._parent, title, str(error), ways) is None:
                    return None
                options["salvage"] = True

    def _find_place(self, folder: Path, message: str) -> Path | None:
        title = tr("Nothing can be written in this folder")
        text = tr("{message}. The photos stay where they are.", message=message)
        if dialogs.choose(self._parent, title, text, [tr("Keep the project elsewhere …")]) is None:
            return None
        place = dialogs.ask_folder(self._parent, tr("Where to keep the project"), str(Path.home()))
        return None if place is None else _new_place(place, folder.absolute().name)

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
            self._work.save_elsewhere(_new_place(place, project.folder.name))

    def export_masks(self) -> None:
        """Ask what, how and where, and export."""
        project = self._work.project
        if project is None:
            return
        parts = self._parts(project)
        if not parts["all"]:
            self._work.notice.emit(tr("Nothing is labelled yet, so there is nothing to export."), True)
            return
        wish = dialogs.ask_export(self._parent, {part: len(names) for part, names in parts.items()})
        if wish is None:
            return
        place = dialogs.ask_folder(self._parent, tr("Export into this folder"), self._settings.folder)
        if place is None:
            return
        try:
            result = export_annotations(
                project,
                wish.format_name,
                place,
                images=parts[wish.part],
                tolerance=wish.tolerance,
                force=wish.replace,
            )
        except SkipClickError as error:
            self._work.notice.emit(str(error), True)
            return
        objects = counted(result.objects, "{n} object", "{n} objects")
        self._work.notice.emit(tr("{objects} exported to {folder}.", objects=objects, folder=place), False)

    def _parts(self, project: Project) -> dict[Part, tuple[str, ...]]:
        """The labelled images that each part of an export would hold."""
        document = project.document
        labelled = tuple(name for name, image in document.images.items() if image.state != "untouched")
        chosen = {*self._chosen()}
        return {
            "all": labelled,
            "this": tuple(name for name in labelled if name == self._work.image),
            "chosen": tuple(name for name in labelled if name in chosen),
            "done": tuple(name for name in labelled if document.images[name].done),
        }

    def import_masks(self) -> None:
        """Ask what and how, and import; one step that can be undone."""
        project = self._work.project
        wish = None if project is None else dialogs.ask_import(self._parent)
        if project is None or wish is None:
            return
        if FORMATS[wish.format_name].file is not None:
            source = dialogs.ask_file(self._parent, tr("Import masks"), self._settings.folder, "")
        else:
            source = dialogs.ask_folder(self._parent, tr("Import masks"), self._settings.folder)
        if source is not None:
            self.bring_in(wish.format_name, source, cast(Existing, wish.existing))

    def bring_in(self, format_name: str, source: Path, existing: Existing) -> None:
        """Import masks from a file or folder."""
        project = self._work.project
        if project is None:
            return
        try:
            result = import_annotations(project, format_name, source, existing=existing, at=time.time())
        except NotSavedError as error:
            self._work.saving_changed.emit(str(error))
        except SkipClickError as error:
            self._work.notice.emit(str(error), True)
            return
        else:
            objects = counted(result.objects, "{n} object", "{n} objects")
            self._work.notice.emit(tr("{objects} imported; undo takes them back.", objects=objects), False)
        self._work.document_changed.emit()

    # Model and language.

    def switch_model(self) -> None:
        """Ask for a model's name, file or repository."""
        label = tr("A model's name, its file or folder, or owner/name on the Hugging Face hub:")
        found = dialogs.ask_item(self._parent, tr("Switch model"), label, self._models(), editable=True)
        if found is not None:
            self.model_wanted.emit(found)

    def choose_language(self) -> None:
        """Ask for a language."""
        names = list(LANGUAGES.values())
        found = dialogs.ask_item(self._parent, tr("Language"), tr("Language of the program:"), names)
        if found is not None:
            self.language_wanted.emit(next(code for code, name in LANGUAGES.items() if name == found))


def _new_place(place: Path, name: str) -> Path:
    """The chosen folder if it is empty, else a new one inside it."""
    if place.is_dir() and not any(place.iterdir()):
        return place
    inside, number = place / f"{name}-skipclick", 2
    while inside.exists() and find_home(inside) is None:
        inside = place / f"{name}-skipclick-{number}"
        number += 1
    return inside
