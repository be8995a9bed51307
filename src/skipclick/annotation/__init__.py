"""The labelled folder: images, classes, objects and their masks, without a window and without a model.

    with Project.open(Path("photos")) as project:
        mask = RunLengths.from_mask(session.mask)
        project.do(AddObject("a.jpg", class_id=1, mask=mask, clicks=session.clicks, at=time.time()))
        project.undo()
        export_annotations(project, "coco", Path("a.json"))

`Project` is a folder on disk. Its `document` is a value that never changes in place: a `Document` holds
`ClassRecord` and `ImageRecord`, an image holds `ObjectRecord` from the back to the front, and each of these
a mask as `RunLengths`. What can be done is a `Command`, plain data; `project.do(command)` makes the next
document, and has it on disk when it returns. `undo` and `redo` go back and forth without limit, also after
the project was closed, or its program killed.

- `skipclick.annotation.commands`: all commands.
- `skipclick.annotation.edit`: brush, polygons, growing, smoothing, on masks as arrays; `fill_holes` and
  `drop_islands` are in `skipclick.mask`.
- `skipclick.annotation.statistics`: progress, clicks and seconds.
- `skipclick.annotation.formats`: the table `FORMATS`; `export_annotations` and `import_annotations` use it.

The files of a project are described in docs/annotation-format.md.
"""

from __future__ import annotations

from skipclick.annotation.commands import (
    AddClass,
    AddObject,
    Command,
    CopyObjects,
    DeleteObjects,
    EditClass,
    MoveClass,
    MoveObject,
    RemoveClass,
    SetClass,
    SetColour,
    SetDone,
    SetHidden,
    SetLocked,
    SetMask,
    SetOverlap,
    SetReviewed,
    Together,
)
from skipclick.annotation.document import PALETTE, ClassRecord, Document, ImageRecord, ObjectRecord
from skipclick.annotation.errors import (
    AnnotationError,
    FormatError,
    NotSavedError,
    ProjectBusyError,
    ProjectError,
)
from skipclick.annotation.exporting import ExportResult, export_annotations
from skipclick.annotation.formats import FORMATS
from skipclick.annotation.importing import ImportResult, import_annotations
from skipclick.annotation.location import find_home
from skipclick.annotation.project import Project
from skipclick.mask import RunLengths

__all__ = [
    "FORMATS",
    "PALETTE",
    "AddClass",
    "AddObject",
    "AnnotationError",
    "ClassRecord",
    "Command",
    "CopyObjects",
    "DeleteObjects",
    "Document",
    "EditClass",
    "ExportResult",
    "FormatError",
    "ImageRecord",
    "ImportResult",
    "MoveClass",
    "MoveObject",
    "NotSavedError",
    "ObjectRecord",
    "Project",
    "ProjectBusyError",
    "ProjectError",
    "RemoveClass",
    "RunLengths",
    "SetClass",
    "SetColour",
    "SetDone",
    "SetHidden",
    "SetLocked",
    "SetMask",
    "SetOverlap",
    "SetReviewed",
    "Together",
    "export_annotations",
    "find_home",
    "import_annotations",
]
