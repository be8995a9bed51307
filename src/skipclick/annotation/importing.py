"""Masks out of files into a project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from skipclick.annotation.commands import AddClass, AddObject, Command, DeleteObjects, Together
from skipclick.annotation.document import LONGEST_NAME, Document, ImageRecord
from skipclick.annotation.errors import AnnotationError, FormatError
from skipclick.annotation.formats import ImageIndex, ImportedObject, find_format
from skipclick.annotation.project import Project

Existing: TypeAlias = Literal["refuse", "add", "replace"]
"""What an import does with images that have objects already."""

LARGEST_KEPT = 65535
"""The largest number that an object keeps: label maps, which hold no larger ones, must stay possible."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What was read.

    Attributes:
        images: how many images have got objects.
        objects: how many objects.
        classes: names of the classes that are new.
        missing: images that the file knows and the project does not.
        passed_over: how many things in the file have no pixels.
    """

    images: int
    objects: int
    classes: tuple[str, ...]
    missing: tuple[str, ...]
    passed_over: int


def import_annotations(
    project: Project,
    format_name: str,
    source: Path,
    *,
    existing: Existing = "refuse",
    default_class: str = "object",
    at: float = 0.0,
) -> ImportResult:
    """Bring masks from files into a project, to correct them; one step that can be undone.

    Objects keep their numbers where these are free on their image and not above `LARGEST_KEPT`. Classes are
    found by their names and made if there is none.

    Args:
        project: the project, open for writing.
        format_name: a key of `FORMATS`.
        source: a file or folder, as the format has it.
        existing: what to do with images that have objects already: refuse everything, add the new ones in
            front, or replace the old ones.
        default_class: the class of objects for which the format knows none.
        at: when, in seconds since 1970.

    Raises:
        FormatError: an unknown format, damaged files, none of the project's images, or images that have
            objects already.
        AnnotationError: an object to be replaced is locked, or a class has an impossible name.
        ImageError: an image cannot be read to compare its size.
        NotSavedError: it was imported, but could not be written.
    """
    kind = find_format(format_name)
    if not source.exists():
        raise FormatError("{source} does not exist: name the file or folder to import", source=source)
    index = ImageIndex(project.names, project.shape_of)
    found = kind.read(source, index, default_class)
    if not found.images:
        raise FormatError(
            "{source} holds no masks for the images in {folder}, but for {name} and others that are not here"
            if found.missing
            else "{source} holds no masks for the images in {folder}",
            source=source,
            folder=project.folder,
            name=", ".join(found.missing[:1]),
        )
    document = project.document
    taken = [name for name in found.images if document.image(name).objects]
    if taken and existing == "refuse":
        raise FormatError(
            "labelled already: {names}; choose to add to the objects (--add), or to replace them (--replace)",
            names=", ".join(taken[:3]) + (" …" if len(taken) > 3 else ""),
        )
    used = dict.fromkeys(one.class_name for objects in found.images.values() for one in objects)
    wanted = dict.fromkeys([*(_tidy(name) for name in found.classes), *(_tidy(name) for name in used)])
    classes = tuple(name for name in wanted if document.class_named(name) is None)
    commands: list[Command] = [AddClass(name) for name in classes]
    for command in commands:
        document = command.apply(document)
    for name, objects in found.images.items():
        image = document.image(name)
        if image.objects and existing == "replace":
            commands.append(DeleteObjects(name, tuple(one.id for one in image.objects)))
            image = commands[-1].apply(document).image(name)
        commands += _additions(document, image, objects, at)
    project.do(Together(f"Import {format_name}", tuple(commands)))
    return ImportResult(
        images=len(found.images),
        objects=sum(map(len, found.images.values())),
        classes=classes,
        missing=found.missing,
        passed_over=found.passed_over,
    )


def _additions(
    document: Document, image: ImageRecord, objects: Sequence[ImportedObject], at: float
) -> list[Command]:
    """The commands that add objects to an image; each with its own number if that is free."""
    taken = {one.id for one in image.objects}
    kept = []
    for one in objects:
        keep = one.id is not None and 0 < one.id <= LARGEST_KEPT and one.id not in taken
        number = one.id if keep else None
        kept.append(number)
        if number is not None:
            taken.add(number)
    free = max(image.next_id, max(taken, default=0) + 1)
    commands: list[Command] = []
    for one, number in zip(objects, kept, strict=True):
        kind = document.class_named(_tidy(one.class_name))
        if kind is None:
            raise AnnotationError("there is no class {name}", name=one.class_name)
        if number is None:
            number, free = free, free + 1
        commands.append(AddObject(image.name, kind.id, one.mask, tool="import", at=at, id=number))
    return commands


def _tidy(name: str) -> str:
    """The name of a class as it can stand in a list."""
    plain = "".join(character if character.isprintable() else " " for character in name)
    return " ".join(plain.split())[:LONGEST_NAME] or "object"
