"""How far the work on a folder has come, and what it took."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from statistics import median

from skipclick.annotation.document import Document, ObjectRecord, State


@dataclass(frozen=True, slots=True)
class Effort:
    """What a number of objects took.

    Attributes:
        objects: how many.
        clicks: on all of them.
        seconds: on all of them.
        median_clicks: of the objects that were made with clicks; 0 if there are none.
        median_seconds: of the objects on which time was spent; 0 if there are none.
    """

    objects: int
    clicks: int
    seconds: float
    median_clicks: float
    median_seconds: float

    @property
    def clicks_per_object(self) -> float:
        """The mean; 0 without objects."""
        return self.clicks / self.objects if self.objects else 0.0

    @property
    def seconds_per_object(self) -> float:
        """The mean; 0 without objects."""
        return self.seconds / self.objects if self.objects else 0.0


@dataclass(frozen=True, slots=True)
class Statistics:
    """A project in numbers.

    Attributes:
        untouched, begun, done, reviewed: images in the folder, by state; those reviewed do not count as done
            once more.
        gone: images with work on them that are not in the folder any more.
        total: what all objects took, those of vanished images included.
        by_class: the same for each class, by its id, in the order of classes.
    """

    untouched: int
    begun: int
    done: int
    reviewed: int
    gone: int
    total: Effort
    by_class: dict[int, Effort]

    @property
    def progress(self) -> float:
        """The share of the images that is done, reviewed or not, from 0 to 1; 0 without images."""
        finished = self.done + self.reviewed
        images = self.untouched + self.begun + finished
        return finished / images if images else 0.0


def count(document: Document, names: Collection[str], since: float = 0.0) -> Statistics:
    """Count what there is.

    Args:
        document: the document.
        names: the images in the folder.
        since: only objects created at this time or later, in seconds since 1970: a session's, say.
    """
    present = frozenset(names)
    states: dict[State, int] = {"begun": 0, "done": 0, "reviewed": 0}
    gone = 0
    for image in document.images.values():
        if image.state == "untouched":
            continue
        if image.name in present:
            states[image.state] += 1
        else:
            gone += 1
    untouched = len(present) - sum(states.values())
    objects = [one for _, one in document.objects() if one.created >= since]
    by_class = {
        kind.id: _effort([one for one in objects if one.class_id == kind.id]) for kind in document.classes
    }
    return Statistics(untouched, **states, gone=gone, total=_effort(objects), by_class=by_class)


def _effort(objects: list[ObjectRecord]) -> Effort:
    clicks = [len(one.clicks) for one in objects if one.clicks]
    seconds = [one.seconds for one in objects if one.seconds > 0]
    return Effort(
        objects=len(objects),
        clicks=sum(clicks),
        seconds=sum(seconds),
        median_clicks=median(clicks) if clicks else 0.0,
        median_seconds=median(seconds) if seconds else 0.0,
    )
