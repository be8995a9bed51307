"""Words that several commands print."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skipclick.datasets import Count


def number_of(number: int, thing: str, several: str | None = None) -> str:
    """A number and what it counts, as in "1 image" and "1,234 images".

    Args:
        number: how many.
        thing: what one of them is called.
        several: what more of them are called; None for `thing` with an s.
    """
    return f"{number:,} {thing if number == 1 else several or thing + 's'}"


def compare_size(images: int, objects: int | None, official: Count | None) -> str:
    """How many images and objects a data set has, and whether these are as many as published.

    Args:
        images: how many there are.
        objects: likewise; None if they were not counted.
        official: the published numbers; None if there are none.
    """
    counted = "objects not counted (--fingerprint does)" if objects is None else number_of(objects, "object")
    if official is None:
        note = "no official size is published"
    elif images == official.images and objects in (None, official.objects):
        note = "as published"
    else:
        published = f"{number_of(official.images, 'image')}, {number_of(official.objects, 'object')}"
        note = f"another set than the published one of {published}"
    return f"{number_of(images, 'image')}, {counted}; {note}"
