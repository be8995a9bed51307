from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from skipclick.report import bootstrap
from skipclick.report.bootstrap import Interval, mean_interval, padded, resampled_means, score_curve

numbers = st.lists(st.integers(1, 20), min_size=1, max_size=40)


class TestMeanInterval:
    @settings(max_examples=40, deadline=None)
    @given(numbers)
    def test_the_interval_lies_among_the_values(self, values: list[int]) -> None:
        interval = mean_interval(values, np.random.default_rng(0), 200)
        assert interval.mean == pytest.approx(np.mean(values))
        assert min(values) - 1e-9 <= interval.low <= interval.high <= max(values) + 1e-9

    def test_one_object_says_nothing_about_chance(self, rng: np.random.Generator) -> None:
        assert mean_interval([7], rng) == Interval(7, 7, 7)

    def test_equal_objects_leave_no_doubt(self, rng: np.random.Generator) -> None:
        interval = mean_interval([3.5] * 20, rng)
        assert (interval.low, interval.high) == pytest.approx((3.5, 3.5))

    def test_it_is_that_of_scipy(self, rng: np.random.Generator) -> None:
        values = rng.integers(1, 21, 80)
        ours = mean_interval(values, rng, 20_000)
        theirs = stats.bootstrap(
            (values,), np.mean, n_resamples=20_000, method="percentile", random_state=np.random.default_rng(1)
        ).confidence_interval
        assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.06)

    def test_it_covers_the_truth_as_often_as_it_says(self, rng: np.random.Generator) -> None:
        inside = 0
        for _ in range(300):
            interval = mean_interval(rng.normal(2.0, 1.0, 60), rng, 300)
            inside += interval.low <= 2.0 <= interval.high
        assert 0.89 < inside / 300 < 0.985

    def test_the_same_generator_gives_the_same_interval(self) -> None:
        values = np.random.default_rng(0).normal(size=30)
        first, second = (mean_interval(values, np.random.default_rng(3)) for _ in range(2))
        assert first == second
        assert mean_interval(values, np.random.default_rng(4)) != first

    @pytest.mark.parametrize(
        ("low", "high", "excludes"), [(0.1, 2, True), (-2, -0.1, True), (-1, 1, False), (0, 1, False)]
    )
    def test_zero(self, low: float, high: float, excludes: bool) -> None:
        assert Interval(0.5, low, high).excludes_zero == excludes


class TestResampledMeans:
    def test_shapes(self, rng: np.random.Generator) -> None:
        assert resampled_means(np.ones((5, 3)), rng, 11).shape == (11, 3)

    def test_columns_share_their_draws(self, rng: np.random.Generator) -> None:
        values = rng.normal(size=(30, 1))
        means = resampled_means(np.hstack([values, values + 1]), rng, 50)
        np.testing.assert_allclose(means[:, 1], means[:, 0] + 1)

    def test_memory_is_bounded_and_the_number_of_draws_kept(
        self, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sizes: list[Any] = []

        class Spy:
            def multinomial(self, *words: Any, size: int) -> Any:
                sizes.append(size)
                return rng.multinomial(*words, size=size)

        monkeypatch.setattr(bootstrap, "_ENTRIES", 70)
        assert resampled_means(np.ones((10, 2)), Spy(), 20).shape == (20, 2)  # type: ignore[arg-type]
        assert sizes == [7, 7, 6]


class TestCurve:
    def test_a_finished_object_keeps_its_last_iou(self) -> None:
        np.testing.assert_array_equal(padded([[0.5, 0.9], [0.2]], 3), [[0.5, 0.9, 0.9], [0.2, 0.2, 0.2]])

    def test_further_clicks_are_cut_off(self) -> None:
        np.testing.assert_array_equal(padded([[0.5, 0.9, 0.7]], 2), [[0.5, 0.9]])

    def test_means_and_bands(self, rng: np.random.Generator) -> None:
        ious = [[0.5, 0.7], [0.7, 0.9], [0.9], [0.3, 0.4]]
        curve = score_curve(ious, 2, rng)
        np.testing.assert_allclose(curve.mean, [0.6, 0.725])
        assert (curve.low < curve.mean).all()
        assert (curve.mean < curve.high).all()
        assert (curve.low >= 0.3).all()
        assert (curve.high <= 0.9).all()

    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=20), min_size=1, max_size=12))
    def test_any_lists(self, ious: list[list[float]]) -> None:
        curve = score_curve(ious, 20, np.random.default_rng(0), 50)
        assert curve.mean.shape == curve.low.shape == curve.high.shape == (20,)
        assert (curve.low <= curve.high).all()
        assert curve.mean[-1] == pytest.approx(np.mean([one[-1] for one in ious]))
