"""The model in threads of its own: the window asks, and hears by signals."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal, SignalInstance

from skipclick.apps.desktop.agenda import Agenda, Ask, Job
from skipclick.apps.desktop.answering import Answerer, Photos
from skipclick.apps.desktop.translate import explain, tr
from skipclick.backend.protocol import Backend, precision_of
from skipclick.errors import ImageError, SkipClickError
from skipclick.image import NetworkSize

T = TypeVar("T")


class ModelWorker(QObject):
    """Reads photos, encodes them, answers clicks; no call waits for any of it.

    Three threads: one reads photos, one answers, one encodes images ahead, so that neither a slow disk
    nor the next image delays a click. Signals arrive in the thread that this object lives in.

    Args:
        size: at which size the network sees images, see `network_size`.
        photos: where photos come from; None for files, with up to 1 GiB kept in memory.
        feature_bytes: how much memory features may take.

    Signals:
        photo_ready: (path, pyramid) the photo can be shown; also for images ahead.
        image_failed: (path, message) it cannot be read; message is one line.
        model_ready: (name, device) clicks are answered from now on.
        model_failed: (message) the model cannot be loaded or used; one line.
        encoded: (path, seconds) the open image's features are there.
        answered: (Answer) in the order of asking for each object; answers that no longer count are not
            sent.
        previewed: (Answer) what the hovering click would give.
        failed: (Ask, message) these clicks cannot be answered; one line.
        busy: (what) "loading", "encoding", "answering", or "" for at rest.
    """

    photo_ready = Signal(object, object)
    image_failed = Signal(object, str)
    model_ready = Signal(str, str)
    model_failed = Signal(str)
    encoded = Signal(object, float)
    answered = Signal(object)
    previewed = Signal(object)
    failed = Signal(object, str)
    busy = Signal(str)

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        size: NetworkSize = 448,
        photos: Photos | None = None,
        feature_bytes: int = 1 << 30,
    ) -> None:
        super().__init__(parent)
        self._size = size
        self._photos = Photos(1 << 30) if photos is None else photos
        self._feature_bytes = feature_bytes
        self._agenda = Agenda()
        self._load: Callable[[], Backend] | None = None
        self._answerer: Answerer | None = None
        self._closing = False
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=run, name=f"skipclick-{run.__name__.strip('_')}", daemon=True)
            for run in (self._read_photos, self._answer_clicks, self._encode_ahead)
        ]
        for thread in self._threads:
            thread.start()

    # What the window calls.

    def load(self, load: Callable[[], Backend]) -> None:
        """Use the model that this function returns; until it is there, the one before is used.

        The function is called in a thread. If it fails, the model before stays. The open image is then
        encoded again, and clicks still waiting are answered by the new model.
        """
        with self._changed:
            self._load = load
            self._changed.notify_all()

    def open(self, image: Path, ahead: Sequence[Path] = ()) -> None:
        """Work on this image, and get those ready that are likely to be opened next."""
        with self._changed:
            self._agenda.open(image, ahead)
            self._changed.notify_all()

    def ask(self, ask: Ask) -> None:
        """Queue clicks; they may come before the image is encoded, or the model is there."""
        with self._changed:
            self._agenda.ask(ask)
            self._changed.notify_all()

    def preview(self, ask: Ask | None) -> None:
        """Say what this would give, when there is nothing else to do; None if no longer wanted.

        Only the newest is answered.
        """
        with self._changed:
            self._agenda.preview(ask)
            self._changed.notify_all()

    def forget(self, image: Path, name: str | None = None) -> None:
        """Send no more answers about an object, or about a whole image, to what was asked so far."""
        with self._changed:
            self._agenda.forget(image, name)

    def close(self, timeout: float = 10.0) -> bool:
        """Stop; to be called before the program ends. Nothing is sent any more.

        What a thread is at is not cut short but waited for, at most `timeout` seconds in all.

        Returns:
            Whether all threads have ended.
        """
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        end = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    # The threads.

    def _read_photos(self) -> None:
        while (image := self._wait(self._agenda.next_read)) is not None:
            try:
                photo = self._photos.get(image)
            except Exception as error:
                self._send(self.image_failed, image, one_line(error))
            else:
                self._send(self.photo_ready, image, photo)

    def _encode_ahead(self) -> None:
        def take() -> tuple[Answerer, Path] | None:
            if self._answerer is None:
                return None
            image = self._agenda.next_ahead()
            return None if image is None else (self._answerer, image)

        while (job := self._wait(take)) is not None:
            answerer, image = job
            try:
                answerer.encode(image)
            except Exception:  # said when the image is opened; nobody asked for it yet
                continue

    def _answer_clicks(self) -> None:
        def take() -> Callable[[], None] | None:
            if self._load is not None:
                load, self._load = self._load, None
                return partial(self._load_model, load)
            if self._answerer is None:
                return None
            job = self._agenda.next_job()
            return None if job is None else partial(self._do, self._answerer, job)

        while (work := self._wait(take)) is not None:
            work()
            with self._changed:
                rests = self._load is None and not (self._answerer and self._agenda.has_jobs)
            if rests:
                self._send(self.busy, "")

    def _load_model(self, load: Callable[[], Backend]) -> None:
        self._send(self.busy, "loading")
        try:
            model = load()
        except Exception as error:
            self._send(self.model_failed, one_line(error))
            return
        answerer = Answerer(model, self._photos, size=self._size, feature_bytes=self._feature_bytes)
        with self._changed:
            self._answerer = answerer
            self._agenda.renew()
            self._changed.notify_all()
        precision = precision_of(model)
        place = model.device if precision == "float32" else f"{model.device}, {precision}"
        self._send(self.model_ready, model.name, place)

    def _do(self, answerer: Answerer, job: Job) -> None:
        if job.ask is None:
            self._encode(answerer, job.image)
        elif job.kind == "answer":
            there = answerer.encoded(job.image, job.ask.region)
            self._send(self.busy, "answering" if there else "encoding")
            self._answer(answerer, job.ask, preview=False)
        elif answerer.encoded(job.image, job.ask.region):  # nothing is encoded for a glance
            self._answer(answerer, job.ask, preview=True)

    def _encode(self, answerer: Answerer, image: Path) -> None:
        self._send(self.busy, "encoding")
        clock = time.perf_counter()
        try:
            answerer.encode(image)
        except ImageError:  # the reading thread says so
            return
        except Exception as error:
            self._send(self.model_failed, one_line(error))
        else:
            self._send(self.encoded, image, time.perf_counter() - clock)

    def _answer(self, answerer: Answerer, ask: Ask, *, preview: bool) -> None:
        message, answer = "", None
        try:
            answer = answerer.answer(ask)
        except Exception as error:
            message = one_line(error)
        with self._changed:
            wanted = self._agenda.wants_preview(ask) if preview else self._agenda.counts(ask)
            if not preview:
                self._agenda.done(ask)
        if not wanted:
            return
        if answer is not None:
            self._send(self.previewed if preview else self.answered, answer)
        elif not preview:
            self._send(self.failed, ask, message)

    def _wait(self, take: Callable[[], T | None]) -> T | None:
        """What `take` gives as soon as it gives something; None when the program ends."""
        with self._changed:
            while not self._closing:
                job = take()
                if job is not None:
                    return job
                self._changed.wait()
            return None

    def _send(self, signal: SignalInstance, *values: object) -> None:
        if not self._closing:
            signal.emit(*values)


def one_line(error: Exception) -> str:
    """What to tell the user, in one line, of any error."""
    if isinstance(error, SkipClickError):
        return explain(error)
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return tr("not enough memory; close other programs, or choose a smaller model or the CPU")
    first = next(iter(str(error).splitlines()), "").strip()
    what = f"{type(error).__name__}: {first}" if first else repr(error)
    return tr("the model failed ({what})", what=what)
