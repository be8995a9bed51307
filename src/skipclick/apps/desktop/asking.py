"""The clicks that wait for an answer, each with the object that it is about."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from skipclick.annotation import ObjectRecord
from skipclick.apps.desktop.agenda import Ask
from skipclick.apps.desktop.drafts import Draft, Memory
from skipclick.apps.desktop.translate import tr
from skipclick.apps.desktop.work import Work
from skipclick.apps.desktop.worker import ModelWorker
from skipclick.prompt import Click


class Asking(QObject):
    """Asks the model, and asks again where something else than clicks has changed a mask meanwhile.

    Attributes:
        memory: what is known of the masks made last.

    Signals:
        changed: other clicks are waiting.
    """

    changed = Signal()

    def __init__(self, work: Work, worker: ModelWorker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work, self._worker = work, worker
        self._drafts: dict[Ask, Draft] = {}
        self.memory = Memory()
        work.document_changed.connect(self._follow_edits)

    @property
    def due(self) -> int:
        """How many clicks have no answer yet."""
        return len(self._drafts)

    @property
    def drafts(self) -> list[Draft]:
        """Those with answers that are due."""
        return list(dict.fromkeys(self._drafts.values()))

    def about(self, image: str | None, one: ObjectRecord | None) -> list[Draft]:
        """Those about an object on an image."""
        if one is None:
            return []
        return [draft for draft in self.drafts if (draft.image, draft.object) == (image, one.id)]

    def object_of(self, draft: Draft) -> ObjectRecord | None:
        """The object of a draft as it is now; None if there is none yet, or none any more."""
        project = self._work.project
        objects = () if project is None else project.document.image(draft.image).objects
        return next((one for one in objects if one.id == draft.object), None)

    def question(self, draft: Draft, clicks: tuple[Click, ...]) -> Ask | None:
        """What these clicks ask if they begin from the draft's basis."""
        project, basis = self._work.project, draft.basis
        if project is None:
            return None
        start = self.memory.start_of(basis)
        return Ask(project.path_of(draft.image), basis.key, clicks, start, basis.region)

    def ask(self, draft: Draft, clicks: tuple[Click, ...]) -> None:
        """Ask for the mask of these clicks, which are all since the draft's basis."""
        ask = self.question(draft, clicks)
        if ask is None:
            return
        if draft.waiting and not ask.extends(draft.waiting[-1]):
            for other in draft.waiting:  # their answers are of no use any more
                self._drafts.pop(other, None)
            draft.waiting.clear()
        draft.clicks = clicks
        draft.waiting.append(ask)
        self._drafts[ask] = draft
        self._worker.ask(ask)
        self.changed.emit()

    def take(self, ask: Ask) -> Draft | None:
        """The draft whose ask was answered, or cannot be; None if nobody waits for that any more."""
        draft = self._drafts.pop(ask, None)
        if draft is not None:
            draft.waiting.remove(ask)
        return draft

    def forget(self, draft: Draft) -> None:
        """Want no more answers to what a draft has asked so far."""
        for ask in draft.waiting:
            self._drafts.pop(ask, None)
            self._worker.forget(ask.image, ask.object)
        draft.waiting.clear()

    def forget_all(self) -> None:
        """Want no more answers, and know nothing of any mask: there is another project."""
        for draft in self.drafts:
            self.forget(draft)
        self.memory.clear()

    def _follow_edits(self) -> None:
        for draft in self.drafts:
            one = self.object_of(draft)
            if one is None or one.mask == draft.written:
                continue
            clicks = draft.unanswered
            if not clicks:  # only one taken away was waiting, which the other change has made its own
                self._work.notice.emit(
                    tr("This click is part of the mask already; undo takes it back."), True
                )
            self.forget(draft)
            draft.begin_from(self.memory.from_mask(one, draft.basis.region), one.mask)
            for count in range(1, len(clicks) + 1):
                self.ask(draft, clicks[:count])
