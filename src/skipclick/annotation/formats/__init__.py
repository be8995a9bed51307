"""Formats that masks come and go in, one file each; `FORMATS` is the table of all."""

from __future__ import annotations

from skipclick.annotation.errors import FormatError
from skipclick.annotation.formats.base import (
    ExportedImage,
    ExportedObject,
    Format,
    ImageIndex,
    Imported,
    ImportedObject,
)
from skipclick.annotation.formats.binary import BINARY
from skipclick.annotation.formats.coco import COCO
from skipclick.annotation.formats.labelme import LABELME
from skipclick.annotation.formats.labels import LABELS
from skipclick.annotation.formats.voc import VOC
from skipclick.annotation.formats.yolo import YOLO

__all__ = [
    "FORMATS",
    "ExportedImage",
    "ExportedObject",
    "Format",
    "ImageIndex",
    "Imported",
    "ImportedObject",
    "find_format",
]

FORMATS: dict[str, Format] = {
    "coco": COCO,
    "yolo": YOLO,
    "voc": VOC,
    "labelme": LABELME,
    "labels": LABELS,
    "binary": BINARY,
}
"""All formats by the names that users give them."""


def find_format(name: str) -> Format:
    """The format of this name.

    Raises:
        FormatError: there is none.
    """
    if name not in FORMATS:
        raise FormatError(f"{name!r} is no format: choose one of {', '.join(FORMATS)}")
    return FORMATS[name]
