"""Timing models in turns."""

from __future__ import annotations

from typing import Any

import pytest

from skipclick.backend import speed
from skipclick.backend.speed import in_turns, measure


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still unless it is set: seconds in the one entry."""
    now = [0.0]
    monkeypatch.setattr(speed.time, "perf_counter", lambda: now[0])
    return now


def test_actions_take_turns_and_the_first_is_not_counted(clock: list[float]) -> None:
    calls: list[str] = []
    slow = iter([9.0, 0.001, 0.002, 0.003])

    def first() -> None:
        calls.append("a")
        clock[0] += next(slow)

    def second() -> None:
        calls.append("b")
        clock[0] += 0.5

    one, other = in_turns([first, second], 3)
    assert calls == ["a", "b"] * 4
    assert one.median == pytest.approx(2)
    assert one.best == pytest.approx(1)
    assert one.p95 == pytest.approx(2.9)
    assert (other.median, other.best, other.p95) == pytest.approx((500, 500, 500))


def test_models_are_measured_alike(disk_model: Any) -> None:
    measured = measure([disk_model, disk_model], (28, 42), 2)
    assert len(measured) == 2
    for each in measured:
        assert 0 < each.click.best <= each.click.median <= each.click.p95
        assert each.encode.best > 0
        assert each.features == 0


def test_images_that_are_measured_together(disk_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shapes, encode = [], disk_model.encode
    monkeypatch.setattr(
        type(disk_model), "encode", lambda _self, images: shapes.append(images.shape) or encode(images)
    )
    (found,) = measure([disk_model], (28, 42), 1, batch=3)
    assert set(shapes) == {(3, 3, 28, 42)}
    assert found.click.best > 0
