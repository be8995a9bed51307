"""What `--data` and `--config` mean, for all commands that take them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeAlias

import typer

if TYPE_CHECKING:
    from skipclick.datasets.locations import Locations

METAVAR = "NAME[:LABEL][=FOLDER]"

ConfigOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Says where data sets lie; else SKIPCLICK_CONFIG, skipclick.toml here or in your settings.",
        show_default=False,
    ),
]


class DataChoice(NamedTuple):
    """A data set to open: a key of `DATASETS`, what tables call it, and where it lies."""

    reader: str
    label: str
    folder: Path


def load_locations(config: Path | None) -> Locations:
    """Where data sets lie, according to the file given or the first one found; see `find_config`.

    Raises:
        DatasetError: a named file does not exist, or the file is damaged.
    """
    from skipclick.datasets.locations import Locations, find_config, read_locations

    file = find_config(config, user_folder=Path(typer.get_app_dir("skipclick")))
    return Locations() if file is None else read_locations(file)


def parse_all(texts: Sequence[str], config: Path | None) -> list[DataChoice]:
    """Read every `--data`; the file of locations is only looked for if one of them needs it.

    Raises:
        DatasetError: see `parse_data` and `load_locations`.
    """
    needed = any("=" not in text for text in texts)
    locations = load_locations(config) if needed or config is not None else None
    return [choice for text in texts for choice in parse_data(text, locations)]


def parse_data(text: str, locations: Locations | None = None) -> list[DataChoice]:
    """Read `NAME`, `NAME=FOLDER` or either with `:LABEL` after the name.

    Args:
        text: what the user gave.
        locations: where a data set lies whose folder is left out; None if nothing says it.

    Returns:
        One data set, or for a name in `GROUPS` all that it stands for.

    Raises:
        DatasetError: anything else, an unknown name, or a folder that is neither given nor known.
    """
    from skipclick.datasets import DATASETS, GROUPS
    from skipclick.datasets.entry import LABEL
    from skipclick.datasets.locations import Locations
    from skipclick.errors import DatasetError

    known = ", ".join((*DATASETS, *GROUPS))
    match = re.fullmatch(rf"([^=:]+)(?::({LABEL}))?(?:=(.+))?", text)
    if match is None:
        raise DatasetError(
            f"--data {text!r} is not NAME or NAME=FOLDER, as in GrabCut=data/GrabCut; the names are {known}"
        )
    name, label, given = match.groups()
    if name not in DATASETS and name not in GROUPS:
        raise DatasetError(f"--data {text!r}: there is no data set {name!r}; the names are {known}")
    # A shell leaves the tilde after "=" alone.
    folder = (locations or Locations()).folder(name) if given is None else Path(given).expanduser()
    if name in DATASETS:
        return [DataChoice(name, label or name, folder)]
    if label is not None:
        raise DatasetError(f"--data {text!r}: {name} stands for several data sets; leave out :{label}")
    return [DataChoice(member, member, folder) for member in GROUPS[name]]
