"""From masks that may overlap to the label layers that training samples are made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from skipclick.datasets import LoadedSample
from skipclick.datasets.builders.packing import pack
from skipclick.training.sample import LabelledObject, TrainingSample


def from_evaluation(loaded: LoadedSample) -> TrainingSample:
    """A sample of an evaluation data set as one to train on; every object is a root.

    Pixels that are ignored for some object are ignored for all, but for the object that they belong to.
    """
    masks = [target.truth == 1 for target in loaded.objects]
    ignored = np.zeros(loaded.image.shape[:2], np.bool_)
    for target in loaded.objects:
        ignored |= target.truth == -1
    if not ignored.any():
        layers, places = pack(masks)
        return TrainingSample(loaded.image, _stack(layers, ignored), _objects(places))
    layers, [*places, ignored_place] = pack([*masks, ignored])
    return TrainingSample(loaded.image, _stack(layers, ignored), _objects(places), ignored_place)


def _stack(layers: Sequence[NDArray[np.uint8]], like: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The layers as (H, W, L), an empty one if there is none."""
    return np.stack(layers or [np.zeros(like.shape, np.uint8)], axis=2)


def _objects(places: Sequence[tuple[int, int]]) -> dict[int, LabelledObject]:
    return {id_: LabelledObject(*place) for id_, place in enumerate(places)}
