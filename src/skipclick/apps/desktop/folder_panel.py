"""The images of the folder: thumbnails, how far each is, a filter, and the progress."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QProgressBar,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from skipclick.annotation.document import State
from skipclick.annotation.statistics import count
from skipclick.apps.desktop.icons import picture
from skipclick.apps.desktop.thumbnails import Thumbnails
from skipclick.apps.desktop.translate import counted, tr
from skipclick.apps.desktop.work import Work

Index = QModelIndex | QPersistentModelIndex
_STATE = Qt.ItemDataRole.UserRole
_OBJECTS = Qt.ItemDataRole.UserRole + 1
_HERE = Qt.ItemDataRole.UserRole + 2
_BOX = QSize(56, 42)
_DONE, _BEGUN = QColor(32, 158, 92), QColor(230, 150, 30)


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
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return name
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnails.get(self._work.project.path_of(name))
        record = self._work.project.document.images.get(name)
        if role == _STATE:
            return record.state if record else "untouched"
        if role == _OBJECTS:
            return len(record.objects) if record else 0
        return name == self._work.image if role == _HERE else None

    def renew(self) -> None:
        """There are other images."""
        self.beginResetModel()
        self._names = self._work.names
        self._rows = {name: row for row, name in enumerate(self._names)}
        self.endResetModel()

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

    def _thumbnail_ready(self, path: object) -> None:
        project = self._work.project
        for name in () if project is None else self._rows:
            if project is not None and project.path_of(name) == path:
                row = self._rows[name]
                self.dataChanged.emit(self.index(row), self.index(row), [Qt.ItemDataRole.DecorationRole])
                return


class Chosen(QSortFilterProxyModel):
    """The images whose name holds a text and that are in a state."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = ""
        self.state: State | None = None

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:  # noqa: N802
        """As Qt asks for it."""
        index = self.sourceModel().index(row, 0, parent)
        if self.state is not None and index.data(_STATE) != self.state:
            return False
        return self.text.casefold() in str(index.data()).casefold()

    def choose(self, text: str, state: State | None) -> None:
        """Show other images."""
        self.text, self.state = text, state
        self.invalidate()


class FolderPanel(QWidget):
    """The list of images with its filter and progress; a click opens an image."""

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
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.filter = QLineEdit()
        self.filter.setClearButtonEnabled(True)
        self.states = QComboBox()
        self.states.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.list = QListView()
        self.list.setModel(self.chosen)
        self.list.setItemDelegate(_Thumbnail(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._lay_out()
        self.filter.setPlaceholderText(tr("Filter by name"))
        for text, state in (
            (tr("All images"), None),
            (tr("Untouched"), "untouched"),
            (tr("Begun"), "begun"),
            (tr("Done"), "done"),
        ):
            self.states.addItem(text, state)
        self.list.clicked.connect(lambda index: work.go(str(index.data())))
        self.filter.textChanged.connect(self._choose)
        self.states.currentIndexChanged.connect(self._choose)
        work.opened.connect(self.renew)
        work.names_changed.connect(self.renew)
        work.image_changed.connect(self._follow)
        work.document_changed.connect(self._count)
        self.renew()

    def renew(self) -> None:
        """Show another folder, or the same one looked through again."""
        self.model.renew()
        project = self._work.project
        self.title.setText(tr("No folder open") if project is None else project.folder.name)
        self.title.setToolTip("" if project is None else str(project.folder))
        self._follow()
        self._count()

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
        self.model.touch()
        project = self._work.project
        if project is None:
            self.counts.setText("")
            self.progress.setValue(0)
            return
        numbers = count(project.document, project.names)
        self.progress.setMaximum(max(len(project.names), 1))
        self.progress.setValue(numbers.done)
        images = counted(len(project.names), "{n} image", "{n} images")
        self.counts.setText(
            tr(
                "{images} · {begun} begun · {done} done",
                images=images,
                begun=numbers.begun,
                done=numbers.done,
            )
        )


class _Thumbnail(QStyledItemDelegate):
    """Paints one image: its thumbnail, name, number of objects and state."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return QSize(120, 56)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: QRect = option.rect
        palette: QPalette = option.palette
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(Qt.PenStyle.NoPen)
        if index.data(_HERE):
            painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
            painter.drawRoundedRect(row.adjusted(6, 1, -6, -1), 6, 6)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(palette.color(QPalette.ColorRole.Midlight))
            painter.drawRoundedRect(row.adjusted(6, 1, -6, -1), 6, 6)
        box = QRect(row.left() + 12, row.center().y() - _BOX.height() // 2 + 1, _BOX.width(), _BOX.height())
        small: QPixmap | None = index.data(Qt.ItemDataRole.DecorationRole)
        painter.setBrush(palette.color(QPalette.ColorRole.Midlight))
        if small is None:
            painter.drawRoundedRect(box, 4, 4)
        else:
            size = small.size().scaled(_BOX, Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect(box.topLeft(), size)
            place.moveCenter(box.center())
            painter.drawPixmap(place, small)
        self._write(painter, option, index, QRect(box.right() + 11, row.top(), 0, row.height()))
        painter.restore()

    @staticmethod
    def _write(painter: QPainter, option: QStyleOptionViewItem, index: Index, at: QRect) -> None:
        row: QRect = option.rect
        palette: QPalette = option.palette
        right = row.right() - 34
        font = QFont(option.font)
        painter.setFont(font)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        name = str(index.data())
        line = QRect(at.left(), row.top() + 11, right - at.left(), 17)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, line.width())
        painter.drawText(line, left, shown)
        font.setPointSizeF(0.87 * font.pointSizeF())
        painter.setFont(font)
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        number = index.data(_OBJECTS)
        text = counted(number, "{n} object", "{n} objects") if number else tr("untouched")
        if index.data(_STATE) == "done" and not number:
            text = tr("done, no object")
        painter.drawText(line.translated(0, 17), left, text)
        mark = QRect(row.right() - 30, row.center().y() - 7, 15, 15)
        if index.data(_STATE) == "done":
            painter.drawPixmap(mark, picture("done", _DONE, 15))
        elif index.data(_STATE) == "begun":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_BEGUN)
            painter.drawEllipse(mark.center(), 4, 4)
