"""`benchmarks/latency.py` and `benchmarks/fast_path.py`, whose clock is that of `backend.speed`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from skipclick.backend import speed
from skipclick.backend.speed import Latency, Speed

FOLDER = Path(__file__).parents[2] / "benchmarks"


def opened(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_encoder_is_timed_by_itself(monkeypatch: pytest.MonkeyPatch, disk_model: Any) -> None:
    """Not as what is left of two runs, which noise makes too short or even negative."""
    script = opened("latency", monkeypatch)
    asked: list[tuple[Any, ...]] = []

    def measure(*arguments: Any, batch: int) -> list[Speed]:
        asked.append((*arguments, batch))
        return [Speed(Latency(600.0, 900.0, 500.0), Latency(120.0, 200.0, 100.0), 3 << 20)]

    monkeypatch.setattr(script, "measure", measure)
    assert cells(script.row(disk_model, 448, 5, 16)) == ["448", "600", "120", "6.0", "3.0"]
    assert asked == [([disk_model], (448, 448), 5, 16)]


def test_a_table_of_latencies(
    monkeypatch: pytest.MonkeyPatch, disk_model: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    script = opened("latency", monkeypatch)
    monkeypatch.setattr(script, "load_model", lambda name, **options: disk_model)
    monkeypatch.setattr(sys, "argv", ["latency.py", "--sizes", "56", "112", "--repeats", "2", "--batch", "2"])
    script.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "disks on cpu, float32, batches of 2"
    assert len(cells(lines[1])) == len(cells(lines[3])) == 5
    assert [cells(line)[0] for line in lines[3:5]] == ["56", "112"]
    assert all(float(cells(line)[3]) >= 1 for line in lines[3:5])


def test_forms_of_a_network_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    script = opened("fast_path", monkeypatch)
    clock, order = [0.0], []
    monkeypatch.setattr(speed.time, "perf_counter", lambda: clock[0])

    def action(name: str, seconds: float) -> None:
        order.append(name)
        clock[0] += seconds

    actions = [lambda: action("a", 0.002), lambda: action("b", 0.005)]
    assert script.medians(actions, 3, torch.device("cpu")) == pytest.approx([2, 5])
    assert order == ["a", "b"] * 4


def test_a_graphics_card_has_finished_when_the_clock_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    script = opened("fast_path", monkeypatch)
    clock = [0.0]
    monkeypatch.setattr(speed.time, "perf_counter", lambda: clock[0])

    def synchronize(device: torch.device) -> None:
        assert device.type == "cuda"
        clock[0] += 0.007

    monkeypatch.setattr(torch.cuda, "synchronize", synchronize)
    assert script.medians([lambda: None], 3, torch.device("cuda")) == pytest.approx([7])
