"""Words that several commands print."""

from __future__ import annotations

import pytest

from skipclick.apps.cli.words import number_of


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 images"), (1, "1 image"), (2, "2 images"), (1234, "1,234 images")]
)
def test_regular_words_get_an_s(number: int, text: str) -> None:
    assert number_of(number, "image") == text


def test_others_are_given() -> None:
    assert [number_of(number, "entry", "entries") for number in (1, 3)] == ["1 entry", "3 entries"]
