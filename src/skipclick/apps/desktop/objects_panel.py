"""The list of objects on the image at hand, the frontmost on top."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QContextMenuEvent, QFont, QMouseEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from skipclick.annotation.document import ObjectRecord
from skipclick.apps.desktop.display import object_colour
from skipclick.apps.desktop.icons import picture
from skipclick.apps.desktop.objects import Objects
from skipclick.apps.desktop.translate import counted, tr
from skipclick.apps.desktop.work import Work

_OBJECT = Qt.ItemDataRole.UserRole
_KIND = Qt.ItemDataRole.UserRole + 1
_HEIGHT = 42
_ICON = 18
Index = QModelIndex | QPersistentModelIndex


class ObjectsPanel(QListWidget):
    """Shows the objects and what they are; a click chooses, the eye hides, the lock locks.

    Args:
        work: what is being worked on.
        objects: what can be done to them.

    Signals:
        menu_wanted: (menu) a context menu is about to be shown, for the window to fill.
    """

    menu_wanted = Signal(QMenu)

    def __init__(self, work: Work, objects: Objects, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work, self._objects = work, objects
        self._filling = False
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys with the canvas
        self.setItemDelegate(_Row(self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.itemSelectionChanged.connect(self._choose)
        work.image_changed.connect(self.fill)
        work.document_changed.connect(self.fill)
        work.opened.connect(self.fill)
        work.selection_changed.connect(self._mark)

    def fill(self) -> None:
        """Show the objects as they are now."""
        record = self._work.record
        objects = tuple(reversed(record.objects)) if record else ()
        self._filling = True
        while self.count() > len(objects):
            self.takeItem(self.count() - 1)
        while self.count() < len(objects):
            self.addItem(QListWidgetItem())
        for row, one in enumerate(objects):
            item = self.item(row)
            kind = self._work.project.document.class_of(one.class_id).name if self._work.project else ""
            if item.data(_OBJECT) is not one or item.data(_KIND) != kind:
                item.setData(_OBJECT, one)
                item.setData(_KIND, kind)
                item.setToolTip(describe(one, kind))
        self._filling = False
        self._mark()

    def _mark(self) -> None:
        """Show which objects are chosen."""
        self._filling = True
        for row in range(self.count()):
            item = self.item(row)
            item.setSelected(item.data(_OBJECT).id in self._work.selected)
        self._filling = False
        chosen = self.selectedItems()
        if len(chosen) == 1:
            index = self.indexFromItem(chosen[0])
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.scrollTo(index)

    def _choose(self) -> None:
        if not self._filling:
            self._work.select(tuple(item.data(_OBJECT).id for item in self.selectedItems()))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """As Qt asks for it: the eye and the lock act, everything else chooses."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            one = index.data(_OBJECT)
            eye, lock = icon_places(self.visualRect(index))
            if eye.contains(event.position().toPoint()):
                self._objects.set_hidden((one.id,), not one.hidden)
                return
            if lock.contains(event.position().toPoint()):
                self._objects.set_locked((one.id,), not one.locked)
                return
        super().mousePressEvent(event)
        if not index.isValid():
            self._work.select(())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """As Qt asks for it."""
        if self.selectedItems():
            menu = QMenu(self)
            self.menu_wanted.emit(menu)
            menu.popup(event.globalPos())


def icon_places(row: QRect) -> tuple[QRect, QRect]:
    """Where the eye and the lock of a row are."""
    top = row.center().y() - _ICON // 2
    lock = QRect(row.right() - _ICON - 10, top, _ICON, _ICON)
    return lock.translated(-_ICON - 8, 0), lock


def describe(one: ObjectRecord, kind: str) -> str:
    """An object in a few words."""
    parts = [f"{kind} {one.id}"]
    if one.clicks:
        parts.append(counted(len(one.clicks), "{n} click", "{n} clicks"))
    if one.seconds:
        parts.append(f"{one.seconds:.0f} s")
    if one.model:
        parts.append(one.model)
    return " · ".join(parts)


class _Row(QStyledItemDelegate):
    """Paints one object: its colour, class and number, clicks, eye and lock."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return QSize(120, _HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        one: ObjectRecord = index.data(_OBJECT)
        if one is None:
            return
        row: QRect = option.rect
        palette: QPalette = option.palette
        state: QStyle.StateFlag = option.state
        text, faint = (
            palette.color(QPalette.ColorRole.Text),
            palette.color(QPalette.ColorRole.PlaceholderText),
        )
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        ground = row.adjusted(4, 1, -4, -1)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
            painter.drawRoundedRect(ground, 6, 6)
        elif hovered:
            painter.setBrush(palette.color(QPalette.ColorRole.Midlight))
            painter.drawRoundedRect(ground, 6, 6)
        painter.setBrush(QColor(*object_colour(one)))
        painter.drawEllipse(QPoint(row.left() + 21, row.center().y()), 6, 6)
        eye, lock = icon_places(row)
        left, right = row.left() + 38, eye.left() - 6
        painter.setPen(faint if one.hidden else text)
        self._write(
            painter, option, QRect(left, row.top() + 5, right - left, 17), f"{index.data(_KIND)} {one.id}"
        )
        painter.setPen(faint)
        note = counted(len(one.clicks), "{n} click", "{n} clicks") if one.clicks else tr("drawn")
        self._write(painter, option, QRect(left, row.top() + 21, right - left, 16), note, smaller=True)
        if hovered or one.hidden:
            painter.drawPixmap(eye, picture("hidden" if one.hidden else "shown", faint, _ICON))
        if hovered or one.locked:
            painter.drawPixmap(lock, picture("locked" if one.locked else "unlocked", faint, _ICON))
        painter.restore()

    @staticmethod
    def _write(
        painter: QPainter, option: QStyleOptionViewItem, place: QRect, text: str, smaller: bool = False
    ) -> None:
        font = QFont(option.font)
        if smaller:
            font.setPointSizeF(0.87 * font.pointSizeF())
        painter.setFont(font)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
