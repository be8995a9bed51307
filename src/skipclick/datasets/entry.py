"""What is known of a data set before its folder is looked into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from skipclick.datasets.sample import Sample

LABEL = r"[\w.-]+"
"""What a data set may be called, as a regular expression: its name becomes a part of file names."""


class Count(NamedTuple):
    """How many images and objects a data set has."""

    images: int
    objects: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the table of data sets.

    Attributes:
        read: lists the samples in a folder.
        layout: what lies in the folder, in one line.
        source: where to get it, in one line.
        official: its published size; None where none is stated.
        one_object: whether every image has exactly one object, so that nothing need be read to count them.
        images_apart: whether it is handed out without its images, so that some may have become
            unavailable; these are passed over instead of refused.
        from_file: whether a file can be given instead of a folder.
        own: whether it is a user's own data, so that two of the name need have nothing in common.
        parts: names of the data sets that it consists of; each can be had without the others.
    """

    read: Callable[[Path], tuple[Sample, ...]]
    layout: str
    source: str
    official: Count | None = None
    one_object: bool = False
    images_apart: bool = False
    from_file: bool = False
    own: bool = False
    parts: tuple[str, ...] = ()
