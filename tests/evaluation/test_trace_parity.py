"""Click by click what the published evaluator did with a small network and real photos."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skipclick.backend.loading import load_model
from skipclick.backend.protocol import Backend
from skipclick.datasets import Dataset, open_dataset
from skipclick.evaluation.clicker import squared_depths
from skipclick.evaluation.protocol import EvaluationProtocol
from skipclick.evaluation.run import evaluate_dataset
from skipclick.prompt import Click
from skipclick.session import Session, encode_image

IOU_TOLERANCE = 1e-3
DEPTH_TOLERANCE = 1.0
"""Pixels by which the depths of two places may differ for either to be a fair choice."""

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


def differing(
    dataset: Dataset, model: Backend, protocol: EvaluationProtocol, then: dict[str, Any]
) -> list[str]:
    """The samples that go another way than recorded, after a check that each had a reason to."""
    names = []
    for trace in evaluate_dataset(model, dataset, protocol):
        old = recorded(then[trace.sample])
        count = min(len(old.clicks), protocol.max_clicks)
        same_ious = len(trace.ious) == count and np.allclose(trace.ious, old.ious[:count], 0, IOU_TOLERANCE)
        if trace.clicks == old.clicks[:count] and same_ious:
            continue
        names.append(trace.sample)
        pairs = zip(trace.clicks, old.clicks, strict=False)
        first = next((index for index, (now, before) in enumerate(pairs) if now != before), None)
        assert first is not None, f"{trace.sample}: the same clicks, but other IoUs"
        assert trace.ious[:first] == pytest.approx(old.ious[:first], abs=IOU_TOLERANCE), trace.sample
        gap = depth_gap(dataset, model, protocol, trace.sample, trace.clicks[:first], old.clicks[first])
        assert gap <= DEPTH_TOLERANCE, f"{trace.sample}: click {first + 1} differs by {gap:.2f} px"
    return names


def depth_gap(
    dataset: Dataset,
    model: Backend,
    protocol: EvaluationProtocol,
    name: str,
    clicks: tuple[Click, ...],
    other: Click,
) -> float:
    """By how many pixels the recorded click lies less deep inside our error than the deepest place."""
    (sample,) = (sample for sample in dataset.samples if sample.name == name)
    loaded = sample.load()
    size = protocol.size_for(dataset.reader)
    encoded = encode_image(model, loaded.image, size=size, mirror=protocol.mirror)
    session = Session(model, encoded, threshold=protocol.threshold)
    unclicked = np.ones(session.shape, bool)
    for click in clicks:
        session.add(click)
        unclicked[int(click.y), int(click.x)] = False
    truth = loaded.objects[0].truth
    missing = squared_depths((truth == 1) & ~session.mask) * unclicked
    surplus = squared_depths((truth == 0) & session.mask) * unclicked
    depths = missing if other.positive else surplus
    deepest = max(missing.max(), surplus.max())
    return float(np.sqrt(deepest) - np.sqrt(depths[int(other.y), int(other.x)]))


def test_the_first_clicks_on_a_few_photos(shared: Path, recordings: dict[str, Any], model: Backend) -> None:
    dataset = chosen(shared, "GrabCut", ["106024", "person1"])
    protocol = protocol_of(recordings["settings"], "GrabCut", max_clicks=3)
    assert differing(dataset, model, protocol, recordings["GrabCut"]) == []


@pytest.mark.slow
def test_every_recorded_object_to_the_end(shared: Path, recordings: dict[str, Any], model: Backend) -> None:
    total, others = 0, []
    for label in READERS:
        dataset = chosen(shared, label, list(recordings[label]))
        protocol = protocol_of(recordings["settings"], label, recordings["settings"]["max_clicks"])
        total += len(dataset.samples)
        others += differing(dataset, model, protocol, recordings[label])
    assert len(others) <= 0.05 * total, f"{len(others)} of {total} objects go another way: {others}"
