"""Going through images, looking closer, and the switches of the View menu."""

from __future__ import annotations

from skipclick.apps.desktop.canvas import Canvas
from skipclick.apps.desktop.clicking import Clicking
from skipclick.apps.desktop.navigation import WHEEL_STEP
from skipclick.apps.desktop.preview import Preview
from skipclick.apps.desktop.translate import explain
from skipclick.apps.desktop.work import Work
from skipclick.errors import SkipClickError


class Browsing:
    """What has no better place: each method is the handler of an action."""

    def __init__(self, work: Work, clicking: Clicking, preview: Preview, canvas: Canvas) -> None:
        self._work, self._clicking, self._preview, self._canvas = work, clicking, preview, canvas

    def next(self) -> None:
        """The next image."""
        self._work.step(1)

    def previous(self) -> None:
        """The image before."""
        self._work.step(-1)

    def refresh(self) -> None:
        """Look again which images are in the folder."""
        project = self._work.project
        if project is None:
            return
        try:
            project.refresh()
        except SkipClickError as error:
            self._work.notice.emit(explain(error), True)
        self._work.names_changed.emit()

    def zoom_in(self) -> None:
        """Larger, around the middle."""
        self._canvas.zoom(WHEEL_STEP)

    def zoom_out(self) -> None:
        """Smaller, around the middle."""
        self._canvas.zoom(1 / WHEEL_STEP)

    def focus(self) -> None:
        """Let the network see small objects magnified, or the whole image again."""
        self._clicking.focused = not self._clicking.focused

    def preview(self) -> None:
        """Show what a click would give while the pointer rests, or don't."""
        self._preview.switch()
        self._canvas.point()
