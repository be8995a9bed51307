"""One process alone; several are tested in `test_engine.py`."""

from __future__ import annotations

import pytest
import torch

from skipclick.errors import ModelError
from skipclick.training.recipes import TrainingError
from skipclick.training.world import World, open_world


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WORLD_SIZE", "RANK", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)


def test_one_process_leads_and_keeps_its_values() -> None:
    with open_world("cpu") as world:
        assert world == World(torch.device("cpu"), 0, 1)
        assert world.leads
        assert world.total(torch.tensor([1.0, 2.0])).tolist() == [1, 2]
        assert world.gather({"a": 1}) == [{"a": 1}]
        world.wait()


def test_a_device_that_is_not_there() -> None:
    with pytest.raises(ModelError, match="unknown device"), open_world("abacus"):
        pass


def test_more_processes_than_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "3")
    monkeypatch.setenv("LOCAL_RANK", "2")
    monkeypatch.setattr("skipclick.training.world.choose_device", lambda name: torch.device("cuda", 0))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(TrainingError, match="this machine has 2 GPUs"), open_world("cuda"):
        pass


def test_only_the_first_process_leads() -> None:
    assert not World(torch.device("cpu"), 1, 2).leads
