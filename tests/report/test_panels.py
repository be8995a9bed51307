from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipclick.report.canvas import WIDTH
from skipclick.report.panels import (
    click_ticks,
    label_outside,
    model_styles,
    panel_grid,
    panel_title,
    same_heights,
)
from skipclick.report.runs import Run


class TestTicks:
    @pytest.mark.parametrize(
        ("most", "first", "ticks"),
        [
            (20, 1, [1, 5, 10, 15, 20]),
            (20, 0, [0, 5, 10, 15, 20]),
            (11, 1, [1, 5, 11]),
            (4, 1, [1, 2, 3, 4]),
            (4, 0, [0, 1, 2, 3, 4]),
            (1, 1, [1]),
        ],
    )
    def test_places(self, most: int, first: int, ticks: list[int]) -> None:
        assert click_ticks(most, first) == ticks

    @given(st.integers(1, 100), st.integers(0, 1))
    def test_both_ends_have_one_and_none_is_there_twice(self, most: int, first: int) -> None:
        ticks = click_ticks(most, first)
        assert (ticks[0], ticks[-1]) == (first, most)
        assert ticks == sorted(set(ticks))


class TestGrid:
    @pytest.mark.parametrize(("count", "shape"), [(1, (1, 1)), (2, (1, 2)), (3, (1, 3)), (7, (3, 3))])
    def test_three_side_by_side(self, count: int, shape: tuple[int, int]) -> None:
        figure, panels = panel_grid(count, 2.0)
        assert len(panels) == len(figure.axes) == count
        place = panels[0].get_subplotspec()
        assert place is not None
        assert place.get_gridspec().get_geometry() == shape
        assert figure.get_figwidth() <= WIDTH

    def test_a_legend_takes_room_of_its_own(self) -> None:
        without, _ = panel_grid(1, 2.0)
        with_names, _ = panel_grid(1, 2.0, ["a", "b"])
        assert with_names.get_figheight() > without.get_figheight()

    def test_labels_stand_outside_alone(self) -> None:
        _, panels = panel_grid(5, 2.0)
        label_outside(panels, "clicks", "IoU")
        assert [axes.get_ylabel() for axes in panels] == ["IoU", "", "", "IoU", ""]
        # Nothing stands below the third, though it is in the first row.
        assert [axes.get_xlabel() for axes in panels] == ["", "", "clicks", "clicks", "clicks"]


class TestTitles:
    def test_one_object_is_no_objects(self, make_run: Callable[..., Run]) -> None:
        assert panel_title("GrabCut", [make_run({"a": [0.9]})]) == "GrabCut, 1 object"

    def test_runs_that_differ_in_number(self, make_run: Callable[..., Run]) -> None:
        runs = [make_run({"a": [0.9]}), make_run({"a": [0.9], "b": [0.9]}, model="n")]
        assert panel_title("HQSeg", runs) == "HQSeg-44k"

    def test_long_names_take_two_lines(self, make_run: Callable[..., Run]) -> None:
        title = panel_title("photos-of-all-our-customers", [make_run({"a": [0.9], "b": [0.9]})])
        assert title == "photos-of-all-our-customers\n2 objects"


def test_models_have_styles_in_their_order(make_run: Callable[..., Run]) -> None:
    runs = [make_run({"a": [0.9]}, model=name, label=label) for label in ("A", "B") for name in "mn"]
    styles = model_styles(runs)
    assert list(styles) == ["m", "n"]
    assert len(set(styles.values())) == 2


def test_panels_get_the_widest_axis_that_one_of_them_has() -> None:
    _, panels = panel_grid(3, 2.0)
    for axes, limits in zip(panels, ((60, 100), (75, 100), (70, 101)), strict=True):
        axes.set_ylim(*limits)
    same_heights(panels)
    assert [axes.get_ylim() for axes in panels] == [(60, 101)] * 3
