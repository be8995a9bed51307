"""Items depend on the seed, the epoch and their number alone."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from skipclick.errors import DatasetError
from skipclick.training.loader import (
    CLICKS,
    ITEM,
    Batch,
    SeededItems,
    batches,
    collate,
    epoch_keys,
    stream,
)


def load(toy: ModuleType, workers: int, seed: int = 0, batch: int = 4, processes: int = 1) -> list[Batch]:
    """All batches of one epoch, those of several processes in the order of steps."""
    items = SeededItems(toy.views(), seed)
    parts = [
        list(batches(items, epoch_keys(2, 10, batch, rank, processes), workers)) for rank in range(processes)
    ]
    return [part[step] for step in range(len(parts[0])) for part in parts]


def joined(loaded: list[Batch]) -> dict[str, np.ndarray]:
    return {
        "image": np.concatenate([batch.image.numpy() for batch in loaded]),
        "truth": np.concatenate([batch.truth.numpy() for batch in loaded]),
        "points": np.concatenate([batch.points for batch in loaded]),
        "keys": np.concatenate([np.array(batch.keys) for batch in loaded]),
    }


@pytest.mark.parametrize(("workers", "processes", "batch"), [(1, 1, 4), (0, 2, 4), (0, 4, 4), (0, 1, 2)])
def test_nothing_else_changes_an_item(toy: ModuleType, workers: int, processes: int, batch: int) -> None:
    expected = joined(load(toy, 0))
    found = joined(load(toy, workers, batch=batch, processes=processes))
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name][: len(values)], values, err_msg=name)


def test_seed_epoch_and_number_change_it(toy: ModuleType) -> None:
    items = SeededItems(toy.views(), 0)
    first = items[(0, 0)]
    for other in (items[(0, 1)], items[(1, 0)], SeededItems(toy.views(), 1)[(0, 0)]):
        assert not np.array_equal(first.item.points, other.item.points)


@given(
    one=st.tuples(*[st.integers(0, 50)] * 3, st.integers(0, 4)),
    two=st.tuples(*[st.integers(0, 50)] * 3, st.integers(0, 4)),
)
def test_streams_differ_whatever_differs(one: tuple[int, ...], two: tuple[int, ...]) -> None:
    values = [stream(*each).integers(2**62, size=2).tolist() for each in (one, two)]
    assert (values[0] == values[1]) == (one == two)


def test_purposes_have_streams_of_their_own() -> None:
    assert stream(0, 0, 0, ITEM).random() != stream(0, 0, 0, CLICKS).random()


@given(
    samples=st.integers(1, 100), share=st.integers(1, 5), processes=st.integers(1, 4), epoch=st.integers(0, 3)
)
def test_processes_share_each_batch_without_overlap(
    samples: int, share: int, processes: int, epoch: int
) -> None:
    batch = share * processes
    parts = [epoch_keys(epoch, samples, batch, rank, processes) for rank in range(processes)]
    steps = samples // batch
    assert {len(part) for part in parts} == {steps}
    for step in range(steps):
        keys = [key for part in parts for key in part[step]]
        assert keys == [(epoch, number) for number in range(step * batch, (step + 1) * batch)]


def test_the_published_epoch_has_937_steps() -> None:
    assert len(epoch_keys(0, 30_000, 32, 0, 1)) == 937
    assert [len(step) for step in epoch_keys(0, 30_000, 32, 3, 4)] == [8] * 937


def test_batches_have_the_shapes_that_the_network_takes(toy: ModuleType) -> None:
    (first, *_) = load(toy, 0)
    assert first.image.shape == (4, 3, 56, 56)
    assert first.truth.shape == first.start.shape == (4, 1, 56, 56)
    assert first.points.shape == (4, 48, 3)
    assert {x.dtype for x in (first.image, first.truth, first.start)} == {torch.float32}
    assert first.views == (-1,) * 4


def test_parts_of_a_batch_are_its_items_in_order(toy: ModuleType) -> None:
    (first, *_) = load(toy, 0)
    parts = list(first.parts(2))
    assert [len(part.keys) for part in parts] == [2, 2]
    assert parts[0].keys + parts[1].keys == first.keys
    torch.testing.assert_close(torch.cat([part.image for part in parts]), first.image)
    np.testing.assert_array_equal(np.concatenate([part.points for part in parts]), first.points)


def test_an_error_takes_the_place_of_a_batch(toy: ModuleType) -> None:
    items = SeededItems(toy.views(), 0)
    error = DatasetError("gone")
    assert collate([items[(0, 0)], error, items[(0, 1)]]) is error
