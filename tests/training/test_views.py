"""Random views, and whole ones that come again."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from skipclick.image import to_network
from skipclick.training.sample import LabelledObject, TrainingSample, draw_item
from skipclick.training.views import RandomViews, WholeViews, squeeze


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def samples(toy: ModuleType) -> list[TrainingSample]:
    return [squeeze(toy.Rectangles().read(index, generator()), (56, 70), 10) for index in range(3)]


def test_random_views_are_the_published_items(toy: ModuleType) -> None:
    recipe = toy.recipe()
    views = RandomViews(toy.mix(), recipe)
    assert views.count is None
    item, view = views.draw(generator(5))
    assert view == -1
    source = generator(5)
    expected = draw_item(toy.mix().draw(source), source, recipe.augmentation, recipe.sampling)
    np.testing.assert_array_equal(item.image, expected.image)
    np.testing.assert_array_equal(item.points, expected.points)
    np.testing.assert_array_equal(item.truth, expected.truth)
    assert not item.start.any()


def test_squeezing_is_what_evaluation_does_but_for_whole_grey_levels(toy: ModuleType) -> None:
    whole = toy.Rectangles().read(0, generator())
    view = squeeze(whole, (56, 70), 1)
    expected = to_network(whole.image, (56, 70)).transpose(1, 2, 0)
    assert view.image.dtype == np.uint8
    assert np.abs(view.image / 255 - expected).max() <= 0.5 / 255 + 1e-6
    assert view.layers.shape == (56, 70, 1)
    # Corners stay corners, and each label comes from the pixel next to its place.
    np.testing.assert_array_equal(view.layers[[0, -1]][:, [0, -1]], whole.layers[[0, -1]][:, [0, -1]])
    assert view.layers[20, 30, 0] == whole.layers[round(20 * 79 / 55), round(30 * 95 / 69), 0]


def test_squeezing_to_the_same_size_changes_nothing(toy: ModuleType) -> None:
    whole = toy.Rectangles().read(1, generator())
    view = squeeze(whole, (80, 96), 1)
    np.testing.assert_array_equal(view.image, whole.image)
    np.testing.assert_array_equal(view.layers, whole.layers)


def test_small_objects_are_taken_out(toy: ModuleType) -> None:
    layers = np.zeros((40, 40, 1), np.uint8)
    layers[:20, :20], layers[30:32, 30:32] = 1, 2
    objects = {1: LabelledObject(0, 1), 2: LabelledObject(0, 2)}
    whole = TrainingSample(np.zeros((40, 40, 3), np.uint8), layers, objects, ignored=(0, 9))
    assert list(squeeze(whole, (20, 20), 5).objects) == [1]
    assert squeeze(whole, (20, 20), 5).ignored == (0, 9)
    assert list(squeeze(whole, (20, 20), 1).objects) == [1, 2]


def test_whole_views_are_the_images_and_their_mirror_images(toy: ModuleType) -> None:
    images = samples(toy)
    views = WholeViews(images, [1.0] * 3, toy.recipe())
    assert views.count == 6
    seen = {}
    for seed in range(60):
        item, view = views.draw(generator(seed))
        picture = np.rint(item.image * 255).astype(np.uint8)
        np.testing.assert_array_equal(seen.setdefault(view, picture), picture)
    assert sorted(seen) == list(range(6))
    for index, image in enumerate(images):
        np.testing.assert_array_equal(seen[2 * index].transpose(1, 2, 0), image.image)
        np.testing.assert_array_equal(seen[2 * index + 1], seen[2 * index][:, :, ::-1])


def test_targets_are_mirrored_with_their_image(toy: ModuleType) -> None:
    images = samples(toy)
    views = WholeViews(images, [1.0] * 3, toy.recipe())
    mirrored = 0
    for seed in range(40):
        item, view = views.draw(generator(seed))
        masks = [images[view // 2].mask(id_) for id_ in images[view // 2].objects]
        candidates = [*masks, masks[0] | masks[-1]]
        if view % 2:
            mirrored += 1
            candidates = [mask[:, ::-1] for mask in candidates]
        assert any(np.array_equal(item.truth[0] == 1, mask) for mask in candidates)
        for row, column, _ in item.points[:24]:
            assert row < 0 or item.truth[0, int(row), int(column)] == 1
    assert 8 < mirrored < 32


def test_images_are_drawn_by_their_chances(toy: ModuleType) -> None:
    views = WholeViews(samples(toy), [1.0, 3.0, 0.0], toy.recipe())
    source = generator(1)
    drawn = [views.draw(source)[1] // 2 for _ in range(400)]
    assert 2 not in drawn
    assert drawn.count(1) / 400 == pytest.approx(0.75, abs=3.5 * np.sqrt(0.1875 / 400))


def test_starting_masks_come_with_both(toy: ModuleType) -> None:
    recipe = toy.recipe()
    recipe = replace(recipe, start_masks=replace(recipe.start_masks, share=0.5))
    for views in (RandomViews(toy.mix(), recipe), WholeViews(samples(toy), [1.0] * 3, recipe)):
        source = generator(2)
        items = [views.draw(source)[0] for _ in range(80)]
        share = np.mean([item.start.any() for item in items])
        assert 0.3 < share < 0.7
        assert all(set(np.unique(item.start)) <= {0.0, 1.0} for item in items)
