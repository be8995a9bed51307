"""What was done, the newest on top; a click goes back or forth to there."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from skipclick.annotation import Command
from skipclick.apps.desktop.translate import tr
from skipclick.apps.desktop.work import Work

SHOWN = 200
"""How many steps of each direction are listed."""

_STEPS = Qt.ItemDataRole.UserRole


class HistoryPanel(QListWidget):
    """The undo history: what can be redone in grey, then what was done."""

    def __init__(self, work: Work, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self.setObjectName("history")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.itemClicked.connect(self._travel)
        work.opened.connect(self.fill)
        work.document_changed.connect(self.fill)

    def fill(self) -> None:
        """Show the history as it is now; steps say how often to redo (positive) or undo (negative)."""
        self.clear()
        project = self._work.project
        if project is None:
            return
        undone, done = project.undone[-SHOWN:], project.done[-SHOWN:]
        for steps, command in zip(range(len(undone), 0, -1), undone, strict=True):
            self._add(command, steps)
        for steps, command in enumerate(reversed(done)):
            self._add(command, -steps)
        if project.can_undo:
            item = QListWidgetItem(tr("Beginning of this list"))
            item.setData(_STEPS, -len(done))
            self.addItem(item)

    def _add(self, command: Command, steps: int) -> None:
        item = QListWidgetItem(label(command))
        item.setToolTip(str(getattr(command, "image", "")))
        item.setData(_STEPS, steps)
        font = QFont(self.font())
        font.setBold(steps == 0)
        font.setItalic(steps > 0)
        item.setFont(font)
        if steps > 0:
            item.setForeground(self.palette().placeholderText())
        self.addItem(item)

    def _travel(self, item: QListWidgetItem) -> None:
        steps = int(item.data(_STEPS))
        for _ in range(abs(steps)):
            if steps > 0:
                self._work.redo()
            else:
                self._work.undo()


def label(command: Command) -> str:
    """What a command did, in the chosen language; names of classes stay as they are."""
    text = command.label
    match = re.fullmatch(
        r"(Hide|Show|Lock|Unlock|Delete|Copy|Change class of|Change colour of) (\d+) objects", text
    )
    if match:
        return tr(f"{match[1]} {{n}} objects", n=match[2])
    for start in ("Add class ", "Rename class to ", "Import "):
        if text.startswith(start) and text != "Import object":
            return tr(start + "{name}", name=text.removeprefix(start))
    return tr(text)
