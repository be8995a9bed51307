"""What a labelled folder holds: classes, images, and the objects on each. Nothing here changes in place.

A document is a value. Commands (`skipclick.annotation.commands`) make a new one out of an old one, and the
two share everything that stayed the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, TypeAlias

from skipclick.annotation.errors import AnnotationError
from skipclick.image import PIXEL_LIMIT
from skipclick.mask import RunLengths
from skipclick.prompt import Click

Shape: TypeAlias = tuple[int, int]
"""(H, W) in pixels."""

Colour: TypeAlias = tuple[int, int, int]
"""Red, green, blue, each 0 to 255."""

State: TypeAlias = Literal["untouched", "begun", "done", "reviewed"]
"""How far the work on an image has come; what is reviewed is done too."""

Overlap: TypeAlias = Literal["keep", "front"]
"""Whether a pixel may belong to several objects ("keep"), or only to the one in front ("front")."""

PALETTE: tuple[Colour, ...] = (
    (38, 132, 255),
    (255, 140, 26),
    (32, 178, 100),
    (224, 60, 100),
    (150, 96, 230),
    (0, 176, 190),
    (240, 196, 32),
    (200, 84, 196),
    (128, 170, 48),
    (232, 104, 72),
    (72, 96, 216),
    (160, 112, 72),
)
"""Colours that are told apart on snow and at night; an object's colour is an index into them, cyclic."""

LONGEST_NAME = 200
"""Characters that a class's name may have."""


@dataclass(frozen=True, slots=True)
class ClassRecord:
    """A kind of object.

    Attributes:
        id: unique in the document; stays when the class is renamed.
        name: unique in the document, one line.
        colour: how the class is shown.
        key: the key that chooses it, one character; empty for none. Unique in the document.

    Raises:
        AnnotationError: the name, colour or key cannot be.
    """

    id: int
    name: str
    colour: Colour
    key: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > LONGEST_NAME or not self.name.isprintable():
            raise AnnotationError(
                "a class needs a name of 1 to {longest} characters on one line, not {name!r}",
                longest=LONGEST_NAME,
                name=self.name[:60],
            )
        if not all(0 <= part <= 255 for part in self.colour):
            raise AnnotationError("a colour is three numbers from 0 to 255, not {colour}", colour=self.colour)
        if len(self.key) > 1 or not self.key.isprintable():
            raise AnnotationError("the key of a class is one character, not {key!r}", key=self.key[:20])


@dataclass(frozen=True, slots=True)
class ObjectRecord:
    """One object on an image.

    Attributes:
        id: from 1, unique on its image; never used again there, even if the object is deleted.
        class_id: its class.
        mask: its pixels, of the image's size.
        colour: index into `PALETTE`, cyclic.
        clicks: the clicks that made it, in image pixels and in their order; none if it was drawn or
            imported.
        model: the model that answered the clicks; empty if none did.
        hidden: not shown; exported all the same.
        locked: protected from changes of its mask and class and from deletion.
        seconds: how long it was worked on.
        created: when, in seconds since 1970 (UTC).
        changed: when its mask or class last changed, likewise.

    Raises:
        AnnotationError: a number is out of its range.
    """

    id: int
    class_id: int
    mask: RunLengths
    colour: int = 0
    clicks: tuple[Click, ...] = ()
    model: str = ""
    hidden: bool = False
    locked: bool = False
    seconds: float = 0.0
    created: float = 0.0
    changed: float = 0.0

    def __post_init__(self) -> None:
        check_shape(self.mask.size)
        if self.id < 1 or self.colour < 0:
            raise AnnotationError(
                "object ids start at 1 and colours at 0, not {number} and {colour}",
                number=self.id,
                colour=self.colour,
            )
        if not self.seconds >= 0:
            raise AnnotationError(
                "the time spent on an object is not negative, as {seconds} is", seconds=self.seconds
            )


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """An image that was worked on, or is about to be.

    Attributes:
        name: path relative to the folder of images, with forward slashes.
        shape: (H, W), as soon as an object has told.
        done: marked as finished.
        reviewed: looked at once more, normally by somebody else, and found right; only what is done can be.
        objects: from the back to the front.
        next_id: the id of the next object.

    Raises:
        AnnotationError: the name leads out of the folder, ids are not unique, sizes differ, or it is
            reviewed without being done.
    """

    name: str
    shape: Shape | None = None
    done: bool = False
    reviewed: bool = False
    objects: tuple[ObjectRecord, ...] = ()
    next_id: int = 1

    def __post_init__(self) -> None:
        check_name(self.name)
        if self.shape is not None:
            check_shape(self.shape)
        if self.reviewed and not self.done:
            raise AnnotationError("{name} is reviewed, but not done", name=self.name)
        seen: set[int] = set()
        for one in self.objects:
            if one.mask.size != self.shape:
                raise AnnotationError(
                    "{name} was labelled with {expected} pixels (width x height), but object "
                    "{number} has {found}: bring back the image of that size, or delete its objects",
                    name=self.name,
                    expected=_size(self.shape),
                    number=one.id,
                    found=_size(one.mask.size),
                )
            if one.id in seen or one.id >= self.next_id:
                raise AnnotationError(
                    "{name} has object {number} twice, or its number is too large",
                    name=self.name,
                    number=one.id,
                )
            seen.add(one.id)

    @property
    def state(self) -> State:
        """Reviewed or done if marked so; begun if it has objects; else untouched."""
        if self.done:
            return "reviewed" if self.reviewed else "done"
        return "begun" if self.objects else "untouched"

    def __getitem__(self, object_id: int) -> ObjectRecord:
        """The object of this id.

        Raises:
            AnnotationError: there is none.
        """
        for one in self.objects:
            if one.id == object_id:
                return one
        raise AnnotationError("{name} has no object {number}", name=self.name, number=object_id)


TWICE = {
    "id": "two classes have the id {value}: choose another",
    "name": "two classes have the name '{value}': choose another",
    "key": "two classes have the key '{value}': choose another",
}
"""What is said of two classes that are the same in something."""

DEFAULT_CLASSES = (ClassRecord(1, "object", PALETTE[0], "1"),)
"""What a new project starts with."""


@dataclass(frozen=True, slots=True)
class Document:
    """Everything known about a labelled folder.

    Attributes:
        classes: in the order of lists, menus and exported files; at least one.
        overlap: what exports do where objects overlap. Masks are kept whole either way.
        images: by name, only those that differ from an image never opened; read-only. The folder itself
            says which images there are.
        next_class: the id of the next class.
    """

    classes: tuple[ClassRecord, ...] = DEFAULT_CLASSES
    overlap: Overlap = "keep"
    images: Mapping[str, ImageRecord] = field(default_factory=lambda: MappingProxyType({}))
    next_class: int = 2

    def image(self, name: str) -> ImageRecord:
        """The image of this name, untouched if it is not in `images`.

        Raises:
            AnnotationError: no image can have this name.
        """
        return self.images.get(name) or ImageRecord(name)

    def with_image(self, image: ImageRecord) -> Document:
        """The document with one image replaced.

        A review holds for what was looked at: if a mask, a class or the order of the objects has changed, the
        image is done, but no longer reviewed.
        """
        before = self.images.get(image.name)
        if image.reviewed and before is not None and _labels(before) != _labels(image):
            image = replace(image, reviewed=False)
        images = dict(self.images)
        images[image.name] = image
        if image == ImageRecord(image.name):
            del images[image.name]
        return replace(self, images=MappingProxyType(images))

    def class_of(self, class_id: int) -> ClassRecord:
        """The class of this id.

        Raises:
            AnnotationError: there is none.
        """
        for one in self.classes:
            if one.id == class_id:
                return one
        raise AnnotationError("there is no class {number}", number=class_id)

    def class_named(self, name: str) -> ClassRecord | None:
        """The class of this name, or None."""
        return next((one for one in self.classes if one.name == name), None)

    def objects(self) -> Iterator[tuple[ImageRecord, ObjectRecord]]:
        """All objects with their images."""
        for image in self.images.values():
            for one in image.objects:
                yield image, one


def check_document(document: Document) -> None:
    """Check what concerns the document as a whole, once, when it comes from a file.

    Raises:
        AnnotationError: classes are missing, not unique, or unknown to an object.
    """
    check_classes(document)
    known = {one.id for one in document.classes}
    for image, one in document.objects():
        if one.class_id not in known:
            raise AnnotationError(
                "object {number} of {name} has the class {class_number}, unknown here",
                number=one.id,
                name=image.name,
                class_number=one.class_id,
            )


def check_classes(document: Document) -> None:
    """Check that there are classes, with ids, names and keys of their own.

    Raises:
        AnnotationError: otherwise.
    """
    if not document.classes:
        raise AnnotationError("a project needs at least one class")
    for what, message in TWICE.items():
        values = [getattr(one, what) for one in document.classes if getattr(one, what) != ""]
        twice = next((value for value in values if values.count(value) > 1), None)
        if twice is not None:
            raise AnnotationError(message, value=twice)
    if max(one.id for one in document.classes) >= document.next_class:
        raise AnnotationError(
            "the next class cannot have the id {number}, which is taken", number=document.next_class
        )


def check_name(name: str) -> None:
    """Check the name of an image.

    Raises:
        AnnotationError: it is empty, absolute, or leads out of the folder.
    """
    if "\0" in name or not {"", ".", ".."}.isdisjoint(name.split("/")):
        raise AnnotationError("{name!r} is no name of an image inside a folder", name=name[:200])


def check_shape(shape: Shape) -> None:
    """Check the size of an image.

    Raises:
        AnnotationError: it is empty, or larger than `PIXEL_LIMIT`.
    """
    height, width = shape
    if min(height, width) < 1 or height * width > PIXEL_LIMIT:
        raise AnnotationError(
            "an image of {size} pixels is empty or too large to be labelled", size=_size(shape)
        )


def _labels(image: ImageRecord) -> list[tuple[int, int, RunLengths]]:
    """What a review of an image is about."""
    return [(one.id, one.class_id, one.mask) for one in image.objects]


def _size(shape: Shape | None) -> str:
    return "?" if shape is None else f"{shape[1]} x {shape[0]}"
