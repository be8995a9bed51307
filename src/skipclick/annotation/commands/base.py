"""What a command is, and several of them as one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from skipclick.annotation.document import Document
from skipclick.annotation.errors import AnnotationError


class Command(ABC):
    """One action as data: everything it needs is in its fields, so that it can be written down and repeated.

    Whatever a command depends on beside the document, the time for instance, is a field of it. Applied to
    equal documents it gives equal documents.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def label(self) -> str:
        """What was done, in a few English words, for lists of what can be undone."""

    @abstractmethod
    def apply(self, document: Document) -> Document:
        """The document after the action; the given one stays as it is.

        Raises:
            AnnotationError: the action makes no sense for the document.
        """


@dataclass(frozen=True, slots=True)
class Together(Command):
    """Several actions that are undone and redone as one.

    Attributes:
        name: what they are together, for `label`.
        commands: in the order in which they are applied; at least one.
    """

    name: str
    commands: tuple[Command, ...]

    @property
    def label(self) -> str:
        """The name."""
        return self.name

    def apply(self, document: Document) -> Document:
        """See `Command.apply`."""
        if not self.commands:
            raise AnnotationError("there is nothing to do")
        for command in self.commands:
            document = command.apply(document)
        return document
