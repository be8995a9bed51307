"""Simulated clicks before a step, seeded dropout, and the network's training form (specification 6.6)."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
import torch
from torch import Tensor

from skipclick.model.config import BackboneConfig
from skipclick.model.prompt_map import click_disks
from skipclick.model.skipclick import normalise
from skipclick.training.loader import CLICKS, Batch, SeededItems, collate, stream
from skipclick.training.points import answer_mask
from skipclick.training.rounds import SeededDropout, Trainee, autocast, network_points, simulate_clicks

CPU = torch.device("cpu")


def trainee(toy: ModuleType) -> Trainee:
    return Trainee(toy.network(), rescale_positions=True).train()


def batch(toy: ModuleType, count: int = 3) -> Batch:
    items = SeededItems(toy.views(), 0)
    made = collate([items[(0, number)] for number in range(count)])
    assert isinstance(made, Batch)
    return made


def taps(trained: Trainee, image: Tensor) -> list[Tensor]:
    with torch.no_grad():
        found: list[Tensor] = trained.network.backbone(normalise(image), trained.network.config.taps)
    return found


def simulate(trained: Trainee, of: Batch, rounds: int) -> tuple[np.ndarray, Tensor]:
    generators = [stream(0, *key, CLICKS) for key in of.keys]
    encoded = taps(trained, of.image)
    return simulate_clicks(trained, of.image, encoded, of.truth, of.points, of.start, rounds, generators)


def test_without_rounds_nothing_happens(toy: ModuleType) -> None:
    of = batch(toy)
    points, previous = simulate(trainee(toy), of, 0)
    assert points is of.points
    assert previous is of.start


def test_each_round_answers_the_mask_of_the_one_before(toy: ModuleType) -> None:
    """Against the loop written out for one item, with the network in eval mode."""
    trained, of = trainee(toy), batch(toy)
    before = of.points.copy()
    points, previous = simulate(trained, of, 3)
    np.testing.assert_array_equal(of.points, before)
    assert trained.training
    assert trained.network.head.training
    network = trained.network.eval()
    for item, key in enumerate(of.keys):
        generator = stream(0, *key, CLICKS)
        expected, mask = before[item], torch.zeros(1, 1, 56, 56)
        for order in (1, 2, 3):
            with torch.no_grad():
                answer = network(of.image[item : item + 1], network_points(expected[None], CPU), mask)
            mask = torch.sigmoid(answer)
            truth = of.truth[item, 0].numpy() == 1
            expected = answer_mask(expected, truth, mask[0, 0].numpy(), order, generator)
        np.testing.assert_array_equal(points[item], expected)
        torch.testing.assert_close(previous[item], mask[0], rtol=0, atol=1e-5)
    orders = points[:, :, 2]
    assert set(np.unique(orders)) <= {-1, 1, 2, 3, 100}
    assert not previous.requires_grad


def test_a_starting_mask_is_what_the_first_round_sees(toy: ModuleType) -> None:
    trained, of = trainee(toy), batch(toy)
    empty = simulate(trained, of, 1)[1]
    started = Batch(of.image, of.truth, torch.ones_like(of.start), of.points, of.keys, of.views)
    assert not torch.allclose(simulate(trained, started, 1)[1], empty, atol=1e-3)


def test_ignored_pixels_are_never_clicked(toy: ModuleType) -> None:
    trained, of = trainee(toy), batch(toy, 1)
    with torch.no_grad():
        trained.network.head.classify.bias.fill_(50.0)  # everything is predicted
    truth = torch.full_like(of.truth, -1)
    truth[..., :28, :28] = 1
    truth[..., 50:, 50:] = 0
    masked = Batch(of.image, truth, of.start, of.points, of.keys, of.views)
    points, _ = simulate(trained, masked, 1)
    (row, column, order) = points[0, 47]
    assert order == 1
    assert min(row, column) >= 50


def test_the_encoder_is_not_run_by_the_rounds(toy: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    trained, of = trainee(toy), batch(toy)
    encoded = taps(trained, of.image)

    def never(*_: object) -> None:
        raise AssertionError("the encoder ran")

    monkeypatch.setattr(trained.network.backbone, "forward", never)
    generators = [stream(0, *key, CLICKS) for key in of.keys]
    simulate_clicks(trained, of.image, encoded, of.truth, of.points, of.start, 2, generators)
    trained(of.image, encoded, network_points(of.points, CPU), of.start)


def test_points_go_to_the_network_by_sign() -> None:
    points = np.full((2, 48, 3), -1, np.float32)
    points[0, 2], points[0, 25], points[1, 47] = (3, 4, 100), (5, 6, 1), (7, 0, 3)
    pairs = network_points(points, CPU)
    # Slots 0, 1, 2 and 23; the first stays though nobody uses it.
    assert pairs.shape == (2, 2, 4, 2)
    assert pairs[0, 0, 2].tolist() == [3, 4]
    assert pairs[0, 1, 1].tolist() == [5, 6]
    assert pairs[1, 1, 3].tolist() == [7, 0]
    assert (pairs[..., 0] < 0).sum() == 2 * 2 * 4 - 3


def test_slots_that_nobody_uses_draw_nothing(toy: ModuleType) -> None:
    of = batch(toy)
    whole = torch.from_numpy(of.points[:, :, :2].reshape(len(of.points), 2, 24, 2))
    expected = click_disks(whole, (56, 56), 5.0)
    assert torch.equal(click_disks(network_points(of.points, CPU), (56, 56), 5.0), expected)
    nothing = np.full_like(of.points, -1)
    assert network_points(nothing, CPU).shape == (3, 2, 1, 2)
    assert not click_disks(network_points(nothing, CPU), (56, 56), 5.0).any()


def test_dropout_takes_whole_channels_and_keeps_the_mean() -> None:
    dropout = SeededDropout(0.25).train()
    dropout.draw([np.random.default_rng(n) for n in range(50)], 40, CPU)
    out = dropout(torch.ones(50, 40, 3, 3))
    assert torch.unique(out).tolist() == pytest.approx([0, 4 / 3])
    assert (out.amax((2, 3)) == out.amin((2, 3))).all()
    assert out.mean() == pytest.approx(1, abs=0.05)


def test_dropout_depends_on_the_item_alone() -> None:
    dropout = SeededDropout(0.5).train()
    dropout.draw([np.random.default_rng(n) for n in (3, 4)], 30, CPU)
    both = dropout(torch.ones(2, 30, 1, 1))
    dropout.draw([np.random.default_rng(4)], 30, CPU)
    torch.testing.assert_close(dropout(torch.ones(1, 30, 1, 1))[0], both[1])


def test_there_is_no_dropout_in_eval_mode() -> None:
    dropout = SeededDropout(0.5).eval()
    dropout.draw([np.random.default_rng(0)], 8, CPU)
    assert (dropout(torch.ones(1, 8, 2, 2)) == 1).all()


def test_the_dropout_of_a_network_is_replaced_and_not_saved(toy: ModuleType) -> None:
    network = toy.network()
    names = set(network.state_dict())
    trained = Trainee(network, rescale_positions=True)
    assert isinstance(network.head.dropout, SeededDropout)
    assert trained.dropout is network.head.dropout
    assert trained.dropout.p == network.config.dropout == 0.1
    assert set(network.state_dict()) == names


def test_only_a_dinov3_encoder_can_rescale(toy: ModuleType) -> None:
    dinov3 = toy.config(backbone=BackboneConfig("dinov3", 14, 64, 4, 1, 64, registers=2))
    for config, wanted, expected in (
        (toy.CONFIG, True, False),
        (dinov3, True, True),
        (dinov3, False, False),
    ):
        network = toy.network(config)
        trained = Trainee(network, rescale_positions=wanted).train()
        assert trained.rescales is expected
        image = torch.rand(1, 3, 56, 56, generator=torch.Generator().manual_seed(0))
        one, two = taps(trained, image), taps(trained, image)
        assert torch.equal(one[-1], two[-1]) is not expected


def test_autocast_lowers_the_precision_of_layers() -> None:
    layer, x = torch.nn.Linear(4, 4), torch.rand(2, 4)
    for precision, dtype in (("float32", torch.float32), ("bf16", torch.bfloat16)):
        with autocast(CPU, precision):
            assert layer(x).dtype == dtype
