"""Objects whose clicks are being answered, and what is known of masks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipclick.annotation.document import ObjectRecord
from skipclick.apps.desktop.drafts import Basis, Draft, Memory
from skipclick.mask import RunLengths
from skipclick.prompt import Click

A, B, C = Click(1, 1), Click(2, 2, False), Click(3, 3)


def record(number: int, *clicks: Click, pixel: int = 0) -> ObjectRecord:
    mask = np.zeros((4, 5), np.bool_)
    mask[0, :pixel] = True
    return ObjectRecord(number, 1, RunLengths.from_mask(mask), clicks=clicks)


class TestDraft:
    @pytest.mark.parametrize(
        ("clicks", "answered", "left"),
        [
            ((A, B, C), (), (A, B, C)),
            ((A, B, C), (A,), (B, C)),
            ((A, B, C), (A, B, C), ()),
            ((A, A), (A,), (A,)),  # the same place twice is two clicks
            ((A, C), (A, B), (C,)),  # the second one was taken away
            ((A,), (A, B), ()),
        ],
    )
    def test_which_clicks_the_mask_does_not_know(
        self, clicks: tuple[Click, ...], answered: tuple[Click, ...], left: tuple[Click, ...]
    ) -> None:
        assert Draft("a", 1, 1, Basis("k"), clicks, None, answered).unanswered == left

    def test_another_beginning_has_no_clicks(self) -> None:
        draft = Draft("a", 1, 1, Basis("k"), (A, B), None, (A,))
        draft.begin_from(Basis("l"), record(1).mask)
        assert (draft.basis.key, draft.clicks, draft.answered) == ("l", (), ())
        assert draft.written == record(1).mask


class TestMemory:
    def test_a_mask_made_by_clicks_has_their_basis_and_the_model_s_score(self) -> None:
        memory, basis = Memory(), Basis("k")
        memory.keep("a", record(1, A, pixel=2), basis, 0.75)
        assert memory.basis_of("a", record(1, A, pixel=2)) is basis
        assert memory.score_of("a", record(1, A, pixel=2)) == 0.75

    @pytest.mark.parametrize(
        ("image", "other"),
        [
            ("b", record(1, A, pixel=2)),
            ("a", record(2, A, pixel=2)),
            ("a", record(1, A, B, pixel=2)),
            ("a", record(1, A, pixel=3)),
        ],
    )
    def test_any_other_mask_begins_from_itself(self, image: str, other: ObjectRecord) -> None:
        memory = Memory()
        memory.keep("a", record(1, A, pixel=2), Basis("k"), 0.75)
        basis = memory.basis_of(image, other)
        assert (basis.start, basis.before) == (other.mask, other.clicks)
        assert memory.score_of(image, other) is None

    def test_asked_twice_it_is_the_same_basis(self) -> None:
        memory = Memory()
        first = memory.basis_of("a", record(1, A, pixel=2))
        assert memory.basis_of("a", record(1, A, pixel=2)) is first
        assert memory.start_of(first) is memory.start_of(first)

    def test_an_empty_mask_is_nothing_to_begin_from(self) -> None:
        basis = Memory().from_mask(record(1, A))
        assert (basis.start, basis.before) == (None, (A,))

    def test_starts_are_made_once_and_cannot_be_changed(self) -> None:
        memory = Memory()
        start = memory.start_of(memory.from_mask(record(1, pixel=3)))
        assert start is not None
        assert start.sum() == 3
        with pytest.raises(ValueError, match="read-only"):
            start[0, 0] = False

    @given(st.lists(st.integers(1, 9), max_size=30))
    def test_it_is_bounded_and_knows_the_newest(self, numbers: list[int]) -> None:
        memory, newest = Memory(limit=3), []
        for place, number in enumerate(numbers):
            memory.keep("a", record(number), Basis(str(place)), place)
            newest = [*(one for one in newest if one != number), number][-3:]
        known = [number for number in range(1, 10) if memory.score_of("a", record(number)) is not None]
        assert known == sorted(newest)

    def test_keys_are_never_used_twice(self) -> None:
        memory = Memory()
        keys = {memory.new().key for _ in range(3)}
        memory.clear()
        assert len(keys | {memory.new().key for _ in range(3)}) == 6
