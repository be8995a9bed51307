from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skipclick.evaluation.trace import ObjectTrace
from skipclick.prompt import Click
from skipclick.report.objects import ObjectResult, object_results, ranked, worst_and_best
from skipclick.report.runs import Run

OBJECTS = {
    "easy": [0.97],
    "fair": [0.7, 0.91, 0.96],
    "hard": [0.2] * 20,
    "harder": [0.1] * 20,
    "late": [0.5, 0.6, 0.92, 0.95],
}


def result(clicks: int | None, mean: float, name: str = "x") -> ObjectResult:
    trace = ObjectTrace(name, 1, 1, (Click(0, 0),), (mean,), (0.1,), 0.1, 0.1)
    return ObjectResult(name, trace, {0.90: clicks}, mean)


def test_numbers_of_each_object(make_run: Callable[..., Run]) -> None:
    results = object_results(make_run(OBJECTS), 3)
    assert [one.anchor for one in results] == [f"object-3-{place}" for place in range(5)]
    easy, fair, hard = results[:3]
    assert easy.noc == {0.8: 1, 0.85: 1, 0.9: 1, 0.95: 1}
    assert fair.noc == {0.8: 2, 0.85: 2, 0.9: 2, 0.95: 3}
    assert hard.noc == {0.8: None, 0.85: None, 0.9: None, 0.95: None}
    assert easy.mean_iou == pytest.approx(0.97)
    assert fair.mean_iou == pytest.approx((0.7 + 0.91 + 18 * 0.96) / 20)


def test_the_last_click_still_counts(make_run: Callable[..., Run]) -> None:
    (one,) = object_results(make_run({"a": [0.1] * 19 + [0.91]}))
    assert one.noc[0.9] == 20
    assert one.verdict == "20 clicks to 90 %"


def test_a_good_mask_to_begin_from_takes_no_click(make_run: Callable[..., Run]) -> None:
    clicks = (Click(0, 0),)
    trace = ObjectTrace("a", 1, 1, clicks, (0.96,), (0.1,), 0.1, 0.1, start_iou=0.91)
    (one,) = object_results(make_run([trace], start="given"))
    assert one.noc == {0.8: 0, 0.85: 0, 0.9: 0, 0.95: 1}
    assert one.verdict == "0 clicks to 90 %"


def test_only_what_is_known(make_run: Callable[..., Run]) -> None:
    (one,) = object_results(make_run({"a": [0.83]}, target_iou=0.82))
    assert one.noc == {0.8: 1}
    assert one.verdict == "1 click to 80 %"
    (one,) = object_results(make_run({"a": [0.83]}, target_iou=0.7))
    assert (one.noc, one.ranked_by, one.reached) == ({}, None, None)
    assert one.verdict == "83.0 % at best in 1 click"


def test_other_thresholds_rank_too(make_run: Callable[..., Run]) -> None:
    results = object_results(make_run({"a": [0.3, 0.6], "b": [0.6], "c": [0.1] * 20}), 0, (0.2, 0.55, 0.98))
    assert [one.noc for one in results] == [{0.2: 1, 0.55: 2}, {0.2: 1, 0.55: 1}, {0.2: None, 0.55: None}]
    assert [one.title for one in ranked(results)] == ["c", "a", "b"]
    assert results[0].verdict == "2 clicks to 55 %"


def test_verdicts(make_run: Callable[..., Run]) -> None:
    verdicts = {one.title: one.verdict for one in object_results(make_run(OBJECTS))}
    assert verdicts["easy"] == "1 click to 90 %"
    assert verdicts["fair"] == "2 clicks to 90 %"
    assert verdicts["hard"] == "20.0 % at best in 20 clicks"


def test_an_object_among_several_is_named(make_run: Callable[..., Run]) -> None:
    trace = ObjectTrace("street", 7, 3, (Click(0, 0),), (0.96,), (0.1,), 0.1, 0.1)
    (one,) = object_results(make_run([trace]))
    assert one.title == "street, object 7"


def test_worst_first(make_run: Callable[..., Run]) -> None:
    names = [one.title for one in ranked(object_results(make_run(OBJECTS)))]
    assert names == ["harder", "hard", "late", "fair", "easy"]


def test_worst_and_best(make_run: Callable[..., Run]) -> None:
    worst, best = worst_and_best(object_results(make_run(OBJECTS)), 2)
    assert [one.title for one in worst] == ["harder", "hard"]
    assert [one.title for one in best] == ["easy", "fair"]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.none() | st.integers(1, 20), st.floats(0, 1)), min_size=1, max_size=12),
    st.integers(0, 8),
)
def test_nothing_is_both_worst_and_best(numbers: list[tuple[int | None, float]], count: int) -> None:
    results = [result(clicks, mean, str(place)) for place, (clicks, mean) in enumerate(numbers)]
    worst, best = worst_and_best(results, count)
    assert len(worst) <= count
    assert len(best) <= count
    assert len(worst) + len(best) == min(2 * count, len(results)) or len(results) < 2 * count
    assert not {one.anchor for one in worst} & {one.anchor for one in best}
    if worst and best:

        def key(one: ObjectResult) -> tuple[float, float]:
            clicks = one.noc[0.9]
            return (float("inf") if clicks is None else clicks, -one.mean_iou)

        assert min(map(key, worst)) >= max(map(key, best))
