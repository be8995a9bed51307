"""Making, copying and deleting objects, and changing their masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from skipclick.annotation.commands.base import Command
from skipclick.annotation.commands.selection import change_objects, chosen_objects, describe
from skipclick.annotation.document import Document, ImageRecord, ObjectRecord, Shape, check_shape
from skipclick.annotation.errors import AnnotationError
from skipclick.mask import RunLengths
from skipclick.prompt import Click

Tool: TypeAlias = Literal[
    "clicks",
    "brush",
    "eraser",
    "polygon fill",
    "polygon cut",
    "fill holes",
    "drop islands",
    "smooth",
    "grow",
    "shrink",
    "box",
    "import",
]
"""What a mask was made with."""


@dataclass(frozen=True, slots=True)
class AddObject(Command):
    """Put a new object in front of all others.

    Attributes:
        image: the image's name.
        class_id: the object's class.
        mask: its pixels; the first mask on an image tells the image's size.
        clicks: the clicks that made it.
        model: the model that answered them.
        tool: what made the mask.
        seconds: how long it took.
        at: when, in seconds since 1970.
        colour: index into the palette; None takes the object's id, so that neighbours differ.
        id: the object's id if it has one already, when it is imported; None takes the next.
    """

    image: str
    class_id: int
    mask: RunLengths
    clicks: tuple[Click, ...] = ()
    model: str = ""
    tool: Tool = "clicks"
    seconds: float = 0.0
    at: float = 0.0
    colour: int | None = None
    id: int | None = None

    @property
    def label(self) -> str:
        """See `Command.label`."""
        return "Import object" if self.tool == "import" else "Add object"

    def apply(self, document: Document) -> Document:
        """See `Command.apply`."""
        image = document.image(self.image)
        document.class_of(self.class_id)
        number = image.next_id if self.id is None else self.id
        if any(one.id == number for one in image.objects):
            raise AnnotationError("{image} has an object {number} already", image=self.image, number=number)
        made = ObjectRecord(
            id=number,
            class_id=self.class_id,
            mask=self.mask,
            colour=number - 1 if self.colour is None else self.colour,
            clicks=self.clicks,
            model=self.model,
            seconds=self.seconds,
            created=self.at,
            changed=self.at,
        )
        return document.with_image(_with_objects(image, self.mask.size, [made]))


@dataclass(frozen=True, slots=True)
class SetMask(Command):
    """Replace the mask of an object by what a tool made of it.

    Attributes:
        image: the image's name.
        object: the object's id.
        mask: its new pixels.
        tool: what made them.
        clicks: all clicks that the mask answers; None keeps those that the object has.
        model: the model that answered them; None keeps the name that the object has.
        seconds: how long it took, added to what was spent before.
        at: when, in seconds since 1970.
    """

    image: str
    object: int
    mask: RunLengths
    tool: Tool = "clicks"
    clicks: tuple[Click, ...] | None = None
    model: str | None = None
    seconds: float = 0.0
    at: float = 0.0

    @property
    def label(self) -> str:
        """The tool."""
        return self.tool.capitalize()

    def apply(self, document: Document) -> Document:
        """See `Command.apply`."""
        if not self.seconds >= 0:
            raise AnnotationError(
                "the time spent on an object is not negative, as {seconds} is", seconds=self.seconds
            )

        def change(one: ObjectRecord) -> ObjectRecord:
            return replace(
                one,
                mask=self.mask,
                clicks=one.clicks if self.clicks is None else self.clicks,
                model=one.model if self.model is None else self.model,
                seconds=one.seconds + self.seconds,
                changed=self.at,
            )

        return change_objects(document, self.image, (self.object,), change, unlocked=True)


@dataclass(frozen=True, slots=True)
class DeleteObjects(Command):
    """Remove objects from an image."""

    image: str
    objects: tuple[int, ...]

    @property
    def label(self) -> str:
        """See `Command.label`."""
        return describe("Delete", self.objects)

    def apply(self, document: Document) -> Document:
        """See `Command.apply`."""
        image = document.image(self.image)
        gone = {one.id for one in chosen_objects(image, self.objects, unlocked=True)}
        rest = tuple(one for one in image.objects if one.id not in gone)
        return document.with_image(replace(image, objects=rest))


@dataclass(frozen=True, slots=True)
class CopyObjects(Command):
    """Put copies of objects in front on another image, as something to begin with.

    The copies get ids of their own and begin without clicks and time. Hidden and locked objects are copied
    as visible and unlocked ones.

    Attributes:
        image: the name of the image that has the objects.
        objects: their ids.
        target: the name of the other image.
        target_shape: (H, W) of the other image, which must be that of the masks.
        at: when, in seconds since 1970.
    """

    image: str
    objects: tuple[int, ...]
    target: str
    target_shape: Shape
    at: float = 0.0

    @property
    def label(self) -> str:
        """See `Command.label`."""
        return describe("Copy", self.objects)

    def apply(self, document: Document) -> Document:
        """See `Command.apply`."""
        check_shape(self.target_shape)
        chosen = chosen_objects(document.image(self.image), self.objects)
        target = document.image(self.target)
        made = []
        for number, one in enumerate(chosen, start=target.next_id):
            if one.mask.size != self.target_shape:
                raise AnnotationError(
                    "{image} and {target} differ in size: nothing can be copied",
                    image=self.image,
                    target=self.target,
                )
            copy = ObjectRecord(
                id=number,
                class_id=one.class_id,
                mask=one.mask,
                colour=one.colour,
                created=self.at,
                changed=self.at,
            )
            made.append(copy)
        return document.with_image(_with_objects(target, self.target_shape, made))


def _with_objects(image: ImageRecord, shape: Shape, made: Sequence[ObjectRecord]) -> ImageRecord:
    return replace(
        image,
        shape=image.shape if image.objects else shape,  # without objects the image may have been replaced
        objects=(*image.objects, *made),
        next_id=max(image.next_id, *(one.id + 1 for one in made)),
    )
