"""Records as JSON, and what is refused on the way back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skipclick.annotation.codec import document_from_json, document_to_json, from_json, to_json
from skipclick.annotation.commands import Command
from skipclick.annotation.document import ClassRecord, Document, ImageRecord, ObjectRecord, Overlap
from skipclick.annotation.errors import AnnotationError
from skipclick.annotation.history import History
from skipclick.errors import PromptError, SkipClickError
from skipclick.mask import RunLengths
from skipclick.prompt import Click

RandomCommand = Callable[[Document, np.random.Generator], Command]
SPOT = RunLengths.from_mask(np.eye(2, 3, dtype=np.bool_))


def through_text(value: Any) -> Any:
    return json.loads(json.dumps(value, allow_nan=False))


@settings(deadline=None, max_examples=6)
@given(seed=st.integers(0, 2**32))
def test_documents_survive(random_command: RandomCommand, seed: int) -> None:
    generator = np.random.default_rng(seed)
    history = History(Document())
    for _ in range(40):
        history.do(random_command(history.document, generator))
    document = history.document
    again = document_from_json(through_text(document_to_json(document)))
    assert again == document
    assert document_to_json(again) == document_to_json(document)


def test_what_is_written_is_short_and_plain() -> None:
    one = ObjectRecord(2, 1, SPOT, clicks=(Click(1.5, 0), Click(0, 1, positive=False)), seconds=4.0)
    assert to_json(one) == {
        "id": 2,
        "class_id": 1,
        "mask": {"size": [2, 3], "counts": SPOT.counts},
        "clicks": [{"x": 1.5, "y": 0}, {"x": 0, "y": 1, "positive": False}],
        "seconds": 4.0,
    }
    assert to_json(ImageRecord("a.jpg")) == {"name": "a.jpg"}


@given(st.builds(Click, st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.booleans()))
def test_clicks_keep_every_bit(click: Click) -> None:
    assert from_json(Click, through_text(to_json(click))) == click


@pytest.mark.parametrize("name", ["ä.jpg", "\udcff.jpg", 'a"b\\c', "\n", "雪/\U0001f3bf.png"])
def test_odd_names_survive(name: str) -> None:
    image = ImageRecord(name, done=True)
    assert from_json(ImageRecord, through_text(to_json(image))) == image


GOOD = {"id": 2, "class_id": 1, "mask": {"size": [2, 3], "counts": SPOT.counts}}


@pytest.mark.parametrize(
    "change",
    [
        {"id": "2"},
        {"id": 2.0},
        {"id": True},
        {"id": None},
        {"class_id": []},
        {"hidden": 1},
        {"hidden": "yes"},
        {"seconds": "4"},
        {"seconds": True},
        {"seconds": float("nan")},
        {"seconds": float("inf")},
        {"created": None},
        {"clicks": {}},
        {"clicks": [[1, 2, True]]},
        {"clicks": [{"x": 1}]},
        {"mask": None},
        {"mask": "text"},
        {"mask": {"size": [2], "counts": ""}},
        {"mask": {"size": [2, 3, 4], "counts": ""}},
        {"mask": {"size": [2.5, 3], "counts": ""}},
        {"mask": {"size": [2, 3], "counts": [6]}},
        {"unknown": 1},
    ],
)
def test_values_of_another_kind_are_refused(change: dict[str, Any]) -> None:
    assert from_json(ObjectRecord, GOOD) == ObjectRecord(2, 1, SPOT)
    with pytest.raises(ValueError, match=r".+"):
        from_json(ObjectRecord, {**GOOD, **change})


@pytest.mark.parametrize("missing", GOOD)
def test_missing_fields_are_named(missing: str) -> None:
    with pytest.raises(ValueError, match=f"missing or unknown fields: {missing}"):
        from_json(ObjectRecord, {name: value for name, value in GOOD.items() if name != missing})


@pytest.mark.parametrize("value", [None, 3, "text", [], [1], True])
def test_what_is_no_record_at_all(value: Any) -> None:
    with pytest.raises(ValueError, match="no ObjectRecord"):
        from_json(ObjectRecord, value)


def test_records_refuse_what_makes_no_sense() -> None:
    with pytest.raises(AnnotationError):
        from_json(ObjectRecord, {**GOOD, "id": 0})
    with pytest.raises(AnnotationError):
        from_json(ObjectRecord, {**GOOD, "mask": {"size": [10**9, 10**9], "counts": ""}})
    with pytest.raises(ValueError, match="finite"):
        from_json(Click, {"x": float("nan"), "y": 0})
    with pytest.raises(PromptError):
        Click(float("nan"), 0)


DOCUMENT = document_to_json(Document())


@pytest.mark.parametrize(
    "change",
    [
        {"classes": []},
        {"classes": [to_json(ClassRecord(1, "a", (0, 0, 0)))] * 2},
        {"next_class": 1},
        {"next_class": "2"},
        {"overlap": "back"},
        {"overlap": 1},
        {"overlap": None},
        {"images": {}},
        {"images": [{"name": "a"}, {"name": "a"}]},
        {"images": [{"name": "../a"}]},
        {"images": [{"name": "a", "shape": [2, 3], "objects": [GOOD, GOOD], "next_id": 3}]},
        {"images": [{"name": "a", "shape": [2, 3], "objects": [{**GOOD, "class_id": 5}], "next_id": 3}]},
        {"images": [{"name": "a", "shape": [9, 9], "objects": [GOOD], "next_id": 3}]},
        {"more": 1},
    ],
)
def test_documents_that_contradict_themselves(change: dict[str, Any]) -> None:
    with pytest.raises((ValueError, SkipClickError)):
        document_from_json({**DOCUMENT, **change})


@pytest.mark.parametrize("value", [None, [], {}, {"classes": []}])
def test_what_is_no_document(value: Any) -> None:
    with pytest.raises(ValueError, match="no document"):
        document_from_json(value)


def test_a_choice_of_words() -> None:
    assert from_json(Overlap, "front") == "front"  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="none of keep, front"):
        from_json(Overlap, "both")  # type: ignore[arg-type]


def test_a_field_of_a_kind_that_was_not_thought_of_is_our_mistake() -> None:
    @dataclass(frozen=True)
    class Odd:
        field: set[int]

    with pytest.raises(TypeError, match="no fields of the type"):
        from_json(Odd, {"field": []})
