"""The learning rate at each step (specification 6.1); a function of the step alone, so nothing to resume."""

from __future__ import annotations

import math

from skipclick.training.recipes import Recipe


def rate_at(recipe: Recipe, step: int) -> float:
    """The learning rate of a step.

    Args:
        recipe: the run.
        step: number of the step, from 0.
    """
    warm = min((step + 1) / recipe.warm_up, 1.0) if recipe.warm_up else 1.0
    if recipe.schedule == "cosine":
        return recipe.rate * warm * 0.5 * (1 + math.cos(math.pi * step / recipe.steps))
    passed = sum(step // recipe.epoch_steps >= milestone for milestone in recipe.milestones)
    rate: float = recipe.rate * warm * recipe.factor**passed
    return rate
