"""What a click would give, shown before it is made, if the model is quick enough for that."""

from __future__ import annotations

from collections import deque
from statistics import median

from PySide6.QtCore import QObject, Signal

from skipclick.apps.desktop.answering import Answer
from skipclick.apps.desktop.clicking import Clicking
from skipclick.apps.desktop.translate import tr
from skipclick.apps.desktop.work import Work
from skipclick.apps.desktop.worker import ModelWorker

SLOWEST = 0.3
"""Seconds for an answer beyond which a preview lags behind the pointer."""

_ANSWERS = 3


class Preview(QObject):
    """Asks for the click under the pointer while the model is at rest.

    Attributes:
        on: whether previews are shown.

    Signals:
        changed: (mask or None) what the hovering click would give, (H, W) bool.
        switched: previews are on or off now.
    """

    changed = Signal(object)
    switched = Signal()

    def __init__(
        self, work: Work, worker: ModelWorker, clicking: Clicking, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._work, self._worker, self._clicking = work, worker, clicking
        self._seconds: deque[float] = deque(maxlen=_ANSWERS)
        self.on = False
        worker.model_ready.connect(self._forget_pace)
        worker.answered.connect(self._note_pace)
        worker.previewed.connect(self._show)
        clicking.clicks_changed.connect(self._drop)

    def switch(self) -> None:
        """Show previews, or don't; a model that is too slow for them is said and left alone."""
        if self.on:
            self._turn_off()
        elif self._too_slow():
            self._refuse()
        else:
            self.on = True
            self.switched.emit()

    def hover(self, x: float, y: float) -> None:
        """Show what a click here would give, if previews are on and the model is at rest."""
        if not self.on or self._clicking.waiting:
            return
        ask = self._clicking.ask_about(x, y)
        if ask is not None:
            self._worker.preview(ask)

    def leave(self) -> None:
        """Show none any more."""
        self._worker.preview(None)
        self.changed.emit(None)

    def _drop(self) -> None:
        """What was shown belongs to other clicks or to another object."""
        if self.on:
            self.leave()

    def _show(self, answer: Answer) -> None:
        self._note_pace(answer)
        if not self.on:
            return
        if self._too_slow():
            self._turn_off()
            self._refuse()
        elif answer.ask.image == self._work.path and not self._clicking.waiting:
            self.changed.emit(answer.mask)

    def _note_pace(self, answer: Answer) -> None:
        self._seconds.append(answer.seconds)

    def _forget_pace(self) -> None:
        self._seconds.clear()

    def _too_slow(self) -> bool:
        return len(self._seconds) == _ANSWERS and median(self._seconds) > SLOWEST

    def _turn_off(self) -> None:
        self.on = False
        self.leave()
        self.switched.emit()

    def _refuse(self) -> None:
        text = tr(
            "No preview: the model takes {ms} ms a click here, which is too long.",
            ms=f"{1000 * median(self._seconds):.0f}",
        )
        self._seconds.clear()  # so that it can be tried again
        self._work.notice.emit(text, True)
        self.switched.emit()
