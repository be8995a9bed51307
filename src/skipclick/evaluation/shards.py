"""An evaluation divided among machines: each has a part of the images and writes a part of the trace.

The parts lie beside the trace as `NAME.part-2-of-4.jsonl`, in a folder that all machines see or that they
are copied to. Whoever finishes last puts them together; so does an evaluation without a part of its own.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from skipclick.datasets import Sample
from skipclick.evaluation.protocol import EvaluationError
from skipclick.evaluation.trace import (
    ObjectTrace,
    TraceHeader,
    as_json,
    check_same,
    dump,
    empty_line,
    parse,
)
from skipclick.evaluation.trace_file import write_whole

_PART = re.compile(r"\.part-(\d+)-of-(\d+)\.jsonl$")


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of the images: every `count`-th, from the `index`-th on.

    Attributes:
        index: which part, from 0.
        count: how many parts there are.

    Raises:
        EvaluationError: there is no such part.
    """

    index: int
    count: int

    def __post_init__(self) -> None:
        if not 0 <= self.index < self.count:
            raise EvaluationError(f"there is no part {self.index + 1} of {self.count}: count from 1")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "2/4", the second of four parts.

        Raises:
            EvaluationError: it is something else.
        """
        match = re.fullmatch(r"(\d+)/(\d+)", text)
        if match is None:
            raise EvaluationError(f"a part is written as 2/4, the second of four, not as {text!r}")
        return cls(int(match[1]) - 1, int(match[2]))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self | None:
        """The part of this process as `torchrun` tells it by RANK and WORLD_SIZE; None for all of it.

        Raises:
            EvaluationError: they make no sense.
        """
        rank, world = environment.get("RANK", "0"), environment.get("WORLD_SIZE", "1")
        if not (rank.isdecimal() and world.isdecimal()):
            raise EvaluationError(
                f"RANK={rank} and WORLD_SIZE={world} are not what torchrun sets: unset them"
            )
        return cls(int(rank), int(world)) if int(world) > 1 else None

    def of(self, samples: Sequence[Sample]) -> tuple[Sample, ...]:
        """Its images among all."""
        return tuple(samples[self.index :: self.count])

    def path(self, trace: Path) -> Path:
        """Where its part of a trace is written."""
        return trace.with_name(f"{trace.stem}.part-{self.index + 1}-of-{self.count}.jsonl")

    def __str__(self) -> str:
        return f"{self.index + 1}/{self.count}"


def parts_of(trace: Path) -> dict[Path, Shard]:
    """The parts that lie beside a trace."""
    found = {}
    if trace.parent.is_dir():
        for path in sorted(trace.parent.iterdir()):
            match = _PART.search(path.name)
            if match is not None and path.name[: match.start()] == trace.stem:
                found[path] = Shard(int(match[1]) - 1, int(match[2]))
    return found


class Known(NamedTuple):
    """What a trace and its parts hold, all together.

    Attributes:
        made: each object, by sample and id, with the header that it stands under.
        empty: samples without an object, likewise.
    """

    made: dict[tuple[str, int], tuple[TraceHeader, ObjectTrace]]
    empty: dict[str, TraceHeader]

    def objects(self) -> list[ObjectTrace]:
        """The objects alone."""
        return [one for _, one in self.made.values()]

    def whole(self) -> set[str]:
        """The samples of which nothing is missing."""
        counts = Counter(sample for sample, _ in self.made)
        return {one.sample for one in self.objects() if counts[one.sample] == one.objects_in_sample} | {
            *self.empty
        }


def known_results(trace: Path, header: TraceHeader) -> Known:
    """Read a trace and its parts; those that do not exist hold nothing.

    Raises:
        EvaluationError: one of the files is no trace, or was made with another model, data set or protocol.
    """
    known = Known({}, {})
    # The trace last: a part vanishes only after the trace that holds its objects is there.
    for path in [*parts_of(trace), trace]:
        try:
            parsed = parse(path)
        except EvaluationError:
            if path.exists():
                raise
            continue
        check_same(path, parsed.header.identity, as_json(header.identity))
        known.made.update({(one.sample, one.object_id): (made, one) for made, one in parsed.objects})
        known.empty.update({sample: made for made, sample in parsed.empty})
    return known


def put_together(trace: Path, header: TraceHeader, samples: Sequence[Sample]) -> bool:
    """Write the trace from its parts, in the data set's order, and remove the parts.

    Args:
        trace: the file that is to hold everything.
        header: what is evaluated.
        samples: the images that make the evaluation complete.

    Returns:
        Whether every object of these images is there. If not, nothing is changed.

    Raises:
        EvaluationError: as `known_results`, or the trace cannot be written.
    """
    parts = parts_of(trace)
    known = known_results(trace, header)
    if not {sample.name for sample in samples} <= known.whole():
        return False
    if parts:
        try:
            write_whole(trace, _text(header, known, [sample.name for sample in samples]))
            for path in parts:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise EvaluationError(f"cannot write {trace}: {error.strerror}") from error
    return True


def put_together_when_complete(
    trace: Path, header: TraceHeader, samples: Sequence[Sample], *, every: float = 2.0
) -> None:
    """Wait for the other parts, and put all of them together; see `put_together`.

    Args:
        trace: the file that is to hold everything.
        header: what is evaluated.
        samples: the images that make the evaluation complete.
        every: seconds after which to look again.

    Raises:
        EvaluationError: as `put_together`.
    """
    while not put_together(trace, header, samples):
        time.sleep(every)


def _text(header: TraceHeader, known: Known, order: Sequence[str]) -> str:
    """The text of a trace, with a header wherever other versions or another machine made what follows."""
    places = {name: place for place, name in enumerate(order)}
    lines = [
        *((one.sample, made, one.to_line()) for made, one in known.made.values()),
        *((sample, made, empty_line(sample)) for sample, made in known.empty.items()),
    ]
    # Objects of one image stay in the order in which they were evaluated, which is the data set's.
    lines.sort(key=lambda line: (places.get(line[0], len(places)), line[0]))
    text: list[str] = []
    made_with: Mapping[str, Any] | None = None
    for _, made, line in lines:
        if made.made_with != made_with:
            made_with = made.made_with
            text.append(dump(TraceHeader(header.identity, made_with).to_line()))
        text.append(dump(line))
    return "".join(text)
