"""Prompts and images as arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipclick.backend.arrays import check_count, check_images, draw_clicks, pack_clicks, pack_previous
from skipclick.errors import ModelError
from skipclick.prompt import Click, Prompt

coordinates = st.floats(-0.5, 900, allow_nan=False)
clicks = st.lists(st.builds(Click, coordinates, coordinates, st.booleans()), max_size=9).map(tuple)


@given(st.lists(clicks, min_size=1, max_size=4), st.integers(1, 8))
def test_every_click_is_in_its_place_and_nothing_else(all_clicks: list, multiple: int) -> None:
    points = pack_clicks([Prompt(each) for each in all_clicks], multiple)
    assert points.dtype == np.float64
    assert points.shape[2] % multiple == 0
    for item, each in zip(points, all_clicks, strict=True):
        for slots, label in zip(item, (True, False), strict=True):
            wanted = [(click.y, click.x) for click in each if click.positive is label]
            assert [tuple(slot) for slot in slots[: len(wanted)]] == wanted
            assert (slots[len(wanted) :] == -1).all()


@given(st.lists(clicks, min_size=1, max_size=3), st.sampled_from([1.0, 3.3, 5.0]))
def test_clicks_are_drawn_as_the_network_draws_them(all_clicks: list, radius: float) -> None:
    torch = pytest.importorskip("torch")
    from skipclick.model.prompt_map import click_disks

    points = pack_clicks([Prompt(clicks) for clicks in all_clicks])
    expected = click_disks(torch.from_numpy(points), (61, 330), radius).numpy()
    ours = draw_clicks(points, (61, 330), radius)
    assert ours.dtype == np.float32
    np.testing.assert_array_equal(ours, expected)


def test_no_more_slots_than_needed() -> None:
    assert pack_clicks([Prompt()]).shape == (1, 2, 1, 2)
    assert pack_clicks([Prompt((Click(1, 1),) * 5), Prompt()]).shape == (2, 2, 5, 2)
    assert pack_clicks([Prompt((Click(1, 1),) * 5)], 4).shape == (1, 2, 8, 2)


def test_previous_masks() -> None:
    mask = np.random.default_rng(0).random((4, 6), dtype=np.float32)
    packed = pack_previous([Prompt(), Prompt(previous=mask)], (4, 6))
    assert packed.shape == (2, 1, 4, 6)
    assert packed.dtype == np.float32
    assert not packed[0].any()
    np.testing.assert_array_equal(packed[1, 0], mask)
    with pytest.raises(ModelError, match=r"size \(4, 6\), the features \(6, 4\)"):
        pack_previous([Prompt(previous=mask)], (6, 4))


@pytest.mark.parametrize("shape", [(3, 14, 14), (1, 14, 14, 3), (1, 3, 14, 15), (0, 3, 14, 14)])
def test_wrong_images(shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError):
        check_images(np.zeros(shape, np.float32), 14)


def test_right_images_pass() -> None:
    check_images(np.zeros((2, 3, 28, 14), np.float32), 14)
    with pytest.raises(ModelError, match="float64"):
        check_images(np.zeros((2, 3, 28, 14)), 14)  # type: ignore[arg-type]


def test_counts() -> None:
    check_count(1, [Prompt()] * 3)
    check_count(3, [Prompt()] * 3)
    for batch, number in ((2, 3), (1, 0), (3, 1)):
        with pytest.raises(ModelError, match="do not fit"):
            check_count(batch, [Prompt()] * number)
