"""Masks out of the project into files, and from files into it, beside the window."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from PySide6.QtWidgets import QWidget

from skipclick.annotation import FORMATS, Command, Project, export_annotations, import_annotations
from skipclick.annotation.exporting import ExportResult
from skipclick.annotation.importing import Existing, ImportResult
from skipclick.apps.desktop import dialogs
from skipclick.apps.desktop.beside import Progress, do_beside
from skipclick.apps.desktop.dialogs import ExportWish, Part
from skipclick.apps.desktop.leaving import Leaving
from skipclick.apps.desktop.settings import Settings
from skipclick.apps.desktop.snapshot import Snapshot
from skipclick.apps.desktop.translate import counted, explain, tr
from skipclick.apps.desktop.work import Work
from skipclick.errors import SkipClickError


class Transfer:
    """Asks what and where, does it, and says what came of it.

    Args:
        work: what is being worked on.
        leaving: waits for clicks without an answer, which belong to what is exported.
        settings: where the last folder is remembered.
        chosen: the images that are chosen in the list.
        parent: over which dialogs are shown.
    """

    def __init__(
        self,
        work: Work,
        leaving: Leaving,
        settings: Settings,
        chosen: Callable[[], tuple[str, ...]],
        parent: QWidget | None = None,
    ) -> None:
        self._work, self._leaving, self._settings = work, leaving, settings
        self._chosen, self._parent = chosen, parent

    def export_masks(self) -> None:
        """Ask what, how and where, and export."""
        project = self._work.project
        if project is None or not self._leaving.wait_for_answers():
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
            result = self._export(project, wish, parts[wish.part], place)
        except SkipClickError as error:
            self._work.notice.emit(explain(error), True)
            return
        if result is None:
            self._work.notice.emit(tr("The export was stopped; nothing was written."), False)
            return
        objects = counted(result.objects, "{n} object", "{n} objects")
        said = [tr("{objects} exported to {folder}.", objects=objects, folder=place)]
        if result.empty:
            said.append(
                counted(
                    result.empty,
                    "{n} without a pixel of its own was left out.",
                    "{n} without a pixel of their own were left out.",
                )
            )
        self._work.notice.emit(" ".join(said), bool(result.empty))

    def _export(
        self, project: Project, wish: ExportWish, names: tuple[str, ...], place: Path
    ) -> ExportResult | None:
        def call(progress: Progress) -> ExportResult:
            return export_annotations(
                Snapshot(project, progress.step),
                wish.format_name,
                place,
                images=names,
                tolerance=wish.tolerance,
                force=wish.replace,
            )

        return do_beside(self._parent, tr("Exporting masks …"), call, len(names))

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
            "reviewed": tuple(name for name in labelled if document.images[name].reviewed),
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
        if project is None or not self._leaving.wait_for_answers():
            return

        def call(progress: Progress) -> tuple[ImportResult, list[Command]]:
            found = Snapshot(project, progress.step)
            result = import_annotations(found, format_name, source, existing=existing, at=time.time())
            return result, found.wished

        try:
            found = do_beside(self._parent, tr("Reading masks …"), call)
        except SkipClickError as error:
            self._work.notice.emit(explain(error), True)
            return
        if found is None:
            self._work.notice.emit(tr("The import was stopped; nothing was changed."), False)
            return
        result, commands = found
        if all(self._work.do(command) for command in commands):
            objects = counted(result.objects, "{n} object", "{n} objects")
            self._work.notice.emit(tr("{objects} imported; undo takes them back.", objects=objects), False)
