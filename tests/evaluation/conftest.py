"""Traces made up for the tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skipclick.evaluation.trace import ObjectTrace, TraceHeader
from skipclick.evaluation.trace_file import TraceFile
from skipclick.prompt import Click

IDENTITY: dict[str, Any] = {"model": "stub", "dataset": {"label": "A"}, "protocol": {"size": (448, 448)}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a trace may be written, in a folder that does not exist yet."""
    return tmp_path / "new folder" / "trace.jsonl"


@pytest.fixture
def header() -> Callable[..., TraceHeader]:
    """A header; keyword arguments change what was evaluated."""

    def make(device: str = "cpu", **changes: Any) -> TraceHeader:
        return TraceHeader(IDENTITY | changes, {"device": device})

    return make


@pytest.fixture
def one() -> Callable[..., ObjectTrace]:
    """An object after two clicks."""

    def make(sample: str = "a", object_id: int = 1, of: int = 1) -> ObjectTrace:
        return ObjectTrace(
            sample=sample,
            object_id=object_id,
            objects_in_sample=of,
            clicks=(Click(3, 4), Click(5, 6, False)),
            ious=(0.5, 1 / 3),
            answer_seconds=(0.25, 0.125),
            image_seconds=0.5,
            seconds=1.5,
        )

    return make


@pytest.fixture
def write(header: Callable[..., TraceHeader]) -> Callable[..., None]:
    """Write objects into a trace; keyword arguments as for a header."""

    def write_objects(path: Path, *traces: ObjectTrace, **changes: Any) -> None:
        with TraceFile(path, header(**changes)) as file:
            for trace in traces:
                file.add(trace)

    return write_objects
