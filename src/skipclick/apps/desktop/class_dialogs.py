"""Adding, renaming, recolouring and removing classes, with the questions that go with it."""

from __future__ import annotations

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QWidget

from skipclick.apps.desktop import dialogs
from skipclick.apps.desktop.class_bar import ClassBar
from skipclick.apps.desktop.objects import Objects
from skipclick.apps.desktop.translate import tr
from skipclick.apps.desktop.work import Work


class ClassDialogs:
    """Answers what the class bar wants.

    Args:
        work: what is being worked on.
        objects: what can be done.
        parent: over which dialogs are shown.
    """

    def __init__(self, work: Work, objects: Objects, parent: QWidget) -> None:
        self._work, self._objects, self._parent = work, objects, parent

    def connect(self, bar: ClassBar) -> None:
        """Serve a class bar."""
        bar.add_wanted.connect(self.add)
        bar.rename_wanted.connect(self.rename)
        bar.recolour_wanted.connect(self.recolour)
        bar.remove_wanted.connect(self.remove)

    def add(self) -> None:
        """Add a class."""
        name = dialogs.ask_text(self._parent, tr("Add a class"), tr("Its name:"))
        if name is not None:
            self._objects.add_class(name)

    def rename(self, class_id: int) -> None:
        """Rename a class."""
        if self._work.project is None:
            return
        before = self._work.project.document.class_of(class_id).name
        name = dialogs.ask_text(self._parent, tr("Rename class"), tr("Its name:"), before)
        if name is not None and name != before:
            self._objects.edit_class(class_id, name=name)

    def recolour(self, class_id: int) -> None:
        """Give a class another colour."""
        if self._work.project is None:
            return
        before = QColor(*self._work.project.document.class_of(class_id).colour)
        colour = QColorDialog.getColor(before, self._parent, tr("Colour of the class"))
        if colour.isValid():
            self._objects.edit_class(class_id, colour=(colour.red(), colour.green(), colour.blue()))

    def remove(self, class_id: int) -> None:
        """Remove a class; if it is in use, ask which one its objects get."""
        project = self._work.project
        if project is None:
            return
        document = project.document
        if not any(one.class_id == class_id for _, one in document.objects()):
            self._objects.remove_class(class_id, None)
            return
        others = [one for one in document.classes if one.id != class_id]
        if not others:
            self._work.notice.emit(tr("A project needs at least one class."), True)
            return
        label = tr("The class is in use. Its objects become:")
        name = dialogs.ask_item(self._parent, tr("Remove class"), label, [one.name for one in others])
        chosen = None if name is None else document.class_named(name)
        if chosen is not None:
            self._objects.remove_class(class_id, chosen.id)
