"""Label maps as WSESeg and SHSeg have them (specification 5.4, 5.5): `mask_NAME.png` for the image NAME.

The value of a pixel is the number of its object, 0 is background. Where objects overlap, the front one
wins. Classes stand in `objects.csv`; without it, all objects get one class.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from skipclick.annotation.document import ClassRecord
from skipclick.annotation.errors import FormatError
from skipclick.annotation.folder import MASK_PREFIX
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
from skipclick.annotation.formats.pictures import label_map, png, read_label_map
from skipclick.annotation.formats.table import TABLE, read_table, write_table

LARGEST = 65535
"""The largest value that a PNG file holds."""


def write(classes: Sequence[ClassRecord], images: Iterable[ExportedImage], tolerance: float) -> Written:
    """See `Format.write`.

    Raises:
        FormatError: the number of an object is too large.
    """
    names = class_names(classes)
    rows = []
    for image in images:
        numbers = [one.id for one in image.objects]
        if max(numbers, default=0) > LARGEST:
            raise FormatError(
                f"{image.name} has an object {max(numbers)}: label maps hold numbers to {LARGEST}; "
                "choose another format"
            )
        labels = label_map(image, numbers)
        file = renamed(image.name, ".png", prefix=MASK_PREFIX)
        rows += [(file, image.name, one.id, names[one.class_id]) for one in image.objects]
        yield file, png(labels.astype(np.uint8 if max(numbers, default=0) < 256 else np.uint16))
    yield TABLE, write_table(rows)


def read(source: Path, index: ImageIndex, default_class: str) -> Imported:
    """See `Format.read`; the source is a folder, or one label map.

    Published evaluations drop the smallest value of a map whatever it is; here only 0 is background, so
    that no object is lost.

    Raises:
        FormatError: there are no such files, or one is damaged or does not fit its image.
    """
    folder = source.parent if source.is_file() else source
    files = [source] if source.is_file() else files_below(folder, f"{MASK_PREFIX}*.png")
    if not files:
        raise FormatError(f"{folder} holds no label maps: expected {MASK_PREFIX}NAME.png for the image NAME")
    table = {(file, number): kind for file, _, number, kind in read_table(folder)}
    found: dict[str, tuple[ImportedObject, ...]] = {}
    missing = []
    for path in files:
        stem = PurePosixPath(stem_below(path, folder))
        name = index.find_stem(str(stem.with_name(stem.name.removeprefix(MASK_PREFIX))))
        if name is None:
            missing.append(str(stem))
            continue
        labels = read_label_map(path)
        file = path.relative_to(folder).as_posix()
        found[name] = tuple(
            ImportedObject(
                table.get((file, number), default_class),
                keep_mask(labels == number, index.shape_of(name), str(path)),
                number,
            )
            for number in np.unique(labels[labels > 0]).tolist()
        )
    return Imported(found, tuple(dict.fromkeys(table.values())), tuple(missing))


LABELS = Format("label maps mask_NAME.png, the value is the object", write, read, flat=True)
