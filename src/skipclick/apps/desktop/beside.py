"""Something that takes long, done beside the window, which stays alive and can end it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from skipclick.apps.desktop.translate import tr

T = TypeVar("T")

QUICK = 0.2
"""Seconds for which nothing is shown, because most of it is done by then."""


class StoppedError(Exception):
    """The user does not want it any more."""


class Progress:
    """How far it is; the thread that does it calls `step`."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._stop = threading.Event()

    @property
    def done(self) -> int:
        """How many things were begun."""
        return len(self._seen)

    def stop(self) -> None:
        """Let the next step be the last."""
        self._stop.set()

    def step(self, name: str) -> None:
        """One more thing is begun; the same one again does not count.

        Raises:
            StoppedError: it is not wanted any more.
        """
        if self._stop.is_set():
            raise StoppedError
        self._seen.add(name)


class ProgressDialog(QDialog):
    """How far something is that is done in another thread; it closes when that has ended.

    Args:
        text: what is being done.
        total: how many things there are to do; 0 if nobody knows.
        done: how many are done.
        alive: whether it goes on.
        parent: over which it is shown.

    Signals:
        stopped: the user wants it to end.
    """

    stopped = Signal()

    def __init__(
        self,
        text: str,
        total: int,
        done: Callable[[], int],
        alive: Callable[[], bool],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(text)
        self.setMinimumWidth(380)
        self._total, self._done, self._alive = total, done, alive
        self.text, self.bar = QLabel(text), QProgressBar()
        self.bar.setRange(0, total)
        self.bar.setTextVisible(False)
        self.numbers = QLabel()
        self.numbers.setObjectName("faint")
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self.numbers, 1)
        row.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 18, 18, 18)
        column.setSpacing(12)
        column.addWidget(self.text)
        column.addWidget(self.bar)
        column.addLayout(row)
        look = QTimer(self)
        look.timeout.connect(self._look)
        look.start(50)
        self._look()

    def reject(self) -> None:
        """Cancel, also by Escape or the window's cross: it ends after what it is just at."""
        self.cancel.setEnabled(False)
        self.text.setText(tr("Stopping …"))
        self.stopped.emit()

    def _look(self) -> None:
        if not self._alive():
            self.accept()
        elif self._total:
            done = min(self._done(), self._total)
            self.bar.setValue(done)
            self.numbers.setText(f"{done:,} / {self._total:,}")


class _Job(Generic[T]):
    """A call in a thread, with what came of it."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self.result: T | None = None
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, name="skipclick-beside", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.result = self._call()
        except BaseException as error:  # it is raised again where somebody hears it
            self.error = error


def do_beside(parent: QWidget | None, text: str, call: Callable[[Progress], T], total: int = 0) -> T | None:
    """Call something in a thread, and show how far it is if it takes long.

    Args:
        parent: over which that is shown.
        text: what is being done.
        call: does it; calls `Progress.step` for each thing, which ends it if Cancel was pressed.
        total: how many things there are; 0 if nobody knows.

    Returns:
        What the call returns; None if it was stopped.

    Raises:
        Whatever the call raises.
    """
    progress = Progress()
    job = _Job(lambda: call(progress))
    job.thread.join(QUICK)
    if job.thread.is_alive():
        dialog = ProgressDialog(text, total, lambda: progress.done, job.thread.is_alive, parent)
        dialog.stopped.connect(progress.stop)
        dialog.exec()
        dialog.deleteLater()
    if job.error is not None and not isinstance(job.error, StoppedError):
        raise job.error
    return job.result
