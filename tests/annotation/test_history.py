"""Undo and redo, exactly and without limit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skipclick.annotation.commands import AddClass, AddObject, Command, DeleteObjects, SetDone
from skipclick.annotation.document import Document
from skipclick.annotation.errors import AnnotationError, ProjectError
from skipclick.annotation.history import History, Step
from skipclick.mask import RunLengths

RandomCommand = Callable[[Document, np.random.Generator], Command]
SPOT = RunLengths.from_mask(np.eye(3, dtype=np.bool_))


@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 60))
def test_every_undo_gives_an_equal_document_and_every_redo_too(
    random_command: RandomCommand, seed: int, count: int
) -> None:
    generator = np.random.default_rng(seed)
    history = History(Document())
    documents = [history.document]
    for _ in range(count):
        history.do(random_command(history.document, generator))
        documents.append(history.document)
    for document in reversed(documents[:-1]):
        assert history.undo() is not None
        assert history.document == document
    assert history.undo() is None
    assert not history.can_undo
    for document in documents[1:]:
        assert history.redo() is not None
        assert history.document == document
    assert history.redo() is None


def test_the_earliest_document_is_the_one_before_all_that_is_in_memory(random_command: RandomCommand) -> None:
    generator = np.random.default_rng(3)
    begun = AddClass("ski").apply(Document())
    history = History(begun)
    assert history.earliest == begun
    for _ in range(20):
        history.do(random_command(history.document, generator))
    history.undo()
    assert history.earliest == begun
    assert history.document != begun


@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 2**32))
def test_going_back_and_forth_at_random_is_the_same_as_doing_what_is_left(
    random_command: RandomCommand, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    history = History(Document())
    for _ in range(80):
        pick = generator.random()
        if pick < 0.25:
            history.undo()
        elif pick < 0.4:
            history.redo()
        else:
            history.do(random_command(history.document, generator))
    document = Document()
    for command in history.done:
        document = command.apply(document)
    assert history.document == document


def test_doing_something_new_ends_what_could_be_redone() -> None:
    history = History(Document())
    history.do(AddClass("one"))
    history.undo()
    assert [command.label for command in history.undone] == ["Add class one"]
    history.do(AddClass("two"))
    assert history.undone == ()
    assert history.redo() is None
    assert [kind.name for kind in history.document.classes] == ["object", "two"]


def test_a_command_that_fails_changes_nothing_at_all() -> None:
    history = History(Document())
    history.do(AddObject("a.jpg", 1, SPOT))
    history.do(AddClass("one"))
    history.undo()
    before = history.document
    with pytest.raises(AnnotationError, match="no object 7"):
        history.do(DeleteObjects("a.jpg", (7,)))
    assert history.document is before
    assert history.depth == 1
    assert len(history.undone) == 1


def test_numbers_of_objects_come_again_with_redo() -> None:
    history = History(Document())
    for _ in range(3):
        history.do(AddObject("a.jpg", 1, SPOT))
    history.do(DeleteObjects("a.jpg", (3,)))
    history.do(AddObject("a.jpg", 1, SPOT))
    assert [one.id for one in history.document.image("a.jpg").objects] == [1, 2, 4]
    for _ in range(5):
        history.undo()
    assert not history.document.images
    while history.redo():
        pass
    assert [one.id for one in history.document.image("a.jpg").objects] == [1, 2, 4]


def test_a_step_keeps_only_what_it_changed() -> None:
    before = SetDone("b.jpg", True).apply(Document())
    after = AddObject("a.jpg", 1, SPOT).apply(before)
    step = Step.between(AddObject("a.jpg", 1, SPOT), before, after)
    assert dict(step.images) == {"a.jpg": None}
    assert step.revert(after) == before


def test_memory_shares_what_stayed() -> None:
    before = SetDone("b.jpg", True).apply(Document())
    after = AddObject("a.jpg", 1, SPOT).apply(before)
    assert after.images["b.jpg"] is before.images["b.jpg"]
    assert after.classes is before.classes


class TestOlder:
    def older(self) -> History:
        history = History(Document())
        history.do(AddClass("one"))
        history.do(AddClass("two"))
        return history

    def test_undo_reaches_back_beyond_memory(self) -> None:
        history = History(self.older().document, older=2, load_older=self.older)
        assert history.depth == 2
        assert history.done == ()
        assert history.undo() == AddClass("two")
        assert history.done == (AddClass("one"),)
        assert history.undo() == AddClass("one")
        assert history.document == Document()
        assert not history.can_undo

    def test_without_a_way_to_load_there_is_nothing_older(self) -> None:
        assert not History(Document(), older=5).can_undo

    def test_a_past_that_belongs_to_another_document_is_refused(self) -> None:
        history = History(Document(), older=2, load_older=self.older)
        with pytest.raises(ProjectError, match="belong to another"):
            history.undo()
        assert history.document == Document()

    def test_commands_can_be_redone_from_the_start(self) -> None:
        history = History(Document(), undone=(AddClass("two"), AddClass("one")))
        assert history.redo() == AddClass("one")
        assert history.redo() == AddClass("two")
        assert [kind.name for kind in history.document.classes] == ["object", "one", "two"]
