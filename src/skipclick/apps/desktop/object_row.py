"""How one object looks in the list of objects."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from skipclick.annotation.document import ObjectRecord
from skipclick.apps.desktop.display import object_colour
from skipclick.apps.desktop.icons import picture
from skipclick.apps.desktop.translate import counted, tr

OBJECT = Qt.ItemDataRole.UserRole
"""Under which an item holds its `ObjectRecord`."""

KIND = Qt.ItemDataRole.UserRole + 1
"""Under which an item holds the name of the object's class."""

_HEIGHT = 42
_ICON = 18
Index = QModelIndex | QPersistentModelIndex


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


class ObjectRow(QStyledItemDelegate):
    """Paints one object: its colour, class and number, clicks, eye and lock."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """As Qt asks for it."""
        return QSize(120, _HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """As Qt asks for it."""
        one: ObjectRecord = index.data(OBJECT)
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
            painter, option, QRect(left, row.top() + 5, right - left, 17), f"{index.data(KIND)} {one.id}"
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
            font.setPointSizeF(0.87 * QFontInfo(font).pointSizeF())
        painter.setFont(font)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
