"""Black and white masks: `NAME.3.png` for object 3 of the image NAME, 255 on the object.

Classes stand in `objects.csv`. Without that file, on import, `NAME.png` is one object of the image NAME,
and `NAME.3.png`, `NAME_3.png` and `NAME-3.png` are its object 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from skipclick.annotation.document import ClassRecord
from skipclick.annotation.errors import FormatError
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
    renamed,
    stem_below,
)
from skipclick.annotation.formats.pictures import png
from skipclick.annotation.formats.table import TABLE, read_table, write_table
from skipclick.errors import ImageError
from skipclick.image import load_mask

_NUMBERED = re.compile(r"(.+)[._-]([0-9]+)")


def write(classes: Sequence[ClassRecord], images: Iterable[ExportedImage], tolerance: float) -> Written:
    """See `Format.write`."""
    names = class_names(classes)
    rows = []
    for image in images:
        for one in image.objects:
            file = renamed(image.name, f".{one.id}.png")
            rows.append((file, image.name, one.id, names[one.class_id]))
            yield file, png(one.mask.to_mask().astype(np.uint8) * np.uint8(255))
    yield TABLE, write_table(rows)


def read(source: Path, index: ImageIndex, default_class: str) -> Imported:
    """See `Format.read`; the source is a folder, or one mask.

    Raises:
        FormatError: there are no such files, or one is damaged or does not fit its image.
    """
    folder = source.parent if source.is_file() else source
    files = [source] if source.is_file() else files_below(folder, "*.png")
    rows = read_table(folder)
    if not files and not (folder / TABLE).is_file():
        raise FormatError(f"{folder} holds no PNG files: expected NAME.png for the image NAME")
    # The table also knows the order, from the back to the front.
    order = {file: place for place, (file, _, _, _) in enumerate(rows)}
    known = {file: (image, number, kind) for file, image, number, kind in rows}
    found: dict[str, list[ImportedObject]] = {}
    missing = []
    below = sorted(files, key=lambda path: order.get(path.relative_to(folder).as_posix(), len(order)))
    for path in below:
        file = path.relative_to(folder).as_posix()
        number: int | None
        if file in known:
            image, number, kind = known[file]
            name = index.find(image)
        else:
            kind = default_class
            name, number = _guess(stem_below(path, folder), index)
        if name is None:
            missing.append(file)
            continue
        try:
            mask = load_mask(path)
        except ImageError as error:
            raise FormatError(str(error)) from error
        if mask.any():
            kept = keep_mask(mask, index.shape_of(name), str(path))
            found.setdefault(name, []).append(ImportedObject(kind, kept, number))
    images = {name: tuple(objects) for name, objects in found.items()}
    return Imported(images, tuple(dict.fromkeys(kind for _, _, _, kind in rows)), tuple(missing))


def _guess(stem: str, index: ImageIndex) -> tuple[str | None, int | None]:
    """Whose mask it is, by its name, and which object."""
    name = index.find_stem(stem)
    match = _NUMBERED.fullmatch(stem)
    if name is None and match is not None:
        return index.find_stem(match[1]), int(match[2])
    return name, None


BINARY = Format("black and white masks NAME.ID.png, one for each object", write, read)
