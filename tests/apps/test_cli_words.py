"""Words that several commands print."""

from __future__ import annotations

import pytest

from skipclick.apps.cli.words import compare_size, number_of
from skipclick.datasets import Count


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 images"), (1, "1 image"), (2, "2 images"), (1234, "1,234 images")]
)
def test_regular_words_get_an_s(number: int, text: str) -> None:
    assert number_of(number, "image") == text


def test_others_are_given() -> None:
    assert [number_of(number, "entry", "entries") for number in (1, 3)] == ["1 entry", "3 entries"]


@pytest.mark.parametrize(
    ("found", "official", "text"),
    [
        ((1, 1), None, "1 image, 1 object; no official size is published"),
        ((50, 50), Count(50, 50), "50 images, 50 objects; as published"),
        ((50, None), Count(50, 61), "50 images, objects not counted (--fingerprint does); as published"),
        (
            (50, 60),
            Count(50, 61),
            "50 images, 60 objects; another set than the published one of 50 images, 61 objects",
        ),
        (
            (49, None),
            Count(50, 61),
            "49 images, objects not counted (--fingerprint does); another set than the published one of "
            "50 images, 61 objects",
        ),
    ],
)
def test_sizes_are_compared_with_the_published_ones(
    found: tuple[int, int | None], official: Count | None, text: str
) -> None:
    assert compare_size(*found, official) == text
