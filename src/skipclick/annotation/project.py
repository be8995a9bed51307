"""A labelled folder on disk: open it, do, undo, and nothing is lost."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from skipclick.annotation.commands import Command, command_to_json
from skipclick.annotation.document import Document, Shape
from skipclick.annotation.errors import AnnotationError, NotSavedError, ProjectError
from skipclick.annotation.files import reason
from skipclick.annotation.folder import check_ordinary, list_images
from skipclick.annotation.history import History
from skipclick.annotation.journal import Journal
from skipclick.annotation.location import BESIDE, find_home, images_from, newest_volume, tidy
from skipclick.annotation.lock import ProjectLock
from skipclick.annotation.volume import REDO, UNDO
from skipclick.errors import ImageError
from skipclick.image import image_shape

NOT_CLOSED = "the program that had it open before did not end properly; its work is all here"
"""The note on a project that was not closed."""


class Project:
    """A folder of images and what is known about them. A context manager; not for several threads at once.

    Every call of `do`, `undo` and `redo` has reached the disk when it returns. If that fails, it raises
    `NotSavedError` after it was done in memory: the work goes on, every further call tries again to write
    everything, and `save_elsewhere` saves all of it in another place.

    Attributes:
        folder: the folder of images; never written, except for the project's folder inside it.
        names: the images in the folder, see `list_images`.
        notes: what to tell the user about the state in which the project was found, one line each.
    """

    def __init__(
        self,
        folder: Path,
        names: tuple[str, ...],
        history: History,
        journal: Journal,
        lock: ProjectLock | None,
        notes: tuple[str, ...],
    ) -> None:
        """Use `open`."""
        self.folder = folder
        self.names = names
        self.notes = notes
        self._history = history
        self._journal = journal
        self._lock = lock
        self._shapes: dict[str, Shape] = {}

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        images: Path | None = None,
        read_only: bool = False,
        take_over: bool = False,
        salvage: bool = False,
    ) -> Self:
        """Open a project, or begin one.

        Args:
            path: a folder of images, which holds the project in `.skipclick`; or the project's own folder,
                if it lies apart.
            images: the folder of images. With it, a new project begins apart from the images, in `path`;
                and an old one learns that its images have moved.
            read_only: write nothing, not even a lock; another program may have the project open.
            take_over: open it even if it seems to be open on another computer.
            salvage: if files are damaged, go on with what comes before the damage; damaged parts are put
                aside, not deleted.

        Raises:
            ProjectError: there is no such folder, or the project is damaged, or its images are gone.
            ProjectBusyError: another program has it open.
            NotSavedError: the folder cannot be written.
        """
        home = find_home(path)
        if home is None:
            return cls._begin(path, images, read_only)
        lock = None if read_only else ProjectLock(home, take_over=take_over)
        try:
            volume = newest_volume(home, salvage=salvage, set_aside=lock is not None)
            folder = (home / volume.header["images"] if images is None else images).absolute()
            if not folder.is_dir() and not (read_only and images is None):
                raise ProjectError(
                    "the images are not in {folder} any more: say where they are now", folder=folder
                )
            names = list_images(folder) if folder.is_dir() else ()
            journal = Journal.resume(volume, repair=lock is not None)
            notes = [volume.note] if volume.note else []
            if lock is not None and lock.crashed is not None:
                notes.append(NOT_CLOSED)
            project = cls(tidy(folder), names, volume.history, journal, lock, tuple(notes))
            if lock is not None and images is not None:
                project._move_images(volume.header["images"])
            return project
        except BaseException:
            if lock is not None:
                lock.release()
            raise

    @classmethod
    def _begin(cls, path: Path, images: Path | None, read_only: bool) -> Self:
        if read_only:
            raise ProjectError(
                "{path} holds no project: name the folder of images, or the project's own", path=path
            )
        folder, home = (path, path / BESIDE) if images is None else (images, path)
        if not folder.is_dir():
            raise ProjectError("{folder} is no folder: name a folder of images", folder=folder)
        names = list_images(folder)
        try:
            home.mkdir(parents=images is not None, exist_ok=True)
        except OSError as error:
            raise NotSavedError(
                "{home} cannot be made ({reason}): keep the project in a folder of its own",
                home=home,
                reason=reason(error),
            ) from error
        lock = ProjectLock(home)
        try:
            history = History(Document())
            journal = Journal.create(home, images_from(folder, home), history)
        except BaseException:
            lock.release()
            raise
        return cls(tidy(folder), names, history, journal, lock, ())

    @property
    def read_only(self) -> bool:
        """Whether it was opened to be looked at only, or is closed."""
        return self._lock is None

    @property
    def home(self) -> Path:
        """The project's folder."""
        return self._journal.home

    @property
    def document(self) -> Document:
        """The present document."""
        return self._history.document

    @property
    def done(self) -> tuple[Command, ...]:
        """What can be undone, the last one last; older commands appear as undo reaches them."""
        return self._history.done

    @property
    def undone(self) -> tuple[Command, ...]:
        """What can be redone, the next one last."""
        return self._history.undone

    @property
    def can_undo(self) -> bool:
        """Whether `undo` would do something."""
        return self._history.can_undo

    @property
    def unsaved(self) -> int:
        """How many actions are in memory only, because they could not be written."""
        return self._journal.unsaved

    def do(self, command: Command) -> Document:
        """Apply a command and write it down; the new document.

        Raises:
            AnnotationError: the command makes no sense; nothing has changed.
            NotSavedError: it was applied, but could not be written.
        """
        self._check_writable()
        self._history.do(command)
        self._journal.record(command_to_json(command))
        if self._journal.grown():
            # All of it is on disk already; a volume that cannot begin now begins after the next action.
            with contextlib.suppress(NotSavedError):
                self._journal.roll(images_from(self.folder, self.home), self._history)
        return self.document

    def undo(self) -> Command | None:
        """Take the last command back, exactly; the command, or None if there was none.

        Raises:
            NotSavedError: it was taken back, but that could not be written.
            ProjectError: it lies in an older file that cannot be read.
        """
        self._check_writable()
        command = self._history.undo()
        if command is not None:
            self._journal.record(UNDO)
        return command

    def redo(self) -> Command | None:
        """Apply the command last undone again; the command, or None if there was none.

        Raises:
            NotSavedError: it was applied, but that could not be written.
        """
        self._check_writable()
        command = self._history.redo()
        if command is not None:
            self._journal.record(REDO)
        return command

    def flush(self) -> None:
        """Try again to write what is in memory only.

        Raises:
            NotSavedError: it still cannot be written.
        """
        self._journal.flush()

    def save_elsewhere(self, home: Path) -> None:
        """Write the whole project, history included, into another folder, and go on there.

        A project that was opened to be looked at only can be changed after that.

        Args:
            home: a folder that does not exist yet, or is empty; it will be the project's own.

        Raises:
            ProjectError: there is something in it.
            NotSavedError: it cannot be written.
        """
        home = home.absolute()
        part: Path | None = None
        try:
            if home.is_file() or (home.is_dir() and any(home.iterdir())):
                raise ProjectError("{home} is not empty: name a new folder", home=home)
            home.parent.mkdir(parents=True, exist_ok=True)
            # The folder appears whole: half a project must not look like one.
            part = home.parent / f".{secrets.token_hex(8)}.part"
            part.mkdir()
            self._journal.copy_to(part, images_from(self.folder, home), self._history)
            if home.is_dir():
                home.rmdir()
            part.rename(home)
            part = None
        except OSError as error:
            raise NotSavedError(
                "{home} cannot be written: {reason}", home=home, reason=reason(error)
            ) from error
        finally:
            if part is not None:
                shutil.rmtree(part, ignore_errors=True)
        lock = ProjectLock(home)
        try:
            volume = newest_volume(home)
            journal = Journal.resume(volume)
        except BaseException:
            lock.release()
            raise
        self.close()
        self._lock, self._history, self._journal = lock, volume.history, journal

    def path_of(self, name: str) -> Path:
        """The file of an image."""
        return self.folder / name

    def shape_of(self, name: str) -> Shape:
        """(H, W) of an image: that of its objects, else read from its header and remembered.

        Raises:
            ImageError: the file cannot be read.
        """
        record = self.document.image(name)
        if record.shape is not None and record.objects:
            return record.shape
        if name not in self._shapes:
            path = self.path_of(name)
            try:
                check_ordinary(path)
                self._shapes[name] = image_shape(path)
            except ImageError:
                if record.shape is None:
                    raise
                return record.shape  # of objects that are gone, as the image is
        return self._shapes[name]

    def refresh(self) -> None:
        """Look again which images are in the folder.

        Raises:
            ProjectError: the folder has vanished.
        """
        self.names = list_images(self.folder)

    def close(self) -> None:
        """Let others open the project. Everything is on disk already, unless `unsaved` says otherwise."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def _move_images(self, before: str) -> None:
        after = images_from(self.folder, self.home)
        if after != before:
            self._journal.roll(after, self._history)

    def _check_writable(self) -> None:
        if self.read_only:
            raise AnnotationError("the project was opened to be looked at only: open it for writing")
