from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from skipclick.evaluation.trace import ObjectTrace
from skipclick.report.bootstrap import score_curve
from skipclick.report.curves import draw_boundary_curves, draw_curves
from skipclick.report.runs import Run

OBJECTS = {"a": [0.5, 0.92, 0.96], "b": [0.97], "c": [0.1] * 20, "d": [0.3, 0.5, 0.7, 0.96]}


def legend(figure: Figure) -> list[str]:
    (one,) = figure.legends
    return [text.get_text() for text in one.get_texts()]


class TestCurves:
    def test_a_panel_for_each_data_set(
        self, drawn: list[Figure], make_run: Callable[..., Run], rng: np.random.Generator
    ) -> None:
        runs = [
            make_run(OBJECTS),
            make_run(OBJECTS, label="HQSeg"),
            make_run(OBJECTS, mirror=False, name="plain.jsonl"),
        ]
        draw_curves(runs, rng)
        (figure,) = drawn
        assert [axes.get_title("left") for axes in figure.axes] == [
            "GrabCut, 4 objects",
            "HQSeg-44k, 4 objects",
        ]
        assert [len(axes.lines) for axes in figure.axes] == [2, 1]
        assert legend(figure) == ["disks", "disks, not mirrored"]

    def test_panels_share_their_axis(
        self, drawn: list[Figure], make_run: Callable[..., Run], rng: np.random.Generator
    ) -> None:
        draw_curves([make_run({"a": [0.9, 0.96]}), make_run(OBJECTS, label="SBD")], rng)
        first, second = drawn[0].axes
        assert first.get_ylim() == second.get_ylim()
        assert first.get_ylim()[0] < 50

    def test_lines_and_bands_are_the_numbers(
        self, drawn: list[Figure], make_run: Callable[..., Run], rng: np.random.Generator
    ) -> None:
        run = make_run(OBJECTS)
        draw_curves([run], rng)
        axes = drawn[0].axes[0]
        expected = score_curve(run.ious, 20, np.random.default_rng(0))
        np.testing.assert_allclose(axes.lines[0].get_xdata(), np.arange(1, 21))
        np.testing.assert_allclose(axes.lines[0].get_ydata(), 100 * expected.mean)
        band = axes.collections[0].get_paths()[0].vertices
        assert band[:, 1].min() == pytest.approx(100 * expected.low.min())
        assert band[:, 1].max() == pytest.approx(100 * expected.high.max())

    def test_a_model_has_one_colour_everywhere(
        self, drawn: list[Figure], make_run: Callable[..., Run], rng: np.random.Generator
    ) -> None:
        runs = [
            make_run(OBJECTS, model="m"),
            make_run(OBJECTS, model="n", label="SBD"),
            make_run(OBJECTS, model="m", label="SBD"),
        ]
        draw_curves(runs, rng)
        first, second = drawn[0].axes
        assert first.lines[0].get_color() == second.lines[1].get_color() != second.lines[0].get_color()

    def test_a_single_click_is_a_point(
        self, drawn: list[Figure], make_run: Callable[..., Run], rng: np.random.Generator
    ) -> None:
        draw_curves([make_run({"a": [0.5], "b": [0.7]}, max_clicks=1)], rng)
        assert drawn[0].axes[0].lines[0].get_marker() == "o"

    def test_many_models_leave_room_for_panels(
        self, drawn: list[Figure], make_run: Callable[..., Run], rng: np.random.Generator
    ) -> None:
        runs = [make_run(OBJECTS, model=f"a-model-with-a-long-name-{index}") for index in range(9)]
        draw_curves(runs, rng)
        FigureCanvasAgg(drawn[0]).draw()
        box = drawn[0].axes[0].get_position()
        assert box.height * drawn[0].get_figheight() > 1.4  # inches

    def test_all_curves_go_as_far_as_clicks_were_allowed(
        self, drawn: list[Figure], make_run: Callable[..., Run], rng: np.random.Generator
    ) -> None:
        draw_curves([make_run({"a": [0.5, 0.97]})], rng)
        line = drawn[0].axes[0].lines[0]
        np.testing.assert_allclose(line.get_ydata(), [50] + [97] * 19)

    @pytest.mark.parametrize("ious", [[0.1], [0.98], [1.0]])
    def test_every_band_lies_within_the_axis(
        self, drawn: list[Figure], make_run: Callable[..., Run], rng: np.random.Generator, ious: list[float]
    ) -> None:
        draw_curves([make_run({"a": ious})], rng)
        low, high = drawn[0].axes[0].get_ylim()
        assert 0 <= low < 100 * ious[0] <= high == 100

    def test_a_starting_mask_stands_at_0_clicks(
        self,
        drawn: list[Figure],
        make_run: Callable[..., Run],
        rng: np.random.Generator,
        starting_from: Callable[..., ObjectTrace],
    ) -> None:
        objects = [starting_from(0.6, "a", [0.7, 0.96]), starting_from(0.8, "b", [0.97])]
        drawing = draw_curves([make_run(objects, start="given"), make_run(OBJECTS, label="SBD")], rng)
        begun, empty = drawn[0].axes
        assert begun.lines[0].get_xdata()[0] == 0
        assert begun.lines[0].get_ydata()[0] == pytest.approx(70)
        assert begun.get_xticks()[0] == 0
        assert empty.lines[0].get_xdata()[0] == empty.get_xticks()[0] == 1
        assert "masks that were begun from" in drawing.caption


class TestBoundaryCurves:
    def test_none_where_it_was_not_measured(
        self, make_run: Callable[..., Run], rng: np.random.Generator
    ) -> None:
        assert draw_boundary_curves([make_run(OBJECTS)], rng) == []

    def test_both_scores_of_the_runs_that_have_them(
        self,
        drawn: list[Figure],
        make_run: Callable[..., Run],
        rng: np.random.Generator,
        starting_from: Callable[..., ObjectTrace],
    ) -> None:
        scored = starting_from(0.5, "a", [0.7, 0.96], boundary_f=(0.2, 0.4), boundary_iou=(0.1, 0.3))
        runs = [make_run(OBJECTS, model="m"), make_run([scored], model="n", boundary=True)]
        draw_curves(runs, rng)
        drawings = draw_boundary_curves(runs, rng)
        assert [one.name for one in drawings] == ["boundary-f-by-click", "boundary-iou-by-click"]
        assert [figure.axes[0].lines[0].get_ydata()[0] for figure in drawn[1:]] == pytest.approx([20, 10])
        assert drawn[1].axes[0].lines[0].get_xdata()[0] == 1
        assert legend(drawn[1]) == ["n"]
        colours = [figure.axes[0].lines[-1].get_color() for figure in drawn]
        assert len(set(colours)) == 1
