"""How long a model takes: to encode an image and to answer a click, in turns with other models."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from skipclick.backend.protocol import Backend
from skipclick.prompt import Click, Prompt


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of one action, over all repeats.

    Attributes:
        median: half of them took longer.
        p95: one in twenty took longer.
        best: the shortest.
    """

    median: float
    p95: float
    best: float


@dataclass(frozen=True, slots=True)
class Speed:
    """What was measured of one model at one size.

    Attributes:
        encode: one image, or as many as were measured together.
        click: one click on each.
        features: bytes that the encoded images hold.
    """

    encode: Latency
    click: Latency
    features: int


def in_turns(actions: Sequence[Callable[[], object]], repeats: int) -> list[Latency]:
    """Time actions in turns, each run once before; whatever slows the machine down then slows all of them."""
    times: list[list[float]] = [[] for _ in actions]
    for turn in range(repeats + 1):
        for action, taken in zip(actions, times, strict=True):
            began = time.perf_counter()
            action()
            if turn:
                taken.append(1000 * (time.perf_counter() - began))
    return [Latency(statistics.median(taken), float(np.percentile(taken, 95)), min(taken)) for taken in times]


def measure(models: Sequence[Backend], size: tuple[int, int], repeats: int, *, batch: int = 1) -> list[Speed]:
    """Measure models in turns, on random images and five clicks on each.

    A model returns when its device has finished, so that the clock is read at the right moment.

    Args:
        models: of one stride.
        size: height and width in network pixels, multiples of the stride.
        repeats: how often each action is timed.
        batch: images that are encoded together, and clicked on together.
    """
    random = np.random.default_rng(0)
    image = random.random((batch, 3, *size), dtype=np.float32)
    previous = random.random(size, dtype=np.float32)
    clicks = tuple(
        Click(random.uniform(0, size[1]), random.uniform(0, size[0]), positive=index % 2 == 0)
        for index in range(5)
    )
    prompts = [Prompt(clicks, previous)] * batch
    encoded = [model.encode(image) for model in models]
    encode = in_turns([partial(model.encode, image) for model in models], repeats)
    pairs = zip(models, encoded, strict=True)
    click = in_turns([partial(model.decode, features, prompts) for model, features in pairs], repeats)
    return [
        Speed(first, second, features.nbytes)
        for first, second, features in zip(encode, click, encoded, strict=True)
    ]
