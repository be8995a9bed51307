"""What tests of `skipclick evaluate` share: small data sets, a model that paints disks, and the command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from skipclick.apps.cli import main
from skipclick.evaluation.trace import read_trace


@pytest.fixture
def run() -> Callable[..., int]:
    """Run the command in this process; its exit code."""

    def call(*words: object) -> int:
        with pytest.raises(SystemExit) as end:
            main(["evaluate", "--workers", "1", *(str(word) for word in words)])
        code = end.value.code
        assert isinstance(code, int)
        return code

    return call


@pytest.fixture
def failure(run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run what must fail; the one line that explains it."""

    def call(*words: object) -> str:
        assert run(*words) == 2
        message = capsys.readouterr().err
        assert message.startswith("skipclick: ")
        assert message.count("\n") == 1
        return message

    return call


@pytest.fixture
def trace_of() -> Callable[[Path], Path]:
    """The only trace in a folder."""

    def find(folder: Path) -> Path:
        (trace,) = folder.glob("*.jsonl")
        return trace

    return find


@pytest.fixture
def results(trace_of: Callable[[Path], Path]) -> Callable[[Path], list[dict[str, Any]]]:
    """What the only trace in a folder holds of each object, without times."""

    def read(folder: Path) -> list[dict[str, Any]]:
        return [trace.results() for trace in read_trace(trace_of(folder))[1]]

    return read


@pytest.fixture
def unpack() -> Callable[..., Path]:
    """Make a data set of grey images with a disk each."""

    def write(root: Path, images: str, masks: str, count: int = 3) -> Path:
        rows, columns = np.mgrid[:60, :90]
        for index in range(count):
            disk = (rows - 30) ** 2 + (columns - 25 - 15 * index) ** 2 <= 14**2
            grey = np.full((60, 90, 3), 90, np.uint8)
            for folder, pixels in ((images, grey), (masks, disk * np.uint8(255))):
                (root / folder).mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels).save(root / folder / f"{index}.png")
        return root

    return write


@pytest.fixture
def model(disk_model: Any) -> Any:
    """A model that needs no time."""
    disk_model.radius = 8.0
    return disk_model


@pytest.fixture
def grabcut(tmp_path: Path, unpack: Callable[..., Path]) -> str:
    """Three images, as an argument of --data."""
    return f"GrabCut={unpack(tmp_path / 'GrabCut', 'data_GT', 'boundary_GT')}"


@pytest.fixture
def davis(tmp_path: Path, unpack: Callable[..., Path]) -> str:
    """Two images under a label of their own, as an argument of --data."""
    return f"DAVIS:DAVIS_dev={unpack(tmp_path / 'frames', 'img', 'gt', count=2)}"


@pytest.fixture
def small(tmp_path: Path, grabcut: str) -> list[object]:
    """Arguments of an evaluation that takes no time; traces go to `traces`."""
    return ["--data", grabcut, "--out", tmp_path / "traces", "--size", 56, "--clicks", 3]
