from __future__ import annotations

import numpy as np
import pytest

from skipclick.evaluation.clicker import Clicker
from skipclick.evaluation.user import MISSED, SimulatedUser


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture
def truth() -> np.ndarray:
    rows, columns = np.mgrid[:44, :60]
    truth = ((rows - 22) ** 2 + (columns - 25) ** 2 <= 15**2).astype(np.int8)
    truth[:, 50:] = -1
    return truth


def test_without_randomness_it_is_the_published_user(truth: np.ndarray) -> None:
    user, clicker = SimulatedUser(truth, generator=generator()), Clicker(truth)
    masks = [np.zeros(truth.shape, bool), truth != 1, truth >= 0, truth == 1]
    assert [user.next_click(mask) for mask in masks] == [clicker.next_click(mask) for mask in masks]


def first_clicks(truth: np.ndarray, mask: np.ndarray, count: int) -> list[tuple[int, int]]:
    clicks = [
        SimulatedUser(truth, first_click="random", generator=generator(seed)).next_click(mask)
        for seed in range(count)
    ]
    assert all(click.positive for click in clicks)
    return [(int(click.y), int(click.x)) for click in clicks]


def test_the_first_click_anywhere_is_in_the_object_and_everywhere(truth: np.ndarray) -> None:
    places = np.array(first_clicks(truth, np.zeros(truth.shape, bool), 300))
    assert (truth[places[:, 0], places[:, 1]] == 1).all()
    assert np.abs(places.mean(axis=0) - (22, 25)).max() < 1.5
    # Each quarter of the disk gets about its share.
    upper, left = places[:, 0] < 22, places[:, 1] < 25
    assert min((upper & left).sum(), (upper & ~left).sum(), (~upper & left).sum()) > 45


def test_the_first_click_anywhere_goes_where_a_starting_mask_lacks_something(truth: np.ndarray) -> None:
    mask = np.zeros(truth.shape, bool)
    mask[:, :30] = True
    assert all(column >= 30 for _, column in first_clicks(truth, mask, 50))


def test_a_mask_that_lacks_nothing_is_clicked_as_usual(truth: np.ndarray) -> None:
    mask = truth >= 0
    user = SimulatedUser(truth, first_click="random", generator=generator())
    assert user.next_click(mask) == Clicker(truth).next_click(mask)


def test_only_the_first_click_is_anywhere(truth: np.ndarray) -> None:
    mask = np.zeros(truth.shape, bool)
    user = SimulatedUser(truth, first_click="random", generator=generator())
    user.next_click(mask)
    assert user.next_click(mask) == Clicker(truth).next_click(mask)


def landed(truth: np.ndarray, jitter: float, count: int = 600) -> np.ndarray:
    shared = generator(3)
    mask = np.zeros(truth.shape, bool)
    clicks = [SimulatedUser(truth, jitter=jitter, generator=shared).next_click(mask) for _ in range(count)]
    assert all(click.positive for click in clicks)
    return np.array([(click.y, click.x) for click in clicks])


def test_people_miss_four_of_a_hundred(truth: np.ndarray) -> None:
    places = landed(truth, 1.0)
    away = np.hypot(*(places - (22, 25)).T)
    missed = (away > 15.5).mean()
    assert MISSED / 2 < missed < 2 * MISSED
    assert np.abs(places.mean(axis=0) - (22, 25)).max() < 1


def test_half_the_jitter_is_half_the_spread(truth: np.ndarray) -> None:
    spreads = [landed(truth, jitter).std(axis=0).mean() for jitter in (0.25, 0.5)]
    assert spreads[1] == pytest.approx(2 * spreads[0], rel=0.1)


def test_clicks_stay_in_the_image() -> None:
    truth = np.ones((5, 9), np.int8)
    places = landed(truth, 50.0, count=200)
    assert places.min() >= 0
    assert (places <= (4, 8)).all()
    assert len({tuple(place) for place in places}) > 3


def test_a_jittered_click_marks_where_it_landed() -> None:
    truth = np.ones((3, 3), np.int8)
    mask = np.zeros((3, 3), bool)
    user = SimulatedUser(truth, jitter=0.0, generator=generator())
    # The middle lies deepest, then the others in their order; none comes twice.
    clicks = [user.next_click(mask) for _ in range(9)]
    assert len({(click.x, click.y) for click in clicks}) == 9


def test_without_an_error_there_is_nothing_to_miss(truth: np.ndarray) -> None:
    user = SimulatedUser(truth, jitter=9.0, generator=generator())
    click = user.next_click(truth == 1)
    assert (click.x, click.y, click.positive) == (0, 0, False)
