"""Disks: the anchors of specification 2.3, and properties."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from skipclick.model.prompt_map import click_disks, prompt_map

ANCHORS = [
    ((32, 32), 81),
    ((32.5, 32.5), 80),
    ((0, 0), 26),
    ((32.3, 20.7), 81),
    ((-0.5, 10), 39),
    ((63.9, 63.9), 17),
    ((0, -0.2), 22),
    ((-1, -0.2), 0),
    ((-1, -1), 0),
]


def points_of(*positive: tuple[float, float]) -> torch.Tensor:
    rows = torch.tensor(positive, dtype=torch.float64)
    return torch.stack([rows, torch.full_like(rows, -1)])[None]


@pytest.mark.parametrize(("click", "pixels"), ANCHORS)
def test_number_of_pixels(click: tuple[float, float], pixels: int) -> None:
    disks = click_disks(points_of(click), (64, 64), 5.0)
    assert disks.shape == (1, 2, 64, 64)
    assert disks[0, 0].sum() == pixels
    assert disks[0, 1].sum() == 0


def test_channels_are_previous_positive_negative() -> None:
    previous = torch.full((1, 1, 32, 48), 0.25)
    points = torch.tensor([[[[10.0, 20.0]], [[25.0, 40.0]]]])
    result = prompt_map(points, previous, 5.0)
    assert result.shape == (1, 3, 32, 48)
    assert (result[:, :1] == previous).all()
    assert result[0, 1, 10, 20] == 1
    assert result[0, 1, 25, 40] == 0
    assert result[0, 2, 25, 40] == 1
    assert result[0, 2, 10, 20] == 0


coordinates = st.floats(-0.9, 40, allow_nan=False)


@given(st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=6))
def test_many_clicks_are_the_union_of_single_ones(clicks: list[tuple[float, float]]) -> None:
    together = click_disks(points_of(*clicks), (40, 36), 5.0)
    single = torch.stack([click_disks(points_of(click), (40, 36), 5.0) for click in clicks])
    assert (together == single.amax(dim=0)).all()


@given(st.permutations([(3.0, 4.0), (20.5, 30.25), (-1.0, -1.0), (9.0, 9.0)]))
def test_order_and_empty_slots_do_not_matter(clicks: list[tuple[float, float]]) -> None:
    reference = click_disks(points_of((3.0, 4.0), (20.5, 30.25), (9.0, 9.0)), (40, 40), 5.0)
    assert (click_disks(points_of(*clicks), (40, 40), 5.0) == reference).all()


def test_batch_items_do_not_mix() -> None:
    points = torch.cat([points_of((5.0, 5.0)), points_of((30.0, 30.0))])
    disks = click_disks(points, (40, 40), 5.0)
    assert disks[0, 0, 30, 30] == 0
    assert disks[1, 0, 30, 30] == 1
