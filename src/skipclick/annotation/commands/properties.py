"""Changing what is known about objects and images beside the masks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from skipclick.annotation.commands.base import Command
from skipclick.annotation.commands.selection import change_objects, describe
from skipclick.annotation.document import Document, ObjectRecord
from skipclick.annotation.errors import AnnotationError


@dataclass(frozen=True, slots=True)
class SetClass(Command):
    """Give objects another class."""

    image: str
    objects: tuple[int, ...]
    class_id: int
    at: float = 0.0

    @property
    def label(self) -> str:
        """See `Command.label`."""
        return describe("Change class of", self.objects)

    def apply(self, document: Document) -> Document:
        """See `Command.apply`."""
        document.class_of(self.class_id)

        def change(one: ObjectRecord) -> ObjectRecord:
            return replace(one, class_id=self.class_id, changed=self.at)

        return change_objects(document, self.image, self.objects, change, unlocked=True)


@dataclass(frozen=True, slots=True)
class SetColour(Command):
    """Give objects a colour of their own, an index into the palette."""

    image: str
    objects: tuple[int, ...]
    colour: int

    @property
    def label(self) -> str:
        """See `Command.label`."""
        return describe("Change colour of", self.objects)

    def apply(self, document: Document) -> Document:
        """See `Command.apply`."""
        return change_objects(
            document, self.image, self.objects, lambda one: replace(one, colour=self.colour)
        )


@dataclass(frozen=True, slots=True)
class SetHidden(Command):
    """Hide objects, or show them again."""

    image: str
    objects: tuple[int, ...]
    hidden: bool

    @property
    def label(self) -> str:
        """See `Command.label`."""
        return describe("Hide" if self.hidden else "Show", self.objects)

    def apply(self, document: Document) -> Document:
        """See `Command.apply`."""
        return change_objects(
            document, self.image, self.objects, lambda one: replace(one, hidden=self.hidden)
        )


@dataclass(frozen=True, slots=True)
class SetLocked(Command):
    """Protect objects from changes and deletion, or allow both again."""

    image: str
    objects: tuple[int, ...]
    locked: bool

    @property
    def label(self) -> str:
        """See `Command.label`."""
        return describe("Lock" if self.locked else "Unlock", self.objects)

    def apply(self, document: Document) -> Document:
        """See `Command.apply`."""
        return change_objects(
            document, self.image, self.objects, lambda one: replace(one, locked=self.locked)
        )


@dataclass(frozen=True, slots=True)
class MoveObject(Command):
    """Give an object another place in the order.

    Attributes:
        image: the image's name.
        object: the object's id.
        place: how many objects lie behind it afterwards; 0 is the very back.
    """

    image: str
    object: int
    place: int

    @property
    def label(self) -> str:
        """See `Command.label`."""
        return "Reorder objects"

    def apply(self, document: Document) -> Document:
        """See `Command.apply`."""
        image = document.image(self.image)
        moved = image[self.object]
        others = [one for one in image.objects if one is not moved]
        if not 0 <= self.place <= len(others):
            raise AnnotationError(
                "place {place} is not among the {count} objects", place=self.place, count=len(image.objects)
            )
        others.insert(self.place, moved)
        return document.with_image(replace(image, objects=tuple(others)))


@dataclass(frozen=True, slots=True)
class SetDone(Command):
    """Mark an image as finished, or as not finished; an image without objects can be finished too."""

    image: str
    done: bool

    @property
    def label(self) -> str:
        """See `Command.label`."""
        return "Mark image as done" if self.done else "Mark image as not done"

    def apply(self, document: Document) -> Document:
        """See `Command.apply`. What is not done any more is not reviewed either."""
        image = document.image(self.image)
        return document.with_image(replace(image, done=self.done, reviewed=image.reviewed and self.done))


@dataclass(frozen=True, slots=True)
class SetReviewed(Command):
    """Mark an image as looked at once more and found right, which makes it done too; or take that back."""

    image: str
    reviewed: bool

    @property
    def label(self) -> str:
        """See `Command.label`."""
        return "Mark image as reviewed" if self.reviewed else "Mark image as not reviewed"

    def apply(self, document: Document) -> Document:
        """See `Command.apply`. An image whose review is taken back stays done."""
        image = document.image(self.image)
        return document.with_image(replace(image, done=image.done or self.reviewed, reviewed=self.reviewed))
