"""A report's folder: written file by file in one piece each, and never over somebody else's files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from skipclick.report.runs import ReportError

PAGE = "index.html"


def generator(kind: str) -> str:
    """What a page says that it was made by: the sign by which an earlier report is known."""
    return f"skipclick {kind}"


def check_folder(folder: Path, kind: str) -> None:
    """Refuse a folder that holds anything but an earlier report of the same kind.

    Args:
        folder: where the report is to go; it need not exist.
        kind: "report" or "compare".

    Raises:
        ReportError: there are other files, or it is no folder.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ReportError(f"{folder} is a file: name a folder for the report")
    page = folder / PAGE
    sign = f'<meta name="generator" content="{generator(kind)}">'
    if any(folder.iterdir()) and not (page.is_file() and sign in page.read_text("utf-8", "replace")):
        raise ReportError(f"{folder} holds other files: choose another folder with --out")


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files; the page comes last, so that it never speaks of what is not there.

    Args:
        folder: made if need be.
        files: contents by name, "/" between a folder and a file.

    Raises:
        ReportError: a file cannot be written.
    """
    for name in sorted(files, key=lambda name: name == PAGE):
        path, content = folder / name, files[name]
        data = content.encode() if isinstance(content, str) else content
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                part.write_bytes(data)
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
        except OSError as error:
            raise ReportError(f"cannot write {path}: {error.strerror or error}") from error
