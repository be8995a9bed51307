"""What the canvas paints, read back from the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPalette

from skipclick.apps.desktop import canvas as module
from skipclick.apps.desktop.canvas import Canvas
from skipclick.apps.desktop.layers import Look, MaskLayer
from skipclick.apps.desktop.pyramid import Pyramid
from skipclick.apps.desktop.tools import BrushTool, HandTool
from skipclick.prompt import Click

Hand = Any  # Hand of the conftest
QtBot = Any
ORANGE = (250, 120, 20)


def screen(canvas: Canvas) -> NDArray[np.int64]:
    """What is on the screen, (height, width, 3)."""
    picture = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    width, height, stride = picture.width(), picture.height(), picture.bytesPerLine()
    rows = np.frombuffer(picture.constBits(), np.uint8).reshape(height, stride)  # type: ignore[call-overload]
    return rows[:, : 3 * width].reshape(height, width, 3).astype(np.int64)


def colours(canvas: Canvas) -> int:
    """How many different colours are on the screen."""
    return len(np.unique(screen(canvas) @ [1 << 16, 1 << 8, 1]))


def at(canvas: Canvas, x: float, y: float) -> NDArray[np.int64]:
    assert canvas.viewport is not None
    across, down = canvas.viewport.to_screen(x, y)
    return screen(canvas)[int(down), int(across)]


def mask(width: int = 400, height: int = 300) -> NDArray[np.bool_]:
    result = np.zeros((height, width), bool)
    result[100:200, 150:250] = True
    return result


@pytest.fixture
def grey(canvas: Canvas) -> Canvas:
    """The canvas with an even grey image."""
    canvas.show_image(Pyramid(np.full((300, 400, 3), 120, np.uint8)))
    return canvas


class TestImage:
    def test_at_100_percent_each_pixel_is_on_the_screen(
        self, canvas: Canvas, picture: Callable[[int, int], NDArray[np.uint8]]
    ) -> None:
        canvas.actual_size()
        assert canvas.viewport is not None
        left, top = round(canvas.viewport.left), round(canvas.viewport.top)
        shown = screen(canvas)[top : top + 300, left : left + 400]
        np.testing.assert_array_equal(shown, picture(400, 300))

    def test_far_in_pixels_are_squares(
        self, canvas: Canvas, picture: Callable[[int, int], NDArray[np.uint8]]
    ) -> None:
        canvas.zoom(30)
        canvas.centre_on(200, 150)
        for x, y in ((200, 150), (201, 150), (199, 148)):
            for shift in (-0.4, 0.0, 0.4):
                np.testing.assert_array_equal(at(canvas, x + shift, y - shift), picture(400, 300)[y, x])

    def test_around_it_is_the_ground(self, canvas: Canvas) -> None:
        assert len(set(screen(canvas)[3].ravel().tolist())) <= 3

    def test_panned_it_is_painted_where_it_went(self, grey: Canvas) -> None:
        grey.zoom(1.0)
        before = screen(grey)
        grey.pan(13, -7)
        np.testing.assert_array_equal(screen(grey)[40:400, 60:500], before[47:407, 47:487])

    def test_another_image_takes_its_place(self, grey: Canvas) -> None:
        grey.set_layers([MaskLayer("a", mask(), ORANGE)])
        grey.set_clicks([Click(10, 10)])
        grey.show_image(Pyramid(np.full((60, 50, 3), 200, np.uint8)))
        assert (at(grey, 25, 30) == 200).all()
        assert grey.click_at(10, 10) is None
        assert colours(grey) == 2

    def test_a_dense_screen_gets_all_pixels(self, canvas: Canvas, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(canvas, "devicePixelRatioF", lambda: 2.0)
        drawn: list[float] = []
        draw = canvas._tiles.draw
        monkeypatch.setattr(
            canvas._tiles, "draw", lambda scale, *tile: drawn.append(scale) or draw(scale, *tile)
        )
        canvas.actual_size()
        assert canvas.viewport is not None
        assert canvas.viewport.scale == 0.5
        assert canvas.zoom_percent == 100
        screen(canvas)
        assert set(drawn) == {1.0}

    def test_only_what_is_seen_is_drawn(self, canvas: Canvas, monkeypatch: pytest.MonkeyPatch) -> None:
        canvas.show_image(Pyramid(np.zeros((6000, 8000, 3), np.uint8)))
        canvas.actual_size()
        tiles: set[tuple[int, ...]] = set()
        draw = canvas._tiles.draw
        monkeypatch.setattr(canvas._tiles, "draw", lambda scale, *tile: tiles.add(tile) or draw(scale, *tile))
        screen(canvas)
        assert 0 < len(tiles) <= 4 * 3


class TestNoImage:
    def test_it_says_what_to_do(self, canvas: Canvas) -> None:
        canvas.show_image(None)
        empty = screen(canvas)
        assert (empty == empty[0, 0]).all()
        canvas.set_message("Open a folder\nCtrl+O")
        assert (screen(canvas)[180:300, 200:440] != empty[0, 0]).any()

    @pytest.mark.parametrize("dark", [False, True])
    def test_the_ground_follows_the_theme(self, canvas: Canvas, dark: bool) -> None:
        palette = QPalette(canvas.palette())
        palette.setColor(QPalette.ColorRole.Window, QColor("#202020" if dark else "#f4f4f4"))
        canvas.setPalette(palette)
        canvas.show_image(None)
        canvas.set_message("Open a folder")
        shown = screen(canvas)
        assert bool(shown[0, 0].mean() < 60) == dark
        contrast = np.abs(shown - shown[0, 0]).max()
        assert contrast > 100


class TestMasks:
    def test_a_mask_is_tinted_and_no_one_else(self, grey: Canvas) -> None:
        grey.set_layers([MaskLayer("a", mask(), ORANGE, style="selected")])
        tinted = at(grey, 200, 150)
        assert tinted[0] > 150 > 90 > tinted[2]
        assert (at(grey, 50, 50) == 120).all()

    def test_a_part_of_the_image_lies_in_its_place(self, grey: Canvas) -> None:
        grey.set_layers([MaskLayer("a", mask()[100:200, 150:250].copy(), ORANGE, left=150, top=100)])
        part = screen(grey)
        grey.set_layers([MaskLayer("a", mask(), ORANGE)])
        np.testing.assert_array_equal(part, screen(grey))

    def test_looks(self, grey: Canvas) -> None:
        grey.set_layers([MaskLayer("a", mask(), ORANGE, style="selected")])
        grey.set_look(Look(outline=True))
        assert (at(grey, 200, 150) == 120).all()
        assert (at(grey, 149.5, 150) != 120).any()
        grey.set_look(Look(on_black=True))
        assert (at(grey, 200, 150) == 120).all()
        assert not at(grey, 50, 50).any()
        grey.set_look(Look(brightness=0.7))
        assert (at(grey, 50, 50) > 160).all()
        assert grey.look == Look(brightness=0.7)

    def test_a_preview_comes_and_goes(self, grey: Canvas) -> None:
        plain = screen(grey)
        grey.set_preview(MaskLayer("p", mask(), ORANGE, style="preview"))
        assert (screen(grey) != plain).any()
        grey.set_preview(None)
        np.testing.assert_array_equal(screen(grey), plain)

    def test_a_flash_ends_by_itself(
        self, grey: Canvas, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "FLASH_MS", 40)
        grey.set_layers([MaskLayer("a", mask(), ORANGE, style="selected")])
        plain = screen(grey)
        grey.flash(MaskLayer("f", np.roll(mask(), 60, axis=1), ORANGE, style="flash"))
        assert (screen(grey) != plain).any()
        qtbot.waitUntil(lambda: bool((screen(grey) == plain).all()))

    def test_a_flash_does_not_outlive_its_image(self, grey: Canvas, qtbot: QtBot) -> None:
        grey.flash(MaskLayer("f", mask(), ORANGE, style="flash"))
        grey.show_image(Pyramid(np.full((300, 400, 3), 120, np.uint8)))
        assert (at(grey, 200, 150) == 120).all()
        grey.end_flash()

    def test_masks_given_while_a_preview_is_shown_keep_it(self, grey: Canvas) -> None:
        grey.set_preview(MaskLayer("p", mask(), ORANGE, style="preview"))
        before = at(grey, 200, 150).tolist()
        grey.set_layers([MaskLayer("a", np.roll(mask(), 140, axis=1), ORANGE)])
        assert at(grey, 200, 150).tolist() == before
        assert at(grey, 340, 150).tolist() != [120, 120, 120]

    @pytest.mark.parametrize("look", [Look(), Look(outline=True), Look(on_black=True)])
    def test_an_empty_mask_is_painted_without_harm(self, grey: Canvas, look: Look) -> None:
        grey.set_look(look)
        grey.set_layers([MaskLayer("a", np.zeros((300, 400), bool), ORANGE, style="selected")])
        assert colours(grey) <= 2


class TestClicks:
    def test_they_are_marked_with_their_signs(self, grey: Canvas) -> None:
        grey.set_clicks([Click(100, 100, True), Click(300, 100, False), Click(200, 250, True)])
        positive, negative = at(grey, 100, 97), at(grey, 300, 97)
        assert positive.argmax() == 1 or positive.min() > 230  # green, or on the white plus
        assert negative.argmax() == 0
        assert (at(grey, 300, 100) > 230).all()  # the minus is white

    def test_a_marker_keeps_its_size_on_the_screen(self, grey: Canvas) -> None:
        def marked() -> int:
            grey.set_clicks([])
            plain = screen(grey)
            grey.set_clicks([Click(200, 150)])
            return int((screen(grey) != plain).any(axis=2).sum())

        small = marked()
        grey.zoom(5)
        grey.centre_on(200, 150)
        assert marked() == pytest.approx(small, rel=0.1)

    def test_which_is_under_the_pointer(self, grey: Canvas) -> None:
        grey.set_clicks([Click(100, 100), Click(104, 100), Click(300, 200, False)])
        assert grey.click_at(100, 100) == 0
        assert grey.click_at(103, 100) == 1
        assert grey.click_at(300, 203) == 2
        assert grey.click_at(200, 150) is None
        grey.show_image(None)
        assert grey.click_at(100, 100) is None

    def test_outside_the_view_they_do_no_harm(self, grey: Canvas) -> None:
        grey.zoom(40)
        grey.set_clicks([Click(0, 0), Click(399, 299)])
        assert (at(grey, 200, 150) == 120).all()


class TestToolPainting:
    def test_the_tool_draws_on_top(self, grey: Canvas, hand: Hand) -> None:
        brush = BrushTool()
        brush.set_radius(30)
        plain = screen(grey)
        grey.set_tool(brush)
        assert grey.cursor().shape() == Qt.CursorShape.BlankCursor
        hand.move(200, 150)
        changed = np.argwhere((screen(grey) != plain).any(axis=2))
        assert grey.viewport is not None
        across, down = grey.viewport.to_screen(200, 150)
        size = 30 * grey.viewport.scale
        assert changed.min(axis=0) == pytest.approx([down - size, across - size], abs=3)
        assert changed.max(axis=0) == pytest.approx([down + size, across + size], abs=3)

    def test_at_first_it_is_a_hand(self, canvas: Canvas) -> None:
        assert isinstance(canvas.tool, HandTool)
        assert canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
