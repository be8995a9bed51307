"""An object whose clicks are being answered, and what they begin from. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field

from skipclick.apps.desktop.agenda import Ask
from skipclick.apps.desktop.focus import Region
from skipclick.mask import RunLengths
from skipclick.prompt import Click


@dataclass(frozen=True, slots=True)
class Basis:
    """What the clicks of one object begin from.

    Attributes:
        key: the worker's name for it.
        start: the mask to refine; None for all background.
        before: clicks that this mask has answered already.
        region: the part of the image that the network sees; None for all of it.
    """

    key: str
    start: RunLengths | None = None
    before: tuple[Click, ...] = ()
    region: Region | None = None


@dataclass(slots=True, eq=False)
class Draft:
    """An object whose clicks are being answered.

    Attributes:
        image: the image's name.
        object: its id, once there is an answer.
        class_id: the class that it will have.
        basis: see `Basis`.
        clicks: clicks since then that are answered, or waiting for their answer.
        waiting: asks without an answer, in order.
    """

    image: str
    object: int | None
    class_id: int
    basis: Basis
    clicks: tuple[Click, ...] = ()
    waiting: list[Ask] = field(default_factory=list)


def inside(region: Region, click: Click) -> bool:
    """Whether a click lies in a region."""
    left, top, right, bottom = region
    return left <= click.x <= right - 1 and top <= click.y <= bottom - 1
