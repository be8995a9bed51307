"""A user's own images: listed, divided, and brought to the network's size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from skipclick.datasets import Dataset, Sample, TargetObject
from skipclick.training.layers import from_evaluation
from skipclick.training.recipes import Recipe, TrainingError
from skipclick.training.sample import TrainingSample
from skipclick.training.sources import DataSpec, open_samples
from skipclick.training.views import squeeze

MOST_HELD_OUT = 40
"""Images that are held out at most, and objects that are measured on them: more would cost more time than
they tell."""

MOST_IMAGES = 5000
"""Images that are learnt from at most; they are kept in memory, about 1 MB each."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a user's images, and how often each is drawn compared with the others."""

    samples: tuple[Sample, ...]
    weights: tuple[float, ...]


class Count(Protocol):
    """Told how many of how many are done."""

    def __call__(self, done: int, total: int) -> None:
        """So many are done now."""


def open_part(specs: Sequence[DataSpec]) -> Part:
    """List all images of all sources.

    Raises:
        DatasetError: a source cannot be opened.
        TrainingError: there are none, or too many.
    """
    samples: list[Sample] = []
    weights: list[float] = []
    for number, spec in enumerate(specs):
        for sample in open_samples(spec):
            # Two sources may have images of one name.
            name = sample.name if len(specs) == 1 else f"{number}/{sample.name}"
            samples.append(replace(sample, name=name))
            weights.append(spec.weight)
    if len(samples) < 2:
        raise TrainingError(f"{len(samples)} image cannot be split: one to learn from and one to measure on")
    if len(samples) > MOST_IMAGES:
        raise TrainingError(
            f"{len(samples)} images are too many to finetune on (at most {MOST_IMAGES}): give a part of "
            "them, or use skipclick train"
        )
    return Part(tuple(samples), tuple(weights))


def split(part: Part, held_out: float, seed: int) -> tuple[Part, Part]:
    """Divide images at random into those to learn from and those to measure on; neither part is empty.

    Args:
        part: at least two images.
        held_out: share of the second part, between 0 and 1; at most `MOST_HELD_OUT` images.
        seed: decides which these are.

    Raises:
        TrainingError: not a share.
    """
    if not 0 < held_out < 1:
        raise TrainingError(f"the share of images to hold out lies between 0 and 1, it is not {held_out}")
    total = len(part.samples)
    count = min(max(1, round(held_out * total)), MOST_HELD_OUT, total - 1)
    order = np.random.default_rng(seed).permutation(total)
    parts = (
        Part(tuple(part.samples[i] for i in chosen), tuple(part.weights[i] for i in chosen))
        for chosen in (np.sort(order[count:]), np.sort(order[:count]))
    )
    learnt, kept = parts
    return learnt, kept


def read_views(
    part: Part, recipe: Recipe, count: Count | None
) -> tuple[list[TrainingSample], list[float], int]:
    """Read images at the network's size, without those whose objects are all too small.

    Args:
        part: the images.
        recipe: says which size, and what is small.
        count: told how many are read.

    Returns:
        The images; how often each is drawn, by its objects and its weight; and how many objects were too
        small.

    Raises:
        DatasetError: an image cannot be read.
        TrainingError: no object is left.
    """
    samples, chances, passed_over = [], [], 0
    for index, (sample, weight) in enumerate(zip(part.samples, part.weights, strict=True)):
        whole = from_evaluation(sample.load())
        view = squeeze(whole, recipe.augmentation.size, recipe.sampling.min_area)
        passed_over += len(whole.objects) - len(view.objects)
        if view.objects:
            samples.append(view)
            chances.append(weight * len(view.objects))
        if count is not None:
            count(index + 1, len(part.samples))
    if not samples:
        raise TrainingError(
            f"there is nothing to learn from: at the network's size none of {len(part.samples)} images "
            f"holds an object of {recipe.sampling.min_area} pixels or more"
        )
    return samples, chances, passed_over


def choose_measured(part: Part, recipe: Recipe, seed: int) -> Dataset:
    """Objects to measure on: at most `MOST_HELD_OUT`, drawn from those that are not too small.

    Args:
        part: the images held out.
        recipe: says what is small, as a share of the network's size.
        seed: decides which objects these are.

    Raises:
        DatasetError: a ground truth cannot be read.
        TrainingError: there is none.
    """
    height, width = recipe.augmentation.size
    least = recipe.sampling.min_area / (height * width)
    found = [
        (index, one.id)
        for index, sample in enumerate(part.samples)
        for one in sample.read_truth(sample.truth_file)
        if np.mean(one.truth == 1) >= least
    ]
    if not found:
        raise TrainingError(
            "the images held out show no object that is large enough to measure on: give more images, or "
            "another --seed"
        )
    chosen = np.random.default_rng(seed).permutation(len(found))[:MOST_HELD_OUT]
    ids: dict[int, set[int]] = {}
    for index, id_ in (found[number] for number in chosen):
        ids.setdefault(index, set()).add(id_)
    samples = (
        replace(
            part.samples[index],
            read_truth=partial(_some, read=part.samples[index].read_truth, ids=frozenset(ids[index])),
        )
        for index in sorted(ids)
    )
    return Dataset("Folder", "held out", tuple(samples))


def _some(
    path: Path, read: Callable[[Path], tuple[TargetObject, ...]], ids: frozenset[int]
) -> tuple[TargetObject, ...]:
    """The objects with these ids."""
    return tuple(one for one in read(path) if one.id in ids)
