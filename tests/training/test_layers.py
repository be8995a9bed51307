"""Samples of evaluation data sets become samples to train on."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from skipclick.datasets import LoadedSample, TargetObject
from skipclick.training.layers import from_evaluation

Mask = NDArray[np.bool_]


def loaded(masks: list[Mask], crowd: Mask | None = None) -> LoadedSample:
    """Ground truths as readers give them: a crowd is ignored but for the object's own pixels."""
    shape = masks[0].shape if masks else (4, 5)
    ignored = np.zeros(shape, np.bool_) if crowd is None else crowd
    truths = (np.where(ignored & ~mask, -1, mask).astype(np.int8) for mask in masks)
    objects = tuple(TargetObject(7 * index, truth) for index, truth in enumerate(truths))
    return LoadedSample(np.zeros((*shape, 3), np.uint8), objects)


@given(masks=hnp.arrays(np.bool_, (6, 5, 7)))
@settings(max_examples=60)
def test_every_object_keeps_its_pixels_and_is_a_root(masks: NDArray[np.bool_]) -> None:
    sample = from_evaluation(loaded(list(masks)))
    assert sample.roots == tuple(range(6))
    assert sample.ignored is None
    for id_, mask in enumerate(masks):
        np.testing.assert_array_equal(sample.mask(id_), mask)


@given(masks=hnp.arrays(np.bool_, (4, 5, 7)))
@settings(max_examples=60)
def test_ignored_pixels_get_a_label_of_their_own(masks: NDArray[np.bool_]) -> None:
    *objects, crowd = masks
    sample = from_evaluation(loaded(objects, crowd))
    # Whatever belongs to all objects is ignored for none.
    expected = crowd & ~np.logical_and.reduce(objects)
    found = np.zeros_like(expected)
    if sample.ignored is not None:
        found = sample.layers[:, :, sample.ignored[0]] == sample.ignored[1]
    np.testing.assert_array_equal(found, expected)
    for id_, mask in enumerate(objects):
        np.testing.assert_array_equal(sample.mask(id_), mask)


def test_more_objects_than_a_layer_holds() -> None:
    masks = [np.arange(300).reshape(15, 20) == index for index in range(300)]
    sample = from_evaluation(loaded(masks))
    assert sample.layers.shape == (15, 20, 2)
    assert set(sample.areas().values()) == {1}


def test_without_objects_there_is_one_empty_layer() -> None:
    sample = from_evaluation(loaded([]))
    assert sample.layers.shape == (4, 5, 1)
    assert not sample.layers.any()
    assert not sample.objects
