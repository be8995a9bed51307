"""A line over the image that says that work is in memory only, and what to do about it."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from skipclick.apps.desktop.files import Files
from skipclick.apps.desktop.translate import tr
from skipclick.apps.desktop.work import Work


class Banner(QFrame):
    """Shown as long as something could not be written."""

    def __init__(self, work: Work, files: Files, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.again, self.elsewhere = QPushButton(), QPushButton()
        self.again.clicked.connect(work.try_saving)
        self.elsewhere.clicked.connect(files.save_elsewhere)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 7, 10, 7)
        row.addWidget(self.text, 1)
        row.addWidget(self.again)
        row.addWidget(self.elsewhere)
        self._message = ""
        self.retranslate()
        self.setVisible(False)
        work.saving_changed.connect(self._show)

    def retranslate(self) -> None:
        """Put on the texts in the chosen language."""
        self.again.setText(tr("Try again"))
        self.elsewhere.setText(tr("Save elsewhere …"))
        self.text.setText(tr("Your work is kept in memory only: {message}", message=self._message))

    def _show(self, message: str) -> None:
        self._message = message
        self.retranslate()
        self.setVisible(bool(message))
