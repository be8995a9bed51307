"""A project for another thread: as it is now, and left as it is. No Qt."""

from __future__ import annotations

from collections.abc import Callable

from skipclick.annotation import Command, Document, Project
from skipclick.annotation.document import Shape


class Snapshot(Project):
    """A project as it was when this was made; for exports and imports, which may take minutes.

    What is done to it is only noted, for the window to do in its own thread. All that exports and imports
    ask of a project is here; it has neither history nor files of its own.

    Attributes:
        wished: what `do` was called with.
    """

    def __init__(self, project: Project, watch: Callable[[str], None]) -> None:
        """Look at a project.

        Args:
            project: the project.
            watch: is told the name of each image whose size is asked for, which exports and imports do for
                one image after another; what it raises ends them.
        """
        self.folder, self.names, self.notes = project.folder, project.names, ()
        self._lock = None  # so that it says of itself that it is read only
        self.wished: list[Command] = []
        self._document, self._find_shape, self._watch = project.document, project.shape_of, watch

    @property
    def document(self) -> Document:
        """The document at that time."""
        return self._document

    def shape_of(self, name: str) -> Shape:
        """See `Project.shape_of`."""
        self._watch(name)
        return self._find_shape(name)

    def do(self, command: Command) -> Document:
        """Note a command; the document that it would make.

        Raises:
            AnnotationError: the command makes no sense.
        """
        document = command.apply(self._document)
        self.wished.append(command)
        return document
