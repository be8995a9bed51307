"""WSESeg from its archive of masks and the photos that a user has fetched from Flickr (specification 5.4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from skipclick.datasets.builders.archive import Archive, open_archive
from skipclick.datasets.builders.assemble import ArchivedMask, Built, assemble, jpeg_files, mask_name
from skipclick.datasets.builders.folder import BuildFolder
from skipclick.datasets.wseseg import WSESEG_CLASSES
from skipclick.errors import DatasetError

_LISTED = re.compile(r"([\w@-]+)[\s,;:/|\"'()\[\]]+(\d{5,})(?![\w@])", re.ASCII)
"""A user's id and an image's id, with anything between them that parts words."""

_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{5,}(?![0-9A-Za-z@])")
"""A number that may be an image's id; one before an @ belongs to a user."""

_SURE = 8
"""Flickr's image ids have at least so many digits; shorter numbers count only if they are listed."""


def build_wseseg(
    masks: Path,
    downloads: Path,
    out: Path,
    *,
    lists: Sequence[Path] = (),
    progress: Callable[[int], None] | None = None,
) -> Built:
    """Put WSESeg together: a folder for each class with `mask_NAME.png` and `NAME.jpg`.

    A photo belongs to a mask if it is called NAME.jpg, or if its name and NAME hold the same image id of
    Flickr (Flickr itself saves photos as ID_SECRET_SIZE.jpg); and if it has the mask's size, which also picks
    the right one of several sizes. NAME.jpg in a folder of the class's name comes first.

    Others are listed as missing, with their pages on Flickr where the user's id is listed. The frames of ski
    jumps are not from Flickr and go by their names alone.

    Args:
        masks: the archive of masks, with a folder for each class somewhere in it.
        downloads: the folder with the photos, at any depth.
        out: the folder to build; an earlier run is continued.
        lists: text files with a user's id and an image's id in each line; such files in the archive are
            read too.
        progress: told how many masks are finished.

    Raises:
        DatasetError: the archive is damaged or refused, a list holds no ids, or something cannot be written.
    """
    with open_archive(masks) as archive:
        found = [mask for path in archive.names if (mask := _as_mask(path)) is not None]
        if not found:
            raise DatasetError(f"{masks} holds no CLASS/mask_NAME.png: give the archive of WSESeg's masks")
        users = _listed_in(archive)
        for path in lists:
            users |= _read_list(path)
        by_name, by_id = _sort_photos(jpeg_files(downloads, out))
        folder = BuildFolder(out, "wseseg", {"archive": masks})

        def find(mask: ArchivedMask) -> list[Path]:
            named = by_name.get(mask.name, [])
            own = [photo for photo in named if f"/{photo.parent.as_posix()}/".endswith(f"/{mask.folder}")]
            alike = [photo for id_ in _image_ids(mask.name, users) for photo in by_id.get(id_, [])]
            return own or list(dict.fromkeys(named + alike))

        def page(mask: ArchivedMask) -> str:
            ids = [id_ for id_ in _image_ids(mask.name, users) if id_ in users]
            return f"https://www.flickr.com/photos/{users[ids[0]]}/{ids[0]}" if ids else ""

        return assemble(archive, found, folder, find, page, progress)


def _as_mask(path: str) -> ArchivedMask | None:
    """The mask that a file in the archive is; None if it is none of a known class."""
    name, above = mask_name(path), path.rpartition("/")[0]
    for folder in WSESEG_CLASSES.values():
        if name is not None and f"/{above}".endswith(f"/{folder}"):
            return ArchivedMask(path, f"{folder}/", name)
    return None


def _listed_in(archive: Archive) -> dict[str, str]:
    users: dict[str, str] = {}
    for name in archive.names:
        if name.lower().endswith((".txt", ".csv")):
            users |= _parse_list(archive.read(name).decode("utf-8", "replace"))
    return users


def _read_list(path: Path) -> dict[str, str]:
    try:
        users = _parse_list(path.read_text(encoding="utf-8-sig", errors="replace"))
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}") from error
    if not users:
        raise DatasetError(f"{path} has no line with a user's id and an image's id")
    return users


def _parse_list(text: str) -> dict[str, str]:
    """Users' ids by images' ids; lines that hold something else are passed over."""
    found = (match for line in text.splitlines() for match in _LISTED.finditer(line))
    return {match[2]: match[1] for match in found}


def _image_ids(name: str, listed: Iterable[str]) -> list[str]:
    """What in a name may be an image's id: what is listed, or else every long number."""
    numbers = _NUMBER.findall(name)
    return [one for one in numbers if one in listed] or [one for one in numbers if len(one) >= _SURE]


def _sort_photos(photos: Iterable[Path]) -> tuple[dict[str, list[Path]], dict[str, list[Path]]]:
    """The photos by their names, and by the numbers in their names."""
    by_name: dict[str, list[Path]] = {}
    by_id: dict[str, list[Path]] = {}
    for photo in photos:
        by_name.setdefault(photo.stem, []).append(photo)
        for number in _NUMBER.findall(photo.stem):
            by_id.setdefault(number, []).append(photo)
    return by_name, by_id
