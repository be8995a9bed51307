from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from skipclick.evaluation.protocol import PUBLISHED
from skipclick.report.rules import deviations_of


def rules(**changes: Any) -> dict[str, Any]:
    return dataclasses.asdict(PUBLISHED) | {"size": [448, 448]} | changes


def test_the_published_rules_need_no_words() -> None:
    assert deviations_of("GrabCut", rules(), "") == ()
    assert deviations_of("GrabCut", {}, "") == ()


def test_each_data_set_has_its_size() -> None:
    assert deviations_of("DAVIS", rules(), "") == ("at 448×448",)
    assert deviations_of("DAVIS", rules(size=[672, 672]), "") == ()


def test_several_in_the_order_of_the_rules() -> None:
    words = deviations_of("GrabCut", rules(mirror=False, threshold=0.5, jitter=0.25), "")
    assert words == ("threshold 0.5", "not mirrored", "jitter 0.25")


@pytest.mark.parametrize(
    ("begun", "words"), [("", "from a mask (given)"), ("0123456789abcdef", "from a mask (given 0123456)")]
)
def test_folders_of_masks_are_told_apart(begun: str, words: str) -> None:
    assert deviations_of("GrabCut", rules(start="given"), begun) == (words,)
