"""The program's icons, drawn as lines on a grid of 24, in any colour."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

_LINES: dict[str, str] = {
    "click": '<path d="M6 4l11 9-5 .8 2.6 5-2.2 1.1-2.5-5L6 18z"/><path d="M18 4v5M15.5 6.5h5"/>',
    "brush": '<path d="M19.5 4.5L11 13"/><path d="M11 13c-2.6-.6-4.6.9-4.9 3-.2 1.6-1 2.5-2.6 3 '
    '3.8 1.4 8.5.6 8.9-3 .1-1.1-.4-2.2-1.4-3z"/>',
    "eraser": '<path d="M13.5 5l5.5 5.5-8.5 8.5H7L4 16z"/><path d="M9 9.5l5.5 5.5M11 19h9"/>',
    "fill": '<path d="M12 4l8 5.5-2.5 9.5h-10L4 10z" fill="currentColor" fill-opacity=".28"/>',
    "cut": '<path d="M12 4l8 5.5-2.5 9.5h-10L4 10z" stroke-dasharray="3 2.6"/><path d="M9 12.5h6"/>',
    "box": '<rect x="4.5" y="6" width="15" height="12" rx="1"/>',
    "hand": '<path d="M12 4v16M4 12h16M12 4l-2.2 2.2M12 4l2.2 2.2M12 20l-2.2-2.2M12 20l2.2-2.2'
    'M4 12l2.2-2.2M4 12l2.2 2.2M20 12l-2.2-2.2M20 12l-2.2 2.2"/>',
    "shown": '<path d="M3 12c4-6.5 14-6.5 18 0-4 6.5-14 6.5-18 0z"/><circle cx="12" cy="12" r="2.7"/>',
    "hidden": '<path d="M3 12c4-6.5 14-6.5 18 0-4 6.5-14 6.5-18 0z" stroke-opacity=".45"/>'
    '<path d="M5 19L19 5"/>',
    "locked": '<rect x="6" y="11" width="12" height="8.5" rx="1.5"/>'
    '<path d="M8.5 11V8a3.5 3.5 0 0 1 7 0v3"/>',
    "unlocked": '<rect x="6" y="11" width="12" height="8.5" rx="1.5"/><path d="M8.5 11V7.5a3.5 3.5 0 0 1 '
    '6.6-1.6"/>',
    "delete": '<path d="M5 7h14M10 7V5h4v2M7 7l.8 12.5h8.4L17 7M10.5 10.5v5.5M13.5 10.5v5.5"/>',
    "forward": '<path d="M12 19V6M6.5 11.5L12 6l5.5 5.5"/>',
    "backward": '<path d="M12 5v13M6.5 12.5L12 18l5.5-5.5"/>',
    "undo": '<path d="M9 5L4.5 9.5 9 14"/><path d="M5 9.5h9a5 5 0 0 1 0 10h-3"/>',
    "redo": '<path d="M15 5l4.5 4.5L15 14"/><path d="M19 9.5h-9a5 5 0 0 0 0 10h3"/>',
    "fit": '<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/>',
    "add": '<path d="M12 6v12M6 12h12"/>',
    "done": '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
    "reviewed": '<path d="M1.5 13l4.5 4.5L15 8"/><path d="M10.5 15l2.5 2.5L22.5 8"/>',
    "focus": '<circle cx="10.5" cy="10.5" r="5.5"/><path d="M14.5 14.5L20 20"/>',
    "copy_to_next": '<rect x="4" y="5" width="10" height="12" rx="1.5"/><path d="M17 9v10.5H8"/>'
    '<path d="M20 12.5l-3-3.5-3 3.5" transform="rotate(90 17 11)"/>',
}


def icon_names() -> tuple[str, ...]:
    """What `icon` can draw."""
    return tuple(_LINES)


def icon(name: str, colour: QColor, chosen: QColor | None = None) -> QIcon:
    """An icon in a colour, paler when disabled, and in another colour when its button is on.

    Args:
        name: one of `icon_names`.
        colour: of its lines.
        chosen: of its lines when on; None for the same.
    """
    made = QIcon()
    pale = QColor(colour)
    pale.setAlphaF(0.35)
    made.addPixmap(picture(name, colour), QIcon.Mode.Normal, QIcon.State.Off)
    made.addPixmap(picture(name, chosen or colour), QIcon.Mode.Normal, QIcon.State.On)
    for state in (QIcon.State.Off, QIcon.State.On):
        made.addPixmap(picture(name, pale), QIcon.Mode.Disabled, state)
    return made


def picture(name: str, colour: QColor, side: int = 20) -> QPixmap:
    """An icon as a picture with four pixels to a point, so that it is sharp on dense screens."""
    key = f"skipclick {name} {colour.rgba():x} {side}"
    known = QPixmap()
    if QPixmapCache.find(key, known):
        return known
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" '
        f'stroke="{colour.name()}" stroke-opacity="{colour.alphaF():.3f}" color="{colour.name()}" '
        f'stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">{_LINES[name]}</svg>'
    )
    pixmap = QPixmap(QSize(side, side) * 4)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(drawn.replace("currentColor", colour.name()).encode())).render(painter)
    painter.end()
    pixmap.setDevicePixelRatio(4)
    QPixmapCache.insert(key, pixmap)
    return pixmap
