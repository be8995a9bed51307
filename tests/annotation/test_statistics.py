"""Progress, clicks and seconds."""

from __future__ import annotations

import numpy as np
import pytest

from skipclick.annotation.commands import (
    AddClass,
    AddObject,
    Command,
    DeleteObjects,
    SetDone,
    SetReviewed,
)
from skipclick.annotation.document import Document
from skipclick.annotation.statistics import Effort, count
from skipclick.mask import RunLengths
from skipclick.prompt import Click

SPOT = RunLengths.from_mask(np.eye(3, dtype=np.bool_))
CLICKS = (Click(0, 0), Click(1, 1), Click(2, 2))


def after(*commands: Command) -> Document:
    document = Document()
    for command in commands:
        document = command.apply(document)
    return document


def test_nothing_yet() -> None:
    statistics = count(Document(), ["a.jpg", "b.jpg"])
    assert (statistics.untouched, statistics.begun, statistics.done, statistics.gone) == (2, 0, 0, 0)
    assert statistics.total == Effort(0, 0, 0, 0, 0)
    assert statistics.total.clicks_per_object == 0
    assert statistics.total.seconds_per_object == 0
    assert statistics.by_class == {1: Effort(0, 0, 0, 0, 0)}
    assert statistics.progress == 0


def test_an_empty_folder_has_no_progress() -> None:
    assert count(Document(), []).progress == 0


@pytest.fixture
def document() -> Document:
    return after(
        AddClass("ski"),
        AddObject("a.jpg", 1, SPOT, clicks=CLICKS, seconds=6.0, at=100.0),
        AddObject("a.jpg", 2, SPOT, clicks=CLICKS[:1], seconds=2.0, at=200.0),
        AddObject("b.jpg", 2, SPOT, tool="import", at=300.0),
        SetDone("b.jpg", True),
        SetDone("c.jpg", True),
        AddObject("gone.jpg", 1, SPOT, clicks=CLICKS[:2], seconds=1.0, at=50.0),
    )


def test_images_by_state(document: Document) -> None:
    statistics = count(document, ["a.jpg", "b.jpg", "c.jpg", "d.jpg"])
    assert (statistics.untouched, statistics.begun, statistics.done, statistics.gone) == (1, 1, 2, 1)
    assert statistics.progress == 0.5


def test_reviewed_images_are_finished_too(document: Document) -> None:
    document = SetReviewed("c.jpg", True).apply(document)
    statistics = count(document, ["a.jpg", "b.jpg", "c.jpg", "d.jpg"])
    assert (statistics.untouched, statistics.begun, statistics.done, statistics.reviewed) == (1, 1, 1, 1)
    assert statistics.progress == 0.5


def test_images_that_only_have_held_objects_are_not_gone(document: Document) -> None:
    document = DeleteObjects("gone.jpg", (1,)).apply(document)
    assert "gone.jpg" in document.images
    assert count(document, ["a.jpg", "b.jpg"]).gone == 1  # c.jpg, which is done


def test_effort(document: Document) -> None:
    statistics = count(document, ["a.jpg", "b.jpg"])
    assert statistics.total == Effort(4, 6, 9.0, median_clicks=2, median_seconds=2.0)
    assert statistics.total.clicks_per_object == 1.5
    assert statistics.total.seconds_per_object == 2.25
    assert statistics.by_class == {
        1: Effort(2, 5, 7.0, median_clicks=2.5, median_seconds=3.5),
        2: Effort(2, 1, 2.0, median_clicks=1, median_seconds=2.0),
    }


def test_a_session_s_objects_alone(document: Document) -> None:
    assert count(document, ["a.jpg"], since=200.0).total == Effort(2, 1, 2.0, 1, 2.0)


def test_classes_come_in_their_order(document: Document) -> None:
    assert list(count(document, []).by_class) == [1, 2]
