"""What can be done to the classes and the rules of a project."""

from __future__ import annotations

from dataclasses import dataclass, replace

from skipclick.annotation.commands.base import Command
from skipclick.annotation.document import (
    PALETTE,
    ClassRecord,
    Colour,
    Document,
    Overlap,
    check_classes,
)
from skipclick.annotation.errors import AnnotationError


@dataclass(frozen=True, slots=True)
class AddClass(Command):
    """Append a class.

    Attributes:
        name: unique in the project.
        colour: None takes the next of the palette.
        key: the key that chooses it; None takes the first free digit from 1 to 9, if there is one.
    """

    name: str
    colour: Colour | None = None
    key: str | None = None

    @property
    def label(self) -> str:
        """See `Command.label`."""
        return f"Add class {self.name}"

    def apply(self, document: Document) -> Document:
        """See `Command.apply`."""
        number = document.next_class
        colour = PALETTE[(number - 1) % len(PALETTE)] if self.colour is None else self.colour
        key = self.key
        if key is None:
            taken = {one.key for one in document.classes}
            key = next((digit for digit in "123456789" if digit not in taken), "")
        made = ClassRecord(number, self.name, colour, key)
        return _checked(replace(document, classes=(*document.classes, made), next_class=number + 1))


@dataclass(frozen=True, slots=True)
class EditClass(Command):
    """Rename or recolour a class or give it another key; None leaves things as they are.

    Attributes:
        class_id: the class.
        name: unique in the project.
        colour: as in `ClassRecord`.
        key: the key that chooses it, empty for none. A class that has the key already gets in return the one
            that this class had, so that no two classes ever share one.
    """

    class_id: int
    name: str | None = None
    colour: Colour | None = None
    key: str | None = None

    @property
    def label(self) -> str:
        """See `Command.label`."""
        if self.name is not None:
            return f"Rename class to {self.name}"
        return "Change colour of class" if self.key is None else "Change key of class"

    def apply(self, document: Document) -> Document:
        """See `Command.apply`."""
        before = document.class_of(self.class_id)
        after = ClassRecord(
            before.id,
            before.name if self.name is None else self.name,
            before.colour if self.colour is None else self.colour,
            before.key if self.key is None else self.key,
        )
        classes = tuple(
            after
            if one is before
            else replace(one, key=before.key)
            if one.key and one.key == after.key
            else one
            for one in document.classes
        )
        return _checked(replace(document, classes=classes))


@dataclass(frozen=True, slots=True)
class MoveClass(Command):
    """Give a class another place in the order, counted from 0; exported files number classes so."""

    class_id: int
    place: int

    @property
    def label(self) -> str:
        """See `Command.label`."""
        return "Reorder classes"

    def apply(self, document: Document) -> Document:
        """See `Command.apply`."""
        moved = document.class_of(self.class_id)
        others = [one for one in document.classes if one is not moved]
        if not 0 <= self.place <= len(others):
            raise AnnotationError(
                "place {place} is not among the {count} classes",
                place=self.place,
                count=len(document.classes),
            )
        others.insert(self.place, moved)
        return replace(document, classes=tuple(others))


@dataclass(frozen=True, slots=True)
class RemoveClass(Command):
    """Remove a class.

    Attributes:
        class_id: the class.
        replacement: the class that its objects get; None if it must have none.
    """

    class_id: int
    replacement: int | None = None

    @property
    def label(self) -> str:
        """See `Command.label`."""
        return "Remove class"

    def apply(self, document: Document) -> Document:
        """See `Command.apply`."""
        gone = document.class_of(self.class_id)
        used = {image.name: image for image, one in document.objects() if one.class_id == gone.id}
        if used and self.replacement is None:
            raise AnnotationError(
                "the class {name} is in use on 1 image: choose a class for its objects"
                if len(used) == 1
                else "the class {name} is in use on {number} images: choose a class for its objects",
                name=gone.name,
                number=len(used),
            )
        if self.replacement is not None:
            document.class_of(self.replacement)
            if self.replacement == gone.id:
                raise AnnotationError("a class cannot be replaced by itself: choose another")
            for image in used.values():
                objects = tuple(
                    replace(one, class_id=self.replacement) if one.class_id == gone.id else one
                    for one in image.objects
                )
                document = document.with_image(replace(image, objects=objects))
        classes = tuple(one for one in document.classes if one is not gone)
        return _checked(replace(document, classes=classes))


@dataclass(frozen=True, slots=True)
class SetOverlap(Command):
    """Choose what exports do where objects overlap."""

    overlap: Overlap

    @property
    def label(self) -> str:
        """See `Command.label`."""
        return "Front wins" if self.overlap == "front" else "Keep overlaps"

    def apply(self, document: Document) -> Document:
        """See `Command.apply`."""
        return replace(document, overlap=self.overlap)


def _checked(document: Document) -> Document:
    check_classes(document)
    return document
