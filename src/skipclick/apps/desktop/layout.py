"""Where everything is: images on the left, the canvas with its tools, objects on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QSplitter,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from skipclick.apps.desktop.translate import tr

TOOLS = ("tool_click", "tool_box", "tool_brush", "tool_eraser", "tool_fill", "tool_cut", "tool_hand")
BELOW_TOOLS = ("focus", "fit", "undo", "redo")
OBJECT_ROW = ("forward", "backward", "copy_to_next", "hide", "lock", "delete")
ICONS = {
    **{name: name.removeprefix("tool_") for name in TOOLS},
    **{name: name for name in (*BELOW_TOOLS, *OBJECT_ROW)},
    "hide": "shown",
    "lock": "locked",
}
"""Which icon an action has."""

FRAME = QSize(16, 48)
"""What a desktop needs around a window, in screen units."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The parts to lay out, from left to right and from top to bottom."""

    folder: QWidget
    banner: QWidget
    classes: QWidget
    canvas: QWidget
    objects: QWidget
    history: QWidget
    view: QWidget


def lay_out(window: QMainWindow, columns: Columns, actions: Mapping[str, QAction]) -> QTabWidget:
    """Fill a window; returns the tabs on the right."""
    window.setAcceptDrops(True)
    window.setMinimumSize(720, 480)
    window.resize(QSize(1360, 860).boundedTo(room_on_screen(window)))
    tabs = QTabWidget()
    tabs.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    tabs.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.NoFocus)
    tabs.tabBar().setDrawBase(False)
    for page in (_object_page(columns.objects, actions), columns.history, columns.view):
        tabs.addTab(page, "")
    name_tabs(tabs)
    splitter = QSplitter(Qt.Orientation.Horizontal)
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    for widget in (columns.folder, _middle(columns, actions), tabs):
        splitter.addWidget(widget)
        widget.setMinimumWidth(200)
    splitter.setStretchFactor(1, 1)
    splitter.setSizes([240, 870, 250])
    window.setCentralWidget(splitter)
    return tabs


def arrangement(window: QMainWindow) -> tuple[str, list[int]]:
    """Where a window is and how large, in Qt's own words as text, and the widths of its columns."""
    geometry = window.saveGeometry().toBase64().toStdString()
    return geometry, cast(QSplitter, window.centralWidget()).sizes()


def arrange(window: QMainWindow, geometry: str, columns: Sequence[int]) -> None:
    """Put a window back where `arrangement` found it, but onto a screen that is there.

    What makes no sense, such as the empty values of a first start, leaves it as it is.
    """
    window.restoreGeometry(QByteArray.fromBase64(geometry.encode()))
    if len(columns) == 3:
        cast(QSplitter, window.centralWidget()).setSizes(columns)


def room_on_screen(widget: QWidget) -> QSize:
    """How large a window can be on the screen where a widget is or will be."""
    return widget.screen().availableSize() - FRAME


def name_tabs(tabs: QTabWidget) -> None:
    """Put on the names in the chosen language."""
    for number, text in enumerate((tr("Objects"), tr("History"), tr("View"))):
        tabs.setTabText(number, text)


def _middle(columns: Columns, actions: Mapping[str, QAction]) -> QWidget:
    middle = QWidget()
    middle.setObjectName("strip")
    rows = QVBoxLayout(middle)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(0)
    rows.addWidget(columns.banner)
    rows.addWidget(columns.classes)
    below = QHBoxLayout()
    below.setSpacing(0)
    strip = QVBoxLayout()
    strip.setContentsMargins(5, 4, 5, 6)
    strip.setSpacing(3)
    for name in TOOLS:
        strip.addWidget(_button(actions[name]))
    strip.addStretch(1)
    for name in BELOW_TOOLS:
        strip.addWidget(_button(actions[name]))
    below.addLayout(strip)
    below.addWidget(columns.canvas, 1)
    rows.addLayout(below, 1)
    return middle


def _object_page(objects: QWidget, actions: Mapping[str, QAction]) -> QWidget:
    page = QWidget()
    page.setObjectName("panel")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    rows = QVBoxLayout(page)
    rows.setContentsMargins(0, 6, 0, 0)
    rows.addWidget(objects, 1)
    row = QHBoxLayout()
    row.setContentsMargins(8, 4, 8, 8)
    for name in OBJECT_ROW:
        row.addWidget(_button(actions[name]))
    row.addStretch(1)
    rows.addLayout(row)
    return page


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setIconSize(QSize(20, 20))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
