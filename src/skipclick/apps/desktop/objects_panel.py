"""The list of objects on the image at hand, the frontmost on top."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QItemSelectionModel, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractItemView, QApplication, QListWidget, QListWidgetItem, QMenu, QWidget

from skipclick.apps.desktop.object_row import KIND, OBJECT, ObjectRow, describe, icon_places
from skipclick.apps.desktop.objects import Objects
from skipclick.apps.desktop.work import Work

_EDGE = 24
"""Dragging this close to the list's end, in pixels, scrolls it."""


class ObjectsPanel(QListWidget):
    """Shows the objects and what they are; a click chooses, the eye hides, the lock locks, dragging reorders.

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
        self._pressed: tuple[QPoint, int] | None = None  # where, and on which object
        self._gap: int | None = None  # above which row what is dragged would be dropped
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys with the canvas
        self.setItemDelegate(ObjectRow(self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.itemSelectionChanged.connect(self._choose)
        work.image_changed.connect(self._end_drag)
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
            if item.data(OBJECT) is not one or item.data(KIND) != kind:
                item.setData(OBJECT, one)
                item.setData(KIND, kind)
                item.setToolTip(describe(one, kind))
        self._filling = False
        self._mark()

    def retranslate(self) -> None:
        """Show the same in another language."""
        for row in range(self.count()):
            item = self.item(row)
            item.setToolTip(describe(item.data(OBJECT), item.data(KIND)))
        self.viewport().update()

    def _mark(self) -> None:
        """Show which objects are chosen."""
        self._filling = True
        for row in range(self.count()):
            item = self.item(row)
            item.setSelected(item.data(OBJECT).id in self._work.selected)
        self._filling = False
        chosen = self.selectedItems()
        if len(chosen) == 1:
            index = self.indexFromItem(chosen[0])
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.scrollTo(index)

    def _choose(self) -> None:
        if not self._filling:
            self._work.select(tuple(item.data(OBJECT).id for item in self.selectedItems()))

    # What Qt calls.

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """As Qt asks for it: the eye and the lock act, everything else chooses and may begin to drag."""
        at = event.position().toPoint()
        index = self.indexAt(at)
        left = event.button() == Qt.MouseButton.LeftButton
        if index.isValid() and left:
            one = index.data(OBJECT)
            eye, lock = icon_places(self.visualRect(index))
            if eye.contains(at):
                self._objects.set_hidden((one.id,), not one.hidden)
                return
            if lock.contains(at):
                self._objects.set_locked((one.id,), not one.locked)
                return
            if event.modifiers() == Qt.KeyboardModifier.NoModifier:
                self._pressed = at, one.id
                if one.id in self._work.selected and len(self._work.selected) > 1:
                    return  # all of them may be dragged; if they are not, the release chooses this one
        super().mousePressEvent(event)
        if not index.isValid():
            self._work.select(())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """As Qt asks for it: what is held is dragged."""
        if self._pressed is None:
            super().mouseMoveEvent(event)
            return
        at = event.position().toPoint()
        if self._gap is None:
            if (at - self._pressed[0]).manhattanLength() < QApplication.startDragDistance():
                return
            self.grabKeyboard()  # for Escape; the canvas has the keys otherwise
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        self._gap = self._gap_at(at.y())
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + min(at.y() - _EDGE, 0) + max(at.y() - self.viewport().height() + _EDGE, 0))
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """As Qt asks for it: what was dragged is dropped."""
        pressed, gap = self._pressed, self._gap
        self._end_drag()
        if pressed is None or event.button() != Qt.MouseButton.LeftButton:
            super().mouseReleaseEvent(event)
            return
        if gap is None:
            self._work.select((pressed[1],))
            return
        rows = [self.item(row).data(OBJECT).id for row in range(self.count())]
        dragged = self._work.selected if pressed[1] in self._work.selected else (pressed[1],)
        self._objects.reorder(tuple(reversed(put(rows, dragged, min(gap, len(rows))))))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """As Qt asks for it: Escape drops what is dragged where it was."""
        if self._gap is None:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Escape:
            self._end_drag()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """As Qt asks for it; a line shows where what is dragged would come to lie."""
        super().paintEvent(event)
        if self._gap is None or not self.count():
            return
        below = self._gap < self.count()
        row = self.visualItemRect(self.item(min(self._gap, self.count() - 1)))
        y = min(max(row.top() if below else row.bottom() + 1, 4), self.viewport().height() - 4)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Link), 2))
        painter.drawLine(QPointF(15, y), QPointF(self.viewport().width() - 8, y))
        painter.drawEllipse(QPointF(11, y), 3, 3)
        painter.end()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """As Qt asks for it."""
        if self.selectedItems():
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.menu_wanted.emit(menu)
            menu.popup(event.globalPos())

    def _gap_at(self, y: int) -> int:
        rects = (self.visualItemRect(self.item(row)) for row in range(self.count()))
        return sum(rect.center().y() < y for rect in rects)

    def _end_drag(self) -> None:
        self._pressed = None
        if self._gap is not None:
            self._gap = None
            self.releaseKeyboard()
            self.viewport().unsetCursor()
            self.viewport().update()


def put(order: Sequence[int], moved: Collection[int], gap: int) -> list[int]:
    """An order in which some members have come, together, to a gap of the order before.

    Args:
        order: all of them.
        moved: some of them; they keep the order that they have among themselves.
        gap: before which member of `order`, counted from 0; its length for the end.
    """
    before = [one for one in order[:gap] if one not in moved]
    after = [one for one in order[gap:] if one not in moved]
    return [*before, *(one for one in order if one in moved), *after]
