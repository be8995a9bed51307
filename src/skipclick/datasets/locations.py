"""Where data sets lie: a file that says it once, so that commands need only their names."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skipclick.datasets import DATASETS, GROUPS
from skipclick.datasets.coco_lvis import SPLITS
from skipclick.errors import DatasetError

FILE_NAME = "skipclick.toml"
VARIABLE = "SKIPCLICK_CONFIG"

COCO_LVIS = "coco-lvis"
"""COCO+LVIS, all of it: what is trained on, and the folder of the two data sets that are made of it."""

COCO_LVIS_NAMES = (COCO_LVIS, *SPLITS.values())
"""Names of one folder, whichever of them is written down."""

PUBLISHED_KEYS: dict[str, str] = {
    "GRABCUT_PATH": "GrabCut",
    "BERKELEY_PATH": "Berkeley",
    "DAVIS_PATH": "DAVIS",
    "COCO_MVAL_PATH": "COCO_MVal",
    "SBD_PATH": "SBD",
    "PASCALVOC_PATH": "PascalVOC",
    "HQSEG_PATH": "HQSeg",
    "WSESEG_PATH": "WSESeg",
    "SHSEG_PATH": "SHSeg",
    "COCO_PATH": "COCO",
    "LVIS_v1_PATH": COCO_LVIS,
}
"""Keys of the published `config.yml` and the data sets that they locate (specification 5.8)."""

_FAMILIES = ("HQSeg", "SBD", "WSESeg")
"""Data sets whose parts, called NAME_PART, lie in one folder."""

_EXAMPLE = f'[data] and below it GrabCut = "FOLDER" in {FILE_NAME}'


@dataclass(frozen=True, slots=True)
class Locations:
    """The folders of data sets.

    Attributes:
        folders: by the names of `DATASETS` and `GROUPS`, and `COCO_LVIS`; nothing says that they exist.
        file: where it is written; None if nothing is.
    """

    folders: Mapping[str, Path] = field(default_factory=dict)
    file: Path | None = None

    def knows(self, name: str) -> bool:
        """Whether `folder` has an answer."""
        return any(known in self.folders for known in _also_called(name))

    def folder(self, name: str) -> Path:
        """The folder of a data set; parts of HQSeg, SBD, WSESeg and COCO+LVIS lie where the whole lies.

        Raises:
            DatasetError: it is not known where the data set lies.
        """
        for known in _also_called(name):
            if known in self.folders:
                return self.folders[known]
        if self.file is None:
            raise DatasetError(f"where does {name} lie? Give {name}=FOLDER, or write {_EXAMPLE}")
        raise DatasetError(f"{self.file} does not say where {name} lies: add it, or give {name}=FOLDER")


def _also_called(name: str) -> tuple[str, ...]:
    if name in COCO_LVIS_NAMES:
        return (name, *COCO_LVIS_NAMES)
    family = name.partition("_")[0]
    return (name, family) if family in _FAMILIES else (name,)


def find_config(explicit: Path | None = None, *, user_folder: Path | None = None) -> Path | None:
    """The file that says where data sets lie: the first of those below that is named or exists.

    Looked for are `explicit`, the environment variable SKIPCLICK_CONFIG, `skipclick.toml` in the working
    directory, and `skipclick.toml` in the user's folder of settings.

    Args:
        explicit: what the user named; it must exist.
        user_folder: the folder of settings; None leaves it out.

    Returns:
        The file, or None if there is none.

    Raises:
        DatasetError: a file that was named does not exist.
    """
    variable = os.environ.get(VARIABLE)
    named = [(explicit, "--config")] if explicit is not None else []
    named += [(Path(variable), VARIABLE)] if variable else []
    for path, origin in named:
        path = path.expanduser()
        if not path.is_file():
            raise DatasetError(f"{origin} names {path}, which is no file: it should be a {FILE_NAME}")
        return path
    folders = [Path(), *([] if user_folder is None else [user_folder])]
    return next((folder / FILE_NAME for folder in folders if (folder / FILE_NAME).is_file()), None)


def read_locations(path: Path) -> Locations:
    """Read a `skipclick.toml`, or a `config.yml` of the published code.

    Folders are relative to the folder of the file; a tilde is the home folder.

    Args:
        path: ends in .toml, .yml or .yaml.

    Raises:
        DatasetError: the file cannot be read, or names a data set that does not exist.
    """
    readers: dict[str, Callable[[bytes], Mapping[str, Any]]] = {
        ".toml": _from_toml,
        ".yml": _from_yaml,
        ".yaml": _from_yaml,
    }
    read = readers.get(path.suffix.lower())
    if read is None:
        raise DatasetError(f"{path} should end in .toml, or in .yml if it comes from the published code")
    try:
        entries = read(path.read_bytes())
        folders = {name: _folder(name, entry, path.parent) for name, entry in entries.items()}
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path}: {error}") from error
    return Locations(folders, path)


def _from_toml(content: bytes) -> Mapping[str, Any]:
    try:
        tables = tomllib.loads(content.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        hint = "; write Windows paths in 'single quotes'" if b"\\" in content else ""
        raise ValueError(f"{error}{hint}") from error
    for name, table in tables.items():
        if name != "data" or not isinstance(table, dict):
            raise ValueError(f"{name!r} is not known here; write {_EXAMPLE}")
    entries: dict[str, Any] = tables.get("data", {})
    known = (*DATASETS, *GROUPS, COCO_LVIS)
    for name in entries:
        if name not in known:
            raise ValueError(f"there is no data set {name!r}; the names are {', '.join(known)}")
    return entries


def _from_yaml(content: bytes) -> Mapping[str, Any]:
    import yaml  # few need it

    try:
        entries = yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise ValueError(f"no YAML ({error})") from error
    if not isinstance(entries, dict):
        raise ValueError("not KEY: FOLDER in each line, as in a published config.yml")
    found = {name: entries[key] for key, name in PUBLISHED_KEYS.items() if entries.get(key) is not None}
    if not found:
        raise ValueError(f"has none of the keys {', '.join(PUBLISHED_KEYS)}")
    return found


def _folder(name: str, entry: object, base: Path) -> Path:
    if not isinstance(entry, str) or not entry.strip():
        raise ValueError(f"the folder of {name} must be text, as in {name} = 'data/{name}'")
    return base / Path(entry).expanduser()
