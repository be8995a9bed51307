"""YOLO segmentation: a text file for each image, one polygon for each object, and `data.yaml`.

The format knows one polygon for an object. Parts and holes are joined into it by seams, lines that are gone
there and back, so that filling by the even-odd rule gives every pixel back; programs that also draw the
polygon's border show the seams one pixel wide. Coordinates are shares of the width and height with eight
digits. Numbers of objects have no place in it; on import they are counted from 1 in the file's order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

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
    files_below,
    read_text,
    renamed,
    stem_below,
)
from skipclick.mask import RunLengths
from skipclick.polygon import Outline, fill_polygon, outlines, simplify


def write(classes: Sequence[ClassRecord], images: Iterable[ExportedImage], tolerance: float) -> Written:
    """See `Format.write`."""
    names = {place: one.name for place, one in enumerate(classes)}
    yield "data.yaml", yaml.safe_dump({"names": names}, allow_unicode=True, sort_keys=False).encode()
    places = {one.id: place for place, one in enumerate(classes)}
    for image in images:
        lines = []
        for one in image.objects:
            polygon = _joined(outlines(one.mask.to_mask()), tolerance) / np.array(image.shape[::-1])
            numbers = " ".join(f"{number:.8f}".rstrip("0").rstrip(".") for number in polygon.ravel().tolist())
            lines.append(f"{places[one.class_id]} {numbers}\n")
        yield renamed(image.name, ".txt", folder="labels"), "".join(lines).encode()


def read(source: Path, index: ImageIndex, default_class: str) -> Imported:
    """See `Format.read`; the source is the folder, or `data.yaml` in it.

    Raises:
        FormatError: there are no such files, or one is damaged.
    """
    folder = source.parent if source.is_file() else source
    names = _class_names(source if source.is_file() else folder / "data.yaml")
    labels = folder / "labels" if (folder / "labels").is_dir() else folder
    files = [path for path in files_below(labels, "*.txt") if path.name != "classes.txt"]
    if not files:
        raise FormatError(f"{labels} holds no label files: expected one .txt for each image")
    found: dict[str, tuple[ImportedObject, ...]] = {}
    missing = []
    passed_over = 0
    for path in files:
        name = index.find_stem(stem_below(path, labels))
        if name is None:
            missing.append(stem_below(path, labels))
            continue
        shape = index.shape_of(name)
        objects = []
        for number, line in enumerate(read_text(path).splitlines(), start=1):
            words = line.split()
            if len(words) == 5:  # a box: centre, width, height
                passed_over += 1
            elif words:
                try:
                    kind, mask = _read_line(words, shape)
                except ValueError as error:
                    raise FormatError(f"{path}, line {number}: {reason(error)}") from error
                label = names.get(kind, f"class {kind}" if names else default_class)
                objects.append(ImportedObject(label, RunLengths.from_mask(mask)))
        if objects:
            found[name] = tuple(objects)
    return Imported(found, tuple(names.values()), tuple(missing), passed_over)


def _joined(borders: tuple[Outline, ...], tolerance: float) -> NDArray[np.float64]:
    """All outlines as one, from each back to the first point."""
    first, *others = [simplify(border.points, tolerance) for border in borders]
    parts = [first]
    home = first[:1]
    if others:
        parts.append(home)
    for other in others:
        parts += [other, other[:1], home]
    return np.concatenate(parts[:-1] if others else parts)


def _read_line(words: list[str], shape: tuple[int, int]) -> tuple[int, NDArray[np.bool_]]:
    kind = int(words[0])
    numbers = np.array([float(word) for word in words[1:]])
    if numbers.size < 6 or numbers.size % 2:
        raise ValueError("a polygon needs at least three points, each x and y")
    if not ((numbers > -1) & (numbers < 2)).all():
        raise ValueError("coordinates are shares of the image's width and height, from 0 to 1")
    points = numbers.reshape(-1, 2) * np.array(shape[::-1])
    return kind, fill_polygon(points, shape)


def _class_names(path: Path) -> dict[int, str]:
    """The names in `data.yaml`; none if there is no such file."""
    if not path.is_file():
        return {}
    try:
        content: Any = yaml.safe_load(read_text(path))
        names = content["names"]
        pairs = names.items() if isinstance(names, dict) else enumerate(names)
        return {int(place): str(name) for place, name in pairs}
    except (yaml.YAMLError, KeyError, TypeError, ValueError, RecursionError, OverflowError) as error:
        raise FormatError(f"{path} does not name the classes ({reason(error)}): export it again") from error


YOLO = Format("YOLO segmentation, a text file for each image", write, read, polygons=True)
