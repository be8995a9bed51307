"""The classes as a row of buttons: the one chosen is that of the next object."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QColor, QIcon, QKeySequence, QPainter, QPixmap, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMenu, QScrollArea, QToolButton, QWidget

from skipclick.annotation.document import ClassRecord, Colour
from skipclick.apps.desktop.objects import Objects
from skipclick.apps.desktop.translate import tr
from skipclick.apps.desktop.work import Work

DIGITS = "123456789"
"""The keys that classes can have."""


class ClassBar(QScrollArea):
    """One button a class, with its colour, name and key; the right button edits.

    Signals:
        add_wanted, rename_wanted, recolour_wanted, remove_wanted: something that needs a dialog; all but the
            first with the class's id.
    """

    add_wanted = Signal()
    rename_wanted = Signal(int)
    recolour_wanted = Signal(int)
    remove_wanted = Signal(int)

    def __init__(self, work: Work, objects: Objects, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work, self._objects = work, objects
        self._classes: tuple[ClassRecord, ...] = ()
        self._shortcuts: list[QShortcut] = []
        self.buttons: dict[int, QToolButton] = {}
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFixedHeight(42)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        inner.setObjectName("strip")
        self._row = QHBoxLayout(inner)
        self._row.setContentsMargins(8, 0, 8, 0)
        self._row.setSpacing(3)
        self.setWidget(inner)
        work.opened.connect(self.renew)
        work.document_changed.connect(self.renew)
        work.class_changed.connect(self._mark)
        work.selection_changed.connect(self._mark)
        self.renew()

    def renew(self) -> None:
        """Show the classes as they are now."""
        classes = () if self._work.project is None else self._work.project.document.classes
        if classes != self._classes or not self.buttons:
            self._classes = classes
            self._build(classes)
        self._mark()

    def retranslate(self) -> None:
        """Show the same in another language."""
        self._build(self._classes)
        self._mark()

    def _build(self, classes: tuple[ClassRecord, ...]) -> None:
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        self._shortcuts, self.buttons = [], {}
        for kind in classes:
            self.buttons[kind.id] = self._button(kind)
            self._row.addWidget(self.buttons[kind.id])
            if kind.key:
                shortcut = QShortcut(QKeySequence(kind.key), self)
                shortcut.activated.connect(partial(self._objects.set_class, kind.id))
                self._shortcuts.append(shortcut)
        if classes:
            add = QToolButton()
            add.setText("+")
            add.setToolTip(tr("Add a class"))
            add.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            add.clicked.connect(self.add_wanted)
            self._row.addWidget(add)
        self._row.addStretch(1)

    def _button(self, kind: ClassRecord) -> QToolButton:
        button = QToolButton()
        button.setObjectName("chip")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIcon(_dot(kind.colour))
        button.setIconSize(QSize(14, 14))
        name = _short(kind.name)
        button.setText(f"{name}  {kind.key}" if kind.key else name)
        button.setToolTip(tr("Class of the chosen objects and of those to come; right click to edit"))
        button.clicked.connect(partial(self._choose, kind.id))
        button.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        button.customContextMenuRequested.connect(partial(self._menu, kind.id, button))
        return button

    def _choose(self, class_id: int, _: bool = False) -> None:
        self._objects.set_class(class_id)
        self._mark()

    def _mark(self) -> None:
        active = self._work.active
        chosen = self._work.class_id if active is None else active.class_id
        for class_id, button in self.buttons.items():
            button.setChecked(class_id == chosen)

    def _menu(self, class_id: int, button: QToolButton, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Rename …"), partial(self.rename_wanted.emit, class_id))
        menu.addAction(tr("Colour …"), partial(self.recolour_wanted.emit, class_id))
        menu.addMenu(self._digits(class_id, menu))
        menu.addSeparator()
        menu.addAction(tr("Remove …"), partial(self.remove_wanted.emit, class_id))
        menu.popup(button.mapToGlobal(at))

    def _digits(self, class_id: int, parent: QMenu) -> QMenu:
        """All digits, with the classes that have them; the one of this class is ticked."""
        owners = {one.key: one for one in self._classes}
        menu = QMenu(tr("Digit"), parent)
        group = QActionGroup(menu)
        for digit in (*DIGITS, ""):
            owner = owners.get(digit) if digit else None
            text = digit or tr("none")
            if owner is not None and owner.id != class_id:
                text += f"   ({_short(owner.name)})"
            action = menu.addAction(text, partial(self._objects.set_key, class_id, digit))
            action.setCheckable(True)
            action.setChecked(any(one.id == class_id and one.key == digit for one in self._classes))
            group.addAction(action)
        return menu


def _short(name: str) -> str:
    """The name of a class as it fits on a button or into a menu."""
    return (name if len(name) <= 24 else name[:23] + "…").replace("&", "&&")


def _dot(colour: Colour) -> QIcon:
    pixmap = QPixmap(56, 56)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(*colour))
    painter.drawEllipse(8, 8, 40, 40)
    painter.end()
    pixmap.setDevicePixelRatio(4)
    return QIcon(pixmap)
