"""Which keys do what: the table's, changed by the user."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence

from skipclick.apps.desktop.actions import ACTIONS, BY_ID
from skipclick.apps.desktop.translate import tr
from skipclick.errors import SkipClickError


def native(key: str) -> str:
    """A key as it is called on this computer and in the chosen language.

    Args:
        key: in Qt's portable writing, as in the table of actions.
    """
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


class KeyTakenError(SkipClickError):
    """A key cannot be given to an action."""


class Keys:
    """The keys of every action.

    Args:
        changed: shortcuts that differ from the table's, by the action's id; changed in place by `rebind`.
    """

    def __init__(self, changed: dict[str, list[str]]) -> None:
        self._changed = changed

    def of(self, action: str) -> list[str]:
        """The keys of an action in Qt's portable writing, the first one for menus."""
        return list(self._changed.get(action, BY_ID[action].keys))

    def shown(self, action: str) -> str:
        """The keys of an action as they are called on this computer."""
        return ", ".join(native(key) for key in self.of(action))

    def owner(self, key: str) -> str | None:
        """The action that has this key."""
        wanted = QKeySequence(key)
        for action in ACTIONS:
            if any(QKeySequence(one) == wanted for one in self.of(action.id)):
                return action.id
        return None

    def rebind(self, action: str, keys: list[str]) -> None:
        """Give an action other keys; the table's if these are given.

        Raises:
            KeyTakenError: another action has one of them.
        """
        for key in keys:
            owner = self.owner(key)
            if key.isdigit() and len(key) == 1:
                raise KeyTakenError(tr("Digits choose classes; take another key."))
            if owner is not None and owner != action:
                raise KeyTakenError(
                    tr(
                        "{key} is taken by “{action}”; take another key.",
                        key=native(key),
                        action=tr(BY_ID[owner].text),
                    )
                )
        if keys == list(BY_ID[action].keys):
            self._changed.pop(action, None)
        else:
            self._changed[action] = keys

    def reset(self) -> None:
        """The table's keys for all actions."""
        self._changed.clear()
