"""Messages as templates and values."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipclick.errors import DownloadError, ImageError, SkipClickError


def test_a_message_without_values_stays_as_it_is() -> None:
    for message in ("save it as RGB", "a {name} that is none", "{", ""):
        error = SkipClickError(message)
        assert (str(error), error.template, error.values) == (message, message, {})


@given(st.text(), st.integers())
def test_values_are_put_into_the_message(name: str, number: int) -> None:
    error = ImageError("{name!r} has {number:+d} pixels", name=name, number=number)
    assert str(error) == f"{name!r} has {number:+d} pixels"
    assert error.template == "{name!r} has {number:+d} pixels"
    assert error.values == {"name": name, "number": number}


@pytest.mark.parametrize("message", ["plain {text}", "{path} is gone"])
def test_errors_come_back_whole_from_other_processes(message: str) -> None:
    error = DownloadError(message) if "plain" in message else DownloadError(message, path=Path("{a}"))
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is DownloadError
    assert (str(back), back.template, back.values) == (str(error), error.template, error.values)


def test_a_message_may_have_values_of_any_name() -> None:
    assert str(SkipClickError("{message} {self}", message="one", self="two")) == "one two"
