"""How one image looks in the list of images."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from skipclick.apps.desktop.icons import picture
from skipclick.apps.desktop.translate import counted, tr

Index = QModelIndex | QPersistentModelIndex

STATE = Qt.ItemDataRole.UserRole
"""Under which an item says how far the image is, see `skipclick.annotation.document.State`."""

OBJECTS = Qt.ItemDataRole.UserRole + 1
"""Under which an item has the number of the image's objects."""

HERE = Qt.ItemDataRole.UserRole + 2
"""Under which an item says whether the image is the one at hand."""

_BOX = QSize(56, 42)
_SIGNS = {"done": 15, "reviewed": 19}
"""How wide the signs are that are drawn; two ticks take more room than one."""

_DONE, _BEGUN = QColor(32, 158, 92), QColor(230, 150, 30)


class ImageRow(QStyledItemDelegate):
    """Paints one image: its thumbnail, name, number of objects and state."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """As Qt asks for it."""
        return QSize(120, 56)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """As Qt asks for it."""
        row: QRect = option.rect
        palette: QPalette = option.palette
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(Qt.PenStyle.NoPen)
        ground = None
        if index.data(HERE):
            ground = palette.color(QPalette.ColorRole.Highlight)
        elif state & QStyle.StateFlag.State_Selected:
            ground = palette.color(QPalette.ColorRole.Highlight)
            ground.setAlphaF(0.5)
        elif state & QStyle.StateFlag.State_MouseOver:
            ground = palette.color(QPalette.ColorRole.Midlight)
        if ground is not None:
            painter.setBrush(ground)
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
        font.setPointSizeF(0.87 * QFontInfo(font).pointSizeF())
        painter.setFont(font)
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        number = index.data(OBJECTS)
        text = counted(number, "{n} object", "{n} objects") if number else tr("untouched")
        state = index.data(STATE)
        if state in ("done", "reviewed") and not number:
            text = tr("done, no object") if state == "done" else tr("reviewed, no object")
        painter.drawText(line.translated(0, 17), left, text)
        side = _SIGNS.get(state, 15)
        mark = QRect(row.right() - 22 - side // 2, row.center().y() - side // 2, side, side)
        if state in _SIGNS:
            painter.drawPixmap(mark, picture(state, _DONE, side))
        elif state == "begun":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_BEGUN)
            painter.drawEllipse(mark.center(), 4, 4)
