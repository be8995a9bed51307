from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from skipclick.errors import SkipClickError
from skipclick.evaluation.protocol import PUBLISHED, EvaluationError, EvaluationProtocol


def test_the_published_rules() -> None:
    assert dataclasses.asdict(PUBLISHED) == {
        "threshold": 0.49,
        "target_iou": 0.95,
        "max_clicks": 20,
        "min_clicks": 1,
        "mirror": True,
        "size": None,
        "zoom": False,
        "start": "empty",
        "first_click": "centre",
        "jitter": 0.0,
        "seed": 0,
        "boundary": False,
    }


@pytest.mark.parametrize(
    ("reader", "side"),
    [
        ("GrabCut", 448),
        ("Berkeley", 448),
        ("SBD", 448),
        ("COCO_MVal", 448),
        ("DAVIS", 672),
        ("HQSeg", 896),
        ("SHSeg", 896),
        ("WSESeg_bobsleigh", 896),
    ],
)
def test_published_sizes(reader: str, side: int) -> None:
    assert PUBLISHED.size_for(reader) == (side, side)
    assert side % 14 == 0
    assert side % 16 == 0


def test_a_size_of_ones_own_holds_for_all() -> None:
    protocol = EvaluationProtocol(size=(280, 336))
    assert protocol.size_for("DAVIS") == protocol.size_for("GrabCut") == (280, 336)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"threshold": 0.0}, "threshold must lie between 0 and 1"),
        ({"threshold": 1.0}, "threshold must lie between 0 and 1"),
        ({"threshold": float("nan")}, "threshold must lie between 0 and 1"),
        ({"target_iou": 0.0}, "IoU to reach must be above 0"),
        ({"max_clicks": 0}, "fewest at least 1"),
        ({"min_clicks": 0}, "fewest at least 1"),
        ({"min_clicks": 21}, "between 21 and 20 clicks is not possible"),
        ({"size": (448, 0)}, "size must be positive"),
        ({"start": "broken"}, "mask to begin from is one of empty, eroded, .*, not 'broken'"),
        ({"first_click": "middle"}, "first click is one of centre, random, not 'middle'"),
        ({"jitter": -0.1}, "jitter of clicks must be 0 or more"),
        ({"jitter": float("inf")}, "jitter of clicks must be 0 or more"),
        ({"jitter": float("nan")}, "jitter of clicks must be 0 or more"),
        ({"seed": -1}, "seed must be 0 or more"),
    ],
)
def test_impossible_rules_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        EvaluationProtocol(**values)


def test_a_target_that_is_never_reached_is_allowed() -> None:
    assert EvaluationProtocol(target_iou=1.01).target_iou == 1.01


def test_errors_are_for_users() -> None:
    assert issubclass(EvaluationError, SkipClickError)
