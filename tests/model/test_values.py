"""Checks of single values."""

from __future__ import annotations

import math

import pytest

from skipclick.errors import ModelError
from skipclick.model.values import check_flag, check_one_of, check_real, check_share, check_whole


@pytest.mark.parametrize("value", [None, True, 0, -1, 1.0, math.nan, "1", [1], {}])
def test_what_is_no_whole_number(value: object) -> None:
    with pytest.raises(ModelError, match="width must be a whole number from 1, not "):
        check_whole("width", value)


def test_whole_numbers() -> None:
    check_whole("width", 1)
    check_whole("registers", 0, least=0)
    with pytest.raises(ModelError, match="from 4, not 3"):
        check_whole("head", 3, least=4)


def test_real_numbers() -> None:
    for value in (1, 0.5, 10**30):
        check_real("radius", value, "above 0", lambda number: 0 < number < math.inf)
    for wrong in (None, "1", True, [], 0, -1.0, math.nan, math.inf):
        with pytest.raises(ModelError, match="radius must be a number above 0, not "):
            check_real("radius", wrong, "above 0", lambda number: 0 < number < math.inf)


def test_flags() -> None:
    check_flag("skip", False)
    for wrong in (0, 1, None, "true"):
        with pytest.raises(ModelError, match="skip must be true or false, not "):
            check_flag("skip", wrong)


def test_choices() -> None:
    check_one_of("upsample", 2, (1, 2, 4))
    for wrong in (True, 3, "1", None, [1]):
        with pytest.raises(ModelError, match="upsample must be one of 1, 2, 4, not "):
            check_one_of("upsample", wrong, (1, 2, 4))


def test_shares() -> None:
    check_share(768, 12)
    with pytest.raises(ModelError, match="5 attention heads cannot share 768 channels equally"):
        check_share(768, 5)
