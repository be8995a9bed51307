"""From a click to a mask in the document: asks the model and writes down its answers."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Signal

from skipclick.annotation import AddObject, DeleteObjects, ObjectRecord, RunLengths, SetMask
from skipclick.apps.desktop.agenda import Ask
from skipclick.apps.desktop.answering import Answer
from skipclick.apps.desktop.asking import Asking
from skipclick.apps.desktop.drafts import Draft, inside
from skipclick.apps.desktop.focus import focus_region
from skipclick.apps.desktop.translate import tr
from skipclick.apps.desktop.work import Work
from skipclick.apps.desktop.worker import ModelWorker
from skipclick.errors import SkipClickError
from skipclick.prompt import Click

LONGEST_PAUSE = 60.0
"""Seconds between two clicks beyond which nobody was working on the object."""


class Clicking(QObject):
    """Turns clicks into asks and answers into commands, one command for each click.

    Signals:
        clicks_changed: the clicks to show are others.
        answered: (seconds) that the model took for the click just answered.
        masked: (run lengths, mask) an answer that is about to be written down, (H, W) bool.
        dropped: a click could not be answered; the notice says why.
    """

    clicks_changed = Signal()
    answered = Signal(float)
    masked = Signal(object, object)
    dropped = Signal()

    def __init__(self, work: Work, worker: ModelWorker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._draft: Draft | None = None
        self._asking = Asking(work, worker, self)
        self._memory = self._asking.memory
        self._last = time.monotonic()
        self._previous: tuple[str, RunLengths] | None = None
        self.focused = False
        worker.answered.connect(self._write_down)
        worker.failed.connect(self._give_up)
        work.opened.connect(self._begin_anew)
        work.image_changed.connect(self._leave)
        work.selection_changed.connect(self._selection_changed)
        work.document_changed.connect(self.clicks_changed)
        self._asking.changed.connect(self.clicks_changed)

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
        return self._asking.due > 0

    @property
    def due(self) -> int:
        """How many clicks of all objects have no answer yet."""
        return self._asking.due

    @property
    def previous(self) -> RunLengths | None:
        """The mask before the last click on the image at hand."""
        if self._previous is None or self._previous[0] != self._work.image:
            return None
        return self._previous[1]

    @property
    def score(self) -> float | None:
        """How sure the model is of the chosen object's mask, in [0, 1]; None if it did not make it."""
        image, active = self._work.image, self._work.active
        return None if image is None or active is None else self._memory.score_of(image, active)

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
            self._asking.ask(draft, (*draft.clicks, click))

    def remove(self, index: int) -> None:
        """Take one click away, wherever it stands in the order; the others are answered again."""
        draft = self._draft_at_hand()
        at = index - len(draft.basis.before)
        if at < 0 or at >= len(draft.clicks):
            self._work.notice.emit(tr("This click is part of the mask already; undo takes it back."), True)
            return
        left = draft.clicks[:at] + draft.clicks[at + 1 :]
        if left or draft.basis.start is not None:
            self._asking.ask(draft, left)
            return
        self._asking.forget(draft)
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
        first, *others = [ask.clicks for ask in draft.waiting]
        self._asking.forget(draft)
        draft.clicks = first[:-1]
        for clicks in [first, *others][:-1]:
            self._asking.ask(draft, clicks)
        self.clicks_changed.emit()

    def finish(self) -> None:
        """Be done with the object at hand: the next click begins another. An empty one is removed.

        Whether it is empty is seen when all of its clicks are answered.
        """
        active, image = self._work.active, self._work.image
        due = self._asking.about(image, active)
        if self._draft is not None and self._draft.waiting and self._draft not in due:
            due.append(self._draft)
        self._draft = None
        for draft in due:
            draft.finished = True
        if due or image is None or active is None or not self._remove_empty(image, active):
            self._work.select(())
        self.clicks_changed.emit()

    def ask_about(self, x: float, y: float) -> Ask | None:
        """What one more positive click on the image at hand would ask; None where it could not be made."""
        project, active = self._work.project, self._work.active
        if project is None or project.read_only or self._work.image is None:
            return None
        if (active is not None and active.locked) or len(self._work.selected) > 1:
            return None
        draft, click = self._draft_at_hand(), Click(x, y)
        if draft.basis.region is not None and not inside(draft.basis.region, click):
            return None
        return self._asking.question(draft, (*draft.clicks, click))

    def spent(self) -> float:
        """Seconds since the last action, without pauses; counting starts anew."""
        now = time.monotonic()
        elapsed, self._last = now - self._last, now
        return round(min(elapsed, LONGEST_PAUSE), 3)

    # Asking.

    def _draft_at_hand(self) -> Draft:
        """The draft that a click belongs to now; it agrees with the document unless answers are due."""
        image, active, draft = self._work.image or "", self._work.active, self._draft
        if draft is not None and draft.waiting and draft.object in (None, active.id if active else None):
            return draft
        if active is not None:
            basis = self._memory.basis_of(image, active)
            since = active.clicks[len(basis.before) :]
            draft = Draft(image, active.id, active.class_id, basis, since, active.mask, since)
        elif draft is None or draft.object is not None or draft.clicks or draft.image != image:
            draft = Draft(image, None, self._work.class_id, self._memory.new())
        draft.class_id = self._work.class_id if active is None else active.class_id
        self._draft = draft
        return draft

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
        if active is None:
            draft.begin_from(self._memory.new(region=region), None)
        else:
            draft.begin_from(self._memory.from_mask(active, region), active.mask)

    # Answers.

    def _write_down(self, answer: Answer) -> None:
        draft = self._asking.take(answer.ask)
        if draft is None:
            return
        done = self._change_object(draft, answer)
        if done and draft.object is not None:
            one = self._asking.object_of(draft)
            if one is not None:
                self._memory.keep(draft.image, one, draft.basis, answer.score)
            if self._draft is draft and draft.image == self._work.image:
                self._work.select((draft.object,))
            self.answered.emit(answer.seconds)
        self._settle(draft)
        self.clicks_changed.emit()

    def _change_object(self, draft: Draft, answer: Answer) -> bool:
        """Give the object the mask that the model answered; False if that was refused."""
        project, clicks = self._work.project, draft.basis.before + answer.ask.clicks
        before = self._asking.object_of(draft)
        if project is None or (draft.object is not None and before is None):  # deleted meanwhile
            return False
        if before is not None and before.locked:
            self._work.notice.emit(tr("The object is locked; unlock it first."), True)
            return False
        mask, seconds, now = RunLengths.from_mask(answer.mask), self.spent(), time.time()
        self.masked.emit(mask, answer.mask)
        known = draft.written, draft.answered
        draft.written, draft.answered = mask, answer.ask.clicks  # before anybody hears of the change
        if before is None:
            done = self._work.do(
                AddObject(draft.image, draft.class_id, mask, clicks, answer.model, "clicks", seconds, now)
            )
            if done:
                draft.object = project.document.image(draft.image).objects[-1].id
        else:
            done = self._work.do(
                SetMask(draft.image, before.id, mask, "clicks", clicks, answer.model, seconds, now)
            )
            self._previous = draft.image, before.mask
        if not done:
            draft.written, draft.answered = known
        return done

    def _settle(self, draft: Draft) -> None:
        """The last answer to an object that was finished before it has come: is there anything left?"""
        one = self._asking.object_of(draft)
        if not draft.finished or draft.waiting or one is None:
            return
        at_hand = draft.image == self._work.image and one.id in self._work.selected
        if not at_hand and not self._asking.about(draft.image, one):
            self._remove_empty(draft.image, one)

    def _remove_empty(self, image: str, one: ObjectRecord) -> bool:
        """Remove an object if it has no pixels; False if it stays."""
        if one.locked or one.mask.area() or not self._work.do(DeleteObjects(image, (one.id,))):
            return False
        self._work.notice.emit(tr("The object had no pixels and was removed."), False)
        return True

    def _give_up(self, ask: Ask, message: str) -> None:
        draft = self._asking.take(ask)
        if draft is None:
            return
        if not draft.waiting:
            self._draft = None if self._draft is draft else self._draft
        self._work.notice.emit(message, True)
        self.dropped.emit()
        self._settle(draft)
        self.clicks_changed.emit()

    def _begin_anew(self) -> None:
        """Answers that are still due belong to another project, and nobody waits for them."""
        self._asking.forget_all()
        self._previous = None
        self._leave()

    def _leave(self) -> None:
        self._draft = None
        self._last = time.monotonic()
        self._memory.forget_start()
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
