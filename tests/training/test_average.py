"""The running average of weights."""

from __future__ import annotations

import torch
from torch import nn

from skipclick.training.average import WeightAverage


def test_it_begins_with_the_present_weights_and_owns_them() -> None:
    parameter = nn.Parameter(torch.ones(2))
    average = WeightAverage([parameter], 0.9)
    parameter.data.zero_()
    assert average.values[0].tolist() == [1, 1]


def test_early_steps_replace_more() -> None:
    parameter = nn.Parameter(torch.zeros(1))
    average = WeightAverage([parameter], 0.999)
    parameter.data.fill_(1.0)
    average.update(1)
    torch.testing.assert_close(average.values[0], torch.tensor([1 - 2 / 21]))


def test_later_the_decay_holds() -> None:
    parameter = nn.Parameter(torch.zeros(1))
    average = WeightAverage([parameter], 0.9)
    parameter.data.fill_(1.0)
    average.update(10_000)
    torch.testing.assert_close(average.values[0], torch.tensor([0.1]))
    assert not average.values[0].requires_grad


def test_saved_values_are_taken_up() -> None:
    parameter = nn.Parameter(torch.zeros(3))
    average = WeightAverage([parameter], 0.9)
    average.load([torch.full((3,), 7.0)])
    assert average.values[0].tolist() == [7, 7, 7]
    assert parameter.tolist() == [0, 0, 0]
