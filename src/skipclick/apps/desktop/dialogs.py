"""Small questions to the user; each returns an answer, or None if there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from PySide6.QtCore import QTimer
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QInputDialog,
    QLineEdit,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from skipclick.annotation import FORMATS
from skipclick.apps.desktop.translate import tr

Part: TypeAlias = Literal["all", "this", "chosen", "done", "reviewed"]
"""Which images are exported: all with labels, the one at hand, those chosen in the list, those done, or
those reviewed."""

POLYGONS = tuple(name for name, kind in FORMATS.items() if kind.polygons)


def choose(parent: QWidget | None, title: str, text: str, options: Sequence[str]) -> int | None:
    """Which of some buttons is pressed; None for Cancel."""
    box = QMessageBox(parent)
    box.setWindowTitle(title)
    box.setText(title)
    box.setInformativeText(text)
    buttons = [box.addButton(option, QMessageBox.ButtonRole.AcceptRole) for option in options]
    box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.exec()
    pressed = box.clickedButton()
    return next((number for number, button in enumerate(buttons) if button is pressed), None)


def wait(
    parent: QWidget | None, title: str, text: str, option: str, done: Callable[[], bool]
) -> Literal["done", "option"] | None:
    """Wait until something is done, or the user has enough of it; None for Cancel.

    Args:
        parent: over which it is shown.
        title: what is waited for.
        text: more about it.
        option: what a button says that ends the waiting.
        done: asked twenty times a second.
    """
    box = QMessageBox(parent)
    box.setWindowTitle(title)
    box.setText(title)
    box.setInformativeText(text)
    enough = box.addButton(option, QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole))
    look = QTimer(box)
    look.timeout.connect(lambda: box.accept() if done() else None)
    look.start(50)
    box.exec()
    pressed = box.clickedButton()
    return "option" if pressed is enough else "done" if pressed is None and done() else None


def ask_folder(parent: QWidget | None, title: str, start: str) -> Path | None:
    """A folder that exists, or a new one."""
    found = QFileDialog.getExistingDirectory(parent, title, start)
    return Path(found) if found else None


def ask_file(parent: QWidget | None, title: str, start: str, kinds: str) -> Path | None:
    """A file that exists."""
    found, _ = QFileDialog.getOpenFileName(parent, title, start, kinds)
    return Path(found) if found else None


def ask_text(parent: QWidget | None, title: str, label: str, text: str = "") -> str | None:
    """One line of text."""
    found, given = QInputDialog.getText(parent, title, label, QLineEdit.EchoMode.Normal, text)
    return found.strip() if given and found.strip() else None


def ask_item(
    parent: QWidget | None, title: str, label: str, items: Sequence[str], editable: bool = False
) -> str | None:
    """One of some items, or, if editable, other text."""
    found, given = QInputDialog.getItem(parent, title, label, list(items), 0, editable)
    return found.strip() if given and found.strip() else None


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What to export.

    Attributes:
        format_name: a key of `FORMATS`.
        part: which images.
        tolerance: see `export_annotations`.
        replace: files that exist.
    """

    format_name: str
    part: Part
    tolerance: float
    replace: bool


@dataclass(frozen=True, slots=True)
class ImportWish:
    """What to import.

    Attributes:
        format_name: a key of `FORMATS`.
        existing: "refuse", "add" or "replace", see `import_annotations`.
    """

    format_name: str
    existing: str


_SAID = {
    "coco": "COCO (one JSON file)",
    "yolo": "YOLO segmentation (text files)",
    "voc": "Pascal VOC (pictures and XML)",
    "labelme": "labelme (JSON files)",
    "labels": "Label maps (mask_NAME.png)",
    "binary": "One black and white PNG for each object",
}


class _Form(QDialog):
    def __init__(self, parent: QWidget | None, title: str, go: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.form = QFormLayout()
        self.form.setSpacing(10)
        self.formats = QComboBox()
        for name in FORMATS:
            self.formats.addItem(tr(_SAID[name]), name)
        self.form.addRow(tr("Format"), self.formats)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.addButton(go, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("Cancel"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 18, 18, 18)
        column.setSpacing(14)
        column.addLayout(self.form)
        column.addWidget(self.buttons)


class ExportDialog(_Form):
    """How to export, and what.

    Args:
        counts: how many labelled images each part has; those without any cannot be chosen.
    """

    def __init__(self, counts: Mapping[Part, int], parent: QWidget | None = None) -> None:
        super().__init__(parent, tr("Export masks"), tr("Choose a folder …"))
        self.parts = QComboBox()
        said: dict[Part, str] = {
            "all": tr("All that are begun or done"),
            "this": tr("The image at hand"),
            "chosen": tr("Those chosen in the list"),
            "done": tr("Only those marked as done"),
            "reviewed": tr("Only those marked as reviewed"),
        }
        for part, text in said.items():
            self.parts.addItem(f"{text} ({counts[part]:,})", part)
            if not counts[part]:
                _disable_last(self.parts)
        if counts["chosen"] > 1:
            self.parts.setCurrentIndex(self.parts.findData("chosen"))
        self.replace = QCheckBox(tr("Replace files that exist"))
        self.tolerance = QDoubleSpinBox()
        self.tolerance.setRange(0, 100)
        self.tolerance.setSingleStep(0.5)
        self.tolerance.setSuffix(tr(" pixels"))
        self.tolerance.setToolTip(tr("How far polygons may leave the mask to have fewer points; 0 is exact"))
        self.form.addRow(tr("Images"), self.parts)
        self.form.addRow(tr("Polygons may differ by"), self.tolerance)
        self.form.addRow("", self.replace)
        self.formats.currentIndexChanged.connect(self._format_changed)

    def _format_changed(self) -> None:
        self.tolerance.setEnabled(self.formats.currentData() in POLYGONS)

    def wish(self) -> ExportWish:
        """What was chosen."""
        name = str(self.formats.currentData())
        tolerance = self.tolerance.value() if name in POLYGONS else 0.0
        part: Part = self.parts.currentData()
        return ExportWish(name, part, tolerance, self.replace.isChecked())


class ImportDialog(_Form):
    """How to import."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, tr("Import masks"), tr("Choose files …"))
        self.existing = QComboBox()
        for text, value in (
            (tr("change nothing and say so"), "refuse"),
            (tr("add to their objects"), "add"),
            (tr("replace their objects"), "replace"),
        ):
            self.existing.addItem(text, value)
        self.form.addRow(tr("If images have objects"), self.existing)

    def wish(self) -> ImportWish:
        """What was chosen."""
        return ImportWish(str(self.formats.currentData()), str(self.existing.currentData()))


def ask_export(parent: QWidget | None, counts: Mapping[Part, int]) -> ExportWish | None:
    """How to export, and what; see `ExportDialog`."""
    dialog = ExportDialog(counts, parent)
    return dialog.wish() if dialog.exec() else None


def ask_import(parent: QWidget | None) -> ImportWish | None:
    """How to import."""
    dialog = ImportDialog(parent)
    return dialog.wish() if dialog.exec() else None


def _disable_last(box: QComboBox) -> None:
    model = box.model()
    if isinstance(model, QStandardItemModel):
        model.item(box.count() - 1).setEnabled(False)
