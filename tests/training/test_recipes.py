"""The published values, the table, and numbers that are refused (specification 6.1)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from skipclick.model.config import BACKBONES, MODELS
from skipclick.training.augment import TRAINING
from skipclick.training.points import PUBLISHED_POINTS
from skipclick.training.recipes import FINETUNING, RECIPES, Recipe, TrainingError, find_recipe
from skipclick.training.sample import PUBLISHED_SAMPLING
from skipclick.training.schedule import rate_at
from skipclick.weights import registry

PAPER = ("baseline", "frozen", "intermediate", "skip")
DEPTHS = {2: "skip-depth2", 3: "skip-depth3", 4: "skip", 5: "skip-depth5", 6: "skip-depth6"}


@pytest.mark.parametrize("name", [*PAPER, *DEPTHS.values(), "skip-dinov3", "skip-conv", "intermediate-vitg"])
def test_the_published_values(name: str) -> None:
    recipe = RECIPES[name]
    values = recipe.values()
    for nested in ("augmentation", "sampling", "points", "start_masks", "model", "backbone"):
        del values[nested]
    assert values == {
        "epochs": 55,
        "samples": 30_000,
        "batch": 32,
        "optimiser": "adam",
        "rate": 5e-5,
        "fusion_rate": 1.0,
        "betas": (0.9, 0.999),
        "eps": 1e-8,
        "decay": 0.0,
        "schedule": "steps",
        "milestones": (50, 55),
        "factor": 0.1,
        "warm_up": 0,
        "clip": None,
        "average": None,
        "iou_weight": 0.0,
        "rounds": 3,
        "rescale_positions": True,
        "fusion": "drawn",
        "stuff": 0.30,
        "keep": (0, 20, 40, 50, 51, 52, 53, 54),
    }
    assert recipe.augmentation == TRAINING
    assert recipe.sampling == PUBLISHED_SAMPLING
    assert recipe.points == PUBLISHED_POINTS
    assert recipe.start_masks.share == 0
    assert recipe.epoch_steps == 937


def test_every_recipe_names_a_network_and_its_encoder() -> None:
    for recipe in RECIPES.values():
        config = MODELS[recipe.model]
        entry = registry.find(recipe.backbone)
        assert entry.kind == "backbone"
        assert BACKBONES[entry.config] == config.backbone
        assert not any(side % config.patch for side in recipe.augmentation.size)


def test_the_ablation_adds_one_thing_at_a_time() -> None:
    baseline, frozen, intermediate, skip = (MODELS[RECIPES[name].model] for name in PAPER)
    assert frozen == replace(baseline, train_backbone=False)
    assert intermediate == replace(frozen, taps=(2, 5, 8, 11))
    assert skip == replace(intermediate, skip=True)
    for depth, name in DEPTHS.items():
        assert MODELS[RECIPES[name].model] == replace(skip, depth=depth)


def test_only_our_recipes_begin_from_masks() -> None:
    begins = {name for name, recipe in RECIPES.items() if recipe.start_masks.share}
    assert begins == {"skipclick-s"}
    assert FINETUNING.start_masks.share


def test_only_our_recipe_begins_from_the_encoders_blocks() -> None:
    """Finetuning begins from trained blocks, which learn as fast as the rest."""
    assert {name for name, recipe in RECIPES.items() if recipe.fusion == "encoder"} == {"skipclick-s"}
    assert {name for name, recipe in RECIPES.items() if recipe.fusion_rate != 1} == {"skipclick-s"}
    assert (FINETUNING.fusion, FINETUNING.fusion_rate) == ("drawn", 1.0)


def test_values_survive_json() -> None:
    for recipe in RECIPES.values():
        text = json.dumps(recipe.values())
        assert json.dumps(json.loads(text)) == text


def test_steps_leave_out_incomplete_batches() -> None:
    recipe = replace(RECIPES["skip"], epochs=3, samples=100, batch=32)
    assert recipe.epoch_steps == 3
    assert recipe.steps == 9


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"batch": 0}, "batch must be at least 1"),
        ({"samples": 31}, "holds no batch of 32"),
        ({"rate": 0.0}, "rate must be above 0"),
        ({"rate": float("nan")}, "rate must be above 0"),
        ({"fusion_rate": 0.0}, "fusion_rate must be above 0 and at most 1"),
        ({"fusion_rate": 1.5}, "fusion_rate must be above 0 and at most 1"),
        ({"rounds": 25}, "between 0 and 24"),
        ({"rounds": -1}, "between 0 and 24"),
    ],
)
def test_impossible_numbers_are_refused(change: dict[str, float], complaint: str) -> None:
    with pytest.raises(TrainingError, match=complaint):
        Recipe("skip", "dinov2_vitb14_reg", **change)  # type: ignore[arg-type]


def test_an_unknown_recipe_is_answered_with_the_list() -> None:
    assert find_recipe("skip") is RECIPES["skip"]
    with pytest.raises(
        TrainingError, match=r"no recipe 'skipp'; the recipes are baseline, frozen, .*skipclick-s"
    ):
        find_recipe("skipp")


@pytest.mark.parametrize(
    ("epochs", "milestones"), [(55, (50, 55)), (110, (100, 110)), (10, (9, 10)), (2, (2, 2)), (1, (1, 1))]
)
def test_milestones_keep_their_share_of_a_shorter_or_longer_run(
    epochs: int, milestones: tuple[int, ...]
) -> None:
    changed = RECIPES["skip"].with_epochs(epochs)
    assert (changed.epochs, changed.milestones) == (epochs, milestones)
    assert replace(changed, epochs=55, milestones=(50, 55)) == RECIPES["skip"]


def test_the_rate_falls_in_a_shorter_run_too() -> None:
    recipe = RECIPES["skip"].with_epochs(10)
    assert rate_at(recipe, 0) == rate_at(recipe, 9 * recipe.epoch_steps - 1) == 5e-5
    assert rate_at(recipe, 9 * recipe.epoch_steps) == pytest.approx(5e-6)
    assert RECIPES["skipclick-s"].with_epochs(10) == replace(
        RECIPES["skipclick-s"], epochs=10, milestones=(9, 10)
    )


def test_no_epochs_are_no_run() -> None:
    with pytest.raises(TrainingError, match="epochs must be at least 1, not 0"):
        RECIPES["skip"].with_epochs(0)
