"""From the table of actions to menus, shortcuts and tooltips."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from skipclick.apps.desktop.actions import ACTIONS, GROUPS, Action
from skipclick.apps.desktop.keys import Keys
from skipclick.apps.desktop.translate import tr


def find_handler(parts: Mapping[str, object], handler: str) -> Callable[[], object]:
    """The method that an action's handler names.

    Args:
        parts: what stands before the dot.
        handler: `part.method`.
    """
    part, method = handler.split(".")
    found: Callable[[], object] = getattr(parts[part], method)
    return found


def build_actions(window: QWidget, keys: Keys, parts: Mapping[str, object]) -> dict[str, QAction]:
    """One Qt action for each line of the table, by its id; shortcuts work in the whole window."""
    made: dict[str, QAction] = {}
    for action in ACTIONS:
        qt_action = QAction(window)
        qt_action.setCheckable(action.checkable)
        qt_action.setAutoRepeat(action.repeats)
        handler = find_handler(parts, action.handler)
        qt_action.triggered.connect(lambda _=False, call=handler: call())
        window.addAction(qt_action)
        made[action.id] = qt_action
    dress_actions(made, keys)
    return made


def dress_actions(made: Mapping[str, QAction], keys: Keys) -> None:
    """Texts in the chosen language, and the keys as they are now."""
    for action in ACTIONS:
        qt_action = made[action.id]
        qt_action.setText(tr(action.text).replace("&", "&&"))
        qt_action.setShortcuts([QKeySequence(key) for key in keys.of(action.id)])
        shown = keys.shown(action.id)
        text = tr(action.text).removesuffix(" …")
        qt_action.setToolTip(f"{text}  ({shown})" if shown else text)


def fill_menu_bar(bar: QMenuBar, made: Mapping[str, QAction]) -> dict[str, QMenu]:
    """One menu for each group; returns them by group."""
    menus = {group: bar.addMenu("") for group in GROUPS}
    for group, menu in menus.items():
        fill_menu(menu, group, made)
    name_menus(menus)
    return menus


def name_menus(menus: Mapping[str, QMenu]) -> None:
    """Put on the titles in the chosen language."""
    for group, menu in menus.items():
        menu.setTitle(tr(group))


def fill_menu(menu: QMenu, group: str, made: Mapping[str, QAction]) -> None:
    """The actions of a group."""
    for action in actions_of(group):
        if action.line and not menu.isEmpty():
            menu.addSeparator()
        menu.addAction(made[action.id])


def actions_of(group: str) -> list[Action]:
    """The actions of a group, in order."""
    return [action for action in ACTIONS if action.group == group]
