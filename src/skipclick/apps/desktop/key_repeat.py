"""Telling a key that is held from one that is pressed again, where the system does not say."""

from __future__ import annotations

from PySide6.QtGui import QKeyEvent

REPEAT_MS = 20
"""A press that comes less than this after the key's release, in milliseconds, only repeats it."""


def repeats(press: QKeyEvent, released: int | None) -> bool:
    """Whether a press only repeats a key that is held, as remote desktops and some X servers send it.

    Args:
        press: the press; what Qt itself calls a repetition is none here.
        released: the timestamp of the key's last release, if there was one.
    """
    if released is None or press.timestamp() == 0 or press.isAutoRepeat():
        return False
    return press.timestamp() - released < REPEAT_MS
