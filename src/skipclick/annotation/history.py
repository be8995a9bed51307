"""Undo and redo without limit: what each command changed is kept, and put back exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from skipclick.annotation.commands import Command
from skipclick.annotation.document import ClassRecord, Document, ImageRecord, Overlap
from skipclick.annotation.errors import ProjectError


@dataclass(frozen=True, slots=True)
class Step:
    """A command that was applied, and what it changed.

    Attributes:
        command: the command.
        images: the images that it changed, as they were before; None for those that were untouched.
        classes, overlap, next_class: the document's, as they were before.
    """

    command: Command
    images: Mapping[str, ImageRecord | None]
    classes: tuple[ClassRecord, ...]
    overlap: Overlap
    next_class: int

    @classmethod
    def between(cls, command: Command, before: Document, after: Document) -> Step:
        """The step from one document to the next."""
        old, new = before.images, after.images
        changed: dict[str, ImageRecord | None] = {
            name: old.get(name) for name, image in new.items() if old.get(name) is not image
        }
        changed.update({name: image for name, image in old.items() if name not in new})
        return cls(command, changed, before.classes, before.overlap, before.next_class)

    def revert(self, document: Document) -> Document:
        """The document before the step, given the one after it."""
        images = dict(document.images)
        for name, image in self.images.items():
            if image is None:
                del images[name]
            else:
                images[name] = image
        return replace(
            document,
            classes=self.classes,
            overlap=self.overlap,
            next_class=self.next_class,
            images=MappingProxyType(images),
        )


class History:
    """A document and the commands that led to it.

    Attributes:
        document: the present document.
        older: how many more commands could be undone beyond those in memory.
    """

    def __init__(
        self,
        document: Document,
        *,
        undone: tuple[Command, ...] = (),
        older: int = 0,
        load_older: Callable[[], History] | None = None,
    ) -> None:
        """Begin with a document.

        Args:
            document: the document.
            undone: commands that can be redone, the next one last.
            older: how many commands before this document can be undone, if `load_older` fetches them.
            load_older: gives the history that ended with this document.
        """
        self.document = document
        self.older = older if load_older is not None else 0
        self._done: list[Step] = []
        self._undone = list(undone)
        self._load_older = load_older

    @property
    def done(self) -> tuple[Command, ...]:
        """The commands that can be undone and are in memory, the last one last."""
        return tuple(step.command for step in self._done)

    @property
    def undone(self) -> tuple[Command, ...]:
        """The commands that can be redone, the next one last."""
        return tuple(self._undone)

    @property
    def can_undo(self) -> bool:
        """Whether `undo` would do something."""
        return bool(self._done) or self.older > 0

    @property
    def depth(self) -> int:
        """How many commands can be undone, those not in memory included."""
        return len(self._done) + self.older

    @property
    def earliest(self) -> Document:
        """The document before the first of the commands that are in memory."""
        document = self.document
        for step in reversed(self._done):
            document = step.revert(document)
        return document

    def do(self, command: Command) -> None:
        """Apply a command; what was undone before can no longer be redone.

        Raises:
            AnnotationError: the command makes no sense; nothing has changed.
        """
        self._step(command)
        self._undone.clear()

    def undo(self) -> Command | None:
        """Go back by one command, exactly; the command, or None if there was none.

        Raises:
            ProjectError: it lies further back than memory reaches and cannot be read.
        """
        if not self._done and self.older:
            self._recall()
        if not self._done:
            return None
        step = self._done.pop()
        self.document = step.revert(self.document)
        self._undone.append(step.command)
        return step.command

    def redo(self) -> Command | None:
        """Apply the command last undone again; the command, or None if there was none."""
        if not self._undone:
            return None
        command = self._undone[-1]
        self._step(command)
        return self._undone.pop()

    def _step(self, command: Command) -> None:
        after = command.apply(self.document)
        self._done.append(Step.between(command, self.document, after))
        self.document = after

    def _recall(self) -> None:
        if self._load_older is not None:
            before = self._load_older()
            if before.document != self.document:
                raise ProjectError("the older files of the project belong to another one: undo ends here")
            self._done, self.older, self._load_older = before._done, before.older, before._load_older
