"""Everything that can be done to a document, as data.

`command.apply(document)` gives the new document. `command_to_json` and `command_from_json` write commands
down and read them.
"""

from __future__ import annotations

from typing import Any

from skipclick.annotation.codec import from_json, to_json
from skipclick.annotation.commands.base import Command, Together
from skipclick.annotation.commands.classes import AddClass, EditClass, MoveClass, RemoveClass, SetOverlap
from skipclick.annotation.commands.objects import AddObject, CopyObjects, DeleteObjects, SetMask, Tool
from skipclick.annotation.commands.properties import (
    MoveObject,
    SetClass,
    SetColour,
    SetDone,
    SetHidden,
    SetLocked,
    SetReviewed,
)

__all__ = [
    "COMMANDS",
    "AddClass",
    "AddObject",
    "Command",
    "CopyObjects",
    "DeleteObjects",
    "EditClass",
    "MoveClass",
    "MoveObject",
    "RemoveClass",
    "SetClass",
    "SetColour",
    "SetDone",
    "SetHidden",
    "SetLocked",
    "SetMask",
    "SetOverlap",
    "SetReviewed",
    "Together",
    "Tool",
    "command_from_json",
    "command_to_json",
]

COMMANDS: dict[str, type[Command]] = {
    "AddObject": AddObject,
    "SetMask": SetMask,
    "DeleteObjects": DeleteObjects,
    "MoveObject": MoveObject,
    "SetClass": SetClass,
    "SetColour": SetColour,
    "SetHidden": SetHidden,
    "SetLocked": SetLocked,
    "CopyObjects": CopyObjects,
    "SetDone": SetDone,
    "SetReviewed": SetReviewed,
    "AddClass": AddClass,
    "EditClass": EditClass,
    "MoveClass": MoveClass,
    "RemoveClass": RemoveClass,
    "SetOverlap": SetOverlap,
}
"""The single commands by the names that they are written down with."""


def command_to_json(command: Command) -> dict[str, Any]:
    """A command as JSON values: its fields, and its name as "do"."""
    if isinstance(command, Together):
        inner = [command_to_json(one) for one in command.commands]
        return {"do": "Together", "name": command.name, "commands": inner}
    return {"do": type(command).__name__, **to_json(command)}


def command_from_json(value: Any) -> Command:
    """Read what `command_to_json` wrote.

    Raises:
        ValueError: it is something else, or a command of a newer version.
        SkipClickError: a field has a value that cannot be.
    """
    if not isinstance(value, dict):
        raise ValueError("no command")
    fields = dict(value)
    name = fields.pop("do", None)
    if name == "Together":
        inner, label = fields.pop("commands", None), fields.pop("name", None)
        if not isinstance(inner, list) or not isinstance(label, str) or fields:
            raise ValueError("a damaged command")
        return Together(label, tuple(command_from_json(one) for one in inner))
    if not isinstance(name, str) or name not in COMMANDS:
        raise ValueError(f"the command {str(name)[:60]!r} is unknown")
    return from_json(COMMANDS[name], fields)
