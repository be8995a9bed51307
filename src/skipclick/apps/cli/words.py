"""Words that several commands print."""

from __future__ import annotations


def number_of(number: int, thing: str, several: str | None = None) -> str:
    """A number and what it counts, as in "1 image" and "1,234 images".

    Args:
        number: how many.
        thing: what one of them is called.
        several: what more of them are called; None for `thing` with an s.
    """
    return f"{number:,} {thing if number == 1 else several or thing + 's'}"
