"""May the work be left? Asked before the window closes, and before another folder opens."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from skipclick.apps.desktop import dialogs
from skipclick.apps.desktop.clicking import Clicking
from skipclick.apps.desktop.translate import counted, tr
from skipclick.apps.desktop.work import Work


class Leaving:
    """Waits for the answers that are due and brings to disk what is not there yet; else the user decides.

    Args:
        work: what would be left.
        clicking: knows which clicks have no answer yet.
        save_elsewhere: asks for a place and saves the project there.
        parent: over which questions are shown.
    """

    def __init__(
        self,
        work: Work,
        clicking: Clicking,
        save_elsewhere: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        self._work, self._clicking, self._parent = work, clicking, parent
        self._save_elsewhere = save_elsewhere
        self._failed = False
        clicking.dropped.connect(self._note_failure)

    def may_leave(self) -> bool:
        """Whether nothing would be lost, or the user said that it may be."""
        return self.wait_for_answers() and self._is_saved()

    def wait_for_answers(self) -> bool:
        """Wait until no click is without an answer; False if the user would rather go on working.

        False also if one could not be answered, so that its user sees why.
        """
        due = self._clicking.due
        if not due:
            return True
        self._failed = False
        left = dialogs.wait(
            self._parent,
            tr("Clicks are still being answered"),
            counted(
                due,
                "{n} click has no mask yet. This goes on by itself when it has.",
                "{n} clicks have no mask yet. This goes on by itself when they have.",
            ),
            tr("Leave without them"),
            lambda: not self._clicking.waiting,
        )
        return left == "option" or (left == "done" and not self._failed)

    def _is_saved(self) -> bool:
        project = self._work.project
        if project is None or not project.unsaved:
            return True
        self._work.try_saving()
        if not project.unsaved:
            return True
        title = tr("Some of your work is not on disk")
        text = tr("Your work is kept in memory only: {message}", message=self._work.trouble)
        choice = dialogs.choose(self._parent, title, text, [tr("Save elsewhere …"), tr("Lose it")])
        if choice == 0:
            self._save_elsewhere()
        return choice == 1 or (choice == 0 and not project.unsaved)

    def _note_failure(self) -> None:
        self._failed = True
