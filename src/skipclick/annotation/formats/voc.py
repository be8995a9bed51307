"""Pascal VOC's segmentations: SegmentationObject, SegmentationClass, and an XML file for each image.

In `SegmentationObject` the value of a pixel is the place of its object in the XML file, counted from 1; in
`SegmentationClass` it is the place of its class in `classes.txt`. Where objects overlap, the front one
wins. The XML file keeps the numbers of the objects as `id`, an element that VOC does not know. No outlines
are marked to be ignored, as VOC's own maps have them (255); on import they belong to no object.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from skipclick.annotation.document import ClassRecord
from skipclick.annotation.errors import FormatError
from skipclick.annotation.files import reason
from skipclick.annotation.formats.base import (
    ExportedImage,
    Format,
    ImageIndex,
    Imported,
    ImportedObject,
    Written,
    class_names,
    files_below,
    keep_mask,
    read_text,
    renamed,
    stem_below,
)
from skipclick.annotation.formats.pictures import label_map, png, read_label_map

VOID = 255
"""The value of pixels that belong to nothing."""

_XML = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
"""All that XML can hold."""


def write(classes: Sequence[ClassRecord], images: Iterable[ExportedImage], tolerance: float) -> Written:
    """See `Format.write`.

    Raises:
        FormatError: there are more objects on an image, or more classes, than VOC's maps can tell apart.
    """
    if len(classes) >= VOID:
        raise FormatError(f"Pascal VOC holds {VOID - 1} classes, not {len(classes)}: choose another format")
    names = class_names(classes)
    places = {one.id: place for place, one in enumerate(classes, start=1)}
    colours = voc_palette()
    yield "classes.txt", "".join(f"{one.name}\n" for one in classes).encode()
    for image in images:
        count = len(image.objects)
        if count >= VOID:
            raise FormatError(f"{image.name} has {count} objects; Pascal VOC holds {VOID - 1}")
        objects = label_map(image, list(range(1, count + 1)))
        kinds = label_map(image, [places[one.class_id] for one in image.objects])
        for folder, labels in (("SegmentationObject", objects), ("SegmentationClass", kinds)):
            yield renamed(image.name, ".png", folder=folder), png(labels.astype(np.uint8), colours)
        yield renamed(image.name, ".xml", folder="Annotations"), _xml(image, objects, names)


def read(source: Path, index: ImageIndex, default_class: str) -> Imported:
    """See `Format.read`; the source is the folder that holds the three.

    Raises:
        FormatError: there are no such files, or one is damaged or does not fit its image.
    """
    folder = source / "SegmentationObject"
    files = files_below(folder, "*.png")
    if not files:
        raise FormatError(f"{folder} holds no PNG files: expected NAME.png for the image NAME")
    found: dict[str, tuple[ImportedObject, ...]] = {}
    missing = []
    for path in files:
        stem = stem_below(path, folder)
        name = index.find_stem(stem)
        if name is None:
            missing.append(stem)
            continue
        about = source / "Annotations" / f"{stem}.xml"
        described = _read_xml(about)
        labels = read_label_map(path)
        objects = []
        for value in np.unique(labels[(labels > 0) & (labels != VOID)]).tolist():
            if value > len(described):
                raise FormatError(f"{path} has an object {value}, but {about} only {len(described)}")
            kind, number = described[value - 1]
            mask = keep_mask(labels == value, index.shape_of(name), str(path))
            objects.append(ImportedObject(kind or default_class, mask, number))
        if objects:
            found[name] = tuple(objects)
    listed = source / "classes.txt"
    names = tuple(read_text(listed).splitlines()) if listed.is_file() else ()
    return Imported(found, tuple(name for name in names if name.strip()), tuple(missing))


def voc_palette() -> bytes:
    """VOC's colours, red, green and blue for each of 256 values.

    The bits of a value are dealt to the three colours in turn, the lowest three to their highest bits.
    """
    values = np.arange(256)
    colours = np.zeros((256, 3), np.uint8)
    for bit in range(8):
        colours[:, bit % 3] |= ((values >> bit & 1) << (7 - bit // 3)).astype(np.uint8)
    return colours.tobytes()


def _xml(image: ExportedImage, objects: NDArray[np.int32], names: dict[int, str]) -> bytes:
    path = PurePosixPath(image.name)
    if not _XML.fullmatch(image.name):
        raise FormatError(f"{image.name!r} is a name that XML cannot hold: rename the image")
    root = ElementTree.Element("annotation")
    _add(root, folder=path.parent.name, filename=path.name)
    _add(ElementTree.SubElement(root, "size"), width=image.shape[1], height=image.shape[0], depth=3)
    _add(root, segmented=1)
    boxes = ndimage.find_objects(objects, len(image.objects))
    for one, box in zip(image.objects, boxes, strict=True):
        entry = ElementTree.SubElement(root, "object")
        _add(entry, name=names[one.class_id], pose="Unspecified", truncated=0, difficult=0)
        if box is not None:  # covered objects keep their place, without a box
            rows, columns = box
            corners = ElementTree.SubElement(entry, "bndbox")
            _add(corners, xmin=columns.start + 1, ymin=rows.start + 1)  # VOC counts pixels from 1
            _add(corners, xmax=columns.stop, ymax=rows.stop)
        _add(entry, id=one.id)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8")) + b"\n"


def _add(parent: ElementTree.Element, **values: object) -> None:
    for name, value in values.items():
        ElementTree.SubElement(parent, name).text = str(value)


def _read_xml(path: Path) -> list[tuple[str, int | None]]:
    """Class and number of each object in a file."""
    text = read_text(path)
    if "<!" in re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL):  # entities can be made to fill the memory
        raise FormatError(f"{path} has a document type: export it again without")
    try:
        root = ElementTree.fromstring(text)
        found = []
        for one in root.iter("object"):
            number = one.findtext("id")
            found.append(((one.findtext("name") or "").strip(), None if number is None else int(number)))
    except (ElementTree.ParseError, ValueError) as error:
        raise FormatError(f"{path} is damaged ({reason(error)}): export it again") from error
    return found


VOC = Format("Pascal VOC, maps of objects and classes and XML", write, read, flat=True)
