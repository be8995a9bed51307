"""Data sets that are evaluated together: named suites, and files with suites of one's own."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skipclick.datasets import DATASETS, GROUPS
from skipclick.datasets.entry import LABEL
from skipclick.evaluation.protocol import EvaluationError


@dataclass(frozen=True, slots=True)
class SuiteSet:
    """A data set of a suite.

    Attributes:
        name: a key of `DATASETS` or of `GROUPS`.
        label: what tables call it; None for its name. A group has no label.
        folder: where it lies; None if that is said elsewhere.
        size: network size (height, width); None for the published one.
    """

    name: str
    label: str | None = None
    folder: Path | None = None
    size: tuple[int, int] | None = None


SUITES: dict[str, tuple[SuiteSet, ...]] = {
    "paper": (
        SuiteSet("WSESeg"),
        SuiteSet("SHSeg"),
        SuiteSet("GrabCut"),
        SuiteSet("Berkeley"),
        SuiteSet("DAVIS"),
        SuiteSet("SBD"),
        SuiteSet("HQSeg"),
    ),
    "general": (
        SuiteSet("GrabCut"),
        SuiteSet("Berkeley"),
        SuiteSet("DAVIS"),
        SuiteSet("SBD"),
        SuiteSet("HQSeg"),
        SuiteSet("COCO_MVal"),
        SuiteSet("PascalVOC"),
    ),
    "winter": (
        SuiteSet("WSESeg"),
        SuiteSet("SHSeg"),
    ),
}
"""paper: all of the paper's tables. general: consumer photos. winter: winter sports."""

_EXAMPLE = '[[set]] and below it name = "GrabCut"'


def find_suite(text: str) -> tuple[SuiteSet, ...]:
    """A suite by its name in `SUITES`, or from a file.

    Raises:
        EvaluationError: neither.
    """
    if text in SUITES:
        return SUITES[text]
    path = Path(text).expanduser()
    if not path.is_file():
        raise EvaluationError(f"--suite {text!r}: give {', '.join(SUITES)}, or a file with {_EXAMPLE}")
    return read_suite(path)


def read_suite(path: Path) -> tuple[SuiteSet, ...]:
    """Read a TOML file with a table `[[set]]` for each data set: name, and if wanted label, folder and size.

    Folders are relative to the folder of the file; a size is a side, or [height, width].

    Raises:
        EvaluationError: the file cannot be read, or says something else.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise EvaluationError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise EvaluationError(f"{path} is no TOML file: {error}") from error
    tables = content.get("set")
    if not isinstance(tables, list) or not tables or set(content) != {"set"}:
        raise EvaluationError(f"{path} should hold data sets and nothing else: write {_EXAMPLE}")
    return tuple(_read_set(path, table) for table in tables)


def _read_set(path: Path, table: Any) -> SuiteSet:
    if not isinstance(table, dict) or not isinstance(table.get("name"), str):
        raise EvaluationError(f"{path}: a set has no name; write {_EXAMPLE}")
    name, label, folder = table["name"], table.get("label"), table.get("folder")
    known = (*DATASETS, *GROUPS)
    if name not in known:
        raise EvaluationError(f"{path}: there is no data set {name!r}; the names are {', '.join(known)}")
    if surplus := set(table) - {"name", "label", "folder", "size"}:
        raise EvaluationError(f"{path}: {name} has {min(surplus)!r}; known are name, label, folder, size")
    for key, value in (("label", label), ("folder", folder)):
        if value is not None and not (isinstance(value, str) and value):
            raise EvaluationError(f"{path}: the {key} of {name} must be text, not {value!r}")
    if label is not None and not re.fullmatch(LABEL, label):
        raise EvaluationError(
            f"{path}: the label {label!r} of {name} goes into file names; use letters, digits, dots, hyphens "
            "and underscores"
        )
    if label is not None and name in GROUPS:
        raise EvaluationError(f"{path}: {name} stands for several data sets; leave out the label")
    place = None if folder is None else path.parent / Path(folder).expanduser()
    return SuiteSet(name, label, place, _read_size(path, name, table.get("size")))


def _read_size(path: Path, name: str, size: Any) -> tuple[int, int] | None:
    sides = [size, size] if isinstance(size, int) else size
    if sides is None:
        return None
    if not isinstance(sides, list) or len(sides) != 2 or not all(type(side) is int for side in sides):
        raise EvaluationError(f"{path}: the size of {name} is a side or [height, width], not {size!r}")
    return sides[0], sides[1]
