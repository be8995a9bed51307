"""What the program remembers from one start to the next, in one readable file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from skipclick.annotation.files import write_whole
from skipclick.apps.desktop.layers import Look
from skipclick.errors import SkipClickError


@dataclass(slots=True)
class Settings:
    """The user's choices.

    Attributes:
        theme: "auto", "light" or "dark".
        language: "auto" or one of the languages.
        folder: where the last dialog was.
        keys: shortcuts of actions that differ from the table's, by the action's id.
        look: how image and masks are shown.
        places: projects that are kept apart from their images, by the folder of images.
        features: the folder for encoded images; empty for none.
        window: where the window was and how large, as `layout.arrangement` tells; empty until it was closed.
        columns: the widths of its three columns.
    """

    theme: str = "auto"
    language: str = "auto"
    folder: str = ""
    keys: dict[str, list[str]] = field(default_factory=dict)
    look: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    features: str = ""
    window: str = ""
    columns: list[int] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all.

        Raises:
            NotSavedError: it cannot be written.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SkipClickError(f"{path.parent} cannot be made: {error.strerror}") from error
        write_whole(path, json.dumps(asdict(self), indent=2, ensure_ascii=False).encode())

    @classmethod
    def read(cls, path: Path) -> Settings:
        """Read the file; what is missing or makes no sense keeps its default."""
        settings = cls()
        try:
            found = json.loads(path.read_bytes())
        except (OSError, ValueError):
            return settings
        if not isinstance(found, dict):
            return settings
        for name in ("theme", "language", "folder", "features", "window"):
            if isinstance(found.get(name), str):
                setattr(settings, name, found[name])
        columns = found.get("columns")
        if isinstance(columns, list) and all(type(width) is int for width in columns):
            settings.columns = columns
        places = found.get("places")
        if isinstance(places, dict):
            settings.places = {
                str(folder): place for folder, place in places.items() if isinstance(place, str)
            }
        keys = found.get("keys")
        if isinstance(keys, dict):
            settings.keys = {
                str(action): [str(key) for key in some]
                for action, some in keys.items()
                if isinstance(some, list)
            }
        look = found.get("look")
        if not isinstance(look, dict):
            return settings
        try:
            Look(**look)
        except (TypeError, SkipClickError):
            return settings
        settings.look = look
        return settings
