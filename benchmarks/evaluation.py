"""How fast an evaluation is, and what takes the time.

    python benchmarks/evaluation.py GrabCut=data/GrabCut [--model skipclick-s] [--device cpu] [--limit 10]

"Network" is encoding and decoding; "resizing" brings images and masks to the network's size and back;
"simulation" is the simulated user and the scores; "loading" is what the model waits for images to be read.
The last line runs the whole network at every click, as published evaluators do, in the same process, with the
same images: the same clicks, so the ratio is what encoding an image once saves.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skipclick import load_model
from skipclick.apps.cli.data_options import parse_data
from skipclick.backend.protocol import Backend, Features
from skipclick.datasets import Dataset, open_dataset
from skipclick.evaluation import EvaluationProtocol, ObjectTrace, evaluate_dataset
from skipclick.evaluation.workers import thread_limit
from skipclick.prompt import Prompt


class Timed:
    """A model that keeps count of the seconds in its network."""

    def __init__(self, inner: Backend) -> None:
        self.inner = inner
        self.name, self.fingerprint = inner.name, inner.fingerprint
        self.stride, self.device = inner.stride, inner.device
        self.seconds = 0.0

    def encode(self, images: NDArray[np.float32]) -> Features:
        return self._timed(self.inner.encode, images)

    def decode(self, features: Features, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
        return self._timed(self.inner.decode, features, prompts)

    def _timed(self, action: Callable[..., Any], *words: object) -> Any:
        began = time.perf_counter()
        answer = action(*words)
        self.seconds += time.perf_counter() - began
        return answer


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
        assert isinstance(features, Pixels)
        return super().decode(self._timed(self.inner.encode, features.images), prompts)


def report(name: str, model: Timed, traces: Sequence[ObjectTrace]) -> float:
    """Print a line of the table; seconds for each object."""
    total = sum(one.seconds for one in traces)
    answers = sum(sum(one.answer_seconds) for one in traces)
    images = sum(one.image_seconds for one in traces)
    loading = sum(one.load_seconds for one in traces)
    clicks = sum(len(one.clicks) for one in traces)
    parts = (model.seconds, answers + images - loading - model.seconds, total - answers - images, loading)
    shares = " | ".join(f"{100 * part / total:.1f} %" for part in parts)
    print(f"| {name} | {len(traces)} | {clicks} | {len(traces) / total:.3f} | {shares} |", flush=True)
    return total / len(traces)


def measure(model: Timed, dataset: Dataset, protocol: EvaluationProtocol, limit: int) -> list[ObjectTrace]:
    """Evaluate after an image that is not counted."""
    evaluate_dataset(model, dataset, protocol, limit=1)
    model.seconds = 0.0
    return evaluate_dataset(model, dataset, protocol, limit=limit)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="NAME=FOLDER")
    parser.add_argument("--model", default="skipclick-s")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--limit", type=int, default=10)
    parser.add_argument("--clicks", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    (choice,) = parse_data(arguments.data)
    dataset = open_dataset(choice.reader, choice.folder, label=choice.label)
    protocol = EvaluationProtocol(max_clicks=arguments.clicks)
    with thread_limit(arguments.threads):
        backend = load_model(arguments.model, device=arguments.device)
    height, width = protocol.size_for(dataset.reader)
    print(
        f"{backend.name} on {backend.device}, {dataset.label} at {height}x{width}, with the mirrored image\n"
    )
    print("| | objects | clicks | objects/s | network | resizing | simulation | loading |")
    print("|---|---|---|---|---|---|---|---|")
    once, always = Timed(backend), EncodingAtEveryClick(backend)
    traces = measure(once, dataset, protocol, arguments.limit)
    fast = report("encoded once", once, traces)
    again = measure(always, dataset, protocol, arguments.limit)
    slow = report("encoded at every click", always, again)
    if [one.results() for one in again] != [one.results() for one in traces]:
        raise SystemExit("the two ways differ in their results")
    print(f"\nencoding once is {slow / fast:.2f} times as fast")


if __name__ == "__main__":
    main()
