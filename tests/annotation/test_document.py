"""The records: what they refuse, and that they never change in place."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from types import MappingProxyType

import numpy as np
import pytest

from skipclick.annotation.document import (
    DEFAULT_CLASSES,
    PALETTE,
    ClassRecord,
    Document,
    ImageRecord,
    ObjectRecord,
    check_classes,
    check_document,
    check_name,
    check_shape,
)
from skipclick.annotation.errors import AnnotationError
from skipclick.mask import RunLengths

SPOT = RunLengths.from_mask(np.eye(3, 4, dtype=np.bool_))


def test_a_new_document_has_one_class_and_nothing_else() -> None:
    document = Document()
    assert document.classes == DEFAULT_CLASSES
    assert document.overlap == "keep"
    assert not document.images
    assert list(document.objects()) == []
    check_document(document)


def test_colours_are_told_apart() -> None:
    assert len(set(PALETTE)) == len(PALETTE) >= 10
    for one in PALETTE:
        assert (
            min(sum(abs(a - b) for a, b in zip(one, other, strict=True)) for other in PALETTE if other != one)
            > 60
        )


class TestClasses:
    @pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x07", "x" * 201, "\u200b"])
    def test_names_that_cannot_be(self, name: str) -> None:
        with pytest.raises(AnnotationError, match="needs a name"):
            ClassRecord(1, name, (0, 0, 0))

    @pytest.mark.parametrize("name", ["ski", "Ski (Jump)", "Snøbræt 滑雪", "x" * 200, "a/b"])
    def test_names_that_can(self, name: str) -> None:
        assert ClassRecord(1, name, (0, 0, 0)).name == name

    def test_colours_and_keys_that_cannot_be(self) -> None:
        with pytest.raises(AnnotationError, match="colour"):
            ClassRecord(1, "ski", (0, 256, 0))
        with pytest.raises(AnnotationError, match="one character"):
            ClassRecord(1, "ski", (0, 0, 0), "12")
        with pytest.raises(AnnotationError, match="one character"):
            ClassRecord(1, "ski", (0, 0, 0), "\n")

    @pytest.mark.parametrize(
        ("other", "complaint"),
        [
            (ClassRecord(1, "ski", (0, 0, 0)), "the id 1"),
            (ClassRecord(2, "object", (0, 0, 0)), "the name 'object'"),
            (ClassRecord(2, "ski", (0, 0, 0), "1"), "the key '1'"),
        ],
    )
    def test_each_has_its_own(self, other: ClassRecord, complaint: str) -> None:
        with pytest.raises(AnnotationError, match=complaint):
            check_classes(Document(classes=(*DEFAULT_CLASSES, other), next_class=3))

    def test_several_may_have_no_key(self) -> None:
        others = (ClassRecord(2, "a", (0, 0, 0)), ClassRecord(3, "b", (0, 0, 0)))
        check_classes(Document(classes=(*DEFAULT_CLASSES, *others), next_class=4))

    def test_there_must_be_one(self) -> None:
        with pytest.raises(AnnotationError, match="at least one"):
            check_classes(Document(classes=()))

    def test_the_next_number_is_free(self) -> None:
        with pytest.raises(AnnotationError, match="taken"):
            check_classes(Document(next_class=1))

    def test_they_are_found(self) -> None:
        document = Document()
        assert document.class_of(1) is DEFAULT_CLASSES[0]
        assert document.class_named("object") is DEFAULT_CLASSES[0]
        assert document.class_named("ski") is None
        with pytest.raises(AnnotationError, match="no class 2"):
            document.class_of(2)


class TestObjects:
    @pytest.mark.parametrize(
        "change", [{"id": 0}, {"colour": -1}, {"seconds": -1.0}, {"seconds": float("nan")}]
    )
    def test_numbers_that_cannot_be(self, change: dict[str, float]) -> None:
        with pytest.raises(AnnotationError):
            replace(ObjectRecord(1, 1, SPOT), **change)  # type: ignore[arg-type]

    @pytest.mark.parametrize("size", [(0, 5), (5, 0), (20_000, 20_000), (-3, -3)])
    def test_sizes_that_cannot_be(self, size: tuple[int, int]) -> None:
        with pytest.raises(AnnotationError, match="empty or too large"):
            ObjectRecord(1, 1, RunLengths(size, ""))

    def test_nothing_changes_in_place(self) -> None:
        one = ObjectRecord(1, 1, SPOT)
        with pytest.raises(FrozenInstanceError):
            one.hidden = True  # type: ignore[misc]
        with pytest.raises(TypeError):
            Document().images["a"] = ImageRecord("a")  # type: ignore[index]


class TestImages:
    def test_state(self) -> None:
        one = ObjectRecord(1, 1, SPOT)
        assert ImageRecord("a").state == "untouched"
        assert ImageRecord("a", next_id=5).state == "untouched"
        assert ImageRecord("a", (3, 4), objects=(one,), next_id=2).state == "begun"
        assert ImageRecord("a", done=True).state == "done"
        assert ImageRecord("a", done=True, reviewed=True).state == "reviewed"

    def test_only_what_is_done_is_reviewed(self) -> None:
        with pytest.raises(AnnotationError, match="a is reviewed, but not done"):
            ImageRecord("a", reviewed=True)

    @pytest.mark.parametrize("name", ["", "/a", "../a", "a/../b", "a//b", "a/", "./a", "a\0b", "."])
    def test_names_that_lead_elsewhere(self, name: str) -> None:
        with pytest.raises(AnnotationError, match="no name of an image"):
            check_name(name)
        with pytest.raises(AnnotationError):
            Document().image(name)

    @pytest.mark.parametrize("name", ["a", "a b/ä.jpg", "..a/b..", "x" * 500, "\udcff.jpg", "a\nb"])
    def test_odd_names_that_files_can_have(self, name: str) -> None:
        check_name(name)

    def test_masks_have_the_image_s_size(self) -> None:
        with pytest.raises(AnnotationError, match=r"with 5 x 3 pixels .* object 1 has 4 x 3"):
            ImageRecord("a", (3, 5), objects=(ObjectRecord(1, 1, SPOT),), next_id=2)
        with pytest.raises(AnnotationError, match=r"with \? pixels"):
            ImageRecord("a", objects=(ObjectRecord(1, 1, SPOT),), next_id=2)

    def test_numbers_are_unique_and_below_the_next(self) -> None:
        one = ObjectRecord(1, 1, SPOT)
        with pytest.raises(AnnotationError, match="object 1 twice"):
            ImageRecord("a", (3, 4), objects=(one, one), next_id=2)
        with pytest.raises(AnnotationError, match="too large"):
            ImageRecord("a", (3, 4), objects=(one,), next_id=1)

    def test_objects_are_found(self) -> None:
        one = ObjectRecord(3, 1, SPOT)
        image = ImageRecord("a", (3, 4), objects=(one,), next_id=4)
        assert image[3] is one
        with pytest.raises(AnnotationError, match="a has no object 1"):
            image[1]

    def test_an_untouched_image_leaves_no_record(self) -> None:
        document = Document().with_image(ImageRecord("a", done=True))
        assert list(document.images) == ["a"]
        assert document.with_image(ImageRecord("a")) == Document()
        assert document.image("b") == ImageRecord("b")

    def test_a_document_refuses_objects_of_unknown_classes(self) -> None:
        image = ImageRecord("a", (3, 4), objects=(ObjectRecord(1, 9, SPOT),), next_id=2)
        with pytest.raises(AnnotationError, match="class 9, unknown"):
            check_document(Document(images=MappingProxyType({"a": image})))

    def test_the_largest_photos_can_be_labelled(self) -> None:
        check_shape((10_000, 20_000))
        with pytest.raises(AnnotationError, match="20001 x 10000"):
            check_shape((10_000, 20_001))
