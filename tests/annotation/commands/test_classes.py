"""What can be done to classes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipclick.annotation.commands import (
    AddClass,
    AddObject,
    Command,
    EditClass,
    MoveClass,
    RemoveClass,
    SetLocked,
    SetOverlap,
)
from skipclick.annotation.document import PALETTE, ClassRecord, Document, check_document
from skipclick.annotation.errors import AnnotationError
from skipclick.mask import RunLengths

SPOT = RunLengths.from_mask(np.eye(3, dtype=np.bool_))


@pytest.fixture
def three() -> Document:
    """The classes object, ski and pole; one ski on a.jpg, one pole on b.jpg."""
    document = AddClass("pole").apply(AddClass("ski").apply(Document()))
    return AddObject("b.jpg", 3, SPOT).apply(AddObject("a.jpg", 2, SPOT).apply(document))


def names(document: Document) -> list[str]:
    return [one.name for one in document.classes]


def test_adding_takes_the_next_number_colour_and_key(three: Document) -> None:
    assert three.classes[1:] == (
        ClassRecord(2, "ski", PALETTE[1], "2"),
        ClassRecord(3, "pole", PALETTE[2], "3"),
    )
    assert three.next_class == 4


def test_keys_run_out_and_are_used_again() -> None:
    document = Document()
    for number in range(2, 13):
        document = AddClass(f"class {number}").apply(document)
    assert [one.key for one in document.classes] == [*"123456789", "", "", ""]
    document = RemoveClass(5).apply(document)
    assert AddClass("new").apply(document).classes[-1].key == "5"


def test_wishes_are_granted() -> None:
    document = AddClass("ski", (1, 2, 3), "s").apply(Document())
    assert document.classes[1] == ClassRecord(2, "ski", (1, 2, 3), "s")
    assert AddClass("pole", key="").apply(document).classes[2].key == ""


def test_numbers_are_not_given_again(three: Document) -> None:
    document = AddClass("new").apply(RemoveClass(3, 2).apply(three))
    assert [one.id for one in document.classes] == [1, 2, 4]


def test_editing_changes_what_is_given(three: Document) -> None:
    assert EditClass(2, name="skis").apply(three).classes[1] == ClassRecord(2, "skis", PALETTE[1], "2")
    assert EditClass(2, colour=(9, 9, 9)).apply(three).classes[1] == ClassRecord(2, "ski", (9, 9, 9), "2")
    assert EditClass(2, key="").apply(three).classes[1] == ClassRecord(2, "ski", PALETTE[1], "")
    assert EditClass(2).apply(three) == three
    assert EditClass(2, name="skis").apply(three).image("a.jpg") is three.image("a.jpg")


def keys(document: Document) -> list[str]:
    return [one.key for one in document.classes]


def test_a_key_that_is_taken_is_exchanged(three: Document) -> None:
    document = EditClass(2, key="3").apply(three)
    assert keys(document) == ["1", "3", "2"]
    assert EditClass(3, key="3").apply(document) == three
    assert keys(EditClass(2, key="7").apply(three)) == ["1", "7", "3"]


def test_one_without_a_key_takes_it_away(three: Document) -> None:
    document = EditClass(2, key="").apply(three)
    assert keys(EditClass(3, key="").apply(document)) == ["1", "", ""]  # none is no key to exchange
    assert keys(EditClass(2, key="1").apply(document)) == ["", "1", "3"]


@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from(["", *"123456789x"])), max_size=12))
def test_no_two_classes_ever_share_a_key(changes: list[tuple[int, str]]) -> None:
    document = Document()
    for number in range(2, 6):
        document = AddClass(f"class {number}").apply(document)
    for class_id, key in changes:
        before = sorted(keys(document))
        taken = key in before
        had = document.class_of(class_id).key
        document = EditClass(class_id, key=key).apply(document)
        assert document.class_of(class_id).key == key
        if key and taken:
            assert sorted(keys(document)) == before
        else:
            before.remove(had)
            assert sorted(keys(document)) == sorted([*before, key])
        check_document(document)


def test_moving(three: Document) -> None:
    assert names(MoveClass(3, 0).apply(three)) == ["pole", "object", "ski"]
    assert names(MoveClass(1, 2).apply(three)) == ["ski", "pole", "object"]
    for place in (-1, 3):
        with pytest.raises(AnnotationError, match=f"place {place}"):
            MoveClass(1, place).apply(three)


def test_removing_one_that_is_not_used(three: Document) -> None:
    assert names(RemoveClass(1).apply(three)) == ["ski", "pole"]


def test_removing_one_that_is_used(three: Document) -> None:
    with pytest.raises(AnnotationError, match="ski is in use on 1 image: choose"):
        RemoveClass(2).apply(three)
    with pytest.raises(AnnotationError, match="ski is in use on 2 images: choose"):
        RemoveClass(2).apply(AddObject("c.jpg", 2, SPOT).apply(three))
    document = RemoveClass(2, replacement=3).apply(three)
    assert names(document) == ["object", "pole"]
    assert {one.class_id for _, one in document.objects()} == {3}
    assert document.images["b.jpg"] is three.images["b.jpg"]


def test_removing_reaches_locked_objects_too(three: Document) -> None:
    """Else the class could not go, and the user would not know why."""
    document = SetLocked("a.jpg", (1,), True).apply(three)
    assert RemoveClass(2, 1).apply(document).image("a.jpg")[1].class_id == 1


def test_the_last_one_stays() -> None:
    with pytest.raises(AnnotationError, match="at least one"):
        RemoveClass(1).apply(Document())


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (AddClass("ski"), "the name 'ski'"),
        (AddClass("new", key="2"), "the key '2'"),
        (AddClass(""), "needs a name"),
        (AddClass("new", (0, 0, 300)), "colour"),
        (EditClass(2, name="pole"), "the name 'pole'"),
        (EditClass(2, key="33"), "one character"),
        (EditClass(2, name="a\nb"), "needs a name"),
        (EditClass(9), "no class 9"),
        (MoveClass(9, 0), "no class 9"),
        (RemoveClass(9), "no class 9"),
        (RemoveClass(2, 9), "no class 9"),
        (RemoveClass(2, 2), "replaced by itself"),
    ],
)
def test_what_cannot_be(three: Document, command: Command, complaint: str) -> None:
    with pytest.raises(AnnotationError, match=complaint):
        command.apply(three)


@pytest.mark.parametrize(
    ("command", "label"),
    [
        (AddClass("ski"), "Add class ski"),
        (EditClass(1, name="skis"), "Rename class to skis"),
        (EditClass(1, key="x"), "Change key of class"),
        (EditClass(1, colour=(1, 2, 3)), "Change colour of class"),
        (MoveClass(1, 0), "Reorder classes"),
        (RemoveClass(1), "Remove class"),
        (SetOverlap("front"), "Front wins"),
        (SetOverlap("keep"), "Keep overlaps"),
    ],
)
def test_labels(command: Command, label: str) -> None:
    assert command.label == label


def test_overlap() -> None:
    assert SetOverlap("front").apply(Document()).overlap == "front"
    assert SetOverlap("keep").apply(Document()) == Document()
