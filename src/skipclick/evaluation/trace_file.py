"""A trace file while it grows: object by object, continued after an interruption, never overwritten."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

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


class TraceFile:
    """A trace file open for appending; a context manager.

    Attributes:
        path: the file.
        header: what is evaluated, and with what.
        finished: the objects that it holds already and those added since, by sample and id.
    """

    def __init__(
        self,
        path: Path,
        header: TraceHeader,
        known: Iterable[ObjectTrace] = (),
        empty: Iterable[str] = (),
    ) -> None:
        """Open a file to continue it, or prepare a new one; nothing is written before the first object.

        Args:
            path: the file.
            header: what is evaluated, and with what.
            known: objects that need not be evaluated either, because other files hold them.
            empty: samples without an object that other files hold.

        Raises:
            EvaluationError: the file is no trace, is damaged, or was made with another model, data set or
                protocol.
        """
        self.path = path
        self.header = header
        self.finished: dict[tuple[str, int], ObjectTrace] = {}
        self._by_sample: dict[str, list[ObjectTrace]] = {}
        self._empty = set(empty)
        self._stream: io.TextIOWrapper | None = None
        self._kept = self._size = 0
        self._last: TraceHeader | None = None
        if path.exists():
            before = parse(path)
            self._kept, self._size = before.kept, path.stat().st_size
            check_same(path, before.header.identity, as_json(header.identity))
            self._last = before.last
            for _, trace in before.objects:
                self._remember(trace)
            self._empty.update(sample for _, sample in before.empty)
        for trace in known:
            self._remember(trace)

    def add(self, trace: ObjectTrace) -> None:
        """Append an object; it is in the file when this returns.

        Raises:
            EvaluationError: the file cannot be written.
        """
        self._write(trace.to_line())
        self._remember(trace)

    def add_empty(self, sample: str) -> None:
        """Record that a sample has no object.

        Raises:
            EvaluationError: the file cannot be written.
        """
        self._write(empty_line(sample))
        self._empty.add(sample)

    def of_sample(self, sample: str) -> list[ObjectTrace]:
        """The finished objects of a sample."""
        return list(self._by_sample.get(sample, ()))

    def is_whole(self, sample: str) -> bool:
        """Whether all objects of a sample are finished."""
        objects = self._by_sample.get(sample)
        return sample in self._empty or (objects is not None and len(objects) == objects[0].objects_in_sample)

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

    def _remember(self, trace: ObjectTrace) -> None:
        """Keep an object; of two records of one object the first counts."""
        if (trace.sample, trace.object_id) not in self.finished:
            self.finished[trace.sample, trace.object_id] = trace
            self._by_sample.setdefault(trace.sample, []).append(trace)

    def _write(self, line: Mapping[str, Any]) -> None:
        try:
            if self._stream is not None and not self.path.exists():
                # A part of a trace whose objects have been put together with the others.
                self.close()
                self._kept = self._size = 0
            if self._stream is None:
                self._stream = self._open()
            self._stream.write(dump(line))
            self._stream.flush()
        except OSError as error:
            raise EvaluationError(f"cannot write {self.path}: {error.strerror}") from error

    def _open(self) -> io.TextIOWrapper:
        """Write the header, into a new file at one stroke, and open the file for appending.

        A file that goes on with the same versions on the same machine gets no second header: it then is
        what an uninterrupted run would have left.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self._size != (self.path.stat().st_size if self.path.exists() else 0):
            raise EvaluationError(f"another run is writing to {self.path}: wait for it or use another folder")
        header = dump(self.header.to_line())
        if not self._kept:
            write_whole(self.path, header)
            return self.path.open("a", encoding="utf-8", newline="\n")
        # A line that was cut off holds nothing that can be read, and must not run into the next one.
        with self.path.open("r+b") as raw:
            raw.truncate(self._kept)
            raw.seek(self._kept - 1)
            ends_line = raw.read(1) == b"\n"
        stream = self.path.open("a", encoding="utf-8", newline="\n")
        if not ends_line:
            stream.write("\n")
        if self._last is None or dump(self._last.to_line()) != header:
            stream.write(header)
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


def write_whole(path: Path, text: str) -> None:
    """Write a file at one stroke: it is whole, or what was there before.

    Raises:
        OSError: it cannot be written.
    """
    # A name of its own: machines that share the folder may write the same file at the same moment.
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)
