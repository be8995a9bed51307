"""What the model is to do next, and which of its answers still count. No threads, no Qt."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from skipclick.apps.desktop.focus import Region
from skipclick.prompt import Click


@dataclass(frozen=True, slots=True, eq=False)
class Ask:
    """Which mask follows from these clicks.

    It holds all that the answer depends on, so undo is nothing but asking for fewer clicks.

    Attributes:
        image: the file.
        object: whose mask it is to be, any name that is unique in the image.
        clicks: all clicks in order, in pixels of the whole image.
        start: the mask to begin from, (H, W) bool, or a probability, (H, W) float32 in [0, 1]; None for
            all background. Never change it afterwards.
        region: let the network see only this part of the image, see `focus_region`; None for all of it.
    """

    image: Path
    object: str
    clicks: tuple[Click, ...]
    start: NDArray[Any] | None = None
    region: Region | None = None

    def extends(self, other: Ask) -> bool:
        """Whether this asks the same with more clicks at the end, or no more: the other is a step of it."""
        return (
            (self.image, self.object, self.region) == (other.image, other.object, other.region)
            and self.clicks[: len(other.clicks)] == other.clicks
            and same_start(self.start, other.start)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One thing to do.

    Attributes:
        kind: encode an image, answer clicks, or say what a click would give.
        image: the file.
        ask: what is asked, for all but "encode".
    """

    kind: Literal["encode", "answer", "preview"]
    image: Path
    ask: Ask | None = None


class Agenda:
    """Asks in order, the open image, those to come, and the preview wanted last.

    An ask counts until a newer one for the same object does not extend it: after an undo, or with another
    start or region, the answers to what was asked before are of no use. Asks for an image stay when
    another is opened, because their answers belong to that image's document.
    """

    def __init__(self) -> None:
        self._asks: deque[Ask] = deque()
        self._latest: dict[tuple[Path, str], Ask] = {}
        self._image: Path | None = None
        self._encode = False
        self._ahead: deque[Path] = deque()
        self._reads: deque[Path] = deque()
        self._preview: Ask | None = None
        self._preview_taken = True

    def open(self, image: Path, ahead: Sequence[Path] = ()) -> None:
        """This image is open now; read and encode it, then those that are likely to come next, once each."""
        self._image, self._encode, self._preview = image, True, None
        self._ahead = deque(each for each in ahead if each != image)
        self._reads = deque([image, *self._ahead])

    def renew(self) -> None:
        """There is another model: the open image is to be encoded again."""
        self._encode = self._image is not None

    def ask(self, ask: Ask) -> None:
        """Put clicks in the queue; those for the same object that they make useless leave it."""
        self._latest[ask.image, ask.object] = ask
        self._asks = deque(other for other in self._asks if self.counts(other))
        self._asks.append(ask)
        self._preview = None

    def preview(self, ask: Ask | None) -> None:
        """Want a preview in place of the one before, or none."""
        self._preview, self._preview_taken = ask, False

    def forget(self, image: Path, name: str | None = None) -> None:
        """Nothing asked so far about this object counts any more, or about the whole image."""
        for key in list(self._latest):
            if key[0] == image and name in (None, key[1]):
                del self._latest[key]
        self._asks = deque(ask for ask in self._asks if self.counts(ask))
        if self._preview is not None and self._preview.image == image:
            self._preview = None

    def counts(self, ask: Ask) -> bool:
        """Whether the answer to an ask in the queue, or just being answered, is still wanted."""
        latest = self._latest.get((ask.image, ask.object))
        return latest is not None and latest.extends(ask)

    def wants_preview(self, ask: Ask) -> bool:
        """Whether this is still the preview wanted."""
        return self._preview is ask

    @property
    def has_jobs(self) -> bool:
        """Whether `next_job` would give one."""
        return bool(self._asks) or self._encode or not (self._preview is None or self._preview_taken)

    def next_job(self) -> Job | None:
        """Clicks first, those on the open image before others; then encoding it; then the preview."""
        if self._asks:
            here = (ask for ask in self._asks if ask.image == self._image)
            ask = next(here, self._asks[0])
            self._asks.remove(ask)
            return Job("answer", ask.image, ask)
        if self._encode and self._image is not None:
            self._encode = False
            return Job("encode", self._image)
        if self._preview is not None and not self._preview_taken:
            self._preview_taken = True
            return Job("preview", self._preview.image, self._preview)
        return None

    def done(self, ask: Ask) -> None:
        """An ask was answered, or cannot be."""
        if self._latest.get((ask.image, ask.object)) is ask:
            del self._latest[ask.image, ask.object]

    def next_read(self) -> Path | None:
        """Which photo to read from disk next."""
        return self._reads.popleft() if self._reads else None

    def next_ahead(self) -> Path | None:
        """Which image to encode before it is opened."""
        return self._ahead.popleft() if self._ahead else None


def same_start(one: NDArray[Any] | None, other: NDArray[Any] | None) -> bool:
    """Whether two starting masks say the same."""
    if one is None or other is None or one is other:
        return one is other
    return one.dtype == other.dtype and np.array_equal(one, other)
