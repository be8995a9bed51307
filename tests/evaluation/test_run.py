from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from skipclick.datasets import Dataset, Sample, TargetObject, fingerprint
from skipclick.errors import DatasetError, ModelError
from skipclick.evaluation.protocol import EvaluationError, EvaluationProtocol
from skipclick.evaluation.run import evaluate_dataset, open_trace
from skipclick.evaluation.trace import ObjectTrace, read_trace
from skipclick.evaluation.trace_file import TraceFile
from skipclick.prompt import Prompt
from skipclick.report import read_run

SIZE = (56, 56)
FAST = EvaluationProtocol(max_clicks=4, size=SIZE)


class Counter:
    """Any back end, counting its calls."""

    stride = 14
    device = "cpu"

    def __init__(self, inner: Any, name: str = "disks", fingerprint: str = "no weights") -> None:
        self.inner = inner
        self.fingerprint = fingerprint
        self.name = name
        self.encoded: list[tuple[int, ...]] = []
        self.decoded = 0

    def encode(self, images: np.ndarray) -> Any:
        self.encoded.append(images.shape)
        return self.inner.encode(images)

    def decode(self, features: Any, prompts: Sequence[Prompt]) -> np.ndarray:
        self.decoded += 1
        return self.inner.decode(features, prompts)


@pytest.fixture
def model(disk_model: Any) -> Counter:
    disk_model.radius = 6.0
    return Counter(disk_model)


def three_objects(path: Path) -> tuple[TargetObject, ...]:
    """A disk as large as the network's at once, a bar that takes many, and a small square."""
    rows, columns = np.mgrid[:60, :90]
    disk = (rows - 20) ** 2 + (columns - 20) ** 2 <= 5**2
    bar = (rows >= 40) & (rows < 52) & (columns >= 8) & (columns < 80)
    square = (rows < 25) & (rows > 18) & (columns > 60) & (columns < 68)
    return tuple(
        TargetObject(index, shape.astype(np.int8)) for index, shape in enumerate((disk, bar, square))
    )


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    samples = []
    for name in ("a", "b", "c"):
        path = tmp_path / f"{name}.png"
        Image.new("RGB", (90, 60), "grey").save(path)
        samples.append(Sample(name, path, path, three_objects))
    return Dataset("GrabCut", "shapes", tuple(samples))


def untimed(traces: Sequence[Any]) -> list[tuple[Any, ...]]:
    return [(trace.sample, trace.object_id, trace.clicks, trace.ious) for trace in traces]


def test_each_image_is_encoded_once_with_its_mirror_image(model: Counter, dataset: Dataset) -> None:
    traces = evaluate_dataset(model, dataset, FAST)
    assert model.encoded == [(2, 3, 56, 56)] * 3
    assert len(traces) == 9
    assert model.decoded == sum(len(trace.clicks) for trace in traces) > 9


def test_without_mirroring_one_image_is_encoded(model: Counter, dataset: Dataset) -> None:
    evaluate_dataset(model, dataset, EvaluationProtocol(max_clicks=1, mirror=False, size=SIZE))
    assert model.encoded == [(1, 3, 56, 56)] * 3


def test_the_size_is_the_data_sets(model: Counter, dataset: Dataset) -> None:
    davis = Dataset("DAVIS", "one", dataset.samples[:1])
    evaluate_dataset(model, davis, EvaluationProtocol(max_clicks=1))
    assert model.encoded == [(2, 3, 672, 672)]


def test_objects_of_one_image_know_nothing_of_each_other(model: Counter, dataset: Dataset) -> None:
    together = evaluate_dataset(model, dataset, FAST, limit=1)
    for index in range(3):
        (alone,) = evaluate_dataset(model, _only(dataset, index), FAST)
        assert untimed([alone])[0][2:] == untimed(together)[index][2:]


def _only(dataset: Dataset, index: int) -> Dataset:
    first = dataset.samples[0]
    one = Sample("a", first.image_file, first.truth_file, lambda path: three_objects(path)[index : index + 1])
    return Dataset("GrabCut", "one", (one,))


def test_stopping_at_the_target_and_at_the_cap(model: Counter, dataset: Dataset) -> None:
    for target in (0.3, 0.6):
        protocol = EvaluationProtocol(target_iou=target, max_clicks=6, size=SIZE)
        for trace in evaluate_dataset(model, dataset, protocol, limit=1):
            assert all(iou < target for iou in trace.ious[:-1])
            assert trace.ious[-1] >= target or len(trace.ious) == 6


def test_min_clicks_are_given_in_any_case(model: Counter, dataset: Dataset) -> None:
    for fewest in (1, 3):
        protocol = EvaluationProtocol(target_iou=0.01, max_clicks=5, min_clicks=fewest, size=SIZE)
        (trace,) = evaluate_dataset(model, _only(dataset, 0), protocol)
        assert trace.ious[0] > 0.01
        assert len(trace.ious) == fewest


def test_a_target_above_one_uses_all_clicks(model: Counter, dataset: Dataset) -> None:
    protocol = EvaluationProtocol(target_iou=1.01, max_clicks=5, size=SIZE)
    assert {len(trace.ious) for trace in evaluate_dataset(model, dataset, protocol)} == {5}


def test_the_threshold_is_the_protocols(dataset: Dataset, model: Counter) -> None:
    def decode(features: Any, prompts: Sequence[Prompt]) -> np.ndarray:
        return np.zeros((len(prompts), *features.size), np.float32)

    model.inner.decode = decode
    (below,) = evaluate_dataset(model, _only(dataset, 1), EvaluationProtocol(max_clicks=1, size=SIZE))
    at_half = EvaluationProtocol(max_clicks=1, size=SIZE, threshold=0.5)
    (at,) = evaluate_dataset(model, _only(dataset, 1), at_half)
    # Everything has probability 0.5: above 0.49 all of the image is object, above 0.5 nothing.
    assert below.ious == pytest.approx([12 * 72 / (60 * 90)])
    assert at.ious == (0.0,)


def test_ignored_pixels_count_for_nothing(model: Counter, dataset: Dataset) -> None:
    def truth(path: Path) -> tuple[TargetObject, ...]:
        labels = three_objects(path)[1].truth.copy()
        labels[labels == 0] = -1
        return (TargetObject(1, labels),)

    model.inner.decode = lambda features, prompts: np.ones((len(prompts), *features.size), np.float32)
    first = dataset.samples[0]
    only = Dataset("GrabCut", "one", (Sample("a", first.image_file, first.truth_file, truth),))
    (trace,) = evaluate_dataset(model, only, FAST)
    assert trace.ious == (1.0,)


def test_times_are_measured(model: Counter, dataset: Dataset) -> None:
    traces = evaluate_dataset(model, dataset, FAST, limit=1)
    assert [trace.image_seconds > 0 for trace in traces] == [True, False, False]
    for trace in traces:
        assert min(trace.answer_seconds) > 0
        assert trace.seconds >= sum(trace.answer_seconds) + trace.image_seconds


def test_limit_and_progress(model: Counter, dataset: Dataset) -> None:
    told: list[int] = []
    traces = evaluate_dataset(model, dataset, FAST, limit=2, progress=told.append)
    assert told == [0, 1, 2]
    assert [trace.sample for trace in traces] == ["a"] * 3 + ["b"] * 3
    assert evaluate_dataset(model, dataset, FAST, limit=99) != []


def test_nothing_is_evaluated_twice(model: Counter, dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    with open_trace(path, model, dataset, FAST) as trace:
        first = evaluate_dataset(model, dataset, FAST, trace=trace)
    calls = (len(model.encoded), model.decoded)
    with open_trace(path, model, dataset, FAST) as trace:
        again = evaluate_dataset(model, dataset, FAST, trace=trace)
    assert (len(model.encoded), model.decoded) == calls
    assert untimed(again) == untimed(first)


@pytest.mark.parametrize("finished", [1, 2, 3, 4, 7])
def test_an_interrupted_run_goes_on_where_it_was(
    model: Counter, dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, finished: int
) -> None:
    straight = evaluate_dataset(model, dataset, FAST)
    path = tmp_path / "trace.jsonl"
    add = TraceFile.add

    def add_until(trace: TraceFile, one: ObjectTrace) -> None:
        if len(trace.finished) == finished:
            raise KeyboardInterrupt
        add(trace, one)

    with monkeypatch.context() as patch, open_trace(path, model, dataset, FAST) as trace:
        patch.setattr(TraceFile, "add", add_until)
        with pytest.raises(KeyboardInterrupt):
            evaluate_dataset(model, dataset, FAST, trace=trace)
    assert len(read_trace(path)[1]) == finished
    model.encoded.clear()
    with open_trace(path, model, dataset, FAST) as trace:
        resumed = evaluate_dataset(model, dataset, FAST, trace=trace)
    assert untimed(resumed) == untimed(straight)
    assert len(model.encoded) == 3 - finished // 3
    assert untimed(read_trace(path)[1]) == untimed(straight)


def test_a_limited_run_can_be_extended(model: Counter, dataset: Dataset, tmp_path: Path) -> None:
    for limit in (1, 3):
        with open_trace(tmp_path / "trace.jsonl", model, dataset, FAST) as trace:
            traces = evaluate_dataset(model, dataset, FAST, limit=limit, trace=trace)
        assert len(traces) == 3 * limit
    assert len(model.encoded) == 3


def test_the_trace_says_what_was_evaluated(model: Counter, dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    with open_trace(path, model, dataset, EvaluationProtocol(max_clicks=1)) as trace:
        evaluate_dataset(model, dataset, EvaluationProtocol(max_clicks=1), limit=1, trace=trace)
    header = json.loads(path.read_text().splitlines()[0])
    assert header["model"] == "disks"
    assert header["weights"] == "no weights"
    assert header["dataset"] == {
        "label": "shapes",
        "reader": "GrabCut",
        "samples": 3,
        "fingerprint": fingerprint(dataset).sha256,
    }
    assert header["protocol"]["size"] == [448, 448]
    assert header["protocol"]["threshold"] == 0.49
    assert header["made_with"]["device"] == "cpu"
    assert str(tmp_path) not in path.read_text()


def test_the_trace_says_how_many_images_were_lost(model: Counter, dataset: Dataset, tmp_path: Path) -> None:
    lost = dataclasses.replace(dataset, missing=("d.jpg", "e.jpg"))
    protocol = EvaluationProtocol(max_clicks=1, size=SIZE)
    with open_trace(tmp_path / "trace.jsonl", model, lost, protocol) as trace:
        evaluate_dataset(model, lost, protocol, limit=1, trace=trace)
    run = read_run(tmp_path / "trace.jsonl")
    assert (run.samples, run.missing, run.gap) == (3, 2, "1 of 5 images")


@pytest.mark.parametrize(
    ("protocol", "name"),
    [
        (EvaluationProtocol(max_clicks=5, size=SIZE), "disks"),
        (EvaluationProtocol(max_clicks=4, size=SIZE, mirror=False), "disks"),
        (EvaluationProtocol(max_clicks=4), "disks"),
        (FAST, "another"),
    ],
)
def test_a_trace_of_something_else_is_refused(
    model: Counter, dataset: Dataset, tmp_path: Path, protocol: EvaluationProtocol, name: str
) -> None:
    path = tmp_path / "trace.jsonl"
    with open_trace(path, model, dataset, FAST) as trace:
        evaluate_dataset(model, dataset, FAST, limit=1, trace=trace)
    with pytest.raises(EvaluationError, match="made with another"):
        open_trace(path, Counter(model.inner, name), dataset, protocol)
    with pytest.raises(EvaluationError, match="made with another dataset"):
        open_trace(path, model, Dataset("GrabCut", "shapes", dataset.samples[:2]), FAST)


def test_a_trace_of_other_weights_under_the_same_name_is_refused(
    model: Counter, dataset: Dataset, tmp_path: Path
) -> None:
    path = tmp_path / "trace.jsonl"
    with open_trace(path, model, dataset, FAST) as trace:
        evaluate_dataset(model, dataset, FAST, limit=1, trace=trace)
    with pytest.raises(EvaluationError, match="made with another weights"):
        open_trace(path, Counter(model.inner, fingerprint="retrained"), dataset, FAST)


def test_a_size_that_does_not_suit_the_model(model: Counter, dataset: Dataset) -> None:
    with pytest.raises(ModelError, match="multiple of the patch size 14"):
        evaluate_dataset(model, dataset, EvaluationProtocol(size=(450, 450)))


def test_a_broken_sample_keeps_what_was_done(model: Counter, dataset: Dataset, tmp_path: Path) -> None:
    dataset.samples[1].image_file.write_bytes(b"broken")
    path = tmp_path / "trace.jsonl"
    with pytest.raises(DatasetError, match="cannot be read"), open_trace(path, model, dataset, FAST) as trace:
        evaluate_dataset(model, dataset, FAST, trace=trace)
    assert len(read_trace(path)[1]) == 3


def test_a_fingerprint_that_is_known_is_not_computed_again(
    model: Counter, dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = fingerprint(dataset)
    monkeypatch.setattr("skipclick.evaluation.run.fingerprint", lambda dataset: pytest.fail("computed"))
    with open_trace(tmp_path / "trace.jsonl", model, dataset, FAST, data=known) as trace:
        evaluate_dataset(model, dataset, FAST, limit=1, trace=trace)
    header, _ = read_trace(tmp_path / "trace.jsonl")
    assert header.identity["dataset"]["fingerprint"] == known.sha256


def test_ground_truths_that_changed_are_another_data_set(
    model: Counter, dataset: Dataset, tmp_path: Path
) -> None:
    path = tmp_path / "trace.jsonl"
    with open_trace(path, model, dataset, FAST) as trace:
        evaluate_dataset(model, dataset, FAST, limit=1, trace=trace)
    changed = dataclasses.replace(
        dataset,
        samples=tuple(
            dataclasses.replace(sample, read_truth=lambda path: three_objects(path)[::-1])
            for sample in dataset.samples
        ),
    )
    with pytest.raises(EvaluationError, match="made with another dataset"):
        open_trace(path, model, changed, FAST)


def test_images_without_objects_are_passed_over_for_good(
    model: Counter, dataset: Dataset, tmp_path: Path
) -> None:
    empty = dataclasses.replace(dataset.samples[1], read_truth=lambda path: ())
    samples = (dataset.samples[0], empty, dataset.samples[2])
    mixed = dataclasses.replace(dataset, samples=samples)
    path = tmp_path / "trace.jsonl"
    for encoded in (3, 0):
        model.encoded.clear()
        with open_trace(path, model, mixed, FAST) as trace:
            traces = evaluate_dataset(model, mixed, FAST, trace=trace)
        assert [one.sample for one in traces] == ["a"] * 3 + ["c"] * 3
        assert len(model.encoded) == encoded


@pytest.mark.parametrize(
    ("start", "folder"), [("given", None), ("empty", Path("masks")), ("eroded", Path("masks"))]
)
def test_given_masks_and_their_folder_go_together(
    model: Counter, dataset: Dataset, tmp_path: Path, start: Any, folder: Path | None
) -> None:
    protocol = EvaluationProtocol(start=start, size=SIZE)
    with pytest.raises(EvaluationError, match="only with it"):
        evaluate_dataset(model, dataset, protocol, start_masks=folder)
    with pytest.raises(EvaluationError, match="only with it"):
        open_trace(tmp_path / "t", model, dataset, protocol, start_masks=folder)


def test_a_mask_of_another_image_is_not_begun_from(model: Counter, dataset: Dataset, tmp_path: Path) -> None:
    samples = [
        dataclasses.replace(sample, name=name, read_truth=lambda path: three_objects(path)[1:2])
        for sample, name in zip(dataset.samples, ("car", "car_1", "van"), strict=True)
    ]
    cars = dataclasses.replace(dataset, samples=tuple(samples))
    masks = tmp_path / "masks"
    masks.mkdir()
    for name in ("car", "car_1", "van_1"):
        Image.new("L", (90, 60), 255 if name == "car" else 0).save(masks / f"{name}.png")
    protocol = EvaluationProtocol(max_clicks=1, size=SIZE, start="given")
    traces = evaluate_dataset(model, cars, protocol, start_masks=masks)
    assert [one.start_iou for one in traces] == [12 * 72 / (60 * 90), 0.0, 0.0]
    (masks / "car.png").unlink()
    with pytest.raises(EvaluationError, match=r"car_1.png may be .* object 1 of car or of the image car_1"):
        evaluate_dataset(model, cars, protocol, start_masks=masks)


def test_a_trace_knows_the_masks_it_began_from(model: Counter, dataset: Dataset, tmp_path: Path) -> None:
    masks = tmp_path / "masks"
    masks.mkdir()
    for name in "abc":
        for number in range(3):
            Image.new("L", (90, 60), 255).save(masks / f"{name}_{number}.png")
    protocol = EvaluationProtocol(max_clicks=1, size=SIZE, start="given")
    path = tmp_path / "trace.jsonl"
    with open_trace(path, model, dataset, protocol, start_masks=masks) as trace:
        traces = evaluate_dataset(model, dataset, protocol, trace=trace, start_masks=masks)
    assert {one.start_iou for one in traces[1::3]} == {12 * 72 / (60 * 90)}
    Image.new("L", (90, 60), 0).save(masks / "a_0.png")
    with pytest.raises(EvaluationError, match="another start_masks"):
        open_trace(path, model, dataset, protocol, start_masks=masks)
