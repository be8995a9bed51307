from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skipclick.evaluation.metrics import mean_noc
from skipclick.evaluation.trace import ObjectTrace
from skipclick.report.bootstrap import Interval
from skipclick.report.compare import Comparison, Difference, compare_runs
from skipclick.report.runs import ReportError, Run

SLOW = {"a": [0.5, 0.7, 0.92, 0.96], "b": [0.97], "c": [0.1] * 20, "d": [0.8, 0.96]}
FAST = {"a": [0.93, 0.96], "b": [0.97], "c": [0.4] * 20, "d": [0.7, 0.8, 0.96]}


@pytest.fixture
def comparison(make_run: Callable[..., Run], rng: np.random.Generator) -> Comparison:
    return compare_runs(make_run(SLOW, model="slow"), make_run(FAST, model="fast"), rng)


def named(comparison: Comparison, name: str) -> Difference:
    (found,) = [one for one in comparison.differences if one.name == name]
    return found


class TestNumbers:
    def test_what_is_compared(self, comparison: Comparison) -> None:
        assert [one.name for one in comparison.differences] == [
            *("NoC@80", "NoC@85", "NoC@90", "NoC@95"),
            *("IoU after 1 click", "IoU after 3 clicks", "IoU after 5 clicks"),
        ]

    def test_clicks(self, comparison: Comparison) -> None:
        one = named(comparison, "NoC@90")
        assert (one.first, one.second) == ((3 + 1 + 20 + 2) / 4, (1 + 1 + 20 + 3) / 4)
        assert one.change.mean == pytest.approx(one.second - one.first)
        assert (one.better, one.equal, one.worse) == (1, 2, 1)
        assert one.fewer_is_better

    def test_ious(self, comparison: Comparison) -> None:
        one = named(comparison, "IoU after 1 click")
        assert one.first == pytest.approx((0.5 + 0.97 + 0.1 + 0.8) / 4)
        assert one.second == pytest.approx((0.93 + 0.97 + 0.4 + 0.7) / 4)
        assert (one.better, one.equal, one.worse) == (2, 1, 1)
        assert not one.fewer_is_better

    def test_outlines_where_both_runs_have_them(
        self,
        make_run: Callable[..., Run],
        rng: np.random.Generator,
        starting_from: Callable[..., ObjectTrace],
    ) -> None:
        scores = [(0.2, 0.4), (0.5, 0.6)]
        one, other = (
            make_run(
                [starting_from(0.5, "a", [0.7, 0.96], boundary_f=score, boundary_iou=score)],
                model=model,
                boundary=True,
            )
            for model, score in zip("mn", scores, strict=True)
        )
        result = compare_runs(one, other, rng)
        difference = named(result, "boundary F after 1 click")
        assert (difference.first, difference.second, difference.better) == (0.2, 0.5, 1)
        assert named(result, "boundary IoU after 3 clicks").change.mean == pytest.approx(0.2)
        plain = compare_runs(one, make_run({"a": [0.8, 0.96]}, model="o"), rng)
        assert not [name for name in (found.name for found in plain.differences) if "boundary" in name]

    def test_outlines_are_cut_as_the_clicks_are(
        self,
        make_run: Callable[..., Run],
        rng: np.random.Generator,
        starting_from: Callable[..., ObjectTrace],
    ) -> None:
        ious, scores = [0.5, 0.86, 0.99], (0.1, 0.2, 0.9)
        run = make_run([starting_from(0.1, "a", ious, boundary_f=scores, boundary_iou=scores)], boundary=True)
        early = make_run({"a": [0.5, 0.86]}, model="n", target_iou=0.85)
        (trace,) = compare_runs(run, early, rng).first.objects
        assert trace.ious == (0.5, 0.86)
        assert trace.boundary_f == trace.boundary_iou == (0.1, 0.2)

    def test_a_starting_mask_that_was_good_enough_counts_as_no_click(
        self,
        make_run: Callable[..., Run],
        rng: np.random.Generator,
        starting_from: Callable[..., ObjectTrace],
    ) -> None:
        good = make_run([starting_from(0.91, "a", [0.7, 0.96])], start="given")
        empty = make_run({"a": [0.7, 0.96]}, model="n")
        difference = named(compare_runs(good, empty, rng), "NoC@90")
        assert (difference.first, difference.second) == (0, 2)

    def test_differences_of_objects(self, comparison: Comparison) -> None:
        assert comparison.noc[0.9] == [-2, 0, 0, 1]
        assert [pair.clicks for pair in comparison.pairs] == [-2, 0, 0, 1]
        assert [pair.first.title for pair in comparison.pairs] == ["a", "b", "c", "d"]
        assert comparison.pairs[2].iou == pytest.approx(0.3)

    def test_it_is_paired(self, make_run: Callable[..., Run], rng: np.random.Generator) -> None:
        """A click less on every object is certain, however much objects differ among each other."""
        ious = {str(index): [0.1] * (index + 1) + [0.96] for index in range(15)}
        fewer = {name: values[1:] for name, values in ious.items()}
        result = compare_runs(make_run(ious, model="m"), make_run(fewer, model="n"), rng)
        one = named(result, "NoC@90")
        assert (one.change.low, one.change.high) == pytest.approx((-1, -1))
        assert one.verdict == "second"
        assert one.better == 15

    def test_a_run_equals_itself(self, make_run: Callable[..., Run], rng: np.random.Generator) -> None:
        result = compare_runs(make_run(SLOW), make_run(SLOW), rng)
        for one in result.differences:
            assert one.change == Interval(0, 0, 0)
            assert (one.better, one.equal, one.worse, one.verdict) == (0, 4, 0, "")
        assert result.largest(5) == []

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.data())
    def test_exchanging_the_runs_turns_the_sign(
        self, make_run: Callable[..., Run], data: st.DataObject
    ) -> None:
        lists = st.lists(st.floats(0, 0.94), min_size=20, max_size=20)
        objects = data.draw(st.lists(st.tuples(lists, lists), min_size=1, max_size=4))
        runs = [
            make_run({str(place): pair[side] for place, pair in enumerate(objects)}, model="mn"[side])
            for side in (0, 1)
        ]
        there, back = (
            compare_runs(*order, np.random.default_rng(0)).differences for order in (runs, runs[::-1])
        )
        for one, other in zip(there, back, strict=True):
            assert one.change.mean == pytest.approx(-other.change.mean)
            assert (one.better, one.equal, one.worse) == (other.worse, other.equal, other.better)
            assert (one.first, one.second) == (other.second, other.first)


class TestShared:
    def test_only_what_both_have(self, make_run: Callable[..., Run], rng: np.random.Generator) -> None:
        first = make_run({"a": [0.96], "b": [0.96], "x": [0.1, 0.96]}, model="m")
        second = make_run({"y": [0.96], "b": [0.5, 0.96], "a": [0.96]}, model="n")
        result = compare_runs(first, second, rng)
        assert [pair.first.title for pair in result.pairs] == ["a", "b"]
        assert [pair.second.title for pair in result.pairs] == ["a", "b"]
        assert result.left_out == 2
        assert result.noc[0.9] == [0, 1]

    def test_nothing_in_common(self, make_run: Callable[..., Run], rng: np.random.Generator) -> None:
        with pytest.raises(ReportError, match="have no object in common"):
            compare_runs(make_run({"a": [0.96]}, model="m"), make_run({"b": [0.96]}, model="n"), rng)

    def test_other_data(self, make_run: Callable[..., Run], rng: np.random.Generator) -> None:
        with pytest.raises(ReportError, match=r"is of GrabCut and .* of SBD: compare runs on one data set"):
            compare_runs(make_run(SLOW), make_run(SLOW, label="SBD"), rng)

    def test_a_subset_against_the_whole(self, make_run: Callable[..., Run], rng: np.random.Generator) -> None:
        whole = make_run(SLOW, label="DAVIS", model="m")
        part = make_run({"a": SLOW["a"]}, label="DAVIS_dev", reader="DAVIS", model="n")
        result = compare_runs(whole, part, rng)
        assert len(result.pairs) == 1
        assert result.first.label == result.second.label == "DAVIS"

    @pytest.mark.parametrize("label", ["Folder", "COCO"])
    def test_other_photos_of_the_same_names(
        self, make_run: Callable[..., Run], rng: np.random.Generator, label: str
    ) -> None:
        """Cats and dogs that are both called a to d."""
        cats = make_run(SLOW, label="cats", reader=label, fingerprint="f", model="m")
        dogs = make_run(FAST, label="dogs", reader=label, fingerprint="g", model="n")
        with pytest.raises(ReportError, match=r"m_cats.jsonl and .*n_dogs.jsonl are of different photos"):
            compare_runs(cats, dogs, rng)
        same = make_run(FAST, label="dogs", reader=label, fingerprint="f", model="n")
        assert compare_runs(cats, same, rng).caution == ""

    def test_other_ground_truths_of_a_published_data_set(
        self, make_run: Callable[..., Run], rng: np.random.Generator
    ) -> None:
        whole = make_run(SLOW, label="DAVIS", fingerprint="f", model="m")
        part = make_run({"a": SLOW["a"]}, label="DAVIS_dev", reader="DAVIS", fingerprint="g", model="n")
        result = compare_runs(whole, part, rng)
        assert "ground truths differ: a subset, or another version" in result.caution
        assert compare_runs(whole, whole, rng).caution == ""


class TestLimits:
    def test_the_fewer_clicks_count(self, make_run: Callable[..., Run], rng: np.random.Generator) -> None:
        first = make_run({"a": [0.1] * 8 + [0.96]}, model="m")
        second = make_run({"a": [0.1] * 5}, model="n", max_clicks=5)
        result = compare_runs(first, second, rng)
        assert named(result, "NoC@90").change.mean == 0
        assert result.first.max_clicks == result.second.max_clicks == 5
        assert len(result.first.objects[0].clicks) == len(result.first.objects[0].ious) == 5

    def test_fewer_clicks_than_a_line_needs(
        self, make_run: Callable[..., Run], rng: np.random.Generator
    ) -> None:
        run = make_run({"a": [0.1, 0.2]}, max_clicks=2)
        names = [one.name for one in compare_runs(run, run, rng).differences]
        assert names[-1] == "IoU after 1 click"

    def test_the_lower_target_counts(self, make_run: Callable[..., Run], rng: np.random.Generator) -> None:
        first = make_run({"a": [0.5, 0.87, 0.99]}, model="m", target_iou=1.01)
        second = make_run({"a": [0.5, 0.86]}, model="n", target_iou=0.85)
        result = compare_runs(first, second, rng)
        assert list(result.noc) == [0.8, 0.85]
        assert result.first.objects[0].ious == (0.5, 0.87)
        assert [pair.clicks for pair in result.pairs] == [0]

    def test_numbers_are_not_changed_by_cutting(
        self, make_run: Callable[..., Run], rng: np.random.Generator
    ) -> None:
        """NoC up to the common target is what it was on the whole lists."""
        every = make_run({"a": [0.5, 0.96, 0.2, 0.97] + [0.9] * 16}, model="m", target_iou=1.01)
        usual = make_run({"a": [0.5, 0.96]}, model="n")
        result = compare_runs(every, usual, rng)
        assert named(result, "NoC@95").first == mean_noc(every.ious, 0.95) == 2


class TestThresholds:
    OBJECTS = ({"a": [0.5, 0.97, 0.99], "b": [0.99]}, {"a": [0.985], "b": [0.99]})

    def test_the_one_at_which_objects_were_finished_is_counted(
        self, make_run: Callable[..., Run], rng: np.random.Generator
    ) -> None:
        runs = [
            make_run(ious, model=model, target_iou=0.98)
            for ious, model in zip(self.OBJECTS, "mn", strict=True)
        ]
        result = compare_runs(runs[0], runs[1], rng)
        assert list(result.noc) == [0.8, 0.85, 0.9, 0.95, 0.98]
        assert named(result, "NoC@98").change.mean == (1 - 3) / 2
        assert result.ranked_by == 0.9

    def test_those_that_were_asked_for(self, make_run: Callable[..., Run], rng: np.random.Generator) -> None:
        runs = [make_run(ious, model=model) for ious, model in zip(self.OBJECTS, "mn", strict=True)]
        result = compare_runs(runs[0], runs[1], rng, (0.45, 0.625))
        assert [one.name for one in result.differences[:2]] == ["NoC@45", "NoC@62.5"]
        assert (result.ranked_by, [pair.clicks for pair in result.pairs]) == (0.625, [-1, 0])
        with pytest.raises(ReportError, match=r"until 98 % are not known: objects were finished at 95 %"):
            compare_runs(runs[0], runs[1], rng, (0.98, 0.99))


class TestLargest:
    def test_clicks_first_then_ious(self, comparison: Comparison) -> None:
        assert [pair.first.title for pair in comparison.largest(9)] == ["a", "d", "c"]
        assert [pair.first.title for pair in comparison.largest(1)] == ["a"]


@pytest.mark.parametrize(
    ("low", "high", "fewer", "verdict"),
    [
        (-2, -1, True, "second"),
        (1, 2, True, "first"),
        (1, 2, False, "second"),
        (-2, -1, False, "first"),
        (-1, 2, True, ""),
    ],
)
def test_verdicts(low: float, high: float, fewer: bool, verdict: str) -> None:
    change = Interval((low + high) / 2, low, high)
    assert Difference("x", 1, 1, change, 0, 1, 0, fewer).verdict == verdict
