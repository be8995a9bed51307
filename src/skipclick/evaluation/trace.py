"""What an evaluation leaves: a JSON Lines file with a header and then one line for each object.

Whatever wrote to the file with other versions or on another machine put a header of its own before its
objects; what the headers say about model, data set and protocol agrees. Times stand at the end of a line and
are left out of `digest`, so two evaluations that gave the same results have the same digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from skipclick.evaluation.protocol import PUBLISHED, EvaluationError
from skipclick.prompt import Click

FORMAT = "skipclick-trace"
VERSION = 1

SHORT = 7
"""Digits of a hash that tell two models or two folders of masks of one name apart, in names."""

_LATER = ("fingerprint", "missing")
"""What the first traces did not tell of a data set; `missing` is left out too where no image is."""

_ADVICE = "choose another folder with --out, or start afresh with --fresh (the old file is kept)"


@dataclass(frozen=True, slots=True)
class ObjectTrace:
    """What happened to one object.

    Attributes:
        sample: the sample's name.
        object_id: the object's id within the sample.
        objects_in_sample: how many objects the sample has.
        clicks: in image pixels, in their order.
        ious: IoU after each click, from 0 to 1.
        answer_seconds: for each click the seconds from the click to the mask, the image being encoded.
        image_seconds: seconds to wait for the image and to encode it; 0 if an earlier object of the image
            took them.
        seconds: seconds of everything: reading, encoding, simulated clicks, network, IoU.
        load_seconds: those of `image_seconds` in which the model had to wait for the image to be read.
        start_iou: IoU of the mask that was begun from; None if that was all background.
        boundary_f: boundary F-score after each click, from 0 to 1; empty if not measured.
        boundary_iou: boundary IoU after each click, from 0 to 1; empty if not measured.
    """

    sample: str
    object_id: int
    objects_in_sample: int
    clicks: tuple[Click, ...]
    ious: tuple[float, ...]
    answer_seconds: tuple[float, ...]
    image_seconds: float
    seconds: float
    load_seconds: float = 0.0
    start_iou: float | None = None
    boundary_f: tuple[float, ...] = ()
    boundary_iou: tuple[float, ...] = ()

    def results(self) -> dict[str, Any]:
        """All but the times, as JSON values."""
        return {
            "sample": self.sample,
            "object": self.object_id,
            "of": self.objects_in_sample,
            **({} if self.start_iou is None else {"start_iou": self.start_iou}),
            "clicks": [[click.x, click.y, click.positive] for click in self.clicks],
            "ious": list(self.ious),
            **({"boundary_f": list(self.boundary_f)} if self.boundary_f else {}),
            **({"boundary_iou": list(self.boundary_iou)} if self.boundary_iou else {}),
        }

    def to_line(self) -> dict[str, Any]:
        """As JSON values; times are rounded to microseconds."""
        return {
            **self.results(),
            "answer_seconds": [round(seconds, 6) for seconds in self.answer_seconds],
            "image_seconds": round(self.image_seconds, 6),
            "load_seconds": round(self.load_seconds, 6),
            "seconds": round(self.seconds, 6),
        }

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> Self:
        """Read what `to_line` wrote, now or before there were starting masks and boundary measures.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        trace = cls(
            sample=str(line["sample"]),
            object_id=int(line["object"]),
            objects_in_sample=int(line["of"]),
            clicks=tuple(Click(float(x), float(y), bool(positive)) for x, y, positive in line["clicks"]),
            ious=tuple(float(iou) for iou in line["ious"]),
            answer_seconds=tuple(float(seconds) for seconds in line["answer_seconds"]),
            image_seconds=float(line["image_seconds"]),
            seconds=float(line["seconds"]),
            load_seconds=float(line.get("load_seconds", 0.0)),
            start_iou=float(line["start_iou"]) if "start_iou" in line else None,
            boundary_f=tuple(float(score) for score in line.get("boundary_f", ())),
            boundary_iou=tuple(float(score) for score in line.get("boundary_iou", ())),
        )
        if not len(trace.clicks) == len(trace.ious) == len(trace.answer_seconds) > 0:
            raise ValueError("clicks, IoUs and times differ in number")
        if not {len(trace.boundary_f), len(trace.boundary_iou)} <= {0, len(trace.clicks)}:
            raise ValueError("clicks and boundary scores differ in number")
        return trace


@dataclass(frozen=True, slots=True)
class TraceHeader:
    """What was evaluated, and with what.

    Attributes:
        identity: what must agree to continue a file: model, data set, protocol; JSON values.
        made_with: what is only recorded: versions, device; JSON values.
    """

    identity: Mapping[str, Any]
    made_with: Mapping[str, Any]

    def to_line(self) -> dict[str, Any]:
        """As JSON values."""
        return {"format": FORMAT, "version": VERSION, **self.identity, "made_with": dict(self.made_with)}

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> Self:
        """Read what `to_line` wrote.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        if line["format"] != FORMAT or line["version"] != VERSION:
            raise ValueError(f"not version {VERSION} of {FORMAT}")
        identity = dict(line)
        made_with = identity.pop("made_with")
        del identity["format"], identity["version"]
        return cls(identity, dict(made_with))


def read_trace(path: Path) -> tuple[TraceHeader, list[ObjectTrace]]:
    """Read a trace file: its first header and its objects, in the order in which they were finished.

    A last line that was cut off in the middle of writing is passed over.

    Raises:
        EvaluationError: the file cannot be read or is no trace.
    """
    parsed = parse(path)
    return parsed.header, [trace for _, trace in parsed.objects]


def digest(path: Path, samples: Collection[str] | None = None) -> str:
    """A hash of an evaluation's results: equal for two that differ in nothing but times.

    Hashed are what was evaluated (model, weights, data set, protocol) and of each object the clicks and
    scores; not the times, the versions, the machine, or the order in which objects were finished.

    Args:
        path: the trace.
        samples: only the objects of these, by name; None for all.

    Returns:
        16 hexadecimal digits.

    Raises:
        EvaluationError: the file cannot be read or is no trace.
    """
    header, traces = read_trace(path)
    if samples is not None:
        traces = [trace for trace in traces if trace.sample in samples]
    identity = {key: _comparable(key, value, value)[0] for key, value in sorted(header.identity.items())}
    lines = [dump(trace.results()) for trace in sorted(traces, key=lambda one: (one.sample, one.object_id))]
    return hashlib.sha256("".join([json.dumps(identity, sort_keys=True), *lines]).encode()).hexdigest()[:16]


class Parsed(NamedTuple):
    """A trace file, taken apart.

    Attributes:
        header: the first header.
        last: the last header.
        objects: each with the header that it stands under.
        empty: names of samples that turned out to have no object, each with its header.
        kept: number of bytes up to the end of the last whole line.
    """

    header: TraceHeader
    last: TraceHeader
    objects: list[tuple[TraceHeader, ObjectTrace]]
    empty: list[tuple[TraceHeader, str]]
    kept: int


def parse(path: Path) -> Parsed:
    """Read a trace file with all its headers.

    Raises:
        EvaluationError: the file cannot be read or is no trace.
    """
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise EvaluationError(f"cannot read {path}: {error.strerror}") from error
    first: TraceHeader | None = None
    objects: list[tuple[TraceHeader, ObjectTrace]] = []
    empty: list[tuple[TraceHeader, str]] = []
    kept = 0
    for number, raw in enumerate(lines, start=1):
        try:
            line = json.loads(raw)
            if first is None:
                first = header = TraceHeader.from_line(line)
            elif "format" in line:
                header = TraceHeader.from_line(line)
                check_same(path, first.identity, header.identity)
            elif line["of"] == 0:
                empty.append((header, str(line["sample"])))
            else:
                objects.append((header, ObjectTrace.from_line(line)))
        except (KeyError, TypeError, ValueError) as error:
            if first is not None and number == len(lines) and not raw.endswith(b"\n"):
                break
            raise EvaluationError(f"{path} is no trace, or is damaged in line {number}: {_ADVICE}") from error
        kept += len(raw)
    if first is None:
        raise EvaluationError(f"{path} is empty: {_ADVICE}")
    return Parsed(first, header, objects, empty, kept)


def check_same(path: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Make sure that two identities agree.

    A header from before a rule existed followed its default; one that does not tell the data set's
    fingerprint, or how many images it lacked, is believed.

    Raises:
        EvaluationError: they differ; names the first difference.
    """
    for key in {**before, **now}:
        was, is_now = _comparable(key, before.get(key), now.get(key))
        if was != is_now:
            if isinstance(was, dict) and isinstance(is_now, dict):
                name = min(name for name in {**was, **is_now} if was.get(name) != is_now.get(name))
                was, is_now, name = was.get(name), is_now.get(name), f"{name} "
            else:
                name = ""
            raise EvaluationError(
                f"{path} was made with another {key} ({name}{json.dumps(was)}, now {json.dumps(is_now)}): "
                f"{_ADVICE}"
            )


def empty_line(sample: str) -> dict[str, Any]:
    """What stands for a sample without an object, so that it counts as finished."""
    return {"sample": sample, "of": 0}


def dump(values: Any) -> str:
    """One line of a trace file."""
    return json.dumps(values, separators=(",", ":")) + "\n"


def as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """As it will read back: tuples as lists, say."""
    read: dict[str, Any] = json.loads(json.dumps(values))
    return read


def _comparable(key: str, before: Any, now: Any) -> tuple[Any, Any]:
    """Two values of an identity, with what older versions did not write."""
    if not (isinstance(before, dict) and isinstance(now, dict)):
        return before, now
    if key == "protocol":
        missing = asdict(PUBLISHED)
        return as_json(missing | before), as_json(missing | now)
    if key == "dataset":
        unknown = {name for name in _LATER if (name in before) != (name in now)}
        before, now = ({name: side[name] for name in side if name not in unknown} for side in (before, now))
    return before, now
