"""Checks of the values in a configuration, which may come from a stranger's file; no PyTorch here."""

from __future__ import annotations

from collections.abc import Callable

from skipclick.errors import ModelError


def check_whole(name: str, value: object, least: int = 1) -> None:
    """Refuse what is no whole number from `least`.

    Raises:
        ModelError: it is none.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ModelError(f"{name} must be a whole number from {least}, not {value!r}")


def check_real(name: str, value: object, range_: str, inside: Callable[[float], bool]) -> None:
    """Refuse what is no number, or one out of range.

    Args:
        name: of the entry.
        value: of the entry.
        range_: which numbers are allowed, in words.
        inside: whether a number is one of them.

    Raises:
        ModelError: it is none of them.
    """
    if not isinstance(value, int | float) or isinstance(value, bool) or not inside(value):
        raise ModelError(f"{name} must be a number {range_}, not {value!r}")


def check_flag(name: str, value: object) -> None:
    """Refuse what is neither True nor False.

    Raises:
        ModelError: it is neither.
    """
    if not isinstance(value, bool):
        raise ModelError(f"{name} must be true or false, not {value!r}")


def check_one_of(name: str, value: object, choices: tuple[object, ...]) -> None:
    """Refuse what is none of the choices.

    Raises:
        ModelError: it is none.
    """
    if isinstance(value, bool) or value not in choices:
        raise ModelError(f"{name} must be one of {', '.join(map(str, choices))}, not {value!r}")


def check_share(width: int, heads: int) -> None:
    """Refuse attention heads that cannot share the channels equally.

    Raises:
        ModelError: they cannot.
    """
    if width % heads:
        raise ModelError(f"{heads} attention heads cannot share {width} channels equally")
