"""What is being worked on: a project, the image at hand, the chosen objects and the chosen class."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from skipclick.annotation import Command, NotSavedError, Project, SetDone, SetReviewed, Together
from skipclick.annotation.document import ClassRecord, ImageRecord, ObjectRecord
from skipclick.annotation.files import write_whole
from skipclick.apps.desktop.translate import explain, tr
from skipclick.errors import SkipClickError

PLACE = "place.json"
"""In the project's folder: which image was at hand. It may be deleted."""


class Work(QObject):
    """Does commands to a project and tells whoever shows it; no widget and no model.

    Every error that a command can end with becomes a `notice`; nothing raises here but `open`'s caller.

    Attributes:
        is_listed: whether an image is among those to go through; the list of images sets it by its filter.

    Signals:
        opened: there is another project, or none.
        names_changed: the folder was looked through again.
        image_changed: another image is at hand, or none.
        document_changed: something was done, undone or redone.
        selection_changed: other objects are chosen.
        class_changed: another class is chosen for the objects to come.
        notice: (text, serious) one line for the user.
        saving_changed: (message) why work is in memory only; empty when all of it is on disk.
    """

    opened = Signal()
    names_changed = Signal()
    image_changed = Signal()
    document_changed = Signal()
    selection_changed = Signal()
    class_changed = Signal()
    notice = Signal(str, bool)
    saving_changed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project: Project | None = None
        self.image: str | None = None
        self.class_id = 1
        self.began = time.time()
        self.is_listed: Callable[[str], bool] = lambda _: True
        self._selected: tuple[int, ...] = ()
        self._trouble = ""

    # The project and its images.

    def open(self, project: Project | None, image: str | None = None) -> None:
        """Work on another project from now on, at an image or where it was left."""
        self.close()
        self.project, self.began = project, time.time()
        if project is not None:
            self.class_id = project.document.classes[0].id
        self.opened.emit()
        if project is not None:
            self.go(image if image in project.names else self._place())
            for note in project.notes:
                self.notice.emit(tr(note), False)

    def close(self) -> None:
        """Let others open the project; all of it is on disk, or tried once more to be."""
        if self.project is None:
            return
        if self.project.unsaved:
            with contextlib.suppress(SkipClickError):
                self.project.flush()
        self.project.close()
        self.project, self.image, self._selected = None, None, ()
        self._set_trouble("")

    @property
    def trouble(self) -> str:
        """Why work is in memory only; empty when all of it is on disk."""
        return self._trouble

    @property
    def names(self) -> tuple[str, ...]:
        """The images in the folder."""
        return () if self.project is None else self.project.names

    @property
    def path(self) -> Path | None:
        """The file of the image at hand."""
        return None if self.project is None or self.image is None else self.project.path_of(self.image)

    @property
    def record(self) -> ImageRecord | None:
        """What is known about the image at hand."""
        return None if self.project is None or self.image is None else self.project.document.image(self.image)

    def go(self, name: str | None) -> None:
        """Have another image at hand."""
        if self.project is None or name == self.image:
            return
        self.image, self._selected = name, ()
        if name is not None and not self.project.read_only:
            with contextlib.suppress(NotSavedError):  # not worth a word: it is no work of the user's
                write_whole(self.project.home / PLACE, json.dumps({"image": name}).encode())
        self.image_changed.emit()

    def following(self, *, back: bool = False) -> Iterator[str]:
        """The images after the one at hand that are shown in the list, or, going back, those before it."""
        names = self.names[::-1] if back else self.names
        start = names.index(self.image) + 1 if self.image in names else 0
        return (name for name in names[start:] if self.is_listed(name))

    def step(self, by: int) -> None:
        """Go on by some images of the list, or back; at its ends it says so."""
        found = list(islice(self.following(back=by < 0), abs(by)))
        if len(found) == abs(by):
            self.go(found[-1])
        else:
            self.say_end(back=by < 0)

    def say_end(self, *, back: bool = False) -> None:
        """Say that no image comes after the one at hand, or before it."""
        if not self.names:
            return
        text = tr("This is the first image.") if back else tr("This is the last image.")
        if self.image != self.names[0 if back else -1]:
            text = tr("The filter shows no further image.")
        self.notice.emit(text, False)

    def next_unfinished(self) -> None:
        """Go to the next image that is not marked as done, from the beginning again at the end."""
        hidden = tr("The filter shows no other image that is not done.")
        self._go_on_to(lambda record: not record.done, hidden, tr("All other images are done."))

    def next_to_review(self) -> None:
        """Go to the next image that is done and not reviewed, from the beginning again at the end."""
        hidden = tr("The filter shows no other image that is to be reviewed.")
        self._go_on_to(lambda record: record.state == "done", hidden, tr("No other image is to be reviewed."))

    def _go_on_to(self, wanted: Callable[[ImageRecord], bool], hidden: str, none: str) -> None:
        """Go to the next wanted image that is in the list, or say that it has none, or that there is none."""
        project = self.project
        if project is None:
            return
        others = (*self.following(), *(name for name in self.names if name != self.image))
        found = [name for name in others if wanted(project.document.image(name))]
        name = next(filter(self.is_listed, found), None)
        if name is not None:
            self.go(name)
        elif self.names:
            self.notice.emit(hidden if found else none, False)

    def _place(self) -> str | None:
        """Where the project was left, or its first image."""
        project = self.project
        if project is None or not project.names:
            return None
        try:
            left = str(json.loads((project.home / PLACE).read_bytes())["image"])
        except (OSError, ValueError, KeyError, TypeError):
            left = ""
        return left if left in project.names else project.names[0]

    # Objects.

    @property
    def selected(self) -> tuple[int, ...]:
        """Ids of the chosen objects on the image at hand."""
        return self._selected

    @property
    def active(self) -> ObjectRecord | None:
        """The one object that clicks and tools change; None if none or several are chosen."""
        record = self.record
        if record is None or len(self._selected) != 1:
            return None
        return next((one for one in record.objects if one.id == self._selected[0]), None)

    def select(self, ids: tuple[int, ...]) -> None:
        """Choose objects of the image at hand; ids of others are passed over."""
        there = {one.id for one in self.record.objects} if self.record is not None else set()
        chosen = tuple(dict.fromkeys(one for one in ids if one in there))
        if chosen != self._selected:
            self._selected = chosen
            self.selection_changed.emit()

    @property
    def kind(self) -> ClassRecord | None:
        """The class that the next object gets."""
        if self.project is None:
            return None
        classes = self.project.document.classes
        return next((one for one in classes if one.id == self.class_id), classes[0])

    def choose_class(self, class_id: int) -> None:
        """The class of objects to come."""
        if class_id != self.class_id:
            self.class_id = class_id
            self.class_changed.emit()

    # Doing and undoing.

    def do(self, command: Command) -> bool:
        """Do something; False if it makes no sense, which the user is told."""
        project, before = self.project, self.record
        if project is None or not self._try(lambda: project.do(command)):
            return False
        lost = before is not None and before.reviewed and not project.document.image(before.name).reviewed
        if lost and not isinstance(command, SetDone | SetReviewed):
            text = tr("Its labels have changed: the image is done, but must be reviewed again.")
            self.notice.emit(text, False)
        return True

    def undo(self) -> None:
        """Take the last action back, on whichever image it was, and show that image."""
        self._travel(undo=True)

    def redo(self) -> None:
        """Do again what was undone last."""
        self._travel(undo=False)

    def try_saving(self) -> None:
        """Try again to bring to disk what is in memory only."""
        project = self.project
        if project is not None and project.unsaved:
            self._try(project.flush)

    def save_elsewhere(self, home: Path) -> bool:
        """Write the project into another folder and go on there; False if that is not possible."""
        project = self.project
        done = project is not None and self._try(lambda: project.save_elsewhere(home))
        if done and project is not None:
            self._set_trouble("" if not project.unsaved else self._trouble)
            self.notice.emit(tr("The project is now kept in {folder}.", folder=home), False)
        return done

    def _travel(self, *, undo: bool) -> None:
        project = self.project
        if project is None:
            return
        done: list[Command | None] = []
        if not self._try(lambda: done.append(project.undo() if undo else project.redo())):
            return
        command = done[0] if done else None
        if command is None and done:
            self.notice.emit(tr("Nothing to undo.") if undo else tr("Nothing to redo."), False)
            return
        while isinstance(command, Together):
            command = command.commands[-1]
        where = getattr(command, "image", None)
        if where is not None and where in self.names:
            self.go(where)
            number = getattr(command, "object", None)
            if isinstance(number, int):
                self.select((number,))

    def _try(self, action: Callable[[], object]) -> bool:
        """Do something to the project and tell what changed; False if it was refused."""
        try:
            action()
        except NotSavedError as error:
            self._set_trouble(explain(error))
        except SkipClickError as error:
            self.notice.emit(explain(error), True)
            return False
        else:
            if self._trouble and self.project is not None and not self.project.unsaved:
                self._set_trouble("")
                self.notice.emit(tr("Everything is on disk again."), False)
        before = self._selected
        there = {one.id for one in self.record.objects} if self.record is not None else set()
        self._selected = tuple(one for one in before if one in there)
        if self.project is not None and all(one.id != self.class_id for one in self.project.document.classes):
            self.choose_class(self.project.document.classes[0].id)
        self.document_changed.emit()
        if self._selected != before:
            self.selection_changed.emit()
        return True

    def _set_trouble(self, message: str) -> None:
        if message != self._trouble:
            self._trouble = message
            self.saving_changed.emit(message)
