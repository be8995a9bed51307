"""Finding and changing the objects that a command names."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from skipclick.annotation.document import Document, ImageRecord, ObjectRecord
from skipclick.annotation.errors import AnnotationError


def chosen_objects(
    image: ImageRecord, ids: tuple[int, ...], unlocked: bool = False
) -> tuple[ObjectRecord, ...]:
    """The objects of these ids, from the back to the front.

    Args:
        image: the image that has them.
        ids: their ids.
        unlocked: whether none of them may be locked.

    Raises:
        AnnotationError: no id is given, there is no such object, or one is locked that must not be.
    """
    if not ids:
        raise AnnotationError("no object is chosen")
    wanted = set(ids)
    found = tuple(one for one in image.objects if one.id in wanted)
    lacking = wanted - {one.id for one in found}
    if lacking:
        raise AnnotationError("{name} has no object {number}", name=image.name, number=min(lacking))
    locked = next((one.id for one in found if one.locked), None) if unlocked else None
    if locked is not None:
        raise AnnotationError("object {number} is locked: unlock it first", number=locked)
    return found


def change_objects(
    document: Document,
    name: str,
    ids: tuple[int, ...],
    change: Callable[[ObjectRecord], ObjectRecord],
    unlocked: bool = False,
) -> Document:
    """The document with some objects of one image replaced.

    Raises:
        AnnotationError: as `chosen_objects`.
    """
    image = document.image(name)
    changed = {one.id: change(one) for one in chosen_objects(image, ids, unlocked)}
    return document.with_image(
        replace(image, objects=tuple(changed.get(one.id, one) for one in image.objects))
    )


def describe(action: str, objects: Collection[int]) -> str:
    """What is done, and to how many objects if it is not one."""
    return f"{action} object" if len(objects) == 1 else f"{action} {len(objects)} objects"
