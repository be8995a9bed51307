"""Zooming and panning an image by wheel, buttons and space, and handing all else to a tool."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from skipclick.apps.desktop.key_repeat import repeats
from skipclick.apps.desktop.tools.base import Button, Pointer, Tool
from skipclick.apps.desktop.tools.hand import HandTool
from skipclick.apps.desktop.viewport import Viewport

WHEEL_STEP = 1.25
"""The magnification changes by this factor for each notch of the wheel."""

TAP_MS = 350
"""Space held for less than this, in milliseconds, and without panning, was only tapped."""

_NOTCH = 120


class Navigation(QWidget):
    """A view of an image of some size, and the tool that works in it.

    The wheel zooms at the pointer, with Shift it is the tool's. The middle button pans, and so does the
    left one while space is held. Everything else goes to the tool.

    Signals:
        viewport_changed: the image moved, was scaled, or is another one.
        pointer_moved: (x, y) in image pixels, possibly outside the image.
        space_tapped: space was pressed and released without panning, for the window to act on.
    """

    viewport_changed = Signal()
    pointer_moved = Signal(float, float)
    space_tapped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._size: tuple[int, int] | None = None
        self._viewport: Viewport | None = None
        self._tool: Tool = HandTool()
        self._at: QPointF | None = None
        self._held: Qt.MouseButton | None = None
        self._pan_from: QPointF | None = None
        self._space: QElapsedTimer | None = None
        self._before: QElapsedTimer | None = None
        self._let_go: int | None = None
        self._connect_tool()

    @property
    def viewport(self) -> Viewport | None:
        """Where the image lies; None without an image."""
        return self._viewport

    @property
    def tool(self) -> Tool:
        """Who hears the pointer; a hand at first."""
        return self._tool

    def set_tool(self, tool: Tool) -> None:
        """Work with another tool; what the one before had begun is thrown away. The caller keeps both."""
        if tool is self._tool:
            return
        self._drop_tool_work()
        self._tool.leave()
        self._tool.changed.disconnect(self._tool_changed)
        self._tool.panned.disconnect(self.pan)
        self._tool = tool
        self._connect_tool()
        self.point()
        self.update()

    def set_image_size(self, size: tuple[int, int] | None) -> None:
        """Show another image of this (width, height), whole; None for no image."""
        self._drop_tool_work()
        self._size = size
        self._pan_from = None
        self._viewport = None if size is None else Viewport.fitted(size, self._view())
        self._moved()

    def fit(self) -> None:
        """Show the whole image."""
        if self._viewport is not None:
            self._set(Viewport.fitted(self._viewport.image, self._view()))

    def actual_size(self) -> None:
        """100 %: one image pixel is one pixel of the screen, however dense that is."""
        if self._viewport is not None:
            self._zoom_to(1 / self.devicePixelRatioF(), self._viewport.centre)

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Scale by a factor around a position of the widget, or around its middle."""
        if self._viewport is not None:
            place = self._viewport.centre if at is None else (at.x(), at.y())
            self._zoom_to(self._viewport.scale * factor, place)

    def pan(self, across: float, down: float) -> None:
        """Move the image by screen units."""
        if self._viewport is not None:
            self._set(self._viewport.panned(across, down))

    def centre_on(self, x: float, y: float) -> None:
        """Bring an image position to the middle."""
        if self._viewport is not None:
            self._set(self._viewport.centred(x, y))

    def point(self) -> None:
        """Tell the tool again where the pointer rests, as after a move: what lies under it is another now."""
        if self._at is not None and self._held is None and self._viewport is not None:
            self._tool.move(self._pointer(QGuiApplication.keyboardModifiers(), None))

    @property
    def zoom_percent(self) -> float:
        """The magnification in per cent: 100 is one screen pixel to one image pixel; 0 without an image."""
        return 0.0 if self._viewport is None else 100 * self._viewport.scale * self.devicePixelRatioF()

    # What Qt calls.

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """As Qt asks for it."""
        super().resizeEvent(event)
        if self._viewport is not None:
            self._set(self._viewport.resized(self._view()))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """As Qt asks for it."""
        turned = event.angleDelta()
        steps = (turned.y() or turned.x()) / _NOTCH  # some systems turn the wheel sideways under Shift
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            if self._tool.wheel(steps):
                event.accept()
                return
            event.ignore()
        elif steps:
            self.zoom(WHEEL_STEP**steps, event.position())
            event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """As Qt asks for it."""
        self._press(event, double=False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """As Qt asks for it: the second press of a double click is a press like any other."""
        self._press(event, double=True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """As Qt asks for it."""
        if self._viewport is None:
            return
        at = self._at = event.position()
        if self._pan_from is not None:
            moved, self._pan_from = at - self._pan_from, at
            self.pan(moved.x(), moved.y())
        else:
            self._tool.move(self._pointer(event.modifiers(), self._held))
        self.pointer_moved.emit(*self._viewport.to_image(at.x(), at.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """As Qt asks for it."""
        if event.button() != self._held:
            return
        self._held = None
        if self._pan_from is not None:
            self._pan_from = None
            self._set_cursor()
        elif self._viewport is not None:
            self._at = event.position()
            self._tool.release(self._pointer(event.modifiers(), event.button()))

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        """As Qt asks for it, also when a dialog goes that was in between."""
        super().enterEvent(event)
        self._at = event.position()
        self.point()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """As Qt asks for it."""
        super().leaveEvent(event)
        self._at = None
        self._tool.leave()

    def event(self, event: QEvent) -> bool:
        """As Qt asks for it: some keys are for the canvas even if the window has a shortcut on them."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and (_is_space(event) or self._tool.wants(event.key()))
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """As Qt asks for it."""
        if _is_space(event):
            if not event.isAutoRepeat() and self._space is None:
                self._space = self._before if repeats(event, self._let_go) else None
                if self._space is None:
                    self._space = QElapsedTimer()
                    self._space.start()
                self._set_cursor()
        elif not self._tool.key(event.key()):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """As Qt asks for it."""
        if event.key() != Qt.Key.Key_Space:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat() and self._space is not None:
            tapped = self._space.isValid() and self._space.elapsed() < TAP_MS
            self._before, self._space = self._space, None
            self._let_go = event.timestamp()
            self._set_cursor()
            if tapped:
                self.space_tapped.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """As Qt asks for it: the release of a key held now goes elsewhere."""
        super().focusOutEvent(event)
        self._space = self._before = None
        self._set_cursor()

    # What these have in common.

    def _press(self, event: QMouseEvent, *, double: bool) -> None:
        if self._viewport is None or self._held is not None:
            return
        button = event.button()
        self._at = event.position()
        left = button == Qt.MouseButton.LeftButton
        if button == Qt.MouseButton.MiddleButton or (left and self._space is not None):
            self._held, self._pan_from = button, event.position()
            if self._space is not None:
                self._space.invalidate()  # no tap any more
            self._set_cursor()
        elif left or button == Qt.MouseButton.RightButton:
            self._held = button
            self._tool.press(self._pointer(event.modifiers(), button, double=double))

    def _pointer(
        self, keys: Qt.KeyboardModifier, button: Qt.MouseButton | None, *, double: bool = False
    ) -> Pointer:
        viewport = self._viewport or Viewport.fitted((1, 1), self._view())
        at = self._at or QPointF()
        name: Button = "none"
        if button is not None:
            name = "left" if button == Qt.MouseButton.LeftButton else "right"
        return Pointer(
            *viewport.to_image(at.x(), at.y()),
            viewport,
            name,
            shift=bool(keys & Qt.KeyboardModifier.ShiftModifier),
            control=bool(keys & Qt.KeyboardModifier.ControlModifier),
            alt=bool(keys & Qt.KeyboardModifier.AltModifier),
            double=double,
        )

    def _view(self) -> tuple[float, float]:
        return float(max(self.width(), 1)), float(max(self.height(), 1))

    def _zoom_to(self, scale: float, place: tuple[float, float]) -> None:
        if self._viewport is not None:
            self._set(self._viewport.zoomed(scale, *place, least=1 / self.devicePixelRatioF()))

    def _set(self, viewport: Viewport) -> None:
        if viewport != self._viewport:
            self._viewport = viewport
            self._moved()

    def _moved(self) -> None:
        self.update()
        self.viewport_changed.emit()
        self.point()

    def _connect_tool(self) -> None:
        self._tool.changed.connect(self._tool_changed)
        self._tool.panned.connect(self.pan)
        self._set_cursor()

    def _tool_changed(self) -> None:
        self._set_cursor()
        self.update()

    def _drop_tool_work(self) -> None:
        self._held = self._pan_from = None
        self._tool.cancel()

    def _set_cursor(self) -> None:
        shape = self._tool.cursor
        if self._pan_from is not None:
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._space is not None:
            shape = Qt.CursorShape.OpenHandCursor
        if self.cursor().shape() != shape:
            self.setCursor(shape)


def _is_space(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Space and not event.modifiers()
