from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from skipclick.evaluation.seeds import generator_for

keys = st.tuples(
    st.integers(0, 5), st.text(max_size=4), st.integers(0, 5), st.sampled_from(["start", "clicks"])
)


@given(keys)
def test_the_same_object_meets_the_same_chances(key: tuple[int, str, int, str]) -> None:
    draws = [generator_for(*key).random(3).tolist() for _ in range(2)]
    assert draws[0] == draws[1]


@given(keys, keys)
def test_another_object_seed_or_purpose_meets_others(
    key: tuple[int, str, int, str], other: tuple[int, str, int, str]
) -> None:
    if key != other:
        assert generator_for(*key).random() != generator_for(*other).random()


def test_the_draws_are_those_of_every_machine() -> None:
    drawn = generator_for(0, "a", 1, "start").integers(0, 2**31, 3)
    assert drawn.tolist() == [554736517, 621220652, 38639423]
