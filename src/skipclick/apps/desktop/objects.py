"""What can be done to the chosen objects, to the image and to the classes, by menu, key or list."""

from __future__ import annotations

import time
from collections.abc import Sequence

from skipclick.annotation import (
    AddClass,
    CopyObjects,
    DeleteObjects,
    EditClass,
    MoveObject,
    RemoveClass,
    SetClass,
    SetDone,
    SetHidden,
    SetLocked,
    SetOverlap,
    SetReviewed,
    Together,
)
from skipclick.annotation.document import Colour, ObjectRecord
from skipclick.apps.desktop.translate import explain, tr
from skipclick.apps.desktop.work import Work
from skipclick.errors import SkipClickError


class Objects:
    """Commands on what is chosen; each says in plain words why it cannot be done.

    Args:
        work: what is being worked on.
    """

    def __init__(self, work: Work) -> None:
        self._work = work

    def select_all(self) -> None:
        """Choose all objects of the image."""
        record = self._work.record
        self._work.select(tuple(one.id for one in record.objects) if record else ())

    def select_next(self) -> None:
        """Choose the object in front of the chosen one, or the backmost after the frontmost."""
        record = self._work.record
        if record is None or not record.objects:
            return
        ids = [one.id for one in record.objects]
        chosen = self._work.selected
        at = ids.index(chosen[-1]) + 1 if chosen else 0
        self._work.select((ids[at % len(ids)],))

    def hide(self) -> None:
        """Hide the chosen objects, or show them if all of them are hidden."""
        chosen = self._chosen()
        if chosen:
            self.set_hidden(tuple(one.id for one in chosen), not all(one.hidden for one in chosen))

    def set_hidden(self, ids: tuple[int, ...], hidden: bool) -> None:
        """Hide objects, or show them."""
        self._work.do(SetHidden(self._image, ids, hidden))

    def show_all(self) -> None:
        """Show all hidden objects of the image."""
        record = self._work.record
        hidden = tuple(one.id for one in record.objects if one.hidden) if record else ()
        if hidden:
            self.set_hidden(hidden, False)

    def lock(self) -> None:
        """Lock the chosen objects, or unlock them if all of them are locked."""
        chosen = self._chosen()
        if chosen:
            self.set_locked(tuple(one.id for one in chosen), not all(one.locked for one in chosen))

    def set_locked(self, ids: tuple[int, ...], locked: bool) -> None:
        """Lock objects, or unlock them."""
        self._work.do(SetLocked(self._image, ids, locked))

    def delete(self) -> None:
        """Delete the chosen objects."""
        chosen = self._chosen()
        if chosen:
            self._work.do(DeleteObjects(self._image, tuple(one.id for one in chosen)))

    def forward(self) -> None:
        """Bring the chosen object one place to the front."""
        self._move(1)

    def backward(self) -> None:
        """Bring the chosen object one place to the back."""
        self._move(-1)

    def reorder(self, order: Sequence[int]) -> None:
        """Bring the objects of the image into an order, in one step.

        Args:
            order: the ids of all of them, from the back to the front.
        """
        record = self._work.record
        if record is None:
            return
        moves = [
            MoveObject(record.name, *move) for move in moves_to([one.id for one in record.objects], order)
        ]
        if moves:
            self._work.do(moves[0] if len(moves) == 1 else Together(moves[0].label, tuple(moves)))

    def copy_to_next(self) -> None:
        """Copy the chosen objects, or all if none is chosen, to the next image, and go there."""
        project, image, record = self._work.project, self._work.image, self._work.record
        if project is None or image is None or record is None:
            return
        target = next(self._work.following(), None) if image in project.names else None
        if target is None:
            self._work.say_end()
            return
        ids = self._work.selected or tuple(one.id for one in record.objects)
        if not ids:
            self._work.notice.emit(tr("There is no object to copy."), True)
            return
        try:
            shape = project.shape_of(target)
        except SkipClickError as error:
            self._work.notice.emit(explain(error), True)
            return
        if self._work.do(CopyObjects(image, ids, target, shape, time.time())):
            self._work.go(target)

    def mark_done(self) -> None:
        """Mark the image as done, or as not done."""
        record = self._work.record
        if record is not None:
            self._work.do(SetDone(record.name, not record.done))

    def done_and_next(self) -> None:
        """Mark the image as done and go to the next one that is not."""
        record = self._work.record
        if record is None or (not record.done and not self._work.do(SetDone(record.name, True))):
            return
        self._work.next_unfinished()

    def mark_reviewed(self) -> None:
        """Mark the image as reviewed, which makes it done too, or as not reviewed."""
        record = self._work.record
        if record is not None:
            self._work.do(SetReviewed(record.name, not record.reviewed))

    def reviewed_and_next(self) -> None:
        """Mark the image as reviewed and go to the next one that is done and not reviewed yet."""
        record = self._work.record
        if record is None or (not record.reviewed and not self._work.do(SetReviewed(record.name, True))):
            return
        self._work.next_to_review()

    def set_class(self, class_id: int) -> None:
        """Give the chosen objects a class; it is also that of objects to come."""
        self._work.choose_class(class_id)
        record = self._work.record
        if record is None:
            return
        others = [one for one in record.objects if one.id in self._work.selected and one.class_id != class_id]
        if others:
            self._work.do(SetClass(record.name, tuple(one.id for one in others), class_id, time.time()))

    def add_class(self, name: str) -> None:
        """Add a class and choose it for objects to come."""
        if self._work.project is not None and self._work.do(AddClass(name)):
            self._work.choose_class(self._work.project.document.classes[-1].id)

    def edit_class(self, class_id: int, name: str | None = None, colour: Colour | None = None) -> None:
        """Rename or recolour a class."""
        self._work.do(EditClass(class_id, name, colour))

    def set_key(self, class_id: int, key: str) -> None:
        """Give a class a digit that chooses it, or none; who has the digit gets this one's in exchange."""
        project = self._work.project
        if project is None:
            return
        before = project.document.class_of(class_id).key
        other = next((one for one in project.document.classes if one.key and one.key == key), None)
        if self._work.do(EditClass(class_id, key=key)) and other is not None and other.id != class_id:
            text = tr("{name} has the digit {digit} now.", name=other.name, digit=before)
            if not before:
                text = tr("{name} has no digit now.", name=other.name)
            self._work.notice.emit(text, False)

    def remove_class(self, class_id: int, replacement: int | None) -> None:
        """Remove a class; its objects, if there are any, get the other one."""
        self._work.do(RemoveClass(class_id, replacement))

    def front_wins(self) -> None:
        """Switch what exports do where objects overlap: keep both, or give the pixel to the front one."""
        project = self._work.project
        if project is not None:
            self._work.do(SetOverlap("keep" if project.document.overlap == "front" else "front"))

    def _move(self, by: int) -> None:
        record, active = self._work.record, self._work.active
        if record is None or active is None:
            self._work.notice.emit(tr("Choose one object first."), True)
            return
        place = record.objects.index(active) + by
        if 0 <= place < len(record.objects):
            self._work.do(MoveObject(record.name, active.id, place))

    def _chosen(self) -> list[ObjectRecord]:
        record = self._work.record
        chosen = [one for one in record.objects if one.id in self._work.selected] if record else []
        if not chosen:
            self._work.notice.emit(tr("Choose an object first."), True)
        return chosen

    @property
    def _image(self) -> str:
        return self._work.image or ""


def moves_to(now: Sequence[int], order: Sequence[int]) -> list[tuple[int, int]]:
    """How one order becomes another by moving single members.

    Args:
        now: what there is.
        order: the same in the order wanted.

    Returns:
        Members with the places that each is moved to, in turn; as few as going through the order from either
        end finds.
    """
    found = []
    for places in (range(len(order)), range(len(order) - 1, -1, -1)):
        present, moves = list(now), []
        for place in places:
            if present[place] != order[place]:
                present.remove(order[place])
                present.insert(place, order[place])
                moves.append((order[place], place))
        found.append(moves)
    return min(found, key=len)
