"""Where the projects lie that are kept apart from their images. No Qt."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, takewhile
from pathlib import Path

from skipclick.annotation import Project, ProjectError, find_home


def free_place(chosen: Path, name: str) -> Path:
    """Where a project can begin: the chosen folder if it is empty, else a new one inside it.

    Args:
        chosen: a folder.
        name: that of the folder of images, after which a new one is called.
    """
    if _is_empty(chosen):
        return chosen
    return next(place for place in _inside(chosen, name) if not place.exists())


def project_place(chosen: Path, folder: Path) -> Path:
    """Where the project of a folder of images lies in a chosen folder; if it has none there, a free place.

    Args:
        chosen: the project itself, or the folder in which it was begun.
        folder: the folder of images.
    """
    if holds_project_of(chosen, folder):
        return chosen
    begun = takewhile(Path.exists, _inside(chosen, folder.absolute().name))
    known = next((place for place in begun if holds_project_of(place, folder)), None)
    return known or free_place(chosen, folder.absolute().name)


def holds_project_of(home: Path, folder: Path) -> bool:
    """Whether a folder is a project of these images, and not of others that are still there.

    One whose images are gone may be theirs, because they have moved; a damaged one says so when it is opened.
    """
    if find_home(home) != home:
        return False
    try:
        with Project.open(home, read_only=True) as project:
            return not project.folder.is_dir() or project.folder.samefile(folder)
    except ProjectError:
        return True


def _inside(chosen: Path, name: str) -> Iterator[Path]:
    yield chosen / f"{name}-skipclick"
    for number in count(2):
        yield chosen / f"{name}-skipclick-{number}"


def _is_empty(place: Path) -> bool:
    try:
        return not any(place.iterdir())
    except OSError:
        return False
