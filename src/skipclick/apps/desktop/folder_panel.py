"""The images of the folder: thumbnails, how far each is, a filter, and the progress."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QLabel,
    QListView,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from skipclick.annotation.document import State
from skipclick.annotation.statistics import count
from skipclick.apps.desktop.filter_field import FilterField
from skipclick.apps.desktop.image_row import HERE, OBJECTS, STATE, ImageRow, Index
from skipclick.apps.desktop.thumbnails import Thumbnails
from skipclick.apps.desktop.translate import counted, tr
from skipclick.apps.desktop.work import Work


class Images(QAbstractListModel):
    """The folder's images as Qt's lists want them."""

    def __init__(self, work: Work, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work, self._thumbnails = work, thumbnails
        self._names: tuple[str, ...] = ()
        self._rows: dict[str, int] = {}
        self._here: str | None = None
        thumbnails.ready.connect(self._thumbnail_ready)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """As Qt asks for it."""
        return 0 if parent.isValid() else len(self._names)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """As Qt asks for it."""
        if not index.isValid() or self._work.project is None or index.row() >= len(self._names):
            return None
        name = self._names[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnails.get(self._work.project.path_of(name))
        record = self._work.project.document.images.get(name)
        if role == STATE:
            return record.state if record else "untouched"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{name} · {_say_state(record.state if record else 'untouched')}"
        if role == OBJECTS:
            return len(record.objects) if record else 0
        return name == self._work.image if role == HERE else None

    def renew(self) -> None:
        """There are other images."""
        self.beginResetModel()
        self._names = self._work.names
        self._rows = {name: row for row, name in enumerate(self._names)}
        self.endResetModel()

    def name(self, row: int) -> str:
        """The image in a row. Qt's own texts cannot hold every name that a file can have."""
        return self._names[row]

    def row_of(self, name: str | None) -> int:
        """The row of an image; -1 if it is not here."""
        return self._rows.get(name or "", -1)

    def touch(self) -> None:
        """The image at hand, or another one than before, has changed."""
        for name in {self._here, self._work.image}:
            row = self.row_of(name)
            if row >= 0:
                self.dataChanged.emit(self.index(row), self.index(row))
        self._here = self._work.image

    def _thumbnail_ready(self, path: Path) -> None:
        project = self._work.project
        if project is None or not path.is_relative_to(project.folder):  # of the folder open before
            return
        row = self.row_of(path.relative_to(project.folder).as_posix())
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row), [Qt.ItemDataRole.DecorationRole])


class Chosen(QSortFilterProxyModel):
    """The images whose name holds a text and that are in a state."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = ""
        self.state: State | None = None

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:  # noqa: N802
        """As Qt asks for it."""
        index = self.sourceModel().index(row, 0, parent)
        return self.fits(str(index.data()), index.data(STATE))

    def fits(self, name: str, state: State) -> bool:
        """Whether an image is shown."""
        return self.state in (None, state) and self.text.casefold() in name.casefold()

    def choose(self, text: str, state: State | None) -> None:
        """Show other images."""
        self.text, self.state = text, state
        self.invalidate()


class FolderPanel(QWidget):
    """The list of images with its filter and progress.

    A click opens an image; with Shift or Control it chooses several, for what can be done to a part of them.
    In the filter, Enter opens the first image shown, unless the one at hand is among them, and Escape clears
    it; both give the keys back to the image.

    Signals:
        left: who typed in the filter is done.
    """

    left = Signal()

    def __init__(self, work: Work, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._work = work
        self.model = Images(work, thumbnails, self)
        self.chosen = Chosen(self)
        self.chosen.setSourceModel(self.model)
        self.title, self.counts = QLabel(), QLabel()
        self.title.setObjectName("title")
        self.counts.setObjectName("faint")
        self._text = ""
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.filter = FilterField()
        self.filter.setClearButtonEnabled(True)
        self.states = QComboBox()
        self.states.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.list = QListView()
        self.list.setModel(self.chosen)
        self.list.setItemDelegate(ImageRow(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._lay_out()
        for state in (None, *get_args(State)):
            self.states.addItem("", state)
        self.list.clicked.connect(self._open)
        self.list.selectionModel().selectionChanged.connect(self._show_counts)
        self.filter.textChanged.connect(self._choose)
        self.filter.entered.connect(self._open_found)
        self.filter.left.connect(self.left)
        self.states.currentIndexChanged.connect(self._choose)
        work.opened.connect(self.renew)
        work.names_changed.connect(self.renew)
        work.image_changed.connect(self._follow)
        work.document_changed.connect(self._count)
        work.is_listed = self._is_listed
        self.retranslate()
        self.renew()

    def renew(self) -> None:
        """Show another folder, or the same one looked through again."""
        self.model.renew()
        project = self._work.project
        self.title.setText(tr("No folder open") if project is None else project.folder.name)
        self.title.setToolTip("" if project is None else str(project.folder))
        self._follow()
        self._count()

    def retranslate(self) -> None:
        """Put on the texts in the chosen language."""
        self.filter.setPlaceholderText(tr("Filter by name"))
        names = (tr("All images"), tr("Untouched"), tr("Begun"), tr("Done"), tr("Reviewed"))
        for row, text in enumerate(names):
            self.states.setItemText(row, text)
        if self._work.project is None:
            self.title.setText(tr("No folder open"))
        self._count()
        self.list.viewport().update()

    def search(self) -> None:
        """Type part of a name."""
        self.filter.setFocus()
        self.filter.selectAll()

    def chosen_names(self) -> tuple[str, ...]:
        """The images that are chosen in the list, in its order; normally the one at hand alone."""
        rows = sorted(index.row() for index in self.list.selectionModel().selectedRows())
        return tuple(self._name(self.chosen.index(row, 0)) for row in rows)

    def _is_listed(self, name: str) -> bool:
        project = self._work.project
        record = None if project is None else project.document.images.get(name)
        return self.chosen.fits(name, record.state if record else "untouched")

    def _open_found(self) -> None:
        if self.chosen.rowCount() and not self._is_listed(self._work.image or ""):
            self._work.go(self._name(self.chosen.index(0, 0)))

    def _open(self, index: Index) -> None:
        choosing = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
        if not QGuiApplication.keyboardModifiers() & choosing:
            self._work.go(self._name(index))

    def _name(self, index: Index) -> str:
        return self.model.name(self.chosen.mapToSource(index).row())

    def _lay_out(self) -> None:
        head = QVBoxLayout()
        head.setContentsMargins(12, 12, 12, 8)
        head.setSpacing(7)
        for widget in (self.title, self.progress, self.counts, self.filter, self.states):
            head.addWidget(widget)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(self.list, 1)

    def _choose(self) -> None:
        self.chosen.choose(self.filter.text(), self.states.currentData())

    def _follow(self) -> None:
        self.model.touch()
        index = self.chosen.mapFromSource(self.model.index(max(self.model.row_of(self._work.image), 0)))
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)

    def _count(self) -> None:
        """Something was done to an image."""
        self.model.touch()
        project = self._work.project
        self._text = ""
        if project is not None:
            numbers = count(project.document, project.names)
            self.progress.setMaximum(max(len(project.names), 1))
            self.progress.setValue(numbers.done + numbers.reviewed)
            self._text = tr(
                "{images} · {begun} begun · {done} done",
                images=counted(len(project.names), "{n} image", "{n} images"),
                begun=numbers.begun,
                done=numbers.done,
            )
            if numbers.reviewed:
                self._text += "\n" + tr("{reviewed} reviewed", reviewed=numbers.reviewed)
        else:
            self.progress.setValue(0)
        self._show_counts()

    def _show_counts(self) -> None:
        """Say how many are chosen, if several are. The list may be changing just now: don't touch it."""
        chosen = len(self.list.selectionModel().selectedRows())
        several = tr("{n} of {images} chosen", n=f"{chosen:,}", images=f"{len(self._work.names):,}")
        self.counts.setText(several if chosen > 1 else self._text)


def _say_state(state: State) -> str:
    said: dict[State, str] = {
        "untouched": tr("untouched"),
        "begun": tr("begun"),
        "done": tr("done"),
        "reviewed": tr("reviewed"),
    }
    return said[state]
