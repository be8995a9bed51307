"""Commands as data."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skipclick.annotation import commands
from skipclick.annotation.commands import (
    COMMANDS,
    AddClass,
    AddObject,
    Command,
    SetDone,
    Together,
    command_from_json,
    command_to_json,
)
from skipclick.annotation.document import Document
from skipclick.annotation.errors import AnnotationError
from skipclick.annotation.history import History
from skipclick.errors import SkipClickError
from skipclick.mask import RunLengths
from skipclick.prompt import Click

RandomCommand = Callable[[Document, np.random.Generator], Command]
SPOT = RunLengths.from_mask(np.eye(3, dtype=np.bool_))


@settings(deadline=None, max_examples=6)
@given(seed=st.integers(0, 2**32))
def test_written_down_and_read_they_are_equal_and_do_the_same(
    random_command: RandomCommand, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    history = History(Document())
    twin = Document()
    for _ in range(30):
        command = random_command(history.document, generator)
        again = command_from_json(json.loads(json.dumps(command_to_json(command))))
        assert again == command
        assert again.label == command.label
        history.do(command)
        twin = again.apply(twin)
    assert twin == history.document


@settings(deadline=None, max_examples=6)
@given(seed=st.integers(0, 2**32))
def test_applying_leaves_the_document_as_it_was(random_command: RandomCommand, seed: int) -> None:
    generator = np.random.default_rng(seed)
    document = Document()
    for _ in range(20):
        command = random_command(document, generator)
        before = (document.classes, dict(document.images), document.overlap, document.next_class)
        first, second = command.apply(document), command.apply(document)
        assert first == second
        assert (document.classes, dict(document.images), document.overlap, document.next_class) == before
        document = first


def test_the_table_holds_all_commands() -> None:
    public = [getattr(commands, name) for name in commands.__all__]
    kinds = {kind for kind in public if isinstance(kind, type) and issubclass(kind, Command)}
    assert kinds == {*COMMANDS.values(), Command, Together}
    for name, kind in COMMANDS.items():
        assert kind.__name__ == name


def test_what_is_written_down() -> None:
    command = AddObject("a.jpg", 2, SPOT, clicks=(Click(1, 2),), seconds=3.5, at=9.0)
    assert command_to_json(command) == {
        "do": "AddObject",
        "image": "a.jpg",
        "class_id": 2,
        "mask": {"size": [3, 3], "counts": SPOT.counts},
        "clicks": [{"x": 1, "y": 2}],
        "seconds": 3.5,
        "at": 9.0,
    }
    assert command_to_json(Together("Both", (SetDone("a", True), AddClass("ski")))) == {
        "do": "Together",
        "name": "Both",
        "commands": [
            {"do": "SetDone", "image": "a", "done": True},
            {"do": "AddClass", "name": "ski"},
        ],
    }


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "AddClass",
        {},
        {"do": "Command"},
        {"do": "__init__"},
        {"do": "undo"},
        {"do": None},
        {"do": {"a": 1}},
        {"do": "AddClass"},
        {"do": "AddClass", "name": None},
        {"do": "AddClass", "name": "ski", "colour": [1, 2]},
        {"do": "AddClass", "name": "ski", "rank": 1},
        {"do": "SetOverlap", "overlap": "back"},
        {"do": "SetMask", "image": "a", "object": 1, "mask": None},
        {"do": "SetMask", "image": "a", "object": 1, "mask": {"size": [1, 1], "counts": "1"}, "tool": "axe"},
        {"do": "Together"},
        {"do": "Together", "name": 3, "commands": []},
        {"do": "Together", "name": "x", "commands": {}},
        {"do": "Together", "name": "x", "commands": [{"do": "Explode"}]},
        {"do": "Together", "name": "x", "commands": [], "more": 1},
    ],
)
def test_what_is_no_command(value: Any) -> None:
    with pytest.raises((ValueError, SkipClickError)):
        command_from_json(value)


def test_they_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        AddClass("ski").name = "pole"  # type: ignore[misc]


class TestTogether:
    def test_one_step_of_several(self) -> None:
        history = History(Document())
        history.do(Together("Both", (AddClass("ski"), AddObject("a.jpg", 2, SPOT))))
        assert history.document.image("a.jpg").objects[0].class_id == 2
        assert history.depth == 1
        history.undo()
        assert history.document == Document()

    def test_all_or_nothing(self) -> None:
        history = History(Document())
        with pytest.raises(AnnotationError, match="no class 7"):
            history.do(Together("Both", (AddClass("ski"), AddObject("a.jpg", 7, SPOT))))
        assert history.document == Document()
        assert history.depth == 0

    def test_nothing_is_no_step(self) -> None:
        with pytest.raises(AnnotationError, match="nothing to do"):
            Together("Nothing", ()).apply(Document())

    def test_its_label_is_its_name(self) -> None:
        assert Together("Import coco", ()).label == "Import coco"
