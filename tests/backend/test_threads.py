"""How many threads a model takes."""

import os
from pathlib import Path

import pytest

from skipclick.backend import threads


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine of eight processors without limits; the file of its container's limit."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(threads, "usable_cores", lambda: 8)
    monkeypatch.setattr(threads, "_CGROUP_LIMIT", tmp_path / "cpu.max")
    return tmp_path / "cpu.max"


def test_all_processors_of_a_small_machine() -> None:
    assert threads.thread_count() == 8


def test_not_all_of_a_large_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "usable_cores", lambda: 128)
    assert threads.thread_count() == threads.MOST


@pytest.mark.parametrize(
    ("limit", "expected"), [("200000 100000", 2), ("150000 100000", 2), ("1000 100000", 1), ("max 100000", 8)]
)
def test_a_container_s_share(machine: Path, limit: str, expected: int) -> None:
    machine.write_text(f"{limit}\n")
    assert threads.thread_count() == expected


def test_what_the_user_says_counts(monkeypatch: pytest.MonkeyPatch, machine: Path) -> None:
    machine.write_text("100000 100000")
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert threads.thread_count() == 5


@pytest.mark.parametrize("nonsense", ["", "0", "many", "-2", "2,1"])
def test_nonsense_is_passed_over(monkeypatch: pytest.MonkeyPatch, nonsense: str) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", nonsense)
    assert threads.thread_count() == 8


def test_this_machine_has_one_at_least(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert 1 <= threads.usable_cores() <= (os.cpu_count() or 1)
