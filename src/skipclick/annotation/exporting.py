"""Masks out of a project into files."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np

from skipclick.annotation.document import ObjectRecord, Overlap
from skipclick.annotation.errors import AnnotationError, FormatError
from skipclick.annotation.files import reason
from skipclick.annotation.folder import is_listed
from skipclick.annotation.formats import ExportedImage, ExportedObject, Format, find_format
from skipclick.annotation.project import Project
from skipclick.mask import RunLengths


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was written.

    Attributes:
        files: where, in the order in which they were made.
        images: how many.
        objects: how many.
        empty: how many objects were left out because no pixel of them is left.
    """

    files: tuple[Path, ...]
    images: int
    objects: int
    empty: int


def export_annotations(
    project: Project,
    format_name: str,
    out: Path,
    *,
    images: Sequence[str] = (),
    done_only: bool = False,
    reviewed_only: bool = False,
    tolerance: float = 0.0,
    force: bool = False,
) -> ExportResult:
    """Write masks in one of `FORMATS`: those of all images that are begun or done, or of some of these.

    Everything is written beside its place first and then moved there, so that a failed export leaves
    nothing behind. Photos are never replaced.

    Args:
        project: the project.
        format_name: a key of `FORMATS`.
        out: a folder, made if it does not exist; or the file itself if the format is one file.
        images: names, or patterns with `*` and `?`; none means all.
        done_only: of these, only the images that are marked as done, reviewed or not.
        reviewed_only: of these, only the images that are marked as reviewed.
        tolerance: how far polygons may leave the mask to have fewer points, in pixels; 0 is exact.
        force: replace files that exist.

    Raises:
        FormatError: an unknown format, nothing to export, a file that exists, a mask that the format
            cannot hold, or a file that cannot be written.
        AnnotationError: a mask in the project is damaged.
        ImageError: the size of an image is needed and its file cannot be read.
    """
    kind = find_format(format_name)
    if not 0 <= tolerance <= 100:
        raise FormatError(
            "the tolerance is a number of pixels from 0 to 100, not {tolerance}", tolerance=tolerance
        )
    if tolerance and not kind.polygons:
        raise FormatError("{format_name} has no polygons: leave the tolerance out", format_name=format_name)
    chosen = choose_images(project, images, done_only=done_only, reviewed_only=reviewed_only)
    single = out if kind.file is not None and out.suffix.lower() == Path(kind.file).suffix else None
    target = out if single is None else out.parent
    if target.exists() and not target.is_dir():
        raise FormatError("{target} is a file: name a folder", target=target)
    needed = target.parent if single is None else target
    if not needed.is_dir():
        raise FormatError("the folder {folder} does not exist: create it first", folder=needed)
    counts = _Counts()
    part: Path | None = None
    try:
        part = Path(
            tempfile.mkdtemp(prefix=".", suffix=".part", dir=target if target.is_dir() else target.parent)
        )
        made = []
        for written, data in kind.write(
            project.document.classes, _exported(project, kind, chosen, counts), tolerance
        ):
            file = part / (written if single is None else single.name)
            if file.exists():
                raise FormatError(
                    "two images would be written to {written}: rename one, or export them apart",
                    written=written,
                )
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            made.append(file.relative_to(part))
        _check_targets(project, [target / name for name in made], force)
        for name in made:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (part / name).replace(target / name)
    except (OSError, UnicodeError) as error:
        raise FormatError(
            "nothing can be written to {target}: {reason}", target=target, reason=reason(error)
        ) from error
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)
    return ExportResult(tuple(target / name for name in made), counts.images, counts.objects, counts.empty)


def choose_images(
    project: Project, patterns: Sequence[str] = (), *, done_only: bool = False, reviewed_only: bool = False
) -> tuple[str, ...]:
    """The images that are begun or done, all or those that fit one of the patterns.

    A pattern that is the name of an image means this image alone.

    Raises:
        FormatError: there are none, a pattern fits none, or none of them is done or reviewed as wanted.
    """
    records = project.document.images
    # Images that have vanished come last; their masks are still there.
    names = [*(name for name in project.names if name in records), *(records.keys() - set(project.names))]
    worked_on = [name for name in names if records[name].state != "untouched"]
    if not worked_on:
        raise FormatError("nothing in {folder} is labelled yet", folder=project.folder)
    chosen = set() if patterns else set(worked_on)
    for pattern in patterns:
        exact = pattern in worked_on
        fitting = {pattern} if exact else {name for name in worked_on if fnmatchcase(name, pattern)}
        if not fitting:
            raise FormatError(
                "no labelled image is called {pattern}: give names as they stand in the folder",
                pattern=pattern,
            )
        chosen |= fitting
    if done_only:
        chosen = {name for name in chosen if records[name].done}
        if not chosen:
            raise FormatError("none of these images is marked as done: mark some, or export those begun too")
    if reviewed_only:
        chosen = {name for name in chosen if records[name].reviewed}
        if not chosen:
            raise FormatError(
                "none of these images is marked as reviewed: review some, or export what is done"
            )
    return tuple(name for name in worked_on if name in chosen)


def settle_overlaps(objects: Sequence[ObjectRecord], overlap: Overlap) -> tuple[RunLengths, ...]:
    """The masks of the objects of one image, back to front, as they are exported.

    Raises:
        ValueError: a mask is damaged.
    """
    if overlap == "keep" or len(objects) < 2:
        return tuple(one.mask for one in objects)
    settled = []
    taken = np.zeros(objects[0].mask.size, np.bool_)
    for one in reversed(objects):
        mask = one.mask.to_mask()
        settled.append(RunLengths.from_mask(mask & ~taken) if (mask & taken).any() else one.mask)
        taken |= mask
    return tuple(reversed(settled))


@dataclass(slots=True)
class _Counts:
    images: int = 0
    objects: int = 0
    empty: int = 0


def _exported(
    project: Project, kind: Format, names: Sequence[str], counts: _Counts
) -> Iterator[ExportedImage]:
    document = project.document
    overlap: Overlap = "front" if kind.flat else document.overlap
    for name in names:
        image = document.image(name)
        try:
            masks = settle_overlaps(image.objects, overlap)
            objects = tuple(
                ExportedObject(one.id, one.class_id, mask)
                for one, mask in zip(image.objects, masks, strict=True)
                if mask.area()
            )
        except ValueError as error:
            raise AnnotationError(
                "a mask of {name} is damaged ({reason}): delete the object", name=name, reason=reason(error)
            ) from error
        counts.images += 1
        counts.objects += len(objects)
        counts.empty += len(image.objects) - len(objects)
        yield ExportedImage(name, project.shape_of(name), objects)


def _check_targets(project: Project, targets: Sequence[Path], force: bool) -> None:
    folder = project.folder.resolve()
    photos = {(folder / name).resolve() for name in project.names}
    stems: dict[Path, set[str]] = {}
    for photo in photos:
        stems.setdefault(photo.parent, set()).add(photo.stem)
    for target in targets:
        place = target.resolve()
        if place in photos:
            raise FormatError("{target} is one of the photos: export to another folder", target=target)
        seen = place.is_relative_to(folder) and not any(
            part.startswith(".") for part in place.relative_to(folder).parts
        )
        if seen and is_listed(place.name, stems.get(place.parent, ())):
            raise FormatError(
                "{target} would be taken for a photo: export to a folder outside {folder}",
                target=target,
                folder=project.folder,
            )
        if target.exists() and not force:
            raise FormatError(
                "{target} exists already: export to another folder, or let files be replaced (--force)",
                target=target,
            )
