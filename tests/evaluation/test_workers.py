"""Several processes: the same results as one, whatever happens to them."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from skipclick.backend.protocol import Backend
from skipclick.datasets import Dataset, open_dataset
from skipclick.datasets.folder import read_image
from skipclick.errors import DatasetError, ModelError
from skipclick.evaluation import workers as workers_module
from skipclick.evaluation.clicking import Rules, Task
from skipclick.evaluation.protocol import EvaluationError, EvaluationProtocol
from skipclick.evaluation.run import evaluate_dataset, open_trace
from skipclick.evaluation.trace import digest, read_trace
from skipclick.evaluation.workers import WorkerPool, thread_limit

RULES = EvaluationProtocol(max_clicks=4, size=(28, 28), jitter=0.5)

# Processes that are started anew find the model in a module of its own.
MODULE = '''
import os
import time
from dataclasses import dataclass

import numpy as np

from skipclick.errors import ModelError


@dataclass
class Features:
    images: np.ndarray
    nbytes: int = 0

    @property
    def batch(self):
        return len(self.images)

    @property
    def size(self):
        return self.images.shape[2:]


class Threshold:
    """Finds what is brighter than the brightest pixel that was clicked as background."""

    name, fingerprint, stride, device = "threshold", "no weights", 14, "cpu"

    def __init__(self, pids=None, seconds=0.0):
        self.seconds = seconds
        if pids is not None:
            (pids / str(os.getpid())).write_text(os.environ.get("OMP_NUM_THREADS", "none"))

    def encode(self, images):
        time.sleep(self.seconds)
        return Features(images)

    def decode(self, features, prompts):
        answers = []
        for image, prompt in zip(features.images, prompts):
            level = 0.2 + 0.05 * sum(not click.positive for click in prompt.clicks)
            answers.append(20 * (image.mean(axis=0) - level))
        return np.stack(answers).astype(np.float32)


def load(pids=None, seconds=0.0):
    return Threshold(pids, seconds)


def fail():
    raise ModelError("no such model")


def die():
    os._exit(3)
'''


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A module with models that new processes can import as well."""
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "threshold_model.py").write_text(MODULE)
    monkeypatch.syspath_prepend(folder)
    import threshold_model  # type: ignore[import-not-found]

    yield threshold_model
    del sys.modules["threshold_model"]


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    generator = np.random.default_rng(0)
    for index in range(9):
        pixels = generator.integers(0, 60, (30, 40, 3), np.uint8)
        pixels[8 : 12 + index, 10 : 20 + index] += np.uint8(120)
        mask = np.zeros((30, 40), np.uint8)
        mask[8 : 13 + index, 9 : 20 + index] = 255
        for folder, picture in (("data_GT", pixels), ("boundary_GT", mask)):
            (tmp_path / "GrabCut" / folder).mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture).save(tmp_path / "GrabCut" / folder / f"{index}.png")
    return open_dataset("GrabCut", tmp_path / "GrabCut")


def results(path: Path) -> list[dict[str, Any]]:
    return [trace.results() for trace in read_trace(path)[1]]


def evaluate(path: Path, dataset: Dataset, load: Callable[[], Backend], workers: int, **options: Any) -> None:
    model = Shown()
    with open_trace(path, model, dataset, RULES) as trace:
        if workers == 1:
            evaluate_dataset(load(), dataset, RULES, trace=trace, **options)
            return
        with WorkerPool(load, workers) as pool:
            evaluate_dataset(model, dataset, RULES, trace=trace, pool=pool, **options)


class Shown:
    """What a trace says of the model; it must not be asked to do anything."""

    name, fingerprint, stride, device = "threshold", "no weights", 14, "cpu"

    def encode(self, images: Any) -> Any:
        raise AssertionError("the work is for the workers")

    def decode(self, features: Any, prompts: Any) -> Any:
        raise AssertionError("the work is for the workers")


def test_several_processes_leave_the_trace_of_one(
    models: ModuleType, dataset: Dataset, tmp_path: Path
) -> None:
    one, two, pids = tmp_path / "1.jsonl", tmp_path / "2.jsonl", tmp_path / "pids"
    pids.mkdir()
    evaluate(one, dataset, models.load, workers=1)
    evaluate(two, dataset, models.load, workers=1, limit=2)
    begun = two.read_bytes()
    evaluate(two, dataset, partial(models.load, pids, 0.02), workers=2)
    # In the data set's order, nothing done twice.
    assert results(one) == results(two)
    assert two.read_bytes().startswith(begun)
    assert digest(one) == digest(two)
    assert len({str(one["clicks"]) for one in results(one)}) > 3
    # Each process loads the model once and has its share of threads.
    written = {path.name: path.read_text() for path in pids.iterdir()}
    assert 1 <= len(written) <= 2
    assert set(written.values()) == {"1"}
    assert str(os.getpid()) not in written


class TestRuns:
    @pytest.mark.parametrize(
        ("images", "workers", "lengths"),
        [(0, 2, []), (1, 2, [1]), (9, 2, [2, 2, 2, 2, 1]), (50, 8, [3] * 16 + [2]), (64, 2, [4] * 16)],
    )
    def test_lengths(self, dataset: Dataset, images: int, workers: int, lengths: list[int]) -> None:
        tasks = [Task(dataset.samples[0])] * images
        assert [len(run) for run in workers_module._runs(tasks, workers)] == lengths

    def test_the_next_image_is_read_meanwhile(
        self, dataset: Dataset, models: ModuleType, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read = threading.Event()
        samples = [
            dataclasses.replace(dataset.samples[0], read_image=read_image),
            dataclasses.replace(
                dataset.samples[1], read_image=lambda path: (read_image(path), read.set())[0]
            ),
        ]

        class Waiting(models.Threshold):  # type: ignore[misc, name-defined]
            def encode(self, images: Any) -> Any:
                assert read.wait(20), "the second image was not read while the model had the first"
                return super().encode(images)

        monkeypatch.setattr(workers_module, "_worker", workers_module._Worker(Waiting), raising=False)
        outcome = workers_module._evaluate([Task(one) for one in samples], Rules(RULES, (28, 28)))
        assert outcome.error is None
        assert [[one.sample for one in image] for image in outcome.images] == [["0"], ["1"]]

    @pytest.mark.parametrize("broken", [0, 1, 5, 8])
    def test_what_was_finished_before_a_broken_image_is_kept(
        self, dataset: Dataset, models: ModuleType, tmp_path: Path, broken: int
    ) -> None:
        dataset.samples[broken].image_file.write_bytes(b"broken")
        path = tmp_path / "t.jsonl"
        with pytest.raises(DatasetError, match=f"{broken}.png cannot be read"):
            evaluate(path, dataset, models.load, workers=2)
        done = [one.sample for one in read_trace(path)[1]] if broken else []
        assert done == [str(number) for number in range(broken)]


def test_errors_of_a_worker_are_told(models: ModuleType, dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model"):
        evaluate(tmp_path / "t", dataset, models.fail, workers=2)


def test_a_worker_that_dies_is_an_error_and_no_hang(
    models: ModuleType, dataset: Dataset, tmp_path: Path
) -> None:
    with pytest.raises(EvaluationError, match="fewer --workers"):
        evaluate(tmp_path / "t", dataset, models.die, workers=2)


SCRIPT = """
import signal
import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, sys.argv[1])
import threshold_model
from skipclick.datasets import open_dataset
from skipclick.evaluation import EvaluationProtocol, WorkerPool, evaluate_dataset, open_trace

if __name__ == "__main__":
    # A shell's background jobs, and all that they start, are born deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    root = Path(sys.argv[2])
    load = partial(threshold_model.load, root / "pids", 0.4)
    dataset = open_dataset("GrabCut", root / "GrabCut")
    rules = EvaluationProtocol(max_clicks=4, size=(28, 28), jitter=0.5)
    model = threshold_model.load()
    with open_trace(root / "t.jsonl", model, dataset, rules) as trace, WorkerPool(load, 2) as pool:
        evaluate_dataset(model, dataset, rules, trace=trace, pool=pool)
"""


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks for processes under /proc")
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGINT])
def test_killed_at_any_point_it_leaves_no_process_and_goes_on(
    models: ModuleType, dataset: Dataset, tmp_path: Path, blow: signal.Signals
) -> None:
    pids, path = tmp_path / "pids", tmp_path / "t.jsonl"
    pids.mkdir()
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    words = [sys.executable, str(script), str(tmp_path / "modules"), str(tmp_path)]
    process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while not (path.exists() and len(read_trace(path)[1]) >= 1) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(blow)
    process.wait(30)
    assert process.returncode != 0
    workers = [int(file.name) for file in pids.iterdir()]
    assert workers
    while any(map(alive, workers)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(alive, workers))
    done = len(read_trace(path)[1])
    assert 1 <= done < 9
    evaluate(path, dataset, models.load, workers=1)
    evaluate(tmp_path / "straight.jsonl", dataset, models.load, workers=1)
    assert results(path) == results(tmp_path / "straight.jsonl")


def test_threads_are_limited_and_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    with thread_limit(3):
        assert os.environ["OMP_NUM_THREADS"] == os.environ["MKL_NUM_THREADS"] == "3"
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "MKL_NUM_THREADS" not in os.environ


@pytest.mark.parametrize("before", [2, 4])
def test_opencv_is_limited_and_given_back(before: int) -> None:
    found = cv2.getNumThreads()
    try:
        cv2.setNumThreads(before)
        with thread_limit(1):
            assert cv2.getNumThreads() == 1
        assert cv2.getNumThreads() == before
    finally:
        cv2.setNumThreads(found)


def test_images_of_every_kind_of_reader_can_be_handed_over(tmp_path: Path) -> None:
    picture, mask = Image.new("RGB", (8, 6), "grey"), Image.new("L", (8, 6))
    mask.paste(1, (2, 2, 5, 5))
    for folder, name, one in (
        ("Folder/images", "a.png", picture),
        ("Folder/masks", "a.png", mask),
        ("SHSeg", "a.jpg", picture),
        ("SHSeg", "mask_a.png", mask),
        ("COCO/images", "a.png", picture),
    ):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        one.save(tmp_path / folder / name)
    square = {"id": 5, "image_id": 1, "segmentation": [[1, 1, 5, 1, 5, 5, 1, 5]], "iscrowd": 0, "area": 16}
    about = {"images": [{"id": 1, "file_name": "a.png", "height": 6, "width": 8}], "annotations": [square]}
    (tmp_path / "COCO" / "instances.json").write_text(json.dumps(about))
    for name in ("Folder", "SHSeg", "COCO"):
        (sample,) = open_dataset(name, tmp_path / name).samples
        there = pickle.loads(pickle.dumps(Task(sample))).sample.load()
        here = sample.load()
        assert np.array_equal(there.image, here.image)
        assert [target.id for target in there.objects] == [target.id for target in here.objects]
        assert len(here.objects) == 1
