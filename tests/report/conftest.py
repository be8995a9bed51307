"""Runs made up for the tests, in memory and as trace files."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from skipclick.datasets import Dataset, open_dataset
from skipclick.evaluation.trace import ObjectTrace
from skipclick.prompt import Click
from skipclick.report import curves, figures, radar
from skipclick.report.canvas import Drawing
from skipclick.report.runs import Run, read_run

TraceWriter = Callable[..., Path]
RunMaker = Callable[..., Run]


def object_trace(
    sample: str, ious: Sequence[float], object_id: int = 1, clicks: Sequence[Click] = ()
) -> ObjectTrace:
    placed = clicks or [Click(20 + index, 30, index % 3 != 1) for index in range(len(ious))]
    return ObjectTrace(
        sample, object_id, 1, tuple(placed), tuple(ious), tuple(0.1 for _ in ious), 0.5, 0.5 + 0.2 * len(ious)
    )


@pytest.fixture
def write_trace(tmp_path: Path) -> TraceWriter:
    """Write a trace file: IoUs by sample, or whole objects; keyword arguments change its header."""

    def write(
        objects: Mapping[str, Sequence[float]] | Sequence[ObjectTrace],
        *,
        name: str | None = None,
        model: str = "disks",
        weights: str = "no weights",
        label: str = "GrabCut",
        reader: str | None = None,
        samples: int = 50,
        fingerprint: str | None = None,
        missing: int | None = None,
        start_masks: str | None = None,
        **rules: Any,
    ) -> Path:
        header = {
            "format": "skipclick-trace",
            "version": 1,
            "model": model,
            "weights": weights,
            "dataset": {
                "label": label,
                "reader": reader or label,
                "samples": samples,
                **({} if fingerprint is None else {"fingerprint": fingerprint}),
                **({} if missing is None else {"missing": missing}),
            },
            "protocol": {
                "threshold": 0.49,
                "target_iou": 0.95,
                "max_clicks": 20,
                "min_clicks": 1,
                "mirror": True,
                "size": [896, 896] if label.startswith(("WSESeg", "SHSeg", "HQSeg")) else [448, 448],
                **rules,
            },
            **({} if start_masks is None else {"start_masks": start_masks}),
            "made_with": {"device": "cpu", "numpy": "2.0"},
        }
        if isinstance(objects, Mapping):
            objects = [object_trace(sample, ious) for sample, ious in objects.items()]
        path = tmp_path / "traces" / (name or f"{model}_{label}.jsonl")
        path.parent.mkdir(exist_ok=True)
        lines = [header, *(one.to_line() for one in objects)]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return path

    return write


@pytest.fixture
def make_run(write_trace: TraceWriter) -> RunMaker:
    """The same as a run."""

    def make(objects: Any, **changes: Any) -> Run:
        return read_run(write_trace(objects, **changes))

    return make


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def grabcut(tmp_path: Path) -> Dataset:
    """Three photos of 90 x 60 pixels, "a" to "c", each with a disk."""
    root = tmp_path / "GrabCut"
    rows, columns = np.mgrid[:60, :90]
    for index, name in enumerate("abc"):
        disk = (rows - 30) ** 2 + (columns - 25 - 15 * index) ** 2 <= 14**2
        photo = np.full((60, 90, 3), 60, np.uint8)
        photo[disk] = (180, 90, 40)
        for folder, pixels in (("data_GT", photo), ("boundary_GT", disk * np.uint8(255))):
            (root / folder).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(root / folder / f"{name}.png")
    return open_dataset("GrabCut", root)


@pytest.fixture
def starting_from() -> Callable[..., ObjectTrace]:
    """An object that was begun from a mask of an IoU; keyword arguments give further scores."""

    def make(start_iou: float, sample: str, ious: Sequence[float], **scores: Any) -> ObjectTrace:
        return dataclasses.replace(object_trace(sample, ious), start_iou=start_iou, **scores)

    return make


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures themselves instead of files, to be looked into."""
    kept: list[Figure] = []

    def keep(figure: Figure, name: str, caption: str) -> Drawing:
        kept.append(figure)
        return Drawing(name, caption, b"", b"", b"", figure.get_figwidth())

    for module in (curves, figures, radar):
        monkeypatch.setattr(module, "render", keep)
    return kept
