"""Click by click what the published evaluator did with a small network and real photos."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from skipclick.backend.loading import load_model
from skipclick.backend.protocol import Backend
from skipclick.datasets import Dataset, open_dataset
from skipclick.evaluation.protocol import EvaluationProtocol
from skipclick.evaluation.run import evaluate_dataset
from skipclick.prompt import Click

IOU_TOLERANCE = 1e-3
"""The network's sums differ in their last bits, and a probability near the threshold may change sides."""

READERS = {"GrabCut": "GrabCut", "DAVIS_dev": "DAVIS"}


@dataclass(frozen=True)
class Recorded:
    clicks: tuple[Click, ...]
    ious: tuple[float, ...]


@pytest.fixture(scope="module")
def recordings(shared: Path) -> dict[str, Any]:
    text = (shared / "reference" / "parity" / "evaluation_traces.json").read_text()
    read: dict[str, Any] = json.loads(text)
    return read


@pytest.fixture(scope="module")
def model(shared: Path) -> Backend:
    return load_model(shared / "reference" / "parity" / "trace_model.pth", device="cpu")


def recorded(values: dict[str, Any]) -> Recorded:
    clicks = tuple(Click(float(col), float(row), bool(positive)) for row, col, positive in values["clicks"])
    return Recorded(clicks, tuple(values["ious"]))


def chosen(shared: Path, label: str, names: list[str]) -> Dataset:
    dataset = open_dataset(READERS[label], shared / "data" / label, label=label)
    samples = tuple(sample for sample in dataset.samples if sample.name in names)
    assert len(samples) == len(names)
    return Dataset(dataset.reader, label, samples)


def protocol_of(settings: dict[str, Any], label: str, max_clicks: int) -> EvaluationProtocol:
    protocol = EvaluationProtocol(
        threshold=settings["threshold"],
        target_iou=settings["target_iou"],
        max_clicks=max_clicks,
        mirror=settings["mirrored"],
    )
    assert protocol.size_for(READERS[label]) == tuple(settings["sizes"][label])
    return protocol


def check(dataset: Dataset, model: Backend, protocol: EvaluationProtocol, then: dict[str, Any]) -> None:
    """Every object goes the recorded way: the same clicks, to the pixel, and the same IoUs."""
    for trace in evaluate_dataset(model, dataset, protocol):
        old = recorded(then[trace.sample])
        assert trace.clicks == old.clicks[: protocol.max_clicks], trace.sample
        assert trace.ious == pytest.approx(old.ious[: protocol.max_clicks], abs=IOU_TOLERANCE), trace.sample


def test_the_first_clicks_on_a_few_photos(shared: Path, recordings: dict[str, Any], model: Backend) -> None:
    dataset = chosen(shared, "GrabCut", ["106024", "person1"])
    protocol = protocol_of(recordings["settings"], "GrabCut", max_clicks=3)
    check(dataset, model, protocol, recordings["GrabCut"])


@pytest.mark.slow
def test_every_recorded_object_to_the_end(shared: Path, recordings: dict[str, Any], model: Backend) -> None:
    for label in READERS:
        dataset = chosen(shared, label, list(recordings[label]))
        protocol = protocol_of(recordings["settings"], label, recordings["settings"]["max_clicks"])
        check(dataset, model, protocol, recordings[label])
