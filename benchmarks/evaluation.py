"""How fast an evaluation is, what takes the time, and what encoding an image once saves.

    python benchmarks/evaluation.py GrabCut=data/GrabCut [--model skipclick-s] [--limit 10] [--clicks 10]

The first line is an evaluation as published (an object is finished at an IoU of 0.95, after 20 clicks at
most), by one process. Then every object gets exactly `--clicks` clicks, in two ways that take turns image by
image: encoded once, and with the whole network at every click, as published evaluators run it. Both make the
same clicks, which is checked, so the ratio of their times is what encoding an image once saves.

"Encoding" and "decoding" are the network; "resizing" brings images and masks to the network's size and back;
"simulation" is the simulated user and the scores; "loading" is what the model waits for images to be read.
An image before each measurement is not counted. On a busy machine the ratio of processor time is the one to
trust; on a graphics card it means nothing.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skipclick import load_model
from skipclick.apps.cli.data_options import parse_data
from skipclick.backend.protocol import Backend, Features
from skipclick.datasets import Dataset, open_dataset
from skipclick.evaluation import EvaluationProtocol, ObjectTrace, evaluate_dataset
from skipclick.evaluation.environment import made_with
from skipclick.evaluation.protocol import EVERY_CLICK
from skipclick.evaluation.workers import thread_limit
from skipclick.prompt import Prompt


class Timed:
    """A model that keeps count of the seconds in its network."""

    def __init__(self, inner: Backend) -> None:
        self.inner = inner
        self.name, self.fingerprint = inner.name, inner.fingerprint
        self.stride, self.device = inner.stride, inner.device
        self.encoding = self.decoding = 0.0

    def encode(self, images: NDArray[np.float32]) -> Features:
        features, seconds = timed(self.inner.encode, images)
        self.encoding += seconds
        return features

    def decode(self, features: Features, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
        logits, seconds = timed(self.inner.decode, features, prompts)
        self.decoding += seconds
        return logits


@dataclass(frozen=True)
class Pixels:
    """An image that is not encoded yet."""

    images: NDArray[np.float32]
    nbytes: int = 0

    @property
    def batch(self) -> int:
        return len(self.images)

    @property
    def size(self) -> tuple[int, int]:
        return self.images.shape[2], self.images.shape[3]


class EncodingAtEveryClick(Timed):
    """The same model, used like one that fuses early."""

    def encode(self, images: NDArray[np.float32]) -> Features:
        return Pixels(images)

    def decode(self, features: Features, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
        if not isinstance(features, Pixels):
            raise TypeError("these features are of another model")
        return super().decode(super().encode(features.images), prompts)


@dataclass
class Way:
    """One way to evaluate, and what came of it."""

    name: str
    model: Timed
    traces: list[ObjectTrace] = field(default_factory=list)
    processor_seconds: float = 0.0

    @property
    def seconds(self) -> float:
        return sum(one.seconds for one in self.traces)

    def evaluate(self, dataset: Dataset, protocol: EvaluationProtocol) -> None:
        began = time.process_time()
        self.traces += evaluate_dataset(self.model, dataset, protocol)
        self.processor_seconds += time.process_time() - began

    def warm_up(self, dataset: Dataset, protocol: EvaluationProtocol) -> None:
        evaluate_dataset(self.model, dataset, protocol, limit=1)
        self.model.encoding = self.model.decoding = 0.0

    def line(self) -> str:
        answers = sum(sum(one.answer_seconds) for one in self.traces)
        images = sum(one.image_seconds for one in self.traces)
        loading = sum(one.load_seconds for one in self.traces)
        clicks = sum(len(one.clicks) for one in self.traces)
        network = self.model.encoding + self.model.decoding
        resizing = answers + images - loading - network
        parts = (self.model.encoding, self.model.decoding, resizing, self.seconds - answers - images, loading)
        shares = " | ".join(f"{100 * part / self.seconds:.1f} %" for part in parts)
        objects = len(self.traces)
        return f"| {self.name} | {objects} | {clicks} | {objects / self.seconds:.3f} | {shares} |"


def timed(action: Callable[..., Any], *words: object) -> tuple[Any, float]:
    """What an action returns, and its seconds."""
    began = time.perf_counter()
    answer = action(*words)
    return answer, time.perf_counter() - began


def measure(backend: Backend, dataset: Dataset, *, clicks: int, mirror: bool) -> Iterator[Way]:
    """As published; then exactly so many clicks in both ways, in turns: encoded once, and at every click.

    Raises:
        SystemExit: the two ways made other clicks.
    """
    published = EvaluationProtocol(mirror=mirror)
    usual = Way("as published", Timed(backend))
    usual.warm_up(dataset, published)
    usual.evaluate(dataset, published)
    yield usual

    exact = dataclasses.replace(published, target_iou=EVERY_CLICK, max_clicks=clicks)
    once = Way(f"{clicks} clicks, encoded once", Timed(backend))
    always = Way(f"{clicks} clicks, encoded at every click", EncodingAtEveryClick(backend))
    for way in (once, always):
        way.warm_up(dataset, exact)
    for sample in dataset.samples:
        one = dataclasses.replace(dataset, samples=(sample,))
        for way in (once, always):
            way.evaluate(one, exact)
    if [one.results() for one in once.traces] != [one.results() for one in always.traces]:
        raise SystemExit("the two ways differ in their results")
    yield from (once, always)


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="NAME=FOLDER")
    parser.add_argument("--model", default="skipclick-s")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--limit", type=int, default=10, help="so many images")
    parser.add_argument("--clicks", type=int, default=10, help="on each object, for the ratio")
    parser.add_argument("--no-mirror", action="store_true", help="without the mirrored image")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args(words)
    (choice,) = parse_data(arguments.data)
    dataset = open_dataset(choice.reader, choice.folder, label=choice.label)
    dataset = dataclasses.replace(dataset, samples=dataset.samples[: arguments.limit])
    with thread_limit(arguments.threads):
        backend = load_model(arguments.model, device=arguments.device)
        made = made_with(backend)
    height, width = EvaluationProtocol().size_for(dataset.reader)
    print(
        f"{backend.name} on {backend.device}, {dataset.label} at {height}x{width}, "
        f"{'without' if arguments.no_mirror else 'with'} the mirrored image; "
        f"{made.get('gpu', made['processor'])}, {arguments.threads} thread(s)\n"
    )
    print("| | objects | clicks | objects/s | encoding | decoding | resizing | simulation | loading |")
    print("|---|---|---|---|---|---|---|---|---|")
    ways = []
    for way in measure(backend, dataset, clicks=arguments.clicks, mirror=not arguments.no_mirror):
        print(way.line(), flush=True)
        ways.append(way)
    _, once, always = ways
    print(
        f"\nat {arguments.clicks} clicks on each object, encoding an image once is "
        f"{always.seconds / once.seconds:.2f} times as fast; "
        f"it takes 1/{always.processor_seconds / once.processor_seconds:.2f} of the processor time"
    )


if __name__ == "__main__":
    main()
