"""The bottom line: what just happened, and what the work and the model are at."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from skipclick.annotation.statistics import count
from skipclick.apps.desktop.canvas import Canvas
from skipclick.apps.desktop.clicking import Clicking
from skipclick.apps.desktop.toolbox import Toolbox
from skipclick.apps.desktop.translate import counted, decimal, tr
from skipclick.apps.desktop.work import Work
from skipclick.apps.desktop.worker import ModelWorker

NOTICE_MS = 6000
"""How long a notice stays, in milliseconds; a serious one stays twice as long."""


class Line(QLabel):
    """One line of text, cut with an ellipsis where there is no room for all of it."""

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As Qt asks for it."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """As Qt asks for it."""
        area = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, area.width())
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter = QPainter(self)
        self.style().drawItemText(painter, area, left, self.palette(), True, shown, self.foregroundRole())


class Status(QStatusBar):
    """Notices on the left; the image, the session's numbers and the model on the right."""

    def __init__(
        self,
        work: Work,
        clicking: Clicking,
        worker: ModelWorker,
        canvas: Canvas,
        toolbox: Toolbox,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._work, self._clicking, self._canvas, self._toolbox = work, clicking, canvas, toolbox
        self._model, self._seconds, self._busy = "", 0.0, ""
        self.setSizeGripEnabled(False)
        self.notice, self.image, self.session, self.model = Line(), QLabel(), QLabel(), QLabel()
        self.quality = QLabel()
        self.addWidget(self.notice, 1)
        for label in self._numbers:
            label.setObjectName("faint")
            label.setContentsMargins(12, 3, 6, 3)
            self.addPermanentWidget(label)
        self.notice.setContentsMargins(12, 3, 0, 3)
        self._end = QTimer(self)
        self._end.setSingleShot(True)
        self._end.timeout.connect(self._rest)
        work.notice.connect(self.say)
        work.opened.connect(self._renew)
        work.image_changed.connect(self._renew)
        work.document_changed.connect(self._renew)
        canvas.viewport_changed.connect(self._show_image)
        toolbox.changed.connect(self._rest)
        clicking.answered.connect(self._answered)
        clicking.clicks_changed.connect(self._show_quality)
        worker.model_ready.connect(self._model_ready)
        worker.model_failed.connect(self._model_failed)
        worker.busy.connect(self._is_busy)
        self._renew()
        self._show_quality()

    @property
    def _numbers(self) -> tuple[QLabel, ...]:
        return self.quality, self.image, self.session, self.model

    def say(self, text: str, serious: bool = False) -> None:
        """One line for a while."""
        self.notice.setObjectName("serious" if serious else "")
        self.notice.style().polish(self.notice)
        self.notice.setText(text)
        self.notice.setToolTip(text)
        self._end.start(2 * NOTICE_MS if serious else NOTICE_MS)
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """As Qt asks for it."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """The numbers give way to a notice that has no room beside them."""
        numbers = sum(label.sizeHint().width() for label in self._numbers)
        crowded = self._end.isActive() and numbers + self.notice.sizeHint().width() > self.width()
        for label in self._numbers:
            label.setHidden(crowded)

    def retranslate(self) -> None:
        """Say the same in another language; what just happened gives way to what can be done."""
        self._rest()
        self._renew()
        self._show_quality()
        self._show_model()

    def _rest(self) -> None:
        """What to do with the tool in hand."""
        self._end.stop()
        self.notice.setObjectName("faint")
        self.notice.style().polish(self.notice)
        radius = f"{self._toolbox.radius:.3g}"
        hints = {
            "click": tr("Left: belongs to the object · Right: does not · Space: finish"),
            "brush": tr("Left: paint · Right: erase · [ and ]: size, now {radius} pixels", radius=radius),
            "eraser": tr("Left: erase · Right: paint · [ and ]: size, now {radius} pixels", radius=radius),
            "fill": tr("Click corner by corner · Enter: close · Backspace: one back · Escape: drop it"),
            "cut": tr("Click corner by corner · Enter: close · Backspace: one back · Escape: drop it"),
            "box": tr("Drag a box around the object, then refine it with clicks"),
            "hand": tr("Drag: move the image · Click: choose an object"),
        }
        self.notice.setText(hints[self._toolbox.current] if self._work.image else "")
        self._make_room()

    def _renew(self) -> None:
        self._show_image()
        project = self._work.project
        if project is None:
            self.session.clear()
            return
        total = count(project.document, project.names, since=self._work.began).total
        text = ""
        if total.objects:
            text = tr(
                "{objects} now · {clicks} clicks and {seconds} s each",
                objects=counted(total.objects, "{n} object", "{n} objects"),
                clicks=decimal(total.clicks_per_object),
                seconds=decimal(total.seconds_per_object),
            )
        self.session.setText(text)
        self.session.setToolTip(tr("Objects made since the folder was opened, with the mean effort"))
        if not self._end.isActive():
            self._rest()

    def _show_quality(self) -> None:
        """How sure the model is of the mask of the chosen object, unless something else made it."""
        score = self._clicking.score
        text = "" if score is None else tr("Quality {percent} %", percent=f"{100 * score:.0f}")
        self.quality.setText(text)
        self.quality.setToolTip(
            tr("Predicted by the model for its own mask, 100 % for a perfect fit; often too hopeful")
        )

    def _show_image(self) -> None:
        names, image, view = self._work.names, self._work.image, self._canvas.viewport
        parts = []
        if image in names:
            parts.append(f"{names.index(image) + 1:,} / {len(names):,}")
        if view is not None:
            parts += [f"{view.image[0]} × {view.image[1]}", f"{self._canvas.zoom_percent:.0f} %"]
        self.image.setText(" · ".join(parts))

    def _answered(self, seconds: float) -> None:
        self._seconds = seconds
        self._show_model()

    def _model_ready(self, name: str, device: str) -> None:
        self._model, self._seconds = f"{name} ({device})", 0.0
        self._show_model()

    def _model_failed(self, message: str) -> None:
        self.say(message, True)
        self._show_model()

    def _is_busy(self, what: str) -> None:
        self._busy = what
        self._show_model()

    def _show_model(self) -> None:
        busy = {
            "loading": tr("loading the model …"),
            "encoding": tr("encoding the image …"),
            "answering": tr("answering …"),
        }.get(self._busy, "")
        time = tr("{ms} ms a click", ms=f"{1000 * self._seconds:.0f}") if self._seconds else ""
        self.model.setText(" · ".join(part for part in (busy or time, self._model) if part))
