from __future__ import annotations

import subprocess
from typing import Any

import pytest

from skipclick.backend import threads
from skipclick.evaluation import environment
from skipclick.evaluation.environment import made_with, physical_memory


def test_versions_and_hardware(disk_model: Any) -> None:
    made = made_with(disk_model)
    assert {"skipclick", "numpy", "scipy", "torch", "opencv", "python", "system", "processor"} <= set(made)
    assert made["device"] == "cpu"
    assert made["backend"] == "DiskModel"
    assert "gpu" not in made
    assert all(isinstance(value, str) and value for value in made.values())


def test_cores_and_threads_are_those_that_a_model_gets(
    disk_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "usable_cores", lambda: 7)
    monkeypatch.setattr(threads, "usable_cores", lambda: 7)
    monkeypatch.setattr(threads, "_container_share", lambda: 2)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert made_with(disk_model)["threads"] == "3"
    monkeypatch.delenv("OMP_NUM_THREADS")
    made = made_with(disk_model)
    assert (made["cores"], made["threads"]) == ("7", "2")


class TestGraphicsCards:
    @pytest.fixture(autouse=True)
    def cuda(self, disk_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(disk_model, "device", "cuda:0", raising=False)
        monkeypatch.setattr(environment.shutil, "which", lambda name: "/bin/tool")

    def test_are_named_once(self, disk_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        done = subprocess.CompletedProcess([], 0, "Card A\nCard A\nCard B\n", "")
        monkeypatch.setattr(environment.subprocess, "run", lambda *words, **options: done)
        assert made_with(disk_model)["gpu"] == "Card A, Card B"

    def test_a_tool_that_fails(self, disk_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*words: object, **options: object) -> None:
            raise subprocess.TimeoutExpired("tool", 30)

        monkeypatch.setattr(environment.subprocess, "run", fail)
        assert made_with(disk_model)["gpu"] == "unknown"

    def test_no_tool(self, disk_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(environment.shutil, "which", lambda name: None)
        assert made_with(disk_model)["gpu"] == "unknown"


def test_memory_is_that_of_this_machine() -> None:
    assert physical_memory() > 2**28


def test_a_container_has_no_more_memory_than_its_share(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(environment, "_CONTAINER_LIMIT", limit)
    all_of_it = physical_memory()
    limit.write_text("max\n")
    assert physical_memory() == all_of_it
    limit.write_text("1000000\n")
    assert physical_memory() == 1_000_000
