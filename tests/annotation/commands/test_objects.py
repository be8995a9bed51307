"""Making, copying and deleting objects, and changing their masks."""

from __future__ import annotations

import numpy as np
import pytest

from skipclick.annotation.commands import (
    AddClass,
    AddObject,
    CopyObjects,
    DeleteObjects,
    SetDone,
    SetHidden,
    SetLocked,
    SetMask,
)
from skipclick.annotation.document import Document, ObjectRecord
from skipclick.annotation.errors import AnnotationError
from skipclick.mask import RunLengths
from skipclick.prompt import Click

SPOT = RunLengths.from_mask(np.eye(3, 4, dtype=np.bool_))
FULL = RunLengths.from_mask(np.ones((3, 4), np.bool_))
NOTHING = RunLengths.from_mask(np.zeros((3, 4), np.bool_))
OTHER_SIZE = RunLengths.from_mask(np.ones((4, 3), np.bool_))


@pytest.fixture
def two() -> Document:
    """An image with the objects 1 and 2."""
    document = AddObject("a.jpg", 1, SPOT, clicks=(Click(0, 0),), model="m", seconds=5.0, at=10.0).apply(
        Document()
    )
    return AddObject("a.jpg", 1, FULL, at=11.0).apply(document)


class TestAdding:
    def test_everything_is_kept(self) -> None:
        clicks = (Click(1, 1), Click(2.5, 0, positive=False))
        document = AddObject("a.jpg", 1, SPOT, clicks, "skipclick-s", "clicks", 4.5, 12.0).apply(Document())
        image = document.image("a.jpg")
        assert image.shape == (3, 4)
        assert image.next_id == 2
        assert image.objects == (
            ObjectRecord(1, 1, SPOT, 0, clicks, "skipclick-s", False, False, 4.5, 12.0, 12.0),
        )

    def test_the_newest_is_in_front_and_neighbours_differ_in_colour(self, two: Document) -> None:
        assert [one.id for one in two.image("a.jpg").objects] == [1, 2]
        assert [one.colour for one in two.image("a.jpg").objects] == [0, 1]

    def test_a_number_that_is_brought_along(self, two: Document) -> None:
        document = AddObject("a.jpg", 1, SPOT, id=70).apply(two)
        document = AddObject("a.jpg", 1, SPOT).apply(document)
        document = AddObject("a.jpg", 1, SPOT, id=5).apply(document)
        assert [one.id for one in document.image("a.jpg").objects] == [1, 2, 70, 71, 5]
        with pytest.raises(AnnotationError, match="has an object 70 already"):
            AddObject("a.jpg", 1, SPOT, id=70).apply(document)
        with pytest.raises(AnnotationError, match="start at 1"):
            AddObject("a.jpg", 1, SPOT, id=0).apply(document)

    def test_an_empty_mask_is_a_mask(self) -> None:
        document = AddObject("a.jpg", 1, NOTHING).apply(Document())
        assert not document.image("a.jpg").objects[0].mask.to_mask().any()

    def test_what_cannot_be(self, two: Document) -> None:
        for command, complaint in (
            (AddObject("a.jpg", 3, SPOT), "no class 3"),
            (AddObject("a.jpg", 1, OTHER_SIZE), "object 3 has 3 x 4"),
            (AddObject("../a.jpg", 1, SPOT), "no name of an image"),
            (AddObject("a.jpg", 1, SPOT, seconds=-1), "not negative"),
            (AddObject("b.jpg", 1, RunLengths((0, 0), "")), "empty or too large"),
        ):
            with pytest.raises(AnnotationError, match=complaint):
                command.apply(two)

    def test_labels(self) -> None:
        assert AddObject("a.jpg", 1, SPOT).label == "Add object"
        assert AddObject("a.jpg", 1, SPOT, tool="import").label == "Import object"


class TestMasks:
    def test_clicks_replace_clicks_and_time_adds_up(self, two: Document) -> None:
        clicks = (Click(0, 0), Click(2, 1))
        document = SetMask("a.jpg", 1, FULL, "clicks", clicks, "new", seconds=2.0, at=20.0).apply(two)
        one = document.image("a.jpg")[1]
        assert one == ObjectRecord(1, 1, FULL, 0, clicks, "new", False, False, 7.0, 10.0, 20.0)

    def test_other_tools_keep_the_clicks(self, two: Document) -> None:
        one = SetMask("a.jpg", 1, FULL, "brush", at=20.0).apply(two).image("a.jpg")[1]
        assert one.clicks == (Click(0, 0),)
        assert one.model == "m"
        assert one.mask == FULL

    def test_clicks_can_be_forgotten(self, two: Document) -> None:
        assert SetMask("a.jpg", 1, FULL, clicks=()).apply(two).image("a.jpg")[1].clicks == ()

    def test_everything_may_be_erased(self, two: Document) -> None:
        document = SetMask("a.jpg", 1, NOTHING, "eraser").apply(two)
        assert document.image("a.jpg")[1].mask.area() == 0

    def test_the_order_stays(self, two: Document) -> None:
        document = SetMask("a.jpg", 1, FULL).apply(two)
        assert [one.id for one in document.image("a.jpg").objects] == [1, 2]
        assert document.image("a.jpg")[2] is two.image("a.jpg")[2]

    def test_what_cannot_be(self, two: Document) -> None:
        locked = SetLocked("a.jpg", (1,), True).apply(two)
        for document, command, complaint in (
            (two, SetMask("a.jpg", 3, SPOT), "a.jpg has no object 3"),
            (two, SetMask("b.jpg", 1, SPOT), "b.jpg has no object 1"),
            (two, SetMask("a.jpg", 1, OTHER_SIZE), "object 1 has 3 x 4"),
            (two, SetMask("a.jpg", 1, SPOT, seconds=float("nan")), "not negative"),
            (locked, SetMask("a.jpg", 1, SPOT), "object 1 is locked: unlock it first"),
        ):
            with pytest.raises(AnnotationError, match=complaint):
                command.apply(document)

    def test_the_label_is_the_tool(self) -> None:
        assert SetMask("a.jpg", 1, SPOT, "polygon cut").label == "Polygon cut"


class TestDeleting:
    def test_numbers_are_not_given_again(self, two: Document) -> None:
        document = DeleteObjects("a.jpg", (2,)).apply(two)
        assert [one.id for one in document.image("a.jpg").objects] == [1]
        assert [one.id for one in AddObject("a.jpg", 1, SPOT).apply(document).image("a.jpg").objects] == [
            1,
            3,
        ]

    def test_all_of_them(self, two: Document) -> None:
        document = DeleteObjects("a.jpg", (2, 1, 2)).apply(two)
        assert document.image("a.jpg").objects == ()
        assert document.image("a.jpg").state == "untouched"
        assert document.image("a.jpg").next_id == 3

    def test_what_cannot_be(self, two: Document) -> None:
        for ids, complaint in (((), "no object is chosen"), ((1, 9), "no object 9")):
            with pytest.raises(AnnotationError, match=complaint):
                DeleteObjects("a.jpg", ids).apply(two)
        locked = SetLocked("a.jpg", (2,), True).apply(two)
        with pytest.raises(AnnotationError, match="object 2 is locked"):
            DeleteObjects("a.jpg", (1, 2)).apply(locked)

    def test_labels(self) -> None:
        assert DeleteObjects("a.jpg", (1,)).label == "Delete object"
        assert DeleteObjects("a.jpg", (1, 2, 3)).label == "Delete 3 objects"


class TestCopying:
    def test_copies_begin_afresh(self, two: Document) -> None:
        document = AddClass("ski").apply(two)
        document = SetLocked("a.jpg", (1, 2), True).apply(SetHidden("a.jpg", (1,), True).apply(document))
        document = CopyObjects("a.jpg", (2, 1), "b.jpg", (3, 4), at=30.0).apply(document)
        assert document.image("b.jpg").shape == (3, 4)
        assert document.image("b.jpg").objects == (
            ObjectRecord(1, 1, SPOT, 0, created=30.0, changed=30.0),
            ObjectRecord(2, 1, FULL, 1, created=30.0, changed=30.0),
        )
        assert document.image("a.jpg").objects[0].locked

    def test_onto_an_image_with_objects(self, two: Document) -> None:
        document = AddObject("b.jpg", 1, NOTHING).apply(two)
        document = CopyObjects("a.jpg", (2,), "b.jpg", (3, 4)).apply(document)
        assert [(one.id, one.mask) for one in document.image("b.jpg").objects] == [(1, NOTHING), (2, FULL)]

    def test_onto_itself(self, two: Document) -> None:
        document = CopyObjects("a.jpg", (1,), "a.jpg", (3, 4)).apply(two)
        assert [one.id for one in document.image("a.jpg").objects] == [1, 2, 3]

    def test_images_that_differ_in_size(self, two: Document) -> None:
        with pytest.raises(AnnotationError, match="differ in size"):
            CopyObjects("a.jpg", (1,), "b.jpg", (4, 4)).apply(two)
        other = AddObject("c.jpg", 1, OTHER_SIZE).apply(two)
        with pytest.raises(AnnotationError, match="pixels"):
            CopyObjects("a.jpg", (1,), "c.jpg", (3, 4)).apply(other)

    def test_what_cannot_be(self, two: Document) -> None:
        for command, complaint in (
            (CopyObjects("a.jpg", (), "b.jpg", (3, 4)), "no object is chosen"),
            (CopyObjects("a.jpg", (8,), "b.jpg", (3, 4)), "no object 8"),
            (CopyObjects("a.jpg", (1,), "../b.jpg", (3, 4)), "no name"),
            (CopyObjects("a.jpg", (1,), "b.jpg", (0, 4)), "empty or too large"),
        ):
            with pytest.raises(AnnotationError, match=complaint):
                command.apply(two)

    def test_it_is_not_done_by_being_copied_to(self, two: Document) -> None:
        document = CopyObjects("a.jpg", (1,), "b.jpg", (3, 4)).apply(SetDone("a.jpg", True).apply(two))
        assert document.image("b.jpg").state == "begun"


def test_an_image_without_objects_may_get_another_size() -> None:
    """Whoever replaces an image and deletes what was on the old one can label the new one."""
    small, large = (
        RunLengths.from_mask(np.eye(3, dtype=np.bool_)),
        RunLengths.from_mask(np.eye(5, dtype=np.bool_)),
    )
    document = AddObject("a.jpg", 1, small).apply(Document())
    with pytest.raises(AnnotationError, match=r"labelled with 3 x 3 pixels.*delete its objects"):
        AddObject("a.jpg", 1, large).apply(document)
    document = AddObject("a.jpg", 1, large).apply(DeleteObjects("a.jpg", (1,)).apply(document))
    assert document.image("a.jpg").shape == (5, 5)
    assert [one.id for one in document.image("a.jpg").objects] == [2]
