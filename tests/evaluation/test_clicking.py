"""What the rules beyond the published ones do to the clicks on an object."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from skipclick.datasets import Sample, TargetObject
from skipclick.evaluation.boundary import boundary_f, boundary_iou
from skipclick.evaluation.clicking import Rules, Task, evaluate_tasks
from skipclick.evaluation.protocol import EvaluationError, EvaluationProtocol
from skipclick.evaluation.seeds import generator_for
from skipclick.evaluation.starts import faulty_mask
from skipclick.evaluation.trace import ObjectTrace
from skipclick.mask import iou
from skipclick.prompt import Prompt
from skipclick.session import Session

SHAPE = (300, 450)


def two_objects(path: Path) -> tuple[TargetObject, ...]:
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    disk = ((rows - 100) ** 2 + (columns - 100) ** 2 <= 50**2).astype(np.int8)
    bar = ((rows >= 200) & (rows < 260) & (columns >= 40) & (columns < 400)).astype(np.int8)
    bar[rows > 280] = -1
    return TargetObject(3, disk), TargetObject(8, bar)


@pytest.fixture
def task(tmp_path: Path) -> Task:
    path = tmp_path / "image.png"
    Image.new("RGB", SHAPE[::-1], "grey").save(path)
    return Task(Sample("image", path, path, two_objects))


@pytest.fixture
def model(disk_model: Any) -> Any:
    disk_model.radius = 6.0
    return disk_model


def evaluate(model: Any, task: Task, folder: Path | None = None, **rules: Any) -> list[ObjectTrace]:
    protocol = EvaluationProtocol(**({"max_clicks": 4} | rules))
    (objects,) = (list(one) for one in evaluate_tasks(model, [task], Rules(protocol, (56, 56), folder)))
    return objects


def untimed(traces: Sequence[ObjectTrace]) -> list[dict[str, Any]]:
    return [trace.results() for trace in traces]


def test_objects_that_are_finished_are_left_out(model: Any, task: Task) -> None:
    both = evaluate(model, task)
    assert [trace.object_id for trace in both] == [3, 8]
    (second,) = evaluate(model, Task(task.sample, frozenset({3})))
    assert untimed([second]) == untimed(both)[1:]
    assert second.objects_in_sample == 2
    assert second.image_seconds > second.load_seconds > 0


@pytest.mark.parametrize("fault", ["eroded", "dilated", "shifted", "polygon"])
def test_beginning_from_a_faulty_mask(model: Any, task: Task, fault: str) -> None:
    for trace, target in zip(evaluate(model, task, start=fault), two_objects(Path()), strict=True):
        start = faulty_mask(target.truth, fault, generator_for(0, "image", target.id, "start"))
        assert trace.start_iou == iou(start, target.truth == 1, target.truth == -1)
        # A bar is a polygon with few corners already.
        assert 0.5 < trace.start_iou < 1.0 or (fault, target.id) == ("polygon", 8)


def test_a_better_mask_to_begin_from_needs_fewer_clicks(model: Any, task: Task) -> None:
    bare, begun = evaluate(model, task, max_clicks=20), evaluate(model, task, max_clicks=20, start="eroded")
    assert bare[1].start_iou is None
    assert bare[1].ious[0] < begun[1].ious[0]


def test_the_seed_decides_about_the_fault(model: Any, task: Task) -> None:
    first, again, other = (untimed(evaluate(model, task, start="shifted", seed=seed)) for seed in (1, 1, 2))
    assert first == again != other


def save(folder: Path, name: str, mask: np.ndarray) -> None:
    Image.fromarray(mask * np.uint8(255)).save(folder / name)


def test_beginning_from_masks_in_a_folder(model: Any, task: Task, tmp_path: Path) -> None:
    first, second = (target.truth == 1 for target in two_objects(Path()))
    save(tmp_path, "image_3.png", first)
    save(tmp_path, "image_8.png", ~second)
    traces = evaluate(model, task, tmp_path, start="given")
    assert traces[0].start_iou == 1.0
    assert len(traces[0].clicks) == 1  # the fewest clicks are given in any case
    assert traces[1].start_iou == 0.0


def test_a_missing_mask_to_begin_from(model: Any, task: Task, tmp_path: Path) -> None:
    save(tmp_path, "image.png", two_objects(Path())[0].truth == 1)
    with pytest.raises(EvaluationError, match="no mask to begin object 3 of image from"):
        evaluate(model, task, tmp_path, start="given")


def test_the_first_click_anywhere_changes_with_the_seed_alone(model: Any, task: Task) -> None:
    places = {evaluate(model, task, first_click="random", seed=seed)[1].clicks[0] for seed in range(5)}
    assert len(places) == 5
    truth = two_objects(Path())[1].truth
    assert all(truth[int(click.y), int(click.x)] == 1 and click.positive for click in places)
    assert untimed(evaluate(model, task, first_click="random")) == untimed(
        evaluate(model, task, first_click="random")
    )


def test_jittered_clicks_are_near_the_exact_ones(model: Any, task: Task) -> None:
    exact, jittered = evaluate(model, task)[1].clicks[0], evaluate(model, task, jitter=1.0)[1].clicks[0]
    assert exact != jittered
    # The bar is 60 high: its deepest pixel lies 30 deep, and hardly any click misses by twice that.
    assert np.hypot(exact.x - jittered.x, exact.y - jittered.y) < 60


def test_outlines_are_measured_after_each_click(model: Any, task: Task) -> None:
    trace = evaluate(model, task, boundary=True)[1]
    session = Session(model, np.full((*SHAPE, 3), 128, np.uint8), size=56, mirror=True, threshold=0.49)
    truth = two_objects(Path())[1].truth
    masks = [session.add(click).copy() for click in trace.clicks]
    assert trace.boundary_f == tuple(boundary_f(mask, truth == 1, truth == -1) for mask in masks)
    assert trace.boundary_iou == tuple(boundary_iou(mask, truth == 1, truth == -1) for mask in masks)
    bare = evaluate(model, task)[1]
    assert (bare.boundary_f, bare.boundary_iou) == ((), ())
    assert bare.ious == trace.ious


def test_zoomed_in_the_network_sees_more_and_encodes_more(model: Any, task: Task) -> None:
    sizes: list[tuple[int, ...]] = []
    encode = type(model).encode

    def watched(images: np.ndarray) -> Any:
        sizes.append(images.shape)
        return encode(model, images)

    model.encode = watched
    plain, plain_sizes = evaluate(model, task), sizes.copy()
    sizes.clear()
    zoomed = evaluate(model, task, zoom=True)
    assert plain_sizes == [(2, 3, 56, 56)]
    assert len(sizes) > 2
    assert plain[0].clicks[0] == zoomed[0].clicks[0]
    assert plain[0].ious[0] == zoomed[0].ious[0]
    assert plain[0].ious != zoomed[0].ious


def test_everything_at_once(model: Any, task: Task) -> None:
    rules: dict[str, Any] = {
        "zoom": True,
        "start": "polygon",
        "first_click": "random",
        "jitter": 0.5,
        "boundary": True,
        "mirror": False,
    }
    assert untimed(evaluate(model, task, **rules)) == untimed(evaluate(model, task, **rules))


def test_answers_are_timed_one_by_one(model: Any, task: Task) -> None:
    def decode(features: Any, prompts: Sequence[Prompt]) -> np.ndarray:
        return np.zeros((len(prompts), *features.size), np.float32)

    model.decode = decode
    for trace in evaluate(model, task, max_clicks=3):
        assert len(trace.answer_seconds) == 3
        assert min(trace.answer_seconds) > 0
        assert trace.seconds >= sum(trace.answer_seconds) + trace.image_seconds
