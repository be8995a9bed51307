"""One step: the published arithmetic, what is trained and what is not, and its parts (6.1, 6.6, 6.7)."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import chisquare, kstest

from skipclick.model.config import BackboneConfig
from skipclick.model.skipclick import SkipClick
from skipclick.training import stepper as module
from skipclick.training.features import TapCache
from skipclick.training.loader import DROPOUT, ROUNDS, Batch, SeededItems, collate, stream
from skipclick.training.loss import normalised_focal_loss, soft_iou_loss
from skipclick.training.recipes import Recipe, TrainingError
from skipclick.training.rounds import Trainee, network_points
from skipclick.training.stepper import Options, Stepper, seeded
from skipclick.training.world import World

CPU = torch.device("cpu")
pytestmark = pytest.mark.usefixtures("one_thread")


def stepper(network: SkipClick, recipe: Recipe, **arguments: Any) -> Stepper:
    settings = {"seed": 0, "world": World(CPU), "options": Options()} | arguments
    return Stepper(network, recipe, **settings)


def batch(toy: ModuleType, count: int = 4) -> Batch:
    items = SeededItems(toy.views(), 0)
    made = collate([items[(0, number)] for number in range(count)])
    assert isinstance(made, Batch)
    return made


def parameters(network: SkipClick) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in network.named_parameters()}


def changed(before: dict[str, torch.Tensor], network: SkipClick) -> set[str]:
    return {name for name, p in network.named_parameters() if not torch.equal(p, before[name])}


def test_the_published_step_written_out(toy: ModuleType) -> None:
    """Without simulated clicks: Adam on the mean normalised focal loss of one answer, dropout and all."""
    recipe = toy.recipe(rounds=0)
    ours, plain = toy.network(), toy.network().train()
    of = batch(toy)
    loss, _ = stepper(ours, recipe).take(0, 0, of)
    plain.head.dropout = torch.nn.Identity()  # its factors are put in below
    factors = torch.from_numpy(
        np.stack([stream(0, *key, DROPOUT).random(16) >= 0.1 for key in of.keys]).astype(np.float32) / 0.9
    )
    plain.head.dropout.register_forward_hook(lambda module, args, out: out * factors[:, :, None, None])
    optimiser = torch.optim.Adam(plain.parameters(), lr=1e-3)
    logits = plain(of.image, network_points(of.points, CPU), of.start)
    expected = normalised_focal_loss(logits, of.truth).mean()
    expected.backward()
    optimiser.step()
    assert loss == pytest.approx(expected.item(), abs=1e-6)
    for name, tensor in parameters(plain).items():
        # A gradient that is zero but for rounding moves the keys' biases by a whole step, either way.
        atol = 2e-3 if name.endswith("qkv.bias") else 2e-5
        torch.testing.assert_close(ours.get_parameter(name).detach(), tensor, rtol=0, atol=atol, msg=name)


def test_the_fusion_blocks_may_learn_more_slowly(toy: ModuleType) -> None:
    """Adam's first step is as long as the rate, wherever there is a gradient."""
    network = toy.network()
    before = parameters(network)
    stepper(network, toy.recipe(rounds=0, fusion_rate=0.25)).take(0, 0, batch(toy))
    steps = {name: (p - before[name]).abs().max().item() for name, p in network.named_parameters()}
    slow = {name for name in steps if name.startswith(("fuse.", "fusion."))}
    assert all(steps[name] == pytest.approx(0.25e-3, rel=0.01) for name in slow)
    unused = {name for name in steps if name.startswith(("backbone.", "head.up"))}
    assert all(steps[name] == pytest.approx(1e-3, rel=0.01) for name in steps.keys() - slow - unused)


def record_rounds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many clicks each call of `simulate_clicks` is to simulate; none is, nor is the network asked."""
    rounds: list[int] = []

    def answer(trainee: Trainee, image: object, taps: object, points: object, previous: Any) -> torch.Tensor:
        return trainee.network.head.classify.bias.sum() + previous

    def recorded(*arguments: Any) -> tuple[Any, torch.Tensor]:
        rounds.append(arguments[6])
        return arguments[4], arguments[5]

    monkeypatch.setattr(module, "simulate_clicks", recorded)
    monkeypatch.setattr(module, "encode_views", lambda *_: [])
    monkeypatch.setattr(Trainee, "forward", answer)
    return rounds


def test_the_number_of_clicks_is_uniform(toy: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Specification 6.6: 0 to 3; a step of none does not simulate any."""
    rounds = record_rounds(monkeypatch)
    taken, of, steps = stepper(toy.network(), toy.recipe()), batch(toy, 1), 400
    for number in range(steps):
        taken.take(0, number, of)
    counts = np.bincount([*rounds, *[0] * (steps - len(rounds))])
    assert len(counts) == 4
    assert chisquare(counts).pvalue > 1e-3
    rounds.clear()
    for number in range(60):
        taken.take(1, number, of)
    assert set(rounds) == {1, 2, 3}


def test_the_recipe_says_how_many_clicks_at_most(toy: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = record_rounds(monkeypatch)
    taken, of = stepper(toy.network(), toy.recipe(rounds=5)), batch(toy, 1)
    for number in range(60):
        taken.take(0, number, of)
    assert set(rounds) == {1, 2, 3, 4, 5}


def test_all_parts_of_a_batch_get_as_many_clicks(toy: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = record_rounds(monkeypatch)
    taken, of = stepper(toy.network(), toy.recipe(), options=Options(accumulate=4)), batch(toy)
    seen = set()
    for number in range(12):
        rounds.clear()
        taken.take(0, number, of)
        assert len(set(rounds)) <= 1
        assert len(rounds) in (0, 4)
        seen.update(rounds)
    assert seen == {1, 2, 3}


def test_the_step_sees_the_simulated_clicks(toy: ModuleType) -> None:
    """Three of each item, in the order 1, 2, 3, and an answer as the previous mask."""
    of = batch(toy)
    orders = []
    number = next(n for n in range(50) if stream(0, 0, n, ROUNDS).integers(3, endpoint=True) == 3)
    taken = stepper(toy.network(), toy.recipe())
    forward = taken.network.decode

    def seen(features: Any, points: torch.Tensor, previous: torch.Tensor) -> torch.Tensor:
        orders.append((int((points[..., 0] >= 0).sum()), bool(previous.any())))
        return forward(features, points, previous)

    taken.network.decode = seen  # type: ignore[method-assign]
    _, shown = taken.take(0, number, of)
    assert [count - orders[0][0] for count, _ in orders] == [0, 4, 8, 12]
    assert [answered for _, answered in orders] == [bool(of.start.any()), True, True, True]
    assert {1, 2, 3} <= set(shown.points[:, 2])
    assert shown.previous.any()


def test_the_frozen_encoder_stays(toy: ModuleType) -> None:
    network = toy.network()
    before = parameters(network)
    stepper(network, toy.recipe()).take(0, 0, batch(toy))
    unused = {name for name in before if name.startswith(("backbone.", "head.up"))}
    assert changed(before, network) == set(before) - unused


def test_the_baseline_trains_the_encoder_up_to_its_tap(toy: ModuleType) -> None:
    """Specification 2.8: blocks after the tap, and the last norm, receive no gradient."""
    config = toy.config(taps=(1,), skip=False, train_backbone=True)
    network = toy.network(config)
    before = parameters(network)
    trained = stepper(network, toy.recipe())
    for number in range(3):
        trained.take(0, number, batch(toy))
    idle = ("backbone.blocks.2", "backbone.blocks.3", "backbone.norm", "backbone.mask_token", "head.up")
    assert changed(before, network) == {name for name in before if not name.startswith(idle)}


def test_weights_that_get_no_gradient_do_not_decay(toy: ModuleType) -> None:
    network = toy.network()
    before = parameters(network)
    stepper(network, toy.recipe(optimiser="adamw", decay=0.5)).take(0, 0, batch(toy))
    assert not any(name.startswith("head.up") for name in changed(before, network))


def test_the_soft_iou_loss_is_added_with_its_weight(toy: ModuleType) -> None:
    of = batch(toy)
    plain = toy.network().eval()
    with torch.no_grad():
        logits = plain(of.image, network_points(of.points, CPU), of.start)
    nfl, soft = (loss(logits, of.truth).mean() for loss in (normalised_focal_loss, soft_iou_loss))
    network = toy.network(toy.config(dropout=0.0))
    loss, _ = stepper(network, toy.recipe(rounds=0, iou_weight=0.5)).take(0, 0, of)
    assert loss == pytest.approx(float(nfl + 0.5 * soft), abs=1e-5)


def test_parts_of_a_batch_add_up(toy: ModuleType) -> None:
    recipe, of = toy.recipe(eps=1e-3), batch(toy)
    losses, networks = [], []
    for accumulate in (1, 2, 4):
        network = toy.network()
        taken = stepper(network, recipe, options=Options(accumulate=accumulate))
        losses.append(taken.take(0, 1, of)[0])
        networks.append(network)
    assert losses == pytest.approx([losses[0]] * 3, abs=1e-6)
    for other in networks[1:]:
        for name, p in networks[0].named_parameters():
            torch.testing.assert_close(other.get_parameter(name), p, rtol=0, atol=1e-5)


def test_long_gradients_are_clipped(toy: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    lengths = []
    plain = torch.optim.Adam.step

    def step(self: torch.optim.Adam, *args: Any, **more: Any) -> Any:
        grads = [p.grad for group in self.param_groups for p in group["params"] if p.grad is not None]
        lengths.append(float(torch.linalg.vector_norm(torch.stack([grad.norm() for grad in grads]))))
        return plain(self, *args, **more)

    monkeypatch.setattr(torch.optim.Adam, "step", step)
    for clip in (None, 1e-3):
        stepper(toy.network(), toy.recipe(clip=clip)).take(0, 0, batch(toy))
    assert lengths[0] > 1e-2
    assert lengths[1] == pytest.approx(1e-3, rel=1e-3)


def test_averaged_weights_are_kept_apart(toy: ModuleType) -> None:
    network = toy.network()
    before = parameters(network)
    taken = stepper(network, toy.recipe(average=0.9))
    taken.take(0, 0, batch(toy))
    kept = taken.weights()
    name = "head.classify.weight"
    weight = 1 - 2 / 21
    expected = torch.lerp(before[name], network.get_parameter(name), weight)
    torch.testing.assert_close(kept[name], expected)
    assert kept.keys() == network.state_dict().keys()
    plain = stepper(toy.network(), toy.recipe())
    plain.take(0, 0, batch(toy))
    assert torch.equal(plain.weights()[name], plain.network.get_parameter(name))


def test_a_loss_that_is_no_number_ends_the_run(toy: ModuleType) -> None:
    network = toy.network()
    with torch.no_grad():
        network.head.classify.bias.fill_(float("nan"))
    before = parameters(network)
    with pytest.raises(TrainingError, match="the loss is nan at step 1: begin again with a lower rate"):
        stepper(network, toy.recipe(rounds=0)).take(0, 0, batch(toy))
    for name, value in before.items():
        assert torch.equal(network.get_parameter(name).isnan(), value.isnan())


@pytest.mark.parametrize(
    ("change", "options", "world", "complaint"),
    [
        ({}, Options(accumulate=3), World(CPU), "a batch of 4 cannot be shared by 1 processes in 3 parts"),
        ({}, Options(accumulate=2), World(CPU, 0, 4), "use a multiple of 8"),
        ({}, Options(accumulate=0), World(CPU), "cannot be shared"),
        ({"size": (56, 60)}, Options(), World(CPU), "this network needs multiples of 14"),
    ],
)
def test_what_cannot_be_done(
    toy: ModuleType, change: dict[str, Any], options: Options, world: World, complaint: str
) -> None:
    recipe = toy.recipe()
    recipe = replace(recipe, augmentation=replace(recipe.augmentation, **change))
    with pytest.raises(TrainingError, match=complaint):
        stepper(toy.network(), recipe, options=options, world=world)


def test_a_state_can_be_taken_up_by_another(toy: ModuleType) -> None:
    recipe = toy.recipe(average=0.9, optimiser="adamw")
    one = stepper(toy.network(), recipe)
    one.take(0, 0, batch(toy))
    two = stepper(toy.network(seed=5), recipe)
    two.network.backbone.load_state_dict(one.network.backbone.state_dict())
    two.load(deepcopy(one.state()))
    for each in (one, two):
        each.take(0, 1, batch(toy))
    assert one.metric == two.metric
    for name, tensor in one.weights().items():
        assert torch.equal(tensor, two.weights()[name]), name


def test_kept_features_are_used(toy: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    made = batch(toy)
    of = Batch(made.image, made.truth, made.start, made.points, made.keys, (0, 1, 2, 3))
    cache = TapCache()
    first, second = (stepper(toy.network(), toy.recipe(), cache=cache) for _ in range(2))
    loss, _ = first.take(0, 1, of)

    def never(*_: object) -> None:
        raise AssertionError("the encoder ran")

    monkeypatch.setattr(second.network.backbone, "forward", never)
    assert second.take(0, 1, of)[0] == loss


DINOV3 = BackboneConfig("dinov3", 14, 64, 4, 1, 64, registers=2)


def test_a_dinov3_encoder_is_rescaled_in_the_step_by_the_step_alone(toy: ModuleType) -> None:
    """Trap 22: not in the clicks; the factor depends on the step, and nobody's generator is touched."""
    config, of = toy.config(backbone=DINOV3), batch(toy)

    def loss(number: int, **changes: Any) -> float:
        torch.manual_seed(np.random.default_rng().integers(2**31))
        state = torch.get_rng_state()
        value, _ = stepper(toy.network(config), toy.recipe(rounds=0, **changes)).take(0, number, of)
        assert torch.equal(torch.get_rng_state(), state)
        return value

    assert loss(0) == loss(0)
    assert loss(0) != loss(1)
    assert loss(0, rescale_positions=False) == loss(1, rescale_positions=False)


def test_a_dinov3_encoder_is_rescaled_block_by_block(
    toy: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Specification 2.5 and trap 22: a factor exp(U(-ln 2, ln 2)) for each block, none in the clicks."""
    network, of = toy.network(toy.config(backbone=DINOV3)), batch(toy, 1)
    scales: list[float | None] = []
    rope = network.backbone.rope_embed
    forward = rope.forward

    def recorded(grid: tuple[int, int], scale: torch.Tensor | None = None) -> Any:
        scales.append(None if scale is None else scale.item())
        return forward(grid, scale)

    monkeypatch.setattr(rope, "forward", recorded)
    taken = stepper(network, toy.recipe())
    logarithms: list[float] = []
    for number in range(60):
        rounds = stream(0, 0, number, ROUNDS).integers(3, endpoint=True)
        scales.clear()
        taken.take(0, number, of)
        drawn = [scale for scale in scales if scale is not None]
        assert len(set(drawn)) == len(drawn) == DINOV3.depth
        assert scales[-len(drawn) :] == drawn
        # The encoder runs once more for the clicks, as it does in evaluation.
        assert len(scales) - len(drawn) == (2 if rounds else 1)
        logarithms += np.log(drawn).tolist()
    assert len(set(logarithms)) == len(logarithms)
    half = np.log(2)
    assert kstest(logarithms, "uniform", args=(-half, 2 * half)).pvalue > 1e-3


def test_a_seed_within_a_block(toy: ModuleType) -> None:
    state = torch.get_rng_state()
    values = []
    for _ in range(2):
        with seeded(3, CPU):
            values.append(torch.rand(2).tolist())
    assert values[0] == values[1]
    assert torch.equal(torch.get_rng_state(), state)
