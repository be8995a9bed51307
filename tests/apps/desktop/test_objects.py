"""Orders of objects, without a window."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from skipclick.apps.desktop.objects import moves_to
from skipclick.apps.desktop.objects_panel import put

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def moved(order: list[int], moves: list[tuple[int, int]]) -> list[int]:
    """What `MoveObject` does."""
    now = list(order)
    for one, place in moves:
        now.remove(one)
        now.insert(place, one)
    return now


@relaxed
@given(st.data(), st.integers(0, 9))
def test_moves_lead_to_the_order(data: st.DataObject, count: int) -> None:
    now = data.draw(st.permutations(range(count)))
    order = data.draw(st.permutations(range(count)))
    moves = moves_to(now, order)
    assert moved(now, moves) == list(order)
    assert len(moves) <= max(count - 1, 0)


@relaxed
@given(st.data(), st.integers(1, 9))
def test_one_that_is_dragged_is_one_move(data: st.DataObject, count: int) -> None:
    one, place = data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, count - 1))
    now = list(range(count))
    order = moved(now, [(one, place)])
    moves = moves_to(now, order)
    assert len(moves) == (0 if order == now else 1)


@pytest.mark.parametrize(
    ("chosen", "gap", "order"),
    [
        ({4}, 0, [4, 1, 2, 3]),
        ({1}, 4, [2, 3, 4, 1]),
        ({1}, 2, [2, 1, 3, 4]),
        ({2}, 1, [1, 2, 3, 4]),
        ({2}, 2, [1, 2, 3, 4]),
        ({1, 4}, 2, [2, 1, 4, 3]),
        ({2, 3}, 0, [2, 3, 1, 4]),
        (set(), 3, [1, 2, 3, 4]),
    ],
)
def test_a_gap_is_one_of_the_order_before(chosen: set[int], gap: int, order: list[int]) -> None:
    assert put([1, 2, 3, 4], chosen, gap) == order


@relaxed
@given(st.lists(st.integers(0, 20), unique=True, max_size=8), st.data())
def test_nothing_is_lost_and_the_others_keep_their_order(order: list[int], data: st.DataObject) -> None:
    chosen = data.draw(st.sets(st.sampled_from(order))) if order else set()
    gap = data.draw(st.integers(0, len(order)))
    after = put(order, chosen, gap)
    assert sorted(after) == sorted(order)
    for part in (chosen, set(order) - chosen):
        assert [one for one in after if one in part] == [one for one in order if one in part]
    if chosen:
        at = after.index(next(one for one in after if one in chosen))
        assert set(after[at : at + len(chosen)]) == chosen  # together
        assert set(after[:at]) == set(order[:gap]) - chosen
