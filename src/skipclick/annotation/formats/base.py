"""What goes into a format and comes out of it; the formats themselves know no project."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skipclick.annotation.document import ClassRecord, Shape
from skipclick.annotation.errors import FormatError
from skipclick.annotation.files import reason
from skipclick.mask import RunLengths


@dataclass(frozen=True, slots=True)
class ExportedObject:
    """An object as it is exported: overlaps are settled, and it has at least one pixel."""

    id: int
    class_id: int
    mask: RunLengths


@dataclass(frozen=True, slots=True)
class ExportedImage:
    """An image as it is exported.

    Attributes:
        name: relative to the folder of images, with forward slashes.
        shape: (H, W).
        objects: from the back to the front.
    """

    name: str
    shape: Shape
    objects: tuple[ExportedObject, ...]


@dataclass(frozen=True, slots=True)
class ImportedObject:
    """An object found in a file.

    Attributes:
        class_name: what the file calls its class.
        mask: its pixels, of the image's size.
        id: its number in the file; None if it has none.
    """

    class_name: str
    mask: RunLengths
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file holds about the images of a project.

    Attributes:
        images: the objects of each image, from the back to the front.
        classes: names of classes in the file's order, those without objects included.
        missing: images that the file knows and the folder does not hold.
        passed_over: how many objects have no pixels of their own (boxes, points, lines, crowds).
    """

    images: Mapping[str, tuple[ImportedObject, ...]]
    classes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    passed_over: int = 0


Written: TypeAlias = Iterator[tuple[str, bytes]]
"""Files to be written: where, relative to the target, and their content."""


@dataclass(frozen=True, slots=True)
class Format:
    """A way to keep masks in files.

    Attributes:
        about: what is written, in one line.
        write: makes the files out of classes, images, and the tolerance of polygons in pixels.
        read: finds the objects in a file or folder, given the project's images and the name of the class
            for objects that have none.
        polygons: whether the tolerance matters.
        flat: whether a pixel can belong to one object only, so that the front one has to win.
        file: the one file that is written, if it is only one; its name may be chosen.
    """

    about: str
    write: Callable[[Sequence[ClassRecord], Iterable[ExportedImage], float], Written]
    read: Callable[[Path, ImageIndex, str], Imported]
    polygons: bool = False
    flat: bool = False
    file: str | None = None


class ImageIndex:
    """Finds the images of a project by what files call them."""

    def __init__(self, names: Iterable[str], shape_of: Callable[[str], Shape]) -> None:
        """Look up names.

        Args:
            names: the project's images.
            shape_of: gives (H, W) of one of them.
        """
        self.shape_of = shape_of
        self._by_key: dict[str, list[str]] = {}
        for name in names:
            path = PurePosixPath(name)
            # The full path weighs most, the bare name least; stems serve files named after images.
            for key in {name, path.name, str(path.with_suffix("")) + "|", path.stem + "|"}:
                self._by_key.setdefault(key, []).append(name)

    def find(self, name: str) -> str | None:
        """The image that a file calls so, by its path in the folder or else by its bare name.

        Raises:
            FormatError: several images could be meant.
        """
        path = name.replace("\\", "/").removeprefix("./")
        return self._one(path) or self._one(PurePosixPath(path).name)

    def find_stem(self, stem: str) -> str | None:
        """The image of which this is the path or the bare name without its suffix.

        Raises:
            FormatError: several images could be meant.
        """
        return self._one(stem + "|") or self._one(PurePosixPath(stem).name + "|")

    def _one(self, key: str) -> str | None:
        found = self._by_key.get(key, [])
        exact = [
            name for name in found if name == key or str(PurePosixPath(name).with_suffix("")) + "|" == key
        ]
        found = exact or found
        if len(found) > 1:
            raise FormatError(
                "{name} may be {first} or {second}: rename one of the images",
                name=key.removesuffix("|"),
                first=found[0],
                second=found[1],
            )
        return found[0] if found else None


def class_names(classes: Sequence[ClassRecord]) -> dict[int, str]:
    """The names of classes by their ids."""
    return {one.id: one.name for one in classes}


def renamed(name: str, suffix: str, *, folder: str = "", prefix: str = "") -> str:
    """The name of a file about an image, in a folder of the same layout.

    Args:
        name: the image's.
        suffix: in place of the image's own.
        folder: what the layout is repeated in.
        prefix: before the file's name.
    """
    path = PurePosixPath(folder, name)
    return str(path.with_name(f"{prefix}{path.stem}{suffix}"))


def keep_mask(mask: NDArray[np.bool_], shape: Shape, where: str) -> RunLengths:
    """A mask from a file, if it has the size of its image.

    Raises:
        FormatError: it has another.
    """
    if mask.shape != shape:
        height, width = mask.shape
        raise FormatError(
            "{where} is {width} x {height} pixels, but its image {wide} x {high}: export "
            "it again for this image",
            where=where,
            width=width,
            height=height,
            wide=shape[1],
            high=shape[0],
        )
    return RunLengths.from_mask(mask)


def check_size(height: object, width: object, shape: Shape, where: str) -> None:
    """Check what a file says about the size of an image; None says nothing.

    Raises:
        FormatError: it is another size, so its polygons would come to lie elsewhere.
    """
    if height is not None and width is not None and (height, width) != shape:
        raise FormatError(
            "{where} is for an image of {width} x {height} pixels, but yours has {wide} x "
            "{high}: export it again for this image",
            where=where,
            width=width,
            height=height,
            wide=shape[1],
            high=shape[0],
        )


def read_text(path: Path) -> str:
    """A file of text.

    Raises:
        FormatError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FormatError("{path} cannot be read: {reason}", path=path, reason=reason(error)) from error
    except UnicodeDecodeError as error:
        raise FormatError("{path} is no text in UTF-8: export it again", path=path) from error


def read_json(path: Path) -> dict[str, Any]:
    """A file with one JSON object.

    Raises:
        FormatError: it is something else.
    """
    try:
        content = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise FormatError(
            "{path} is no JSON ({reason}): export it again", path=path, reason=reason(error)
        ) from error
    if not isinstance(content, dict):
        raise FormatError("{path} holds no JSON object: export it again", path=path)
    return content


def write_json(content: Any) -> bytes:
    """JSON as it goes into a file."""
    return (json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n").encode()


def plain(points: NDArray[np.float64]) -> list[float]:
    """Coordinates x, y, x, y, … as they go into a file, whole numbers without a point."""
    return [int(number) if number == int(number) else number for number in points.ravel().tolist()]


def files_below(folder: Path, pattern: str) -> list[Path]:
    """Files of a kind in a folder and those inside it, sorted; none of a project's own.

    Raises:
        FormatError: there is no such folder.
    """
    if not folder.is_dir():
        raise FormatError("{folder} is no folder: name the folder that holds the annotations", folder=folder)
    found = (path for path in folder.rglob(pattern) if path.is_file())
    return sorted(
        path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def stem_below(path: Path, folder: Path) -> str:
    """The path of a file in a folder without its suffix, with forward slashes."""
    return path.relative_to(folder).with_suffix("").as_posix()
