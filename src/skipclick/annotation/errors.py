"""The errors of labelled folders; each message is one line that says what to do."""

from __future__ import annotations

from skipclick.errors import SkipClickError


class AnnotationError(SkipClickError):
    """An action makes no sense for the document; nothing was changed."""


class ProjectError(AnnotationError):
    """A project cannot be opened: its folder is missing, damaged, or not what it should be."""


class ProjectBusyError(ProjectError):
    """Another program has the project open."""


class NotSavedError(AnnotationError):
    """The disk is full or may not be written; what was done is kept in memory and nothing is lost yet."""


class FormatError(AnnotationError):
    """A file of annotations cannot be read or written."""
