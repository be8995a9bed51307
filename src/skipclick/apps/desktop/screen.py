"""Is there a screen? Asked before Qt is, which ends the whole program where there is none. No Qt."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from skipclick.errors import SkipClickError

_HOW = "run it at the computer itself, or over SSH with ssh -X"


def check_display(environment: Mapping[str, str] = os.environ, system: str = sys.platform) -> None:
    """See whether Linux has a display at all; other systems always do.

    Args:
        environment: variables.
        system: as `sys.platform`.

    Raises:
        SkipClickError: there is none.
    """
    said = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if system.startswith("linux") and not any(environment.get(name) for name in said):
        raise SkipClickError(f"there is no display to open a window on: {_HOW}")


def check_x11(plugins: Path, environment: Mapping[str, str] = os.environ, system: str = sys.platform) -> None:
    """See whether Qt will find its libraries and the display, if it uses X11.

    Args:
        plugins: Qt's folder of plugins.
        environment: variables.
        system: as `sys.platform`.

    Raises:
        SkipClickError: a library is missing, or the display does not answer.
    """
    wanted = environment.get("QT_QPA_PLATFORM", "")
    other = wanted.split(":")[0] != "xcb" if wanted else bool(environment.get("WAYLAND_DISPLAY"))
    plugin = plugins / "platforms" / "libqxcb.so"
    if other or not system.startswith("linux") or not plugin.exists():
        return
    try:
        ctypes.CDLL(str(plugin))
        x11 = ctypes.CDLL("libxcb.so.1")
    except OSError as error:
        missing = str(error).split(":")[0]
        raise SkipClickError(
            f"Qt cannot open windows without {missing}: install it, on Debian and Ubuntu with "
            "apt install libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxkbcommon-x11-0"
        ) from error
    if not _answers(x11, environment.get("DISPLAY", "")):
        raise SkipClickError(f"the display {environment.get('DISPLAY', '')!r} does not answer: {_HOW}")


def _answers(x11: ctypes.CDLL, display: str) -> bool:
    """Whether X11 can be spoken to at this display."""
    x11.xcb_connect.restype = ctypes.c_void_p
    x11.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    for name in ("xcb_connection_has_error", "xcb_disconnect"):
        getattr(x11, name).argtypes = [ctypes.c_void_p]
    connection = x11.xcb_connect(display.encode(), None)
    try:
        return not x11.xcb_connection_has_error(connection)
    finally:
        x11.xcb_disconnect(connection)
