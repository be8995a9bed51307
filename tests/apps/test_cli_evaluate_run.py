"""How `skipclick evaluate` names traces and divides the work."""

from __future__ import annotations

from typing import Any

import pytest

from skipclick.apps.cli import evaluate_run
from skipclick.apps.cli.evaluate_run import NEEDED_MEMORY, auto_workers, trace_name
from skipclick.evaluation import EvaluationProtocol

RULES: list[dict[str, Any]] = [
    {},
    {"mirror": False},
    {"zoom": True},
    {"start": "eroded"},
    {"start": "given"},
    {"first_click": "random"},
    {"jitter": 1.0},
    {"jitter": 0.25},
    {"seed": 2},
    {"boundary": True},
    {"target_iou": 1.01},
    {"target_iou": 0.99},
    {"target_iou": 0.9},
    {"threshold": 0.5},
    {"min_clicks": 3},
    {"zoom": True, "start": "eroded", "jitter": 1.0, "seed": 2, "mirror": False},
]


def test_every_way_of_clicking_has_a_name() -> None:
    names = {trace_name("m", "A", (448, 448), EvaluationProtocol(**rules)) for rules in RULES}
    assert len(names) == len(RULES)


def test_masks_of_other_folders_have_other_names() -> None:
    rules = EvaluationProtocol(start="given")
    names = [trace_name("m", "A", (448, 448), rules, 16 * digit) for digit in "ab"]
    assert names == [f"m_A_448x448_mirrored_given-{7 * digit}.jsonl" for digit in "ab"]


def test_names_are_file_names() -> None:
    name = trace_name("owner/a model", "DAVIS_dev", (448, 672), EvaluationProtocol())
    assert name == "owner_a_model_DAVIS_dev_448x672_mirrored.jsonl"


@pytest.mark.parametrize(
    ("cores", "memory", "threads", "workers"),
    [(8, 100, 1, 8), (8, 100, 3, 2), (8, 2.5, 1, 2), (2, 100, 4, 1), (64, 0.5, 1, 1)],
)
def test_as_many_workers_as_cores_and_memory_allow(
    monkeypatch: pytest.MonkeyPatch, cores: int, memory: float, threads: int, workers: int
) -> None:
    monkeypatch.setattr(evaluate_run, "usable_cores", lambda: cores)
    monkeypatch.setattr(evaluate_run, "physical_memory", lambda: int(memory * NEEDED_MEMORY))
    assert auto_workers("cpu", threads) == workers
    assert auto_workers("cuda:0", threads) == 1
