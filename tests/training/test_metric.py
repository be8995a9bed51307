"""The published training metric, by hand (specification 6.8)."""

from __future__ import annotations

import math

import pytest
import torch

from skipclick.training.metric import AdaptiveIou, iou_sums

# One row of four pixels; the truth's first is ignored, the second and third are object.
TRUTH = torch.tensor([-1.0, 1, 1, 0]).reshape(1, 1, 1, 4)


def probability(*values: float) -> torch.Tensor:
    return torch.tensor(values).reshape(1, 1, 1, -1)


def test_sums_at_the_threshold_and_its_neighbours() -> None:
    # Above 0.4: pixels 1, 2 and 3; above 0.375 as well; above 0.425 only pixel 1.
    sums = iou_sums(probability(0.9, 0.9, 0.41, 0.42), TRUTH, 0.4)
    assert sums.tolist() == pytest.approx([2 / 3, 1, 2 / 3, 1, 1 / 2, 1, 2])
    assert sums.dtype == torch.float64


def test_samples_without_a_union_do_not_count() -> None:
    truth = torch.cat([TRUTH, torch.zeros_like(TRUTH)])
    values = torch.cat([probability(0, 1, 1, 0), probability(0, 0, 0, 0)])
    assert iou_sums(values, truth, 0.4).tolist() == [1, 1, 1, 1, 1, 1, 2]


def test_the_threshold_follows_the_best() -> None:
    metric = AdaptiveIou()
    best = metric.update(torch.tensor([0.5, 1, 0.7, 1, 0.6, 1, 9], dtype=torch.float64))
    assert best == 0.7
    assert metric.threshold == pytest.approx(0.99 * 0.4 + 0.01 * 0.375)
    assert metric.running == pytest.approx(0.07)
    metric.update(torch.tensor([0.5, 1, 0.7, 1, 0.9, 1, 9], dtype=torch.float64))
    assert metric.running == pytest.approx(0.9 * 0.07 + 0.09)
    assert metric.end_epoch() == pytest.approx(0.8)
    assert math.isnan(metric.end_epoch())


def test_ties_leave_the_threshold_alone() -> None:
    metric = AdaptiveIou()
    metric.update(torch.tensor([0.5, 1, 0.5, 1, 0.5, 1, 9], dtype=torch.float64))
    assert metric.threshold == pytest.approx(0.4, abs=1e-12)


def test_batches_without_an_object_are_passed_over() -> None:
    metric = AdaptiveIou()
    sums = iou_sums(probability(0.9, 0.9, 0.9, 0.9), torch.zeros(1, 1, 1, 4), 0.4)
    assert metric.update(sums) is None
    assert metric == AdaptiveIou()


def test_sums_of_parts_are_those_of_the_whole() -> None:
    generator = torch.Generator().manual_seed(0)
    values = torch.rand(6, 1, 5, 5, generator=generator)
    truth = torch.randint(-1, 2, (6, 1, 5, 5), generator=generator).float()
    whole = iou_sums(values, truth, 0.5)
    parts = sum(iou_sums(values[at : at + 2], truth[at : at + 2], 0.5) for at in (0, 2, 4))
    torch.testing.assert_close(parts, whole)


def test_the_state_can_be_taken_up_again() -> None:
    metric = AdaptiveIou()
    metric.update(torch.tensor([0.5, 1, 0.7, 1, 0.6, 1, 9], dtype=torch.float64))
    assert AdaptiveIou(*metric.values()) == metric
