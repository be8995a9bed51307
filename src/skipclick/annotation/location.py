"""Where a project lies, and how it finds its images."""

from __future__ import annotations

import os
from pathlib import Path

from skipclick.annotation.errors import NotSavedError, ProjectError
from skipclick.annotation.files import free_name, reason
from skipclick.annotation.volume import Volume, read_volume, volumes

BESIDE = ".skipclick"
"""The project's folder, if it lies inside the folder of images."""


def find_home(path: Path) -> Path | None:
    """The project's folder for a folder of images or for itself; None if there is no project."""
    return next((home for home in (path / BESIDE, path) if volumes(home)), None)


def newest_volume(home: Path, *, salvage: bool = False, set_aside: bool = False) -> Volume:
    """Read the newest volume of a project.

    Args:
        home: the project's folder.
        salvage: if it is damaged, read what comes before the damage, in an older volume if need be.
        set_aside: rename volumes of which nothing can be read.

    Raises:
        ProjectError: it is damaged.
        NotSavedError: a volume cannot be renamed.
    """
    *older, newest = volumes(home)
    while True:
        try:
            return read_volume(newest, salvage=salvage)
        except ProjectError:
            if not salvage or not older:
                raise
        if set_aside:
            try:
                newest.rename(free_name(newest.with_suffix(".damaged")))
            except OSError as error:
                raise NotSavedError(
                    "{path} cannot be put aside: {reason}", path=newest, reason=reason(error)
                ) from error
        newest = older.pop()


def images_from(folder: Path, home: Path) -> str:
    """How a project remembers its images: relative if both can be moved together, else absolute.

    Args:
        folder: the folder of images.
        home: the project's folder.
    """
    folder, home = tidy(folder), tidy(home)
    if folder.is_relative_to(home.parent):
        return Path(os.path.relpath(folder, home)).as_posix()
    return str(folder)


def tidy(path: Path) -> Path:
    """The absolute path without detours; links stay as they are."""
    return Path(os.path.normpath(path.absolute()))
