"""An object whose clicks are being answered, what they begin from, and what is known of masks. No Qt."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from skipclick.annotation.document import ObjectRecord
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
        written: the object's mask after the last answer, or as it was found.
        answered: those of `clicks` that this mask has answered.
        waiting: asks without an answer, in order.
        finished: the user has gone on to another object.
    """

    image: str
    object: int | None
    class_id: int
    basis: Basis
    clicks: tuple[Click, ...] = ()
    written: RunLengths | None = None
    answered: tuple[Click, ...] = ()
    waiting: list[Ask] = field(default_factory=list)
    finished: bool = False

    @property
    def unanswered(self) -> tuple[Click, ...]:
        """Clicks that the mask does not know yet."""
        known = len(self.answered)
        if self.clicks[:known] == self.answered:
            return self.clicks[known:]
        return tuple(click for click in self.clicks if click not in self.answered)  # one was taken away

    def begin_from(self, basis: Basis, mask: RunLengths | None) -> None:
        """Have other clicks than those so far: those that begin from a mask as it is now."""
        self.basis, self.written = basis, mask
        self.clicks, self.answered = (), ()


Key: TypeAlias = tuple[str, int, tuple[Click, ...], RunLengths]
"""An image, an object's id, its clicks and its mask."""


class Memory:
    """What the masks made last came from, and how sure the model was of them.

    Args:
        limit: of how many masks.
    """

    def __init__(self, limit: int = 500) -> None:
        self._limit = limit
        self._known: dict[Key, tuple[Basis, float | None]] = {}
        self._start: tuple[str, NDArray[np.bool_]] | None = None
        self._numbers = itertools.count(1)

    def new(
        self,
        start: RunLengths | None = None,
        before: tuple[Click, ...] = (),
        region: Region | None = None,
    ) -> Basis:
        """A basis with a key of its own."""
        return Basis(f"draft {next(self._numbers)}", start, before, region)

    def from_mask(self, one: ObjectRecord, region: Region | None = None) -> Basis:
        """A new basis: the object's mask as it is now."""
        return self.new(one.mask if one.mask.area() else None, one.clicks, region)

    def basis_of(self, image: str, one: ObjectRecord) -> Basis:
        """What its mask was made from, as long as nothing but clicks changed it; else the mask itself."""
        key = image, one.id, one.clicks, one.mask
        if key not in self._known:
            self._put(key, self.from_mask(one), None)
        return self._known[key][0]

    def score_of(self, image: str, one: ObjectRecord) -> float | None:
        """How sure the model was of its mask, in [0, 1]; None if something else made it."""
        known = self._known.get((image, one.id, one.clicks, one.mask))
        return None if known is None else known[1]

    def keep(self, image: str, one: ObjectRecord, basis: Basis, score: float) -> None:
        """An answer made its mask."""
        self._put((image, one.id, one.clicks, one.mask), basis, score)

    def start_of(self, basis: Basis) -> NDArray[np.bool_] | None:
        """The mask that a basis begins from, (H, W) bool, read-only; the last one is kept as it is."""
        if basis.start is None:
            return None
        if self._start is None or self._start[0] != basis.key:
            mask = basis.start.to_mask()
            mask.flags.writeable = False
            self._start = basis.key, mask
        return self._start[1]

    def forget_start(self) -> None:
        """Another image is open: the mask that is kept is of no use any more."""
        self._start = None

    def clear(self) -> None:
        """Know nothing any more."""
        self._known.clear()
        self._start = None

    def _put(self, key: Key, basis: Basis, score: float | None) -> None:
        self._known.pop(key, None)
        self._known[key] = basis, score
        while len(self._known) > self._limit:
            del self._known[next(iter(self._known))]


def inside(region: Region, click: Click) -> bool:
    """Whether a click lies in a region."""
    left, top, right, bottom = region
    return left <= click.x <= right - 1 and top <= click.y <= bottom - 1
