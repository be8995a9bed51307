"""From a click to a mask in the document: asks the model and writes down its answers."""

from __future__ import annotations

import itertools
import time

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from skipclick.annotation import AddObject, DeleteObjects, ObjectRecord, RunLengths, SetMask
from skipclick.apps.desktop.agenda import Ask
from skipclick.apps.desktop.answering import Answer
from skipclick.apps.desktop.drafts import Basis, Draft, inside
from skipclick.apps.desktop.focus import focus_region
from skipclick.apps.desktop.translate import tr
from skipclick.apps.desktop.work import Work
from skipclick.apps.desktop.worker import ModelWorker
from skipclick.errors import SkipClickError
from skipclick.prompt import Click

LONGEST_PAUSE = 60.0
"""Seconds between two clicks beyond which nobody was working on the object."""

_BASES = 500


class Clicking(QObject):
    """Turns clicks into asks and answers into commands, one command for each click.

    Signals:
        clicks_changed: the clicks to show are others.
        answered: (seconds) that the model took for the click just answered.
        masked: (run lengths, mask) an answer that is about to be written down, (H, W) bool.
        preview_changed: (mask or None) what the hovering click would give, (H, W) bool.
    """

    clicks_changed = Signal()
    answered = Signal(float)
    masked = Signal(object, object)
    preview_changed = Signal(object)

    def __init__(self, work: Work, worker: ModelWorker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._worker = worker
        self._numbers = itertools.count(1)
        self._draft: Draft | None = None
        self._asked: dict[Ask, Draft] = {}
        self._bases: dict[tuple[str, int, tuple[Click, ...], RunLengths], Basis] = {}
        self._starts: dict[str, NDArray[np.bool_]] = {}
        self._last = time.monotonic()
        self._previous: tuple[str, RunLengths] | None = None
        self.focused = False
        self.previews = False
        worker.answered.connect(self._write_down)
        worker.failed.connect(self._give_up)
        worker.previewed.connect(self._show_preview)
        work.opened.connect(self._begin_anew)
        work.image_changed.connect(self._leave)
        work.selection_changed.connect(self._selection_changed)
        work.document_changed.connect(self.clicks_changed)

    @property
    def clicks(self) -> tuple[Click, ...]:
        """All clicks of the object at hand, answered or not."""
        if self._draft is not None and self._draft.waiting:
            return self._draft.basis.before + self._draft.clicks
        active = self._work.active
        return () if active is None else active.clicks

    @property
    def waiting(self) -> bool:
        """Whether clicks of any object have no answer yet."""
        return bool(self._asked)

    @property
    def previous(self) -> RunLengths | None:
        """The mask before the last click on the image at hand."""
        if self._previous is None or self._previous[0] != self._work.image:
            return None
        return self._previous[1]

    def add(self, x: float, y: float, positive: bool) -> None:
        """A click on the image at hand: on the chosen object, or on a new one if none is chosen."""
        project = self._work.project
        if project is None or self._work.image is None:
            return
        active = self._work.active
        if project.read_only:
            self._work.notice.emit(tr("This project is only looked at; nothing can be changed."), True)
        elif active is not None and active.locked:
            self._work.notice.emit(tr("The object is locked; unlock it first."), True)
        elif len(self._work.selected) > 1:
            self._work.notice.emit(tr("Several objects are chosen; choose one to refine it."), True)
        else:
            click = Click(x, y, positive)
            draft = self._draft_at_hand()
            if not draft.waiting:
                self._look_closer(draft, click)
            elif draft.basis.region is not None and not inside(draft.basis.region, click):
                self._work.notice.emit(
                    tr("This is outside the magnified part; wait for the answer and click again."), True
                )
                return
            self._ask(draft, (*draft.clicks, click))

    def remove(self, index: int) -> None:
        """Take one click away, wherever it stands in the order; the others are answered again."""
        draft = self._draft_at_hand()
        at = index - len(draft.basis.before)
        if at < 0 or at >= len(draft.clicks):
            self._work.notice.emit(tr("This click is part of the mask already; undo takes it back."), True)
            return
        left = draft.clicks[:at] + draft.clicks[at + 1 :]
        if left or draft.basis.start is not None:
            self._ask(draft, left)
            return
        for ask in draft.waiting:
            self._asked.pop(ask, None)
        if self._work.path is not None:
            self._worker.forget(self._work.path, draft.basis.key)
        self._draft = None
        if draft.object is not None:
            self._work.do(DeleteObjects(draft.image, (draft.object,)))
        self.clicks_changed.emit()

    def undo(self) -> None:
        """Take the last click or action back, also a click that has no answer yet."""
        draft = self._draft
        if draft is None or not draft.waiting:
            self._work.undo()
            return
        self._worker.forget(draft.waiting[-1].image, draft.basis.key)
        waiting, draft.waiting = draft.waiting, []
        for ask in waiting:
            self._asked.pop(ask, None)
        first = waiting[0].clicks
        steps = [ask.clicks for ask in waiting[:-1]]
        draft.clicks = first[:-1]
        for clicks in steps:
            self._ask(draft, clicks)
        self.clicks_changed.emit()

    def finish(self) -> None:
        """Be done with the object at hand: the next click begins another. An empty one is removed."""
        active = self._work.active
        begun = self._draft is not None
        self._draft = None
        if active is not None and active.mask.area() == 0 and not active.locked and self._work.image:
            if self._work.do(DeleteObjects(self._work.image, (active.id,))):
                self._work.notice.emit(tr("The object had no pixels and was removed."), False)
        elif begun or self._work.selected:
            self._work.select(())
        self.clicks_changed.emit()

    def hover(self, x: float, y: float) -> None:
        """Show what a click here would give, if previews are on and the model is at rest."""
        path = self._work.path
        if not self.previews or path is None or self._asked or len(self._work.selected) > 1:
            return
        draft = self._draft_at_hand()
        if draft.basis.region is None or inside(draft.basis.region, Click(x, y)):
            clicks = (*draft.clicks, Click(x, y))
            self._worker.preview(
                Ask(path, draft.basis.key, clicks, self._start(draft.basis), draft.basis.region)
            )

    def leave_hover(self) -> None:
        """Show no preview any more."""
        self._worker.preview(None)
        self.preview_changed.emit(None)

    def spent(self) -> float:
        """Seconds since the last action, without pauses; counting starts anew."""
        now = time.monotonic()
        elapsed, self._last = now - self._last, now
        return round(min(elapsed, LONGEST_PAUSE), 3)

    # Asking.

    def _draft_at_hand(self) -> Draft:
        """The draft that a click belongs to now; it agrees with the document unless answers are due."""
        image, active = self._work.image or "", self._work.active
        draft = self._draft
        if draft is not None and draft.waiting and draft.object in (None, active.id if active else None):
            return draft
        if active is None:
            draft = Draft(image, None, self._work.class_id, Basis(self._key()))
        else:
            basis = self._basis_of(image, active)
            draft = Draft(image, active.id, active.class_id, basis, active.clicks[len(basis.before) :])
        self._draft = draft
        return draft

    def _basis_of(self, image: str, one: ObjectRecord) -> Basis:
        """What its mask was made from, as long as nothing but clicks changed it; else the mask itself."""
        known = self._bases.get((image, one.id, one.clicks, one.mask))
        return known or Basis(self._key(), one.mask if one.mask.area() else None, one.clicks)

    def _look_closer(self, draft: Draft, click: Click) -> None:
        """Choose the part of the image that the network sees, by the mask so far and the next click."""
        active = self._work.active
        region = None
        if self.focused and self._work.project is not None:
            try:
                shape = self._work.project.shape_of(draft.image)
            except SkipClickError:
                return
            mask = None if active is None else active.mask.to_mask()
            region = focus_region(shape, [*draft.clicks, click], mask, keep=draft.basis.region)
        if region == draft.basis.region:
            return
        mask_now = None if active is None or not active.mask.area() else active.mask
        draft.basis = Basis(self._key(), mask_now, draft.basis.before + draft.clicks, region)
        draft.clicks = ()

    def _ask(self, draft: Draft, clicks: tuple[Click, ...]) -> None:
        path = self._work.path
        if path is None:
            return
        ask = Ask(path, draft.basis.key, clicks, self._start(draft.basis), draft.basis.region)
        if draft.waiting and not ask.extends(draft.waiting[-1]):
            for other in draft.waiting:  # their answers are of no use any more
                self._asked.pop(other, None)
            draft.waiting.clear()
        draft.clicks = clicks
        draft.waiting.append(ask)
        self._asked[ask] = draft
        self._worker.ask(ask)
        self.clicks_changed.emit()

    def _start(self, basis: Basis) -> NDArray[np.bool_] | None:
        if basis.start is None:
            return None
        if basis.key not in self._starts:
            self._starts = {basis.key: basis.start.to_mask()}
        return self._starts[basis.key]

    def _key(self) -> str:
        return f"draft {next(self._numbers)}"

    # Answers.

    def _write_down(self, answer: Answer) -> None:
        draft = self._asked.pop(answer.ask, None)
        if draft is None:
            return
        draft.waiting.remove(answer.ask)
        project = self._work.project
        if project is None:
            return
        mask = RunLengths.from_mask(answer.mask)
        self.masked.emit(mask, answer.mask)
        clicks = draft.basis.before + answer.ask.clicks
        image = project.document.image(draft.image)
        before = next((one for one in image.objects if one.id == draft.object), None)
        seconds, now = self.spent(), time.time()
        if draft.object is None:
            done = self._work.do(
                AddObject(draft.image, draft.class_id, mask, clicks, answer.model, "clicks", seconds, now)
            )
            if done:
                draft.object = project.document.image(draft.image).objects[-1].id
        elif before is None or before.locked:  # deleted or locked while the model was thinking
            return
        else:
            done = self._work.do(
                SetMask(draft.image, draft.object, mask, "clicks", clicks, answer.model, seconds, now)
            )
            self._previous = draft.image, before.mask
        if not done or draft.object is None:
            return
        self._remember((draft.image, draft.object, clicks, mask), draft.basis)
        if self._draft is draft and draft.image == self._work.image:
            self._work.select((draft.object,))
        self.answered.emit(answer.seconds)
        self.clicks_changed.emit()

    def _remember(self, key: tuple[str, int, tuple[Click, ...], RunLengths], basis: Basis) -> None:
        self._bases.pop(key, None)
        self._bases[key] = basis
        while len(self._bases) > _BASES:
            del self._bases[next(iter(self._bases))]

    def _give_up(self, ask: Ask, message: str) -> None:
        draft = self._asked.pop(ask, None)
        if draft is None:
            return
        draft.waiting.remove(ask)
        if not draft.waiting:
            self._draft = None if self._draft is draft else self._draft
        self._work.notice.emit(message, True)
        self.clicks_changed.emit()

    def _show_preview(self, answer: Answer) -> None:
        if self.previews and answer.ask.image == self._work.path and not self._asked:
            self.preview_changed.emit(answer.mask)

    def _begin_anew(self) -> None:
        """Answers that are still due belong to another project."""
        self._asked, self._bases, self._previous = {}, {}, None
        self._leave()

    def _leave(self) -> None:
        self._draft = None
        self._last = time.monotonic()
        self._starts = {}
        self.clicks_changed.emit()

    def _selection_changed(self) -> None:
        """Another object was chosen: what is under way for the one before is answered all the same."""
        active = self._work.active
        draft = self._draft
        if draft is not None and active is not None and draft.object != active.id:
            self._draft = None
        if draft is not None and active is None and draft.object is not None:
            self._draft = None
        self.clicks_changed.emit()
