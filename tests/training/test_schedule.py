"""The learning rate, against PyTorch's own schedule and by hand (specification 6.1)."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from skipclick.training.recipes import RECIPES
from skipclick.training.schedule import rate_at

SKIP = RECIPES["skip"]


def test_the_published_rates() -> None:
    steps = SKIP.epoch_steps
    for epoch, expected in ((0, 5e-5), (49, 5e-5), (50, 5e-6), (54, 5e-6)):
        assert rate_at(SKIP, epoch * steps) == pytest.approx(expected, rel=1e-12)
        assert rate_at(SKIP, epoch * steps + steps - 1) == pytest.approx(expected, rel=1e-12)


def test_steps_are_those_of_pytorch() -> None:
    recipe = replace(SKIP, epochs=8, samples=64, milestones=(3, 5), factor=0.5)
    optimiser = torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))], lr=recipe.rate)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimiser, list(recipe.milestones), gamma=recipe.factor)
    for epoch in range(recipe.epochs):
        for number in range(recipe.epoch_steps):
            expected = optimiser.param_groups[0]["lr"]
            assert rate_at(recipe, epoch * recipe.epoch_steps + number) == pytest.approx(expected, rel=1e-12)
        optimiser.step()
        schedule.step()


def test_a_cosine_falls_from_the_rate_to_nothing() -> None:
    recipe = replace(SKIP, epochs=10, samples=320, schedule="cosine", rate=1.0)
    rates = [rate_at(recipe, step) for step in range(recipe.steps)]
    assert rates[0] == 1.0
    assert rates[50] == pytest.approx(0.5)
    assert rates == sorted(rates, reverse=True)
    assert 0 < rates[-1] < 0.001


@pytest.mark.parametrize("schedule", ["steps", "cosine"])
def test_warming_up_grows_linearly(schedule: str) -> None:
    recipe = replace(SKIP, epochs=100, samples=320, warm_up=4, rate=1.0, schedule=schedule)
    rates = [rate_at(recipe, step) for step in range(5)]
    assert rates == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0], abs=1e-4)
