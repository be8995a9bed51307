"""Tiles: seamless, kept while they are right, drawn again when they are not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from skipclick.apps.desktop import tiles as module
from skipclick.apps.desktop.layers import Look, MaskLayer, compose
from skipclick.apps.desktop.pyramid import Pyramid
from skipclick.apps.desktop.tiles import TILE, Tiles

WIDTH, HEIGHT = 640, 420
Counter = Callable[[], int]


def photo() -> Pyramid:
    return Pyramid(np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8))


def disk(x: float, y: float, radius: float) -> NDArray[np.bool_]:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return np.asarray((columns - x) ** 2 + (rows - y) ** 2 <= radius**2)


def layer(key: str, x: float = 300, y: float = 200, radius: float = 90) -> MaskLayer:
    return MaskLayer(key, disk(x, y, radius), (250, 120, 20), style="selected")


def all_of(tiles: Tiles, scale: float) -> NDArray[np.uint8]:
    columns, rows = tiles.count(scale)
    return np.concatenate(
        [np.concatenate([tiles.draw(scale, c, r) for c in range(columns)], axis=1) for r in range(rows)]
    )


def fresh(layers: tuple[MaskLayer, ...], look: Look = Look()) -> Tiles:  # noqa: B008
    tiles = Tiles()
    tiles.set_photo(photo())
    tiles.set_look(look)
    tiles.set_layers(layers)
    return tiles


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> Counter:
    """How many tiles were drawn since the last time this was called."""
    count = 0

    def counting(*arguments: object) -> NDArray[np.uint8]:
        nonlocal count
        count += 1
        return compose(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "compose", counting)

    def since() -> int:
        nonlocal count
        seen, count = count, 0
        return seen

    return since


@pytest.mark.parametrize("scale", [0.37, 0.5, 1.0, 2.0])
def test_no_seams(scale: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small tiles give the same picture as one that holds everything."""
    layers = (layer("a"), layer("b", 120, 380, 70))
    small = all_of(fresh(layers), scale)
    monkeypatch.setattr(module, "TILE", 10_000)
    np.testing.assert_array_equal(small, all_of(fresh(layers), scale))


def test_at_full_size_without_masks_it_is_the_photo() -> None:
    np.testing.assert_array_equal(all_of(fresh(()), 1.0), photo().image)


@pytest.mark.parametrize("scale", [0.001, 0.5, 1.0, 2.5])
def test_tiles_cover_the_image_exactly(scale: float) -> None:
    tiles = fresh(())
    assert all_of(tiles, scale).shape[:2] == tiles.extent(scale)[::-1]
    assert tiles.extent(scale) == (max(1, round(WIDTH * scale)), max(1, round(HEIGHT * scale)))


def test_without_a_photo_there_are_none() -> None:
    assert Tiles().count(1.0) == (0, 0)
    tiles = fresh(())
    tiles.set_photo(None)
    assert tiles.count(2.0) == (0, 0)


class TestKept:
    def test_a_second_look_costs_nothing(self, rendered: Counter) -> None:
        tiles = fresh((layer("a"),))
        all_of(tiles, 1.0)
        assert rendered() == 3 * 2
        all_of(tiles, 1.0)
        assert rendered() == 0

    def test_another_scale_draws_all_again(self, rendered: Counter) -> None:
        tiles = fresh(())
        all_of(tiles, 1.0)
        rendered()
        all_of(tiles, 0.5)
        assert rendered() == 2 * 1

    def test_a_new_mask_redraws_only_where_it_lies(self, rendered: Counter) -> None:
        tiles = fresh((layer("a", 100, 100, 40),))
        all_of(tiles, 1.0)
        rendered()
        first = tiles.layers[0]
        tiles.set_layers([first, layer("b", 560, 340, 30)])
        all_of(tiles, 1.0)
        assert rendered() == 1

    def test_handing_in_the_same_masks_costs_nothing(self, rendered: Counter) -> None:
        tiles = fresh((layer("a"), layer("b", 100, 100, 50)))
        all_of(tiles, 1.0)
        rendered()
        tiles.set_layers(
            [MaskLayer(each.key, each.mask, each.colour, style=each.style) for each in tiles.layers]
        )
        all_of(tiles, 1.0)
        assert rendered() == 0

    def test_a_moved_mask_redraws_where_it_was_and_where_it_is(self, rendered: Counter) -> None:
        mask = np.ones((20, 20), bool)
        tiles = fresh((MaskLayer("a", mask, (1, 2, 3), left=10, top=10),))
        all_of(tiles, 1.0)
        rendered()
        tiles.set_layers([MaskLayer("a", mask, (1, 2, 3), left=600, top=390)])
        all_of(tiles, 1.0)
        assert rendered() == 2

    def test_a_mask_taken_away_redraws_where_it_was(self, rendered: Counter) -> None:
        tiles = fresh((layer("a", 100, 100, 40),))
        all_of(tiles, 1.0)
        rendered()
        tiles.set_layers([])
        np.testing.assert_array_equal(all_of(tiles, 1.0), photo().image)
        assert rendered() == 1

    def test_the_same_look_costs_nothing_another_all(self, rendered: Counter) -> None:
        tiles = fresh((layer("a"),))
        all_of(tiles, 1.0)
        rendered()
        tiles.set_look(Look())
        all_of(tiles, 1.0)
        assert rendered() == 0
        tiles.set_look(Look(outline=True))
        all_of(tiles, 1.0)
        assert rendered() == 6

    def test_another_photo_leaves_nothing_of_the_one_before(self) -> None:
        tiles = fresh((layer("a"),))
        all_of(tiles, 1.0)
        tiles.set_photo(Pyramid(np.full((50, 60, 3), 9, np.uint8)))
        assert tiles.layers == ()
        assert (all_of(tiles, 1.0) == 9).all()

    def test_what_was_not_seen_for_long_goes(self, rendered: Counter) -> None:
        tiles = fresh(())
        scale = 8 * TILE / WIDTH  # 8 columns
        all_of(tiles, scale)
        total = rendered()
        assert total > 16
        tiles.draw(scale, 0, 0)
        tiles.trim(seen=1)
        tiles.draw(scale, 0, 0)
        assert rendered() == 0
        all_of(tiles, scale)
        assert rendered() == total - 16


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_whatever_happens_the_picture_is_the_one_of_a_fresh_start(data: st.DataObject) -> None:
    pool = [layer(f"{n}", 60 + 90 * n, 60 + 50 * n, 55) for n in range(5)]
    pool += [MaskLayer("0", pool[3].mask, (0, 200, 90)), MaskLayer("1", np.zeros((3, 3), bool), (9, 9, 9))]
    tiles = fresh(())
    looks = [Look(), Look(opacity=0.9), Look(on_black=True)]
    shown: tuple[MaskLayer, ...] = ()
    look = looks[0]
    for _ in range(data.draw(st.integers(1, 4))):
        picked = data.draw(st.lists(st.sampled_from(pool), unique_by=lambda each: each.key))
        shown = tuple(picked)
        tiles.set_layers(shown)
        look = data.draw(st.sampled_from(looks))
        tiles.set_look(look)
        got = all_of(tiles, 0.4)
    np.testing.assert_array_equal(got, all_of(fresh(shown, look), 0.4))
