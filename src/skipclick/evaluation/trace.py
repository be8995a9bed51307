"""The record of an evaluation: a JSON Lines file that grows object by object and can be continued.

A run writes a header line and then one line for each object. A run that continues a file writes its own
header first, so the file tells which versions and which device made which objects; what the headers say
about model, data set and protocol must agree.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from skipclick.evaluation.protocol import EvaluationError
from skipclick.prompt import Click

FORMAT = "skipclick-trace"
VERSION = 1


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
        image_seconds: seconds to read and encode the image; 0 if an earlier object of the image took them.
        seconds: seconds of everything: reading, encoding, simulated clicks, network, IoU.
    """

    sample: str
    object_id: int
    objects_in_sample: int
    clicks: tuple[Click, ...]
    ious: tuple[float, ...]
    answer_seconds: tuple[float, ...]
    image_seconds: float
    seconds: float

    def to_line(self) -> dict[str, Any]:
        """As JSON values; times are rounded to microseconds."""
        return {
            "sample": self.sample,
            "object": self.object_id,
            "of": self.objects_in_sample,
            "clicks": [[click.x, click.y, click.positive] for click in self.clicks],
            "ious": list(self.ious),
            "answer_seconds": [round(seconds, 6) for seconds in self.answer_seconds],
            "image_seconds": round(self.image_seconds, 6),
            "seconds": round(self.seconds, 6),
        }

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> Self:
        """Read what `to_line` wrote.

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
        )
        if not len(trace.clicks) == len(trace.ious) == len(trace.answer_seconds) > 0:
            raise ValueError("clicks, IoUs and times differ in number")
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
    header, traces, _ = _parse(path)
    return header, traces


class TraceFile:
    """A trace file open for appending; a context manager.

    Attributes:
        path: the file.
        finished: the objects that it holds already and those added since, by sample and id.
    """

    def __init__(self, path: Path, header: TraceHeader) -> None:
        """Open a file to continue it, or prepare a new one; nothing is written before the first object.

        Raises:
            EvaluationError: the file is no trace, is damaged, or was made with another model, data set or
                protocol.
        """
        self.path = path
        self.finished: dict[tuple[str, int], ObjectTrace] = {}
        self._header = header
        self._stream: io.TextIOWrapper | None = None
        self._kept = self._size = 0
        if path.exists():
            before, traces, self._kept = _parse(path)
            self._size = path.stat().st_size
            _same_identity(path, before.identity, _as_json(header.identity))
            for trace in traces:
                self.finished.setdefault((trace.sample, trace.object_id), trace)

    def add(self, trace: ObjectTrace) -> None:
        """Append an object; it is in the file when this returns.

        Raises:
            EvaluationError: the file cannot be written.
        """
        try:
            if self._stream is None:
                self._stream = self._open()
            self._stream.write(_dump(trace.to_line()))
            self._stream.flush()
        except OSError as error:
            raise EvaluationError(f"cannot write {self.path}: {error.strerror}") from error
        self.finished[trace.sample, trace.object_id] = trace

    def of_sample(self, sample: str) -> list[ObjectTrace]:
        """The objects of a sample that are in the file."""
        return [trace for (name, _), trace in self.finished.items() if name == sample]

    def close(self) -> None:
        """Close the file."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> io.TextIOWrapper:
        """Write the header, into a new file at one stroke, and open the file for appending."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self._size != (self.path.stat().st_size if self.path.exists() else 0):
            raise EvaluationError(f"another run is writing to {self.path}: wait for it or use another folder")
        header = _dump(self._header.to_line())
        if not self._kept:
            _create(self.path, header)
            return self.path.open("a", encoding="utf-8", newline="\n")
        # A line that was cut off holds nothing that can be read, and must not run into the next one.
        with self.path.open("r+b") as raw:
            raw.truncate(self._kept)
            raw.seek(self._kept - 1)
            ends_line = raw.read(1) == b"\n"
        stream = self.path.open("a", encoding="utf-8", newline="\n")
        stream.write(header if ends_line else "\n" + header)
        return stream


def set_aside(path: Path) -> Path | None:
    """Rename a trace to make room for a fresh one: `NAME.bak`, or `NAME.bak2`… where that exists.

    Returns:
        The new name, or None if there was no file.
    """
    if not path.exists():
        return None
    backup, count = path.with_name(path.name + ".bak"), 2
    while backup.exists():
        backup, count = path.with_name(f"{path.name}.bak{count}"), count + 1
    path.rename(backup)
    return backup


def _parse(path: Path) -> tuple[TraceHeader, list[ObjectTrace], int]:
    """The first header, the objects, and the number of bytes up to the end of the last whole line."""
    advice = "choose another folder with --out, or start afresh with --fresh (the old file is kept)"
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise EvaluationError(f"cannot read {path}: {error.strerror}") from error
    header: TraceHeader | None = None
    traces: list[ObjectTrace] = []
    kept = 0
    for number, raw in enumerate(lines, start=1):
        try:
            line = json.loads(raw)
            if header is None:
                header = TraceHeader.from_line(line)
            elif "format" in line:
                _same_identity(path, header.identity, TraceHeader.from_line(line).identity)
            else:
                traces.append(ObjectTrace.from_line(line))
        except (KeyError, TypeError, ValueError) as error:
            if header is not None and number == len(lines) and not raw.endswith(b"\n"):
                break
            raise EvaluationError(f"{path} is no trace, or is damaged in line {number}: {advice}") from error
        kept += len(raw)
    if header is None:
        raise EvaluationError(f"{path} is empty: {advice}")
    return header, traces, kept


def _same_identity(path: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    for key in {**before, **now}:
        if before.get(key) != now.get(key):
            raise EvaluationError(
                f"{path} was made with another {key} ({_dump(before.get(key)).strip()}, now "
                f"{_dump(now.get(key)).strip()}): choose another folder with --out, or start afresh with "
                "--fresh (the old file is kept)"
            )


def _create(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)


def _dump(values: Any) -> str:
    return json.dumps(values, separators=(",", ":")) + "\n"


def _as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """As it will read back: tuples as lists, say."""
    read: dict[str, Any] = json.loads(json.dumps(values))
    return read
