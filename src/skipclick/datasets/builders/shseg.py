"""SHSeg from its archive of masks and the images of SkiTB (specification 5.5).

The archive's own README.txt says which frame of SkiTB each mask belongs to. That text is for people; here a
frame is found by its path, or by a table that the user has made from the text.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

from skipclick.datasets.builders.archive import Archive, open_archive
from skipclick.datasets.builders.assemble import ArchivedMask, Built, assemble, jpeg_files, mask_name
from skipclick.datasets.builders.folder import BuildFolder
from skipclick.errors import DatasetError

_IDLE_FOLDERS = {"frames", "images", "imgs", "img"}
"""Folders that hold pictures and say nothing about which; names of masks may leave them out."""


def build_shseg(
    masks: Path,
    skitb: Path,
    out: Path,
    *,
    names: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Built:
    """Put SHSeg together: `mask_NAME.png` and `NAME.jpg` in one folder, and the archive's README.txt.

    A frame belongs to a mask if the end of its path reads as NAME, whatever stands between the words
    (`AL/0001/frames/00042.jpg` for `AL_0001_00042` or `0001_frames_00042`), if it has the mask's size,
    and if it is the only one. Others are listed as missing rather than guessed.

    Args:
        masks: the archive of masks.
        skitb: the folder in which SkiTB was unpacked.
        out: the folder to build; an earlier run is continued.
        names: a table (CSV) of NAME and the frame's path inside `skitb`, for names that are none of this.
        progress: told how many masks are finished.

    Raises:
        DatasetError: the archive is damaged or refused, the table is wrong, or something cannot be written.
    """
    with open_archive(masks) as archive:
        found = [ArchivedMask(path, "", name) for path in archive.names if (name := mask_name(path))]
        if not found:
            raise DatasetError(f"{masks} holds no mask_NAME.png: give the archive of SHSeg's masks")
        table = {} if names is None else _read_table(names, skitb)
        frames = _frames_by_name(jpeg_files(skitb, out), skitb, {mask.name for mask in found})
        folder = BuildFolder(out, "shseg", {"archive": masks})
        _add_readme(archive, folder)

        def find(mask: ArchivedMask) -> list[Path]:
            return [table[mask.name]] if mask.name in table else frames.get(mask.name, [])

        return assemble(archive, found, folder, find, lambda mask: "", progress)


def _frames_by_name(frames: Iterable[Path], root: Path, names: set[str]) -> dict[str, list[Path]]:
    """For each name the frames whose paths end like it."""
    wanted: dict[str, list[str]] = {}
    for name in names:
        wanted.setdefault(_words(name), []).append(name)
    found: dict[str, list[Path]] = {}
    for frame in frames:
        parts = frame.relative_to(root).with_suffix("").parts
        telling = [part for part in parts[:-1] if part.lower() not in _IDLE_FOLDERS]
        keys = {
            _words("_".join(way[start:]))
            for way in (parts, (*telling, parts[-1]))
            for start in range(len(way))
        }
        for key in keys & wanted.keys():
            for name in wanted[key]:
                found.setdefault(name, []).append(frame)
    return found


def _words(text: str) -> str:
    """Letters and digits, in one letter case, with one line between words."""
    return re.sub(r"[^0-9a-z]+", "_", text.lower()).strip("_")


def _read_table(path: Path, root: Path) -> dict[str, Path]:
    """NAME and path of each line; the name may also be written mask_NAME.png or NAME.jpg."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read: it should be a table NAME,FRAME") from error
    table: dict[str, Path] = {}
    for number, row in enumerate(csv.reader(text.splitlines()), start=1):
        if not row:
            continue
        cells = [cell.strip() for cell in row]
        if len(cells) != 2 or not all(cells):
            raise DatasetError(f"{path}, line {number}, is not NAME,FRAME")
        name = mask_name(cells[0]) or cells[0].removesuffix(".jpg")
        inside = PurePosixPath(cells[1].replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts or ":" in cells[1]:
            raise DatasetError(f"{path}, line {number}: {cells[1]} must be a path inside {root}")
        if name in table:
            raise DatasetError(f"{path}, line {number}: {name} is there twice")
        table[name] = root / inside
    return table


def _add_readme(archive: Archive, folder: BuildFolder) -> None:
    for name in archive.names:
        if name.rsplit("/", 1)[-1].lower() == "readme.txt" and not name.startswith("__MACOSX/"):
            folder.add("README.txt", archive.read(name))
            return
