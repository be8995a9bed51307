"""What the user says."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skipclick.errors import PromptError, SkipClickError
from skipclick.prompt import Click, Prompt, check_clicks

coordinates = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(coordinates, coordinates, st.booleans())
def test_a_click_keeps_what_it_was_given(x: float, y: float, positive: bool) -> None:
    click = Click(x, y, positive)
    assert (click.x, click.y, click.positive) == (x, y, positive)


def test_a_click_is_positive_unless_said_otherwise() -> None:
    assert Click(1, 2).positive
    assert not Click(1, 2, positive=False).positive


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, np.float32("nan")])
def test_a_click_needs_finite_coordinates(bad: float) -> None:
    for x, y in ((bad, 0.0), (0.0, bad)):
        with pytest.raises(PromptError, match="finite") as caught:
            Click(x, y)
        assert "\n" not in str(caught.value)


def test_a_prompt_error_is_one_that_users_cause() -> None:
    assert issubclass(PromptError, SkipClickError)


def test_equal_clicks_are_equal_and_hash_alike() -> None:
    assert Click(1, 2) == Click(1.0, 2.0)
    assert len({Click(1, 2), Click(1.0, 2.0), Click(1, 2, positive=False), Click(2, 1)}) == 3


def test_clicks_and_prompts_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Click(1, 2).x = 3  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        Prompt().clicks = (Click(1, 2),)  # type: ignore[misc]


def test_an_empty_prompt_has_no_clicks_and_no_previous_mask() -> None:
    assert Prompt().clicks == ()
    assert Prompt().previous is None


def test_prompts_with_masks_can_be_compared_without_an_array_in_the_way() -> None:
    previous = np.zeros((4, 4), np.float32)
    one = Prompt((Click(1, 2),), previous)
    assert one == one
    assert one != Prompt((Click(1, 2),), previous)


def test_clicks_are_checked_without_a_model() -> None:
    """The border is that of a session: half a pixel around the outermost centres."""
    check_clicks([], (30, 40))
    check_clicks([Click(-0.5, -0.5), Click(39.5, 29.5, positive=False), Click(7, 3)], (30, 40))
    for where in ((-0.51, 3), (39.51, 3), (3, -0.51), (3, 29.51)):
        with pytest.raises(PromptError, match=r"click \(.*\) lies outside the image of 40 x 30 pixels"):
            check_clicks([Click(7, 3), Click(*where)], (30, 40))
