from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from skipclick.evaluation.trace import ObjectTrace
from skipclick.report.canvas import COLOURS
from skipclick.report.figures import click_shares, draw_differences, draw_histograms, figured
from skipclick.report.published import published_table
from skipclick.report.radar import draw_radar
from skipclick.report.runs import Run

OBJECTS = {"a": [0.5, 0.92, 0.96], "b": [0.97], "c": [0.1] * 20, "d": [0.3, 0.5, 0.7, 0.96]}


def legend(figure: Figure) -> list[str]:
    (one,) = figure.legends
    return [text.get_text() for text in one.get_texts()]


def overlapping_labels(figure: Figure) -> list[tuple[str, str]]:
    """Neighbouring texts under an axis that touch each other."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    found = []
    for axes in figure.axes:
        labels = [label for label in axes.get_xticklabels() if label.get_text()]
        for left, right in pairwise(labels):
            if left.get_window_extent(renderer).x1 >= right.get_window_extent(renderer).x0:
                found.append((left.get_text(), right.get_text()))
    return found


class TestHistograms:
    def test_shares(self, make_run: Callable[..., Run]) -> None:
        shares = click_shares(make_run(OBJECTS), 0.9)
        assert shares.shape == (22,)
        assert shares.sum() == pytest.approx(1)
        assert dict(zip(np.flatnonzero(shares).tolist(), shares[shares > 0], strict=True)) == {
            1: 0.25,
            2: 0.25,
            4: 0.25,
            21: 0.25,
        }

    def test_the_last_click_is_not_never(self, make_run: Callable[..., Run]) -> None:
        shares = click_shares(make_run({"a": [0.1] * 19 + [0.91], "b": [0.1] * 20}), 0.9)
        assert (shares[20], shares[21]) == (0.5, 0.5)

    def test_a_good_mask_to_begin_from_takes_no_click(
        self, drawn: list[Figure], make_run: Callable[..., Run], starting_from: Callable[..., ObjectTrace]
    ) -> None:
        run = make_run(
            [starting_from(0.92, "a", [0.93, 0.96]), starting_from(0.5, "b", [0.93])], start="given"
        )
        shares = click_shares(run, 0.9)
        assert (shares[0], shares[1]) == (0.5, 0.5)
        draw_histograms([run])
        assert drawn[0].axes[0].get_xlim()[0] < -0.5
        assert drawn[0].axes[0].get_xticklabels()[0].get_text() == "0"

    def test_zooming_in_is_no_reason_for_a_place_at_0(
        self, drawn: list[Figure], make_run: Callable[..., Run]
    ) -> None:
        draw_histograms([make_run(OBJECTS, zoom=True)])
        assert drawn[0].axes[0].get_xlim()[0] == 0

    def test_where_every_object_was_solved_nothing_stands_at_never(
        self, drawn: list[Figure], make_run: Callable[..., Run]
    ) -> None:
        draw_histograms([make_run({"a": [0.97]})])
        assert not drawn[0].axes[0].patches[-1].get_visible()

    def test_shares_are_written_as_whole_numbers(
        self, drawn: list[Figure], make_run: Callable[..., Run]
    ) -> None:
        draw_histograms([make_run({str(index): [0.1] * (index % 9) + [0.97] for index in range(40)})])
        ticks = drawn[0].axes[0].get_yticks()
        np.testing.assert_array_equal(ticks, ticks.round())

    def test_a_model_that_stopped_before_keeps_its_colour_for_itself(
        self, drawn: list[Figure], make_run: Callable[..., Run]
    ) -> None:
        early, late = make_run(OBJECTS, model="m", target_iou=0.85), make_run(OBJECTS, model="n")
        draw_histograms([early, late], 0.85)
        draw_histograms([early, late], 0.9)
        both, one = (figure.axes[0].patches[0] for figure in drawn)
        assert legend(drawn[1]) == ["n"]
        assert one.get_facecolor() == drawn[0].axes[0].patches[22].get_facecolor() != both.get_facecolor()

    def test_bars_are_the_shares(self, drawn: list[Figure], make_run: Callable[..., Run]) -> None:
        run = make_run(OBJECTS)
        draw_histograms([run], 0.85)
        heights = [bar.get_height() for bar in drawn[0].axes[0].patches]
        np.testing.assert_allclose(heights, 100 * click_shares(run, 0.85))

    def test_never_stands_apart(self, drawn: list[Figure], make_run: Callable[..., Run]) -> None:
        draw_histograms([make_run(OBJECTS)])
        axes = drawn[0].axes[0]
        assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "5", "10", "15", "20", "never"]
        assert axes.patches[-1].get_hatch()
        assert not axes.patches[0].get_hatch()

    def test_runs_that_stopped_before_are_left_out(self, make_run: Callable[..., Run]) -> None:
        assert draw_histograms([make_run(OBJECTS, target_iou=0.85)], 0.9) is None

    def test_bars_of_several_models_stand_side_by_side(
        self, drawn: list[Figure], make_run: Callable[..., Run]
    ) -> None:
        runs = [make_run(OBJECTS, model=name) for name in "mno"]
        draw_histograms(runs)
        bars: list[Any] = sorted(drawn[0].axes[0].patches, key=lambda bar: bar.get_x())
        assert len(bars) == 66
        for left, right in pairwise(bars):
            assert left.get_x() + left.get_width() <= right.get_x() + 1e-9

    @pytest.mark.parametrize("count", [1, 4])
    def test_no_label_covers_another(
        self, drawn: list[Figure], make_run: Callable[..., Run], count: int
    ) -> None:
        runs = [make_run(OBJECTS, label=f"set-{index}") for index in range(count)]
        draw_histograms(runs)
        (figure,) = drawn
        assert len(figure.axes) == count
        assert overlapping_labels(figure) == []

    def test_equal_shares_are_equally_high_in_all_panels(
        self, drawn: list[Figure], make_run: Callable[..., Run]
    ) -> None:
        few = {str(index): [0.1] * index + [0.97] for index in range(20)}
        draw_histograms([make_run({"a": [0.97]}), make_run(few, label="SBD")])
        first, second = drawn[0].axes
        assert first.get_ylim() == second.get_ylim()
        assert first.get_ylim()[1] > 100

    def test_the_legend_begins_at_the_left(self, drawn: list[Figure], make_run: Callable[..., Run]) -> None:
        """Where a wide figure is scrolled, what is seen first should tell whose lines these are."""
        draw_histograms([make_run(OBJECTS, label=name) for name in ("GrabCut", "SBD", "DAVIS")])
        canvas = FigureCanvasAgg(drawn[0])
        canvas.draw()
        box = drawn[0].legends[0].get_window_extent(canvas.get_renderer())
        assert box.x0 < 0.05 * canvas.get_width_height()[0]

    def test_any_threshold_can_be_drawn(self, make_run: Callable[..., Run]) -> None:
        drawing = draw_histograms([make_run({"a": [0.97, 0.98]}, target_iou=0.98)], 0.975)
        assert drawing is not None
        assert drawing.name == "clicks-97.5"
        assert "until the IoU reached 97.5 %" in drawing.caption

    @pytest.mark.parametrize(
        ("thresholds", "drawn"),
        [
            ((0.8, 0.85, 0.9, 0.95), [0.85, 0.9]),
            ((0.8, 0.9, 0.98), [0.9]),
            ((0.5, 0.6, 0.7), [0.6, 0.7]),
            ((0.98,), [0.98]),
            ((), []),
        ],
    )
    def test_which_ones_are(self, thresholds: tuple[float, ...], drawn: list[float]) -> None:
        assert figured(thresholds) == drawn


class TestDifferences:
    def test_bars_and_counts(self, drawn: list[Figure]) -> None:
        draw_differences({0.85: [0, 0, -1, 2, 2], 0.9: [-5, 1, 0]}, "first", "second")
        left, right = drawn[0].axes
        assert [axes.get_title("left") for axes in (left, right)] == [
            "NoC@85, 5 objects",
            "NoC@90, 3 objects",
        ]
        places = {round(bar.get_x() + bar.get_width() / 2): bar.get_height() for bar in left.patches}
        assert {place: height for place, height in places.items() if height} == {-1: 1, 0: 2, 2: 2}
        assert [text.get_text() for text in left.texts] == ["fewer: 1", "more: 2"]
        assert "clicks of second minus clicks of first" in [text.get_text() for text in drawn[0].texts] or (
            drawn[0].get_supxlabel() == "clicks of second minus clicks of first"
        )

    def test_bars_have_the_colour_of_the_model_that_took_fewer(self, drawn: list[Figure]) -> None:
        drawing = draw_differences({0.9: [-1, 2]}, "first", "second")
        heights = {round(bar.get_x() + 0.42): bar for bar in drawn[0].axes[0].patches if bar.get_height()}
        assert heights[-1].get_facecolor() == to_rgba(COLOURS[1])
        assert heights[2].get_facecolor() == to_rgba(COLOURS[0])
        assert "in the colour of the one that took fewer" in drawing.caption

    def test_no_difference_at_all(self, drawn: list[Figure]) -> None:
        draw_differences({0.9: [0, 0]}, "first", "second")
        assert [text.get_text() for text in drawn[0].axes[0].texts] == ["fewer: 0", "more: 0"]

    def test_long_names_take_two_lines(self, drawn: list[Figure]) -> None:
        draw_differences({0.9: [0, 1]}, "a" * 40, "b" * 40)
        assert "\n" in drawn[0].get_supxlabel()


class TestRadar:
    CLASSES = ("WSESeg_flickr_bobsleighs", "WSESeg_flickr_snow_kites", "WSESeg_yt_sports")

    def test_the_papers_methods(self, drawn: list[Figure], make_run: Callable[..., Run]) -> None:
        drawing = draw_radar([make_run(OBJECTS)])
        assert legend(drawn[0]) == [
            "SkipClick (paper)",
            "SAM (paper)",
            "HQ-SAM (paper)",
            "SAM + Schön et al. (paper)",
            "HQ-SAM + Schön et al. † (paper)",
        ]
        assert "what was measured" not in drawing.caption

    def test_axes_run_clockwise_from_the_top(self, drawn: list[Figure], make_run: Callable[..., Run]) -> None:
        draw_radar([make_run(OBJECTS)])
        for axes in drawn[0].axes:
            assert (axes.get_theta_offset(), axes.get_theta_direction()) == (np.pi / 2, -1)  # type: ignore[attr-defined]
            assert axes.get_ylim() == (0, 20)
            names = [label.get_text().replace("\n", " ") for label in axes.get_xticklabels()]
            assert names[:2] == ["Bobsleigh", "Curl. Stone"]
            assert len(names) == 10

    def test_rings_are_numbered_on_top_of_the_lines(
        self, drawn: list[Figure], make_run: Callable[..., Run]
    ) -> None:
        draw_radar([make_run(OBJECTS)])
        for axes in drawn[0].axes:
            assert [text.get_text() for text in axes.texts] == ["5", "10", "15", "20"]
            assert min(text.get_zorder() for text in axes.texts) > max(
                line.get_zorder() for line in axes.lines
            )

    def test_names_of_classes_touch_neither_each_other_nor_the_edge(
        self, drawn: list[Figure], make_run: Callable[..., Run]
    ) -> None:
        draw_radar([make_run(OBJECTS)])
        canvas = FigureCanvasAgg(drawn[0])
        canvas.draw()
        left, right = (
            [label.get_window_extent(canvas.get_renderer()) for label in axes.get_xticklabels()]
            for axes in drawn[0].axes
        )
        assert min(box.x0 for box in left) > 0
        assert max(box.x1 for box in right) < canvas.get_width_height()[0]
        assert max(box.x1 for box in left) + 5 < min(box.x0 for box in right)

    def test_lines_are_the_printed_numbers(self, drawn: list[Figure], make_run: Callable[..., Run]) -> None:
        draw_radar([make_run(OBJECTS)])
        sam = published_table("table-2").rows[0]
        for offset, axes in enumerate(drawn[0].axes):
            (line,) = [one for one in axes.lines if one.get_label() == "SAM (paper)"]
            np.testing.assert_allclose(line.get_ydata()[:10], sam.values[offset:20:2])
            assert line.get_ydata()[10] == line.get_ydata()[0]

    def test_what_was_measured_is_added(self, drawn: list[Figure], make_run: Callable[..., Run]) -> None:
        runs = [make_run({"a": [0.1, 0.96]}, label=name) for name in self.CLASSES]
        drawing = draw_radar(runs)
        assert legend(drawn[0])[:2] == ["SkipClick (paper)", "disks"]
        (line,) = [one for one in drawn[0].axes[1].lines if one.get_label() == "disks"]
        values = line.get_ydata()
        assert np.flatnonzero(~np.isnan(values)).tolist() == [0, 3, 4, 10]
        assert values[0] == 2
        assert "what was measured" in drawing.caption

    def test_two_classes_make_no_shape(self, drawn: list[Figure], make_run: Callable[..., Run]) -> None:
        draw_radar([make_run(OBJECTS, label=name) for name in self.CLASSES[:2]])
        assert "disks" not in legend(drawn[0])
