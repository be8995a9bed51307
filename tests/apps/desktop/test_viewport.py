"""From screen to image pixels and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipclick.apps.desktop.viewport import MAX_SCALE, Viewport

sizes = st.tuples(st.integers(1, 9000), st.integers(1, 9000))
views = st.tuples(st.integers(40, 4000), st.integers(40, 4000))
shares = st.floats(0, 1)


@st.composite
def viewports(draw: st.DrawFn) -> Viewport:
    viewport = Viewport.fitted(draw(sizes), draw(views))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(shares) * viewport.view[0], draw(shares) * viewport.view[1]
        viewport = viewport.zoomed(viewport.scale * draw(st.floats(0.2, 8)), *place)
        viewport = viewport.panned(draw(st.floats(-900, 900)), draw(st.floats(-900, 900)))
    return viewport


class TestFitted:
    def test_a_wide_image_fills_the_width_but_for_a_margin(self) -> None:
        viewport = Viewport.fitted((2000, 500), (1024, 800))
        assert viewport.scale == pytest.approx(1000 / 2000)
        assert (viewport.left, viewport.top) == pytest.approx((12, 400 - 125))

    def test_a_small_image_is_enlarged(self) -> None:
        assert Viewport.fitted((10, 10), (224, 324)).scale == pytest.approx(20)

    def test_enlarging_ends_somewhere(self) -> None:
        assert Viewport.fitted((1, 1), (1000, 1000)).scale == MAX_SCALE

    @given(sizes, views)
    def test_all_of_the_image_is_seen_in_the_middle(
        self, image: tuple[int, int], view: tuple[int, int]
    ) -> None:
        viewport = Viewport.fitted(image, view)
        assert viewport.fits
        assert viewport.visible() == (0, 0, *image)
        middle = viewport.to_image(*viewport.centre)
        assert middle == pytest.approx(((image[0] - 1) / 2, (image[1] - 1) / 2), abs=1e-6 * max(image))

    @pytest.mark.parametrize("view", [(0, 0), (1, 1), (5, 300)])
    def test_a_view_without_room_does_no_harm(self, view: tuple[int, int]) -> None:
        assert Viewport.fitted((600, 400), view).scale > 0


class TestPositions:
    def test_the_first_pixel_s_centre_is_the_origin(self) -> None:
        viewport = Viewport((100, 50), (800, 600), scale=10, left=40, top=70)
        assert viewport.to_screen(0, 0) == (45, 75)
        assert viewport.to_image(40, 70) == (-0.5, -0.5)
        assert viewport.to_image(45, 75) == (0, 0)

    @given(viewports(), st.floats(-50, 5000), st.floats(-50, 5000))
    def test_there_and_back(self, viewport: Viewport, across: float, down: float) -> None:
        x, y = viewport.to_image(across, down)
        assert viewport.to_screen(x, y) == pytest.approx((across, down), abs=1e-6)

    @pytest.mark.parametrize(
        ("x", "y", "held"),
        [(0, 0, True), (-0.5, -0.5, True), (99.5, 49.5, True), (99.6, 3, False), (3, -0.6, False)],
    )
    def test_on_the_image_or_beside_it(self, x: float, y: float, held: bool) -> None:
        assert Viewport.fitted((100, 50), (800, 600)).holds(x, y) is held

    @given(viewports())
    def test_visible_pixels_are_those_whose_squares_meet_the_view(self, viewport: Viewport) -> None:
        left, top, right, bottom = viewport.visible()
        for low, high, length, view, offset in (
            (left, right, viewport.image[0], viewport.view[0], viewport.left),
            (top, bottom, viewport.image[1], viewport.view[1], viewport.top),
        ):
            assert 0 <= low < high <= length
            eps = 1e-6 * (1 + abs(offset))
            assert low == 0 or offset + low * viewport.scale <= eps
            assert high == length or offset + high * viewport.scale >= view - eps
            assert offset + (low + 1) * viewport.scale >= -eps
            assert offset + (high - 1) * viewport.scale <= view + eps


class TestZoom:
    @given(viewports(), shares, shares, st.floats(1, 6))
    def test_what_is_under_the_pointer_stays_there(
        self, viewport: Viewport, across: float, down: float, factor: float
    ) -> None:
        place = across * viewport.view[0], down * viewport.view[1]
        under = viewport.to_image(*place)
        closer = viewport.zoomed(viewport.scale * factor, *place)
        if viewport.holds(*under):
            assert closer.to_screen(*under) == pytest.approx(place, abs=1e-5 * max(viewport.image))

    @given(viewports())
    def test_zooming_out_ends_at_the_whole_image(self, viewport: Viewport) -> None:
        out = viewport
        for _ in range(60):
            out = out.zoomed(out.scale / 1.25, 3, 5)
        whole = Viewport.fitted(viewport.image, viewport.view)
        assert out.scale == pytest.approx(min(whole.scale, 1.0))
        if whole.scale <= 1:
            assert out == whole

    def test_a_dense_screen_may_show_a_small_image_smaller(self) -> None:
        start = Viewport.fitted((100, 100), (800, 800))
        assert start.zoomed(0.1, 400, 400, least=0.5).scale == 0.5
        assert start.zoomed(0.1, 400, 400).scale == 1.0

    @given(viewports())
    def test_zooming_in_ends_too(self, viewport: Viewport) -> None:
        for _ in range(60):
            viewport = viewport.zoomed(viewport.scale * 1.5, *viewport.centre)
        assert viewport.scale == MAX_SCALE

    def test_out_and_in_again_is_where_it_was(self) -> None:
        start = Viewport.fitted((6000, 4000), (1200, 800)).zoomed(2.0, 300, 200)
        again = start.zoomed(1.0, 500, 400).zoomed(2.0, 500, 400)
        assert (again.left, again.top) == pytest.approx((start.left, start.top))


class TestPan:
    def test_the_image_follows(self) -> None:
        start = Viewport.fitted((6000, 4000), (1200, 800)).zoomed(1.0, 600, 400)
        moved = start.panned(30, -20)
        assert (moved.left - start.left, moved.top - start.top) == (30, -20)
        assert moved.scale == start.scale

    @given(viewports(), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
    def test_the_image_cannot_be_lost(self, viewport: Viewport, across: float, down: float) -> None:
        moved = viewport.panned(across, down)
        x, y = moved.to_image(*moved.centre)
        assert -0.6 <= x <= moved.image[0] - 0.4
        assert -0.6 <= y <= moved.image[1] - 0.4

    def test_a_place_comes_to_the_middle(self) -> None:
        viewport = Viewport.fitted((6000, 4000), (1200, 800)).zoomed(2.0, 0, 0).centred(3210, 1234)
        assert viewport.to_image(*viewport.centre) == pytest.approx((3210, 1234))


class TestResized:
    def test_what_was_fitted_stays_fitted(self) -> None:
        assert Viewport.fitted((600, 400), (900, 900)).resized((300, 200)).fits

    def test_else_the_middle_stays(self) -> None:
        start = Viewport.fitted((6000, 4000), (1200, 800)).zoomed(2.0, 100, 700)
        after = start.resized((700, 1000))
        assert after.scale == start.scale
        assert after.to_image(350, 500) == pytest.approx(start.to_image(600, 400))
