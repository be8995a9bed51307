"""The key overview, where keys can be changed too."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from skipclick.apps.desktop.actions import Action
from skipclick.apps.desktop.keys import Keys, KeyTakenError
from skipclick.apps.desktop.layout import room_on_screen
from skipclick.apps.desktop.menus import actions_of
from skipclick.apps.desktop.translate import tr

COLUMNS = (("File", "Edit"), ("Object", "Mask", "Tools"), ("Image", "View", "Help"))
"""Groups of actions from left to right, so that the columns are about as long; the mouse ends the first."""

MOUSE = (
    ("Object, background", "Left, right click"),
    ("Zoom", "Wheel"),
    ("Move the image", "Middle button, Space"),
    ("Choose the object there", "Ctrl + click"),
    ("Choose several in a list", "Ctrl, Shift + click"),
    ("Change the order", "Drag in the list"),
    ("Take a click away", "Alt + click"),
    ("Size of the brush", "Shift + wheel"),
    ("Choose the class", "1 … 9"),
)
"""What the mouse does, and the digits, which belong to the classes."""

KEYS_WIDTH = 162

_KEY_STYLE = "text-align: left; padding: 2px 6px; border: none; font-weight: 600; background: transparent;"
_MOUSE_STYLE = "padding: 2px; font-weight: 600;"


class KeyButton(QPushButton):
    """Shows the keys of an action; pressed, it waits for another key.

    Escape leaves it as it was, Backspace takes the keys away.
    """

    def __init__(self, action: Action, keys: Keys, changed: Callable[[], None], said: QLabel) -> None:
        super().__init__()
        self._action, self._keys, self._changed, self._said = action, keys, changed, said
        self._waiting = False
        self.setFlat(True)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(tr("Click, then press another key"))
        self.setStyleSheet(_KEY_STYLE)
        self.clicked.connect(self._wait)
        self.refresh()

    def refresh(self) -> None:
        """Show the keys as they are now."""
        self._waiting = False
        self.setText(self._keys.shown(self._action.id) or "–")

    def _wait(self) -> None:
        self._waiting = True
        self.setText(tr("press a key …"))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """As Qt asks for it."""
        key = Qt.Key(event.key())
        modifiers = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)
        if not self._waiting:
            super().keyPressEvent(event)
        elif key in modifiers:
            return
        elif key == Qt.Key.Key_Escape:
            self.refresh()
        else:
            pressed = QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.PortableText)
            try:
                self._keys.rebind(self._action.id, [] if key == Qt.Key.Key_Backspace else [pressed])
            except KeyTakenError as error:
                self._said.setText(str(error))
            else:
                self._said.setText("")
                self._changed()
            self.refresh()


class KeysDialog(QDialog):
    """All actions with their keys, and what the mouse does.

    Args:
        keys: the keys; changed here.
        changed: called after each change.

    Attributes:
        full_size: the size at which nothing has to be scrolled.
    """

    def __init__(self, keys: Keys, changed: Callable[[], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keys"))
        self._keys, self._changed = keys, changed
        self.said = QLabel("")
        self.said.setObjectName("serious")
        self.buttons: dict[str, KeyButton] = {}
        columns = QHBoxLayout()
        columns.setSpacing(40)
        for number, groups in enumerate(COLUMNS):
            column = QVBoxLayout()
            grid = _grid()
            for group in groups:
                self._add_actions(grid, group)
            if number == 0:
                _add_mouse(grid)
            column.addLayout(grid)
            column.addStretch(1)
            columns.addLayout(column)
        inner = QWidget()
        inner.setObjectName("strip")
        inner.setLayout(columns)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(18, 16, 18, 14)
        whole.addWidget(scroll, 1)
        whole.addLayout(self._foot())
        # A scroll area asks for little by itself, but all is to be seen where the screen is large enough.
        height = whole.sizeHint().height() - scroll.sizeHint().height() + inner.sizeHint().height()
        margins = whole.contentsMargins()
        width = max(whole.sizeHint().width(), inner.sizeHint().width() + margins.left() + margins.right())
        self.full_size = QSize(width, height)
        self.resize(self.full_size.boundedTo(room_on_screen(parent or self)))

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        hint = QLabel(tr("Click a key to change it; Backspace removes it."))
        hint.setObjectName("faint")
        reset = QPushButton(tr("Original keys"))
        reset.setAutoDefault(False)
        reset.clicked.connect(self._reset)
        close = QPushButton(tr("Close"))
        close.setAutoDefault(False)
        close.clicked.connect(self.accept)
        foot.addWidget(hint)
        foot.addWidget(self.said, 1)
        foot.addWidget(reset)
        foot.addWidget(close)
        return foot

    def _add_actions(self, grid: QGridLayout, group: str) -> None:
        _add_title(grid, tr(group))
        for action in actions_of(group):
            button = KeyButton(action, self._keys, self._changed, self.said)
            self.buttons[action.id] = button
            _add_row(grid, tr(action.text).removesuffix(" …"), button)

    def _reset(self) -> None:
        self._keys.reset()
        self._changed()
        for button in self.buttons.values():
            button.refresh()


def _grid() -> QGridLayout:
    grid = QGridLayout()
    grid.setVerticalSpacing(2)
    grid.setHorizontalSpacing(14)
    grid.setColumnStretch(0, 1)
    grid.setColumnMinimumWidth(1, KEYS_WIDTH)
    return grid


def _add_title(grid: QGridLayout, title: str) -> None:
    row = grid.rowCount()  # 1 while it is empty
    if row > 1:
        grid.setRowMinimumHeight(row, 14)
        row += 1
    head = QLabel(title)
    head.setObjectName("faint")
    grid.addWidget(head, row, 0, 1, 2)


def _add_row(grid: QGridLayout, does: str, key: QWidget) -> None:
    row = grid.rowCount()
    grid.addWidget(QLabel(does), row, 0)
    grid.addWidget(key, row, 1)


def _add_mouse(grid: QGridLayout) -> None:
    _add_title(grid, tr("Mouse"))
    for does, what in MOUSE:
        name = QLabel(tr(what))
        name.setStyleSheet(_MOUSE_STYLE)
        _add_row(grid, tr(does), name)
