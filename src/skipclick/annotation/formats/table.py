"""`objects.csv`: which object is of which class, for formats whose files cannot say it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from skipclick.annotation.errors import FormatError
from skipclick.annotation.formats.base import read_text

TABLE = "objects.csv"
COLUMNS = ("file", "image", "id", "class")


def write_table(rows: Iterable[tuple[str, str, int, str]]) -> bytes:
    """The file, from rows of file, image, object and class."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode()


def read_table(folder: Path) -> list[tuple[str, str, int, str]]:
    """The rows of the file in a folder; none if there is no such file.

    Raises:
        FormatError: it is something else.
    """
    path = folder / TABLE
    if not path.is_file():
        return []
    try:
        rows = list(csv.DictReader(io.StringIO(read_text(path)), strict=True))
        return [(row["file"], row["image"], int(row["id"]), row["class"]) for row in rows]
    except (csv.Error, KeyError, TypeError, ValueError) as error:
        raise FormatError(f"{path} is no table of {', '.join(COLUMNS)}: export it again") from error
