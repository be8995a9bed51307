from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipclick.evaluation.metrics import (
    SCORES,
    THRESHOLDS,
    count_clicks,
    deciding,
    mean_noc,
    mean_of_classes,
    noc,
    percent,
    score_after,
    summarise,
)
from skipclick.evaluation.trace import ObjectTrace
from skipclick.prompt import Click

# Specification 4.7.
EXAMPLE = [(0.5, 0.85, 0.9), (0.1,) * 20, (0.1,) * 19 + (0.95,)]

iou_lists = st.lists(st.floats(0, 1), min_size=1, max_size=20)


def trace(sample: str, ious: tuple[float, ...], image_seconds: float = 0.25) -> ObjectTrace:
    return ObjectTrace(
        sample=sample,
        object_id=1,
        objects_in_sample=1,
        clicks=(Click(1, 2),) * len(ious),
        ious=ious,
        answer_seconds=(0.01,) * len(ious),
        image_seconds=image_seconds,
        seconds=1.0,
    )


@pytest.mark.parametrize(
    ("threshold", "mean", "at_cap", "unreached"),
    [(0.80, 14.0, 2, 1), (0.85, 14.0, 2, 1), (0.90, 43 / 3, 2, 1), (0.95, 20.0, 3, 2)],
)
def test_the_example_of_the_specification(threshold: float, mean: float, at_cap: int, unreached: int) -> None:
    assert mean_noc(EXAMPLE, threshold) == pytest.approx(mean)
    traces = [trace(str(index), ious) for index, ious in enumerate(EXAMPLE)]
    assert count_clicks(traces, threshold, 20).count(20) == at_cap
    assert count_clicks(traces, threshold, 21).count(21) == unreached


def test_noc_counts_from_one_and_takes_the_first() -> None:
    assert noc([0.95], 0.95) == 1
    assert noc([0.1, 0.91, 0.2, 0.99], 0.90) == 2
    assert noc([0.1, 0.2], 0.90) == 20
    assert noc([0.1, 0.2], 0.90, cap=5) == 5


def test_thresholds_are_compared_in_32_bits() -> None:
    assert noc([0.0, 0.9], 0.9000000000000001) == 2
    assert noc([0.9 - 1e-9], 0.9) == 1
    assert noc([0.9 - 1e-6], 0.9) == 20


@given(iou_lists)
def test_noc_grows_with_the_threshold_and_stays_in_range(ious: list[float]) -> None:
    counts = [noc(ious, threshold) for threshold in THRESHOLDS]
    assert counts == sorted(counts)
    assert all(1 <= count <= 20 for count in counts)


@given(st.lists(iou_lists, min_size=1, max_size=5))
def test_unreached_objects_are_at_the_cap(objects: list[list[float]]) -> None:
    for threshold in THRESHOLDS:
        summary = summarise(
            [trace(str(index), tuple(ious)) for index, ious in enumerate(objects)],
            thresholds=[threshold],
        )
        assert summary.unreached[threshold] <= summary.at_cap[threshold] <= len(objects)


def test_iou_after_clicks_keeps_the_last_of_finished_objects() -> None:
    objects = [(0.2, 0.4, 0.6), (0.96,)]
    assert score_after(objects, 1) == pytest.approx(0.58)
    assert score_after(objects, 3) == pytest.approx(0.78)
    assert score_after(objects, 20) == pytest.approx(0.78)


def test_without_objects_there_is_no_mean() -> None:
    assert math.isnan(mean_noc([], 0.9))
    assert math.isnan(score_after([], 1))
    with pytest.raises(ValueError, match="nothing to summarise"):
        summarise([])


def test_summary() -> None:
    summary = summarise([trace(str(index), ious) for index, ious in enumerate(EXAMPLE)])
    assert (summary.objects, summary.clicks) == (3, 43)
    assert summary.noc == pytest.approx({0.80: 14.0, 0.85: 14.0, 0.90: 43 / 3, 0.95: 20.0})
    assert summary.at_cap == {0.80: 2, 0.85: 2, 0.90: 2, 0.95: 3}
    assert summary.unreached == {0.80: 1, 0.85: 1, 0.90: 1, 0.95: 2}
    assert summary.iou_after == pytest.approx({1: 0.7 / 3, 3: 1.1 / 3, 5: 1.1 / 3})
    assert summary.answer_seconds == pytest.approx(0.01)
    assert summary.image_seconds == pytest.approx(0.25)
    assert summary.seconds_per_click == pytest.approx(3 / 43)


def test_image_time_is_per_image_not_per_object() -> None:
    first, second = trace("a", (0.9,), image_seconds=0.5), trace("a", (0.9,), image_seconds=0.0)
    assert summarise([first, second]).image_seconds == pytest.approx(0.5)


def test_what_the_rules_leave_unknown_is_left_out() -> None:
    summary = summarise([trace("a", (0.86,))], target_iou=0.85, cap=3)
    assert list(summary.noc) == list(summary.at_cap) == list(summary.unreached) == [0.80, 0.85]
    assert list(summary.iou_after) == [1, 3]


def begun(start_iou: float, ious: tuple[float, ...]) -> ObjectTrace:
    return dataclasses.replace(trace("a", ious), start_iou=start_iou)


class TestStartingMasks:
    def test_a_mask_that_was_good_enough_takes_no_click(self) -> None:
        assert noc([0.9, 0.96], 0.85, start_iou=0.86) == 0
        assert noc([0.9, 0.96], 0.85, start_iou=0.84) == 1
        assert noc([0.1], 0.85, start_iou=0.85 - 1e-9) == 0  # in 32 bits, as IoUs are compared

    def test_summaries_count_it(self) -> None:
        summary = summarise([begun(0.9, (0.5, 0.96)), begun(0.1, (0.2,) * 20)])
        assert summary.noc == {0.80: 10.0, 0.85: 10.0, 0.90: 10.0, 0.95: 11.0}
        assert summary.unreached == {0.80: 1, 0.85: 1, 0.90: 1, 0.95: 1}
        assert summary.at_cap == {0.80: 1, 0.85: 1, 0.90: 1, 0.95: 1}
        assert summary.start_iou == pytest.approx(0.5)

    @given(st.lists(st.tuples(iou_lists, st.none() | st.floats(0, 1)), min_size=1, max_size=5))
    def test_means_and_summaries_agree(self, objects: list[tuple[list[float], float | None]]) -> None:
        begun_from = [
            dataclasses.replace(trace(str(index), tuple(ious)), start_iou=start)
            for index, (ious, start) in enumerate(objects)
        ]
        ious, starts = zip(*objects, strict=True)
        summary = summarise(begun_from)
        for threshold in THRESHOLDS:
            assert summary.noc[threshold] == mean_noc(ious, threshold, start_ious=starts)
            assert summary.noc[threshold] <= mean_noc(ious, threshold)

    def test_a_mean_needs_a_start_for_each_object(self) -> None:
        assert mean_noc([(0.2, 0.9), (0.9,)], 0.9, start_ious=[0.95, None]) == 0.5
        with pytest.raises(ValueError, match="argument 2 is shorter"):
            mean_noc([(0.2, 0.9), (0.9,)], 0.9, start_ious=[0.95])

    def test_a_good_start_that_clicks_ruin_was_reached(self) -> None:
        summary = summarise([begun(0.97, (0.3,) * 20)])
        assert set(summary.unreached.values()) == {0}

    def test_without_them_there_is_no_such_number(self) -> None:
        assert summarise([trace("a", (0.9,))]).start_iou is None


def test_boundary_scores_after_clicks() -> None:
    scored = dataclasses.replace(
        trace("a", (0.5, 0.6, 0.96)), boundary_f=(0.1, 0.2, 0.3), boundary_iou=(0.4, 0.5, 0.6)
    )
    summary = summarise([scored])
    assert summary.boundary_f == pytest.approx({1: 0.1, 3: 0.3, 5: 0.3})
    assert summary.boundary_iou == pytest.approx({1: 0.4, 3: 0.6, 5: 0.6})
    assert summarise([trace("a", (0.9,))]).boundary_f == {}


def test_numbers_of_clicks_of_ones_own() -> None:
    summary = summarise([trace("a", (0.1, 0.2, 0.3, 0.4))], cap=4, after=(2, 4, 7))
    assert summary.iou_after == pytest.approx({2: 0.2, 4: 0.4})


def test_thresholds_of_ones_own() -> None:
    summary = summarise([trace("a", (0.5, 0.75))], thresholds=(0.4, 0.7, 0.99))
    assert summary.noc == {0.4: 1.0, 0.7: 2.0}


def test_classes_weigh_the_same_whatever_their_size() -> None:
    small = summarise([trace("a", (0.96,))])
    large = summarise([trace(str(index), (0.1, 0.2, 0.96)) for index in range(9)])
    assert mean_of_classes([small, large]) == {0.80: 2.0, 0.85: 2.0, 0.90: 2.0, 0.95: 2.0}


@pytest.mark.parametrize(
    ("threshold", "text"), [(0.9, "90"), (0.975, "97.5"), (0.57, "57"), (1.0, "100"), (0.999, "99.9")]
)
def test_thresholds_are_printed_in_percent(threshold: float, text: str) -> None:
    assert percent(threshold) == text


@pytest.mark.parametrize(
    ("thresholds", "decides"), [((0.8, 0.9, 0.95), 0.9), ((0.98, 0.5), 0.98), ({0.85: 3}, 0.85)]
)
def test_which_threshold_decides(thresholds: tuple[float, ...], decides: float) -> None:
    assert deciding(thresholds) == decides


def test_scores_are_found_in_objects_and_in_summaries() -> None:
    one_object = dataclasses.replace(trace("a", (0.1, 0.2)), boundary_f=(0.3, 0.4), boundary_iou=(0.5, 0.6))
    summary = summarise([one_object], after=(2,))
    assert [(one.name, one.of(one_object), one.means(summary)) for one in SCORES] == [
        ("IoU", (0.1, 0.2), {2: 0.2}),
        ("boundary F", (0.3, 0.4), {2: 0.4}),
        ("boundary IoU", (0.5, 0.6), {2: 0.6}),
    ]
