"""What a view of an image with masks looks like."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from skipclick.apps.desktop.layers import Look, MaskLayer, Style, compose, coverage, tone_table
from skipclick.errors import ImageError

RED, BLUE = (220, 30, 40), (30, 60, 220)
GREY = 120


def square(style: Style = "object", colour: tuple[int, int, int] = RED) -> MaskLayer:
    mask = np.zeros((80, 100), bool)
    mask[20:60, 30:70] = True
    return MaskLayer("a", mask, colour, style=style)


def draw(look: Look, *layers: MaskLayer, grey: int = GREY) -> NDArray[np.int64]:
    image = np.full((80, 100, 3), grey, np.uint8)
    covers = [(layer, layer.mask.astype(np.uint8) * np.uint8(255)) for layer in layers]
    return compose(image, covers, look).astype(int)


class TestLook:
    @pytest.mark.parametrize(
        "wrong", [{"opacity": -0.1}, {"opacity": 1.1}, {"brightness": 2}, {"contrast": float("nan")}]
    )
    def test_values_out_of_range_are_refused(self, wrong: dict[str, float]) -> None:
        with pytest.raises(ImageError, match="choose within them"):
            Look(**wrong)


class TestMaskLayer:
    def test_only_masks_are_taken(self) -> None:
        with pytest.raises(ImageError, match="bool"):
            MaskLayer("a", np.zeros((4, 4), np.uint8), RED)  # type: ignore[arg-type]
        with pytest.raises(ImageError, match="bool"):
            MaskLayer("a", np.zeros((4, 4, 1), bool), RED)

    def test_where_it_lies(self) -> None:
        assert MaskLayer("a", np.ones((5, 7), bool), RED, left=10, top=20).box == (10, 20, 17, 25)

    def test_alike_means_the_same_array_in_the_same_place_and_style(self) -> None:
        layer = square()
        assert layer.same_as(MaskLayer("b", layer.mask, RED))
        assert not layer.same_as(MaskLayer("a", layer.mask.copy(), RED))
        assert not layer.same_as(MaskLayer("a", layer.mask, BLUE))
        assert not layer.same_as(MaskLayer("a", layer.mask, RED, left=1))
        assert not layer.same_as(MaskLayer("a", layer.mask, RED, style="selected"))


class TestCoverage:
    def test_only_the_box_around_the_object_is_kept(self) -> None:
        cover, box = coverage(square().mask, 5, 6)
        assert box == (35, 26, 75, 66)
        assert cover.image.shape == (40, 40)
        assert cover.image.min() == 255

    def test_an_empty_mask_has_an_empty_box(self) -> None:
        cover, (left, top, right, bottom) = coverage(np.zeros((9, 9), bool), 3, 4)
        assert left >= right
        assert top >= bottom
        assert not cover.view(1.0, 0, 0, 30, 30).any()

    @pytest.mark.parametrize("order", ["C", "F"])
    def test_either_order_in_memory(self, order: str) -> None:
        mask = np.random.default_rng(0).random((30, 40)) > 0.5
        cover, (left, top, right, bottom) = coverage(np.asarray(mask, order=order), 0, 0)  # type: ignore[call-overload]
        np.testing.assert_array_equal(cover.image > 0, mask[top:bottom, left:right])


class TestTone:
    def test_nothing_changes_by_default(self) -> None:
        assert tone_table(Look()) is None

    @given(st.floats(-1, 1), st.floats(-1, 1))
    def test_brighter_stays_brighter(self, brightness: float, contrast: float) -> None:
        table = tone_table(Look(brightness=brightness, contrast=contrast))
        if table is not None:
            assert (np.diff(table.astype(int)) >= 0).all()

    @given(st.floats(0.01, 1))
    def test_brightness_keeps_black_and_white(self, brightness: float) -> None:
        for sign in (1, -1):
            table = tone_table(Look(brightness=sign * brightness))
            assert table is not None
            assert (table[0], table[255]) == (0, 255)
            assert sign * (int(table[60]) - 60) >= 0

    def test_full_brightness_shows_a_night_picture(self) -> None:
        table = tone_table(Look(brightness=1))
        assert table is not None
        assert table[10] > 60

    def test_contrast_turns_around_the_middle(self) -> None:
        more, less = tone_table(Look(contrast=0.5)), tone_table(Look(contrast=-0.5))
        assert more is not None
        assert less is not None
        assert more[80] < 80 < less[80] < 128 < less[170] < 170 < more[170]


class TestCompose:
    def test_without_masks_the_image_is_shown_as_it_is(self) -> None:
        assert (draw(Look()) == GREY).all()

    def test_brightness_is_of_the_image_not_of_the_masks(self) -> None:
        bright = draw(Look(brightness=0.8, opacity=1.0), square("selected"))
        assert (bright[:15] > GREY + 20).all()
        assert (bright[25:55, 35:65] == RED).all()

    def test_the_inside_is_tinted_and_the_outside_left_alone(self) -> None:
        shown = draw(Look(opacity=0.4), square("selected"))
        np.testing.assert_array_equal(shown[40, 50], np.rint(GREY + 0.4 * (np.array(RED) - GREY)))
        assert (shown[:15] == GREY).all()
        assert (shown[:, 80:] == GREY).all()

    def test_the_selected_object_stands_out(self) -> None:
        distance = [
            np.abs(draw(Look(), square(style)) - GREY)[40, 50].sum() for style in ("object", "selected")
        ]
        assert distance[0] < distance[1]

    def test_the_line_runs_along_the_border_on_both_sides(self) -> None:
        shown = draw(Look(outline=True), square("selected"))
        row = shown[40, :, 0] - GREY
        assert (row[28:32] > 50).all()
        np.testing.assert_array_equal(row[25:30], row[34:29:-1])
        assert not row[40:60].any()
        assert not row[:26].any()

    def test_a_line_does_not_run_along_the_image_s_frame(self) -> None:
        mask = np.zeros((80, 100), bool)
        mask[:, :50] = True
        shown = draw(Look(outline=True), MaskLayer("a", mask, RED, style="selected"))
        assert (shown[:, :40] == GREY).all()
        assert (shown[:, 49, 0] > GREY).all()

    def test_opacity_zero_leaves_the_line(self) -> None:
        np.testing.assert_array_equal(
            draw(Look(opacity=0), square("selected")), draw(Look(outline=True), square("selected"))
        )

    def test_what_lies_in_front_covers_what_lies_behind(self) -> None:
        mask = np.zeros((80, 100), bool)
        mask[30:70, 40:90] = True
        front = MaskLayer("b", mask, BLUE, style="selected")
        shown = draw(Look(opacity=1.0), square("selected"), front)
        assert (shown[50, 60] == BLUE).all()
        assert (draw(Look(opacity=1.0), front, square("selected"))[50, 60] == RED).all()

    def test_on_black_only_objects_are_seen_in_their_own_colours(self) -> None:
        shown = draw(Look(on_black=True), square())
        assert (shown[25:55, 35:65] == GREY).all()
        assert not shown[:19].any()
        assert not shown[:, 71:].any()

    def test_on_black_without_objects_is_black(self) -> None:
        assert not draw(Look(on_black=True)).any()

    def test_a_preview_shows_nothing_of_the_image_on_black(self) -> None:
        shown = draw(Look(on_black=True), square("preview"))
        assert (shown[40, 50] < RED).all()
        assert shown[40, 50].any()

    @pytest.mark.parametrize("look", [Look(), Look(outline=True), Look(on_black=True)])
    def test_a_flash_is_seen_in_every_look(self, look: Look) -> None:
        flash = square("flash")
        before = draw(look)
        shown = draw(look, flash)
        assert np.abs(shown - before)[40, 50].sum() > 30

    def test_a_flash_is_white_whatever_its_colour(self) -> None:
        line = draw(Look(opacity=0), square("flash", BLUE))[40, 30]
        assert line.min() == line.max() > GREY

    def test_an_empty_mask_draws_nothing(self) -> None:
        empty = MaskLayer("a", np.zeros((80, 100), bool), RED, style="selected")
        assert (draw(Look(), empty) == GREY).all()

    def test_a_full_mask_has_no_line(self) -> None:
        full = MaskLayer("a", np.ones((80, 100), bool), RED, style="selected")
        assert (draw(Look(outline=True), full) == GREY).all()

    @given(st.floats(0, 1), st.sampled_from(["object", "selected", "preview", "flash"]))
    def test_no_value_overflows(self, opacity: float, style: Style) -> None:
        for grey in (0, 255):
            shown = draw(Look(opacity=opacity), square(style, (255, 0, 128)), grey=grey)
            low, high = np.minimum(grey, 0), np.maximum(grey, 255)
            assert shown.min() >= low
            assert shown.max() <= high
            red = shown[:, :, 0]
            assert (red[20:60, 30:70] >= red[0, 0] - 1).all()  # towards 255, never around to 0
