"""Which images a folder holds, without opening any of them."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from skipclick.annotation.errors import ProjectError
from skipclick.errors import ImageError
from skipclick.image import IMAGE_SUFFIXES

MASK_PREFIX = "mask_"
"""Label maps lie beside their images under the image's name with this before it (specification 5.4)."""


def list_images(folder: Path) -> tuple[str, ...]:
    """The images in a folder and the folders inside it.

    Hidden files and folders are passed over, and so is `mask_NAME.png` beside an image called NAME.

    Returns:
        Paths relative to the folder with forward slashes, sorted as people count: a2 before a10.

    Raises:
        ProjectError: the folder does not exist or cannot be read.
    """
    found = []

    def fail(error: OSError) -> None:
        if Path(error.filename or folder) == folder:
            raise ProjectError("{folder} cannot be read: {reason}", folder=folder, reason=error.strerror)

    for place, folders, files in os.walk(folder, onerror=fail):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = Path(place).relative_to(folder).as_posix()
        stems = {PurePosixPath(name).stem for name in files if _is_image(name)}
        for name in files:
            if is_listed(name, stems):
                found.append(name if inside == "." else f"{inside}/{name}")
    return tuple(sorted(found, key=_as_people_count))


def is_listed(name: str, stems: Collection[str]) -> bool:
    """Whether a file is taken for one of the images.

    Args:
        name: the file's.
        stems: names without suffix of the images in its folder, which masks may lie beside.
    """
    mask_of = PurePosixPath(name).stem.removeprefix(MASK_PREFIX)
    return _is_image(name) and not (name.startswith(MASK_PREFIX) and mask_of in stems)


def check_ordinary(path: Path) -> None:
    """Refuse pipes and devices, for which whoever reads them may wait for ever.

    Raises:
        ImageError: it is one.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise ImageError("{path} is no ordinary file; save the image as JPEG or PNG", path=path)


def _is_image(name: str) -> bool:
    return not name.startswith(".") and name.lower().endswith(IMAGE_SUFFIXES)


def _as_people_count(name: str) -> tuple[list[tuple[int, str]], str]:
    parts = re.split(r"([0-9]+)", name.casefold())
    return [(int(part) if index % 2 else 0, part) for index, part in enumerate(parts)], name
