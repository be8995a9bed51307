"""From samples to items: removal of objects, choice of the target, and what comes out (6.3, 6.4)."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skipclick.training.augment import VALIDATION
from skipclick.training.sample import (
    PUBLISHED_SAMPLING,
    LabelledObject,
    SamplingRules,
    TrainingSample,
    augment_sample,
    choose_target,
    draw_item,
    make_item,
)
from skipclick.training.start_mask import StartMaskRules

STILL = replace(VALIDATION, size=(40, 50))
"""Changes nothing about a sample of this size."""


def sample(*boxes: tuple[int, int, int, int], parents: dict[int, int] | None = None) -> TrainingSample:
    """Objects 0, 1, …: rectangles (top, bottom, left, right), each in a layer of its own with its id + 1."""
    layers = np.zeros((40, 50, max(len(boxes), 1)), np.uint8)
    objects = {}
    for id_, (top, bottom, left, right) in enumerate(boxes):
        layers[top:bottom, left:right, id_] = id_ + 1
        objects[id_] = LabelledObject(id_, id_ + 1, (parents or {}).get(id_))
    return TrainingSample(np.full((40, 50, 3), 128, np.uint8), layers, objects)


def test_the_published_values() -> None:
    assert asdict(PUBLISHED_SAMPLING) == {"keep_empty": 0.05, "min_area": 1000, "merge": 0.15}


def test_masks_and_areas() -> None:
    layers = np.zeros((4, 6, 2), np.uint8)
    layers[:2, :, 0] = 7
    layers[2:, :, 0] = 9
    layers[1:3, 1:3, 1] = 7
    objects = {3: LabelledObject(0, 7), 5: LabelledObject(0, 9), 8: LabelledObject(1, 7, 3)}
    one = TrainingSample(np.zeros((4, 6, 3), np.uint8), layers, {**objects, 9: LabelledObject(1, 200)})
    assert one.areas() == {3: 12, 5: 12, 8: 4, 9: 0}
    for id_, area in one.areas().items():
        mask = one.mask(id_)
        assert mask.dtype == np.bool_
        assert mask.sum() == area
    np.testing.assert_array_equal(one.mask(8), layers[..., 1] == 7)
    assert one.roots == (3, 5, 9)


@pytest.mark.parametrize(
    ("parents", "complaint"),
    [
        ({0: 0}, "inside itself"),
        ({0: 1, 1: 0}, "inside itself"),
        ({0: 1, 1: 2, 2: 1}, "inside itself"),
        ({1: 7}, "the parent 7 is no object"),
    ],
)
def test_impossible_families_are_refused(parents: dict[int, int], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        sample((0, 5, 0, 5), (1, 4, 1, 4), (2, 3, 2, 3), parents=parents)


def test_parts_of_removed_objects_go_to_the_next_that_is_left() -> None:
    """0 holds 1 holds 2 holds 3; 4 stands alone."""
    family = sample(*[(0, 9, 0, 9)] * 5, parents={1: 0, 2: 1, 3: 2})

    def parents(removed: set[int]) -> dict[int, int | None]:
        return {id_: one.parent for id_, one in family.without(removed).objects.items()}

    assert parents(set()) == {0: None, 1: 0, 2: 1, 3: 2, 4: None}
    assert parents({1}) == {0: None, 2: 0, 3: 2, 4: None}
    assert parents({1, 2}) == {0: None, 3: 0, 4: None}
    assert parents({0, 1, 2}) == {3: None, 4: None}
    assert parents({0, 4}) == {1: None, 2: 1, 3: 2}
    assert family.without({0}).roots == (1, 4)
    np.testing.assert_array_equal(family.without({0}).layers, family.layers)
    assert len(family.objects) == 5


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 20), max_size=12), st.sets(st.integers(0, 11)), st.sets(st.integers(0, 11)))
def test_removal_in_two_steps_is_removal_in_one(
    choices: list[int], first: set[int], second: set[int]
) -> None:
    """Each object's parent is an earlier one or none; ancestors that stay remain ancestors."""
    parents = {id_: choice % id_ for id_, choice in enumerate(choices) if id_ and choice < 15}
    one = sample(*[(0, 2, 0, 2)] * len(choices), parents=parents)
    # Removing what has gone already is no error.
    assert one.without(first).without(second).objects == one.without(first | second).objects
    for id_, kept in one.without(first).objects.items():
        ancestors = []
        parent = one.objects[id_].parent
        while parent is not None:
            ancestors.append(parent)
            parent = one.objects[parent].parent
        assert kept.parent == next((a for a in ancestors if a not in first), None)


def test_small_objects_are_those_below_the_limit() -> None:
    one = sample((0, 20, 0, 50), (0, 27, 0, 37), (0, 0, 0, 0))  # 1000, 999 and no pixels
    assert set(one.without_small(1000).objects) == {0}
    assert set(one.without_small(1).objects) == {0, 1}


def test_augmented_samples_keep_the_labels_of_objects_that_went() -> None:
    one = sample((0, 20, 0, 50), (25, 30, 0, 10), parents={1: 0})
    varied = augment_sample(one, np.random.default_rng(0), STILL)
    assert set(varied.objects) == {0}
    np.testing.assert_array_equal(varied.layers, one.layers)


def test_an_image_is_varied_anew_until_an_object_shows() -> None:
    """The object covers a corner that a quarter-size crop seldom shows: 7 · 7 of 21 · 26 offsets."""
    corner = sample((0, 7, 0, 7))
    crop = replace(VALIDATION, size=(20, 25))
    rules = SamplingRules(keep_empty=1e-12, min_area=1)
    generator = np.random.default_rng(1)
    assert all(augment_sample(corner, generator, crop, rules).objects for _ in range(50))
    # Every variation starts from the original: crops of crops would have another size.
    assert augment_sample(corner, generator, crop, rules).layers.shape == (20, 25, 1)


def test_empty_items_are_kept_as_often_as_said() -> None:
    """An object shows in q of all crops, so the share of empty ones is (1-q)k / (q + (1-q)k)."""
    stripe = sample((0, 7, 0, 50))
    crop = replace(VALIDATION, size=(20, 50))
    generator = np.random.default_rng(2)
    shows = 7 / 21  # of the offsets 0 to 20 down
    rules = SamplingRules(keep_empty=0.5, min_area=1)
    empty = sum(not augment_sample(stripe, generator, crop, rules).objects for _ in range(1500)) / 1500
    share = (1 - shows) * 0.5 / (shows + (1 - shows) * 0.5)
    assert abs(empty - share) < 3.3 * np.sqrt(share * (1 - share) / 1500)


def test_small_objects_empty_an_item_without_another_try() -> None:
    speck = sample((0, 10, 0, 10))
    assert not augment_sample(speck, np.random.default_rng(0), STILL).objects
    # Without any pixel left, one in twenty is kept: 20 tries on average.
    nothing = sample((0, 0, 0, 0))
    assert not augment_sample(nothing, np.random.default_rng(0), STILL).objects


@pytest.mark.parametrize("value", [0.0, -0.1, float("nan")])
def test_rules_that_would_never_end_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="keep_empty"):
        SamplingRules(keep_empty=value)


def test_an_empty_sample_has_an_empty_target() -> None:
    target = choose_target(sample(), np.random.default_rng(0), 0.15)
    assert not target.mask.any()
    assert target.parts == ()
    assert target.mask.shape == target.others.shape == (40, 50)


def test_a_single_root_is_the_target_and_its_parts_are_others() -> None:
    family = sample((0, 20, 0, 20), (5, 30, 5, 10), parents={1: 0})
    generator = np.random.default_rng(0)
    for _ in range(40):
        target = choose_target(family, generator, 1.0)
        np.testing.assert_array_equal(target.mask, family.mask(0))
        assert len(target.parts) == 1
        # What is labelled outside of the target, although the part lies half within it.
        np.testing.assert_array_equal(target.others, family.mask(1) & ~family.mask(0))


def test_others_are_the_background_if_no_object_is_left_unchosen() -> None:
    one = sample((0, 20, 0, 20), (25, 30, 5, 10))
    alone = choose_target(one.without({1}), np.random.default_rng(0), 0.15)
    np.testing.assert_array_equal(alone.others, ~one.mask(0))
    both = choose_target(one, np.random.default_rng(0), 1.0)
    assert len(both.parts) == 2
    np.testing.assert_array_equal(both.others, ~(one.mask(0) | one.mask(1)))


def test_removed_objects_count_as_others() -> None:
    one = sample((0, 10, 0, 10), (20, 30, 0, 10), (20, 30, 30, 40)).without({2})
    target = choose_target(one, np.random.default_rng(0), 0.0)
    labelled = (one.layers != 0).any(axis=2)
    np.testing.assert_array_equal(target.others, labelled & ~target.mask)
    assert target.others[25, 35]


def test_roots_are_chosen_alike_and_merged_in_the_stated_share() -> None:
    one = sample((0, 8, 0, 8), (10, 18, 0, 8), (20, 28, 0, 8), (21, 25, 1, 5), parents={3: 2})
    generator = np.random.default_rng(3)
    merged, singles, pairs = 0, np.zeros(3), np.zeros(3)
    for _ in range(3000):
        target = choose_target(one, generator, 0.15)
        chosen = [id_ for id_ in range(3) if (target.mask & one.mask(id_)).any()]
        np.testing.assert_array_equal(target.mask, np.any([one.mask(id_) for id_ in chosen], axis=0))
        assert len(target.parts) == len(chosen)
        np.testing.assert_array_equal(np.any(target.parts, axis=0), target.mask)
        if len(chosen) == 2:
            merged += 1
            pairs[3 - sum(chosen)] += 1  # by the one that is left out: 2, 1, 0
        else:
            singles[chosen[0]] += 1
    assert abs(merged / 3000 - 0.15) < 3.3 * np.sqrt(0.15 * 0.85 / 3000)
    # Chi-square with 2 degrees of freedom, 0.1 %.
    assert ((singles - singles.sum() / 3) ** 2 / (singles.sum() / 3)).sum() < 13.8
    assert ((pairs - pairs.sum() / 3) ** 2 / (pairs.sum() / 3)).sum() < 13.8


def test_an_item_is_what_the_network_takes() -> None:
    family = sample((0, 30, 0, 40), (5, 10, 5, 10), parents={1: 0})
    pixels = np.arange(40 * 50 * 3).reshape(40, 50, 3).astype(np.uint8)
    item = draw_item(replace(family, image=pixels), np.random.default_rng(0), STILL)
    assert (item.image.shape, item.image.dtype) == ((3, 40, 50), np.float32)
    np.testing.assert_array_equal(np.rint(item.image * 255), pixels.transpose(2, 0, 1))
    assert item.image.flags.c_contiguous
    assert 0 <= item.image.min() <= item.image.max() <= 1
    assert (item.truth.shape, item.truth.dtype) == ((1, 40, 50), np.float32)
    np.testing.assert_array_equal(item.truth[0], family.mask(0))
    assert (item.points.shape, item.points.dtype) == ((48, 3), np.float32)
    assert item.points[0, 2] == 100


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_items_are_whole_and_reproducible(seed: int) -> None:
    family = sample((0, 30, 0, 40), (5, 35, 20, 50), (2, 28, 2, 30), parents={2: 0})
    first = draw_item(family, np.random.default_rng(seed))
    second = draw_item(family, np.random.default_rng(seed))
    assert first.image.shape == (3, 448, 448)
    np.testing.assert_array_equal(first.image, second.image)
    np.testing.assert_array_equal(first.points, second.points)
    np.testing.assert_array_equal(first.truth, second.truth)
    assert set(np.unique(first.truth)) <= {0, 1}
    for half, wanted in ((first.points[:24], 1), (first.points[24:], 0)):
        rows, columns = half[half[:, 2] == 100, :2].astype(int).T
        assert (first.truth[0, rows, columns] == wanted).all()
    assert (first.points[0, 2] == 100) == first.truth.any()


def with_crowd() -> TrainingSample:
    """Two objects, and ignored pixels that reach into the first."""
    one = sample((5, 25, 5, 25), (30, 38, 30, 48))
    layers = np.concatenate([one.layers, np.zeros((40, 50, 1), np.uint8)], axis=2)
    layers[20:30, :, 2] = 9
    return replace(one, layers=layers, ignored=(2, 9))


def test_ignored_pixels_are_neither_object_nor_background() -> None:
    source, crowd = np.random.default_rng(4), np.zeros((40, 50), np.bool_)
    crowd[20:30] = True
    for _ in range(60):
        item = make_item(with_crowd(), source)
        inside, ignored = item.truth[0] == 1, item.truth[0] == -1
        # What belongs to the target is the target's, whatever lies over it.
        np.testing.assert_array_equal(ignored, crowd & ~inside)
        assert inside.any()
        for row, column, _ in item.points[24:]:
            assert row < 0 or item.truth[0, int(row), int(column)] == 0


def test_ignored_pixels_move_with_the_image() -> None:
    rules = replace(PUBLISHED_SAMPLING, min_area=1)
    varied = augment_sample(with_crowd(), np.random.default_rng(1), replace(STILL, flip=1.0), rules)
    assert varied.ignored == (2, 9)
    np.testing.assert_array_equal(varied.layers, with_crowd().layers[:, ::-1])


def test_ignored_pixels_are_no_other_objects() -> None:
    for seed in range(8):
        target = choose_target(with_crowd(), np.random.default_rng(seed), merge=0.0)
        assert target.ignored is not None
        assert not (target.ignored & target.mask).any()


def test_strangers_are_the_roots_that_were_not_chosen() -> None:
    one = sample((0, 10, 0, 10), (20, 30, 0, 10), (20, 30, 20, 40))
    for seed in range(10):
        target = choose_target(one, np.random.default_rng(seed), merge=0.5)
        assert len(target.parts) + len(target.strangers) == 3
        for stranger in target.strangers:
            assert not (stranger & target.mask).any()


@pytest.mark.parametrize("answered", [0.0, 1.0])
def test_starting_masks_come_with_their_answer_or_with_many_points(answered: float) -> None:
    one = sample((5, 35, 5, 45))
    rules = StartMaskRules(share=1.0, answered=answered)
    source = np.random.default_rng(6)
    counts = []
    for _ in range(60):
        item = make_item(one, source, start_rules=rules)
        used = item.points[item.points[:, 2] >= 0]
        counts.append(len(used))
        assert (used[:, 2] == 100).all()
        if answered and len(used):
            (click,) = used
            row, column = int(click[0]), int(click[1])
            # It lies in an error, and says what the mask got wrong.
            assert (item.start[0, row, column] > 0.5) != (item.truth[0, row, column] == 1)
    assert max(counts) == 1 if answered else np.mean(counts) > 4


def test_published_items_begin_from_nothing() -> None:
    items = [make_item(sample((5, 35, 5, 45)), np.random.default_rng(seed)) for seed in range(20)]
    assert not any(item.start.any() for item in items)
