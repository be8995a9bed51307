"""What is known about objects and images beside the masks."""

from __future__ import annotations

import numpy as np
import pytest

from skipclick.annotation.commands import (
    AddClass,
    AddObject,
    Command,
    CopyObjects,
    DeleteObjects,
    EditClass,
    MoveObject,
    RemoveClass,
    SetClass,
    SetColour,
    SetDone,
    SetHidden,
    SetLocked,
    SetMask,
    SetOverlap,
    SetReviewed,
    Together,
)
from skipclick.annotation.document import Document, ImageRecord
from skipclick.annotation.errors import AnnotationError
from skipclick.annotation.history import History
from skipclick.mask import RunLengths

SPOT = RunLengths.from_mask(np.eye(3, dtype=np.bool_))


@pytest.fixture
def three() -> Document:
    document = AddClass("ski").apply(Document())
    for _ in range(3):
        document = AddObject("a.jpg", 1, SPOT, at=1.0).apply(document)
    return document


def ids(document: Document) -> list[int]:
    return [one.id for one in document.image("a.jpg").objects]


@pytest.mark.parametrize(
    ("moved", "place", "order"),
    [(1, 0, [1, 2, 3]), (1, 1, [2, 1, 3]), (1, 2, [2, 3, 1]), (3, 0, [3, 1, 2]), (2, 1, [1, 2, 3])],
)
def test_moving(three: Document, moved: int, place: int, order: list[int]) -> None:
    assert ids(MoveObject("a.jpg", moved, place).apply(three)) == order


@pytest.mark.parametrize("place", [-1, 3, 99])
def test_moving_to_nowhere(three: Document, place: int) -> None:
    with pytest.raises(AnnotationError, match=f"place {place} is not among the 3"):
        MoveObject("a.jpg", 1, place).apply(three)


def test_flags_colour_and_class_of_some(three: Document) -> None:
    document = SetHidden("a.jpg", (3, 1), True).apply(three)
    assert [one.hidden for one in document.image("a.jpg").objects] == [True, False, True]
    document = SetHidden("a.jpg", (1,), False).apply(document)
    assert [one.hidden for one in document.image("a.jpg").objects] == [False, False, True]
    document = SetColour("a.jpg", (2,), 40).apply(document)
    assert [one.colour for one in document.image("a.jpg").objects] == [0, 40, 2]
    document = SetClass("a.jpg", (1, 2), 2, at=9.0).apply(document)
    assert [one.class_id for one in document.image("a.jpg").objects] == [2, 2, 1]
    assert [one.changed for one in document.image("a.jpg").objects] == [9.0, 9.0, 1.0]
    assert ids(document) == [1, 2, 3]


def test_locked_objects_may_be_shown_and_moved_but_not_changed(three: Document) -> None:
    document = SetLocked("a.jpg", (1,), True).apply(three)
    document = MoveObject("a.jpg", 1, 2).apply(SetHidden("a.jpg", (1,), True).apply(document))
    with pytest.raises(AnnotationError, match="object 1 is locked"):
        SetClass("a.jpg", (2, 1), 2).apply(document)
    document = SetLocked("a.jpg", (1,), False).apply(document)
    assert SetClass("a.jpg", (1,), 2).apply(document).image("a.jpg")[1].class_id == 2


def test_done_and_not_done() -> None:
    document = SetDone("empty.jpg", True).apply(Document())
    assert document.image("empty.jpg").state == "done"
    assert SetDone("empty.jpg", False).apply(document) == Document()


def test_done_images_may_still_change(three: Document) -> None:
    document = AddObject("a.jpg", 1, SPOT).apply(SetDone("a.jpg", True).apply(three))
    assert document.image("a.jpg").state == "done"


class TestReview:
    @pytest.fixture
    def reviewed(self, three: Document) -> Document:
        return SetReviewed("a.jpg", True).apply(three)

    def test_what_is_reviewed_is_done(self, reviewed: Document) -> None:
        assert reviewed.image("a.jpg").state == "reviewed"
        assert reviewed.image("a.jpg").done

    def test_taken_back_it_stays_done(self, reviewed: Document) -> None:
        assert SetReviewed("a.jpg", False).apply(reviewed).image("a.jpg").state == "done"

    def test_taken_back_where_there_was_none_nothing_changes(self, three: Document) -> None:
        assert SetReviewed("a.jpg", False).apply(three) == three

    def test_what_is_not_done_any_more_is_not_reviewed_either(self, reviewed: Document) -> None:
        document = SetDone("a.jpg", False).apply(reviewed)
        assert document.image("a.jpg").state == "begun"
        assert SetDone("a.jpg", True).apply(document).image("a.jpg").state == "done"

    def test_marked_as_done_once_more_it_stays(self, reviewed: Document) -> None:
        assert SetDone("a.jpg", True).apply(reviewed) == reviewed

    def test_an_image_without_objects_can_be_reviewed(self) -> None:
        assert SetReviewed("b.jpg", True).apply(Document()).image("b.jpg").state == "reviewed"

    @pytest.mark.parametrize(
        "command",
        [
            AddObject("a.jpg", 1, SPOT),
            SetMask("a.jpg", 2, RunLengths.from_mask(np.ones((3, 3), np.bool_))),
            DeleteObjects("a.jpg", (3,)),
            SetClass("a.jpg", (1,), 2),
            MoveObject("a.jpg", 1, 2),
            CopyObjects("b.jpg", (1,), "a.jpg", (3, 3)),
            RemoveClass(1, 2),
            Together("Import", (AddObject("a.jpg", 1, SPOT, tool="import"),)),
        ],
    )
    def test_it_ends_when_an_object_changes(self, reviewed: Document, command: Command) -> None:
        history = History(AddObject("b.jpg", 1, SPOT).apply(reviewed))
        history.do(command)
        assert history.document.image("a.jpg").state == "done"
        history.undo()
        assert history.document.image("a.jpg").state == "reviewed"
        history.redo()
        assert history.document.image("a.jpg").state == "done"

    @pytest.mark.parametrize(
        "command",
        [
            SetHidden("a.jpg", (1, 2), True),
            SetLocked("a.jpg", (1,), True),
            SetColour("a.jpg", (1,), 7),
            EditClass(1, name="pole"),
            SetOverlap("front"),
            AddClass("boot"),
            AddObject("b.jpg", 1, SPOT),
            MoveObject("a.jpg", 1, 0),
            SetMask("a.jpg", 2, SPOT),
        ],
    )
    def test_it_outlasts_what_changes_no_label(self, reviewed: Document, command: Command) -> None:
        assert command.apply(reviewed).image("a.jpg").state == "reviewed"

    def test_other_images_keep_theirs(self, reviewed: Document) -> None:
        document = SetReviewed("b.jpg", True).apply(reviewed)
        document = DeleteObjects("a.jpg", (1,)).apply(document)
        assert [document.image(name).state for name in ("a.jpg", "b.jpg")] == ["done", "reviewed"]


@pytest.mark.parametrize(
    "command",
    [
        SetHidden("a.jpg", (9,), True),
        SetLocked("a.jpg", (1, 9), True),
        SetColour("a.jpg", (9,), 1),
        SetClass("a.jpg", (9,), 1),
        MoveObject("a.jpg", 9, 0),
    ],
)
def test_objects_that_are_not_there(three: Document, command: Command) -> None:
    with pytest.raises(AnnotationError, match="no object 9"):
        command.apply(three)


def test_values_that_cannot_be(three: Document) -> None:
    with pytest.raises(AnnotationError, match="no class 9"):
        SetClass("a.jpg", (1,), 9).apply(three)
    with pytest.raises(AnnotationError, match="colours at 0"):
        SetColour("a.jpg", (1,), -2).apply(three)
    with pytest.raises(AnnotationError, match="no name"):
        SetDone("/etc/passwd", True).apply(three)


@pytest.mark.parametrize(
    ("command", "label"),
    [
        (SetHidden("a", (1,), True), "Hide object"),
        (SetHidden("a", (1, 2), False), "Show 2 objects"),
        (SetLocked("a", (1,), True), "Lock object"),
        (SetLocked("a", (1, 2), False), "Unlock 2 objects"),
        (SetColour("a", (1,), 2), "Change colour of object"),
        (SetClass("a", (1, 2), 2), "Change class of 2 objects"),
        (MoveObject("a", 1, 0), "Reorder objects"),
        (SetDone("a", True), "Mark image as done"),
        (SetDone("a", False), "Mark image as not done"),
        (SetReviewed("a", True), "Mark image as reviewed"),
        (SetReviewed("a", False), "Mark image as not reviewed"),
    ],
)
def test_labels(command: Command, label: str) -> None:
    assert command.label == label


def test_untouched_images_are_shared(three: Document) -> None:
    document = SetDone("b.jpg", True).apply(three)
    assert document.images["a.jpg"] is three.images["a.jpg"]
    assert document.images["b.jpg"] == ImageRecord("b.jpg", done=True)
