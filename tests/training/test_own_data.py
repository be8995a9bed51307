"""A user's own images: listed, divided, squeezed, and what is measured on them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipclick.datasets import Sample
from skipclick.errors import DatasetError
from skipclick.training import own_data
from skipclick.training.own_data import Part, choose_measured, open_part, read_views, split
from skipclick.training.recipes import Recipe, TrainingError
from skipclick.training.sources import parse_spec


@pytest.fixture
def folder(toy: ModuleType, tmp_path: Path) -> Path:
    made: Path = toy.write_label_folder(tmp_path / "own", 6)
    return made


def listed(count: int) -> Part:
    """Images that are never read."""
    samples = tuple(Sample(f"{n}", Path(f"{n}.png"), Path(f"{n}.png"), lambda path: ()) for n in range(count))
    return Part(samples, (1.0,) * count)


def names(part: Part) -> list[str]:
    return [sample.name for sample in part.samples]


def test_images_of_several_sources_keep_their_weights_and_names_apart(folder: Path) -> None:
    part = open_part([parse_spec(str(folder)), parse_spec(f"{folder},weight=0.5")])
    assert part.weights == (1.0,) * 6 + (0.5,) * 6
    assert len(set(names(part))) == 12
    assert names(open_part([parse_spec(str(folder))])) == [f"photo{n}" for n in range(6)]


@given(total=st.integers(2, 300), share=st.floats(0.01, 0.99), seed=st.integers(0, 1000))
def test_images_are_divided_without_loss(total: int, share: float, seed: int) -> None:
    learnt, kept = split(listed(total), share, seed)
    assert learnt.samples
    assert 1 <= len(kept.samples) <= own_data.MOST_HELD_OUT
    assert sorted(names(learnt) + names(kept), key=int) == [str(n) for n in range(total)]
    if 2 <= share * total <= own_data.MOST_HELD_OUT and share < 0.9:
        assert len(kept.samples) == pytest.approx(share * total, abs=1)
    assert names(split(listed(total), share, seed)[1]) == names(kept)


def test_the_seed_decides_who_is_held_out() -> None:
    assert len({tuple(names(split(listed(50), 0.2, seed)[1])) for seed in range(20)}) == 20


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, float("nan")])
def test_what_is_no_share(share: float) -> None:
    with pytest.raises(TrainingError, match="lies between 0 and 1"):
        split(listed(10), share, 0)


def test_too_few_and_too_many(toy: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = toy.write_label_folder(tmp_path / "one", 1)
    with pytest.raises(TrainingError, match="1 image cannot be split"):
        open_part([parse_spec(str(one))])
    monkeypatch.setattr(own_data, "MOST_IMAGES", 3)
    with pytest.raises(TrainingError, match=r"4 images are too many to finetune on \(at most 3\)"):
        open_part([parse_spec(str(toy.write_label_folder(tmp_path / "four", 4)))])


@pytest.fixture
def recipe(toy: ModuleType) -> Recipe:
    made: Recipe = toy.recipe()
    return made


def test_views_are_read_once_with_what_they_weigh(folder: Path, recipe: Recipe) -> None:
    part = open_part([parse_spec(f"{folder},weight=2")])
    counted: list[tuple[int, int]] = []
    samples, chances, passed_over = read_views(
        part, recipe, lambda done, total: counted.append((done, total))
    )
    assert len(samples) == 6
    assert {sample.image.shape for sample in samples} == {(56, 56, 3)}
    assert chances == [2.0 * len(sample.objects) for sample in samples]
    assert passed_over == 0
    assert counted == [(n, 6) for n in range(1, 7)]


def test_small_objects_are_counted_and_images_without_others_left_out(folder: Path, recipe: Recipe) -> None:
    mask = np.zeros((80, 96), np.uint8)
    mask[:2, :2] = 1
    cv2.imwrite(str(folder / "masks" / "photo0.png"), mask)
    cv2.imwrite(str(folder / "masks" / "photo1.png"), np.zeros_like(mask))
    samples, _, passed_over = read_views(open_part([parse_spec(str(folder))]), recipe, None)
    assert len(samples) == 4
    assert passed_over == 1


def test_nothing_to_learn_from(folder: Path, recipe: Recipe) -> None:
    vast = replace(recipe, sampling=replace(recipe.sampling, min_area=5000))
    with pytest.raises(TrainingError, match="none of 6 images holds an object of 5000 pixels"):
        read_views(open_part([parse_spec(str(folder))]), vast, None)


def test_an_image_that_cannot_be_read_is_named(folder: Path, recipe: Recipe) -> None:
    (folder / "images" / "photo3.png").write_bytes(b"nothing")
    with pytest.raises(DatasetError, match=r"photo3\.png"):
        read_views(open_part([parse_spec(str(folder))]), recipe, None)


def test_what_is_measured_is_large_enough_and_not_too_much(
    folder: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    mask = np.zeros((80, 96), np.uint8)
    mask[:2, :2], mask[40:, 40:] = 1, 7
    cv2.imwrite(str(folder / "masks" / "photo0.png"), mask)
    part = open_part([parse_spec(str(folder))])
    every = choose_measured(part, recipe, 0)
    objects = {(s.name, one.id) for s in every.samples for one in s.load().objects}
    assert ("photo0", 7) in objects
    assert ("photo0", 1) not in objects
    assert len(objects) == 11
    monkeypatch.setattr(own_data, "MOST_HELD_OUT", 4)
    chosen = [
        {(s.name, one.id) for s in choose_measured(part, recipe, seed).samples for one in s.load().objects}
        for seed in (0, 0, 1)
    ]
    assert [len(each) for each in chosen] == [4, 4, 4]
    assert chosen[0] == chosen[1] != chosen[2]
    assert chosen[0] < objects


def test_nothing_to_measure_on(folder: Path, recipe: Recipe) -> None:
    vast = replace(recipe, sampling=replace(recipe.sampling, min_area=5000))
    with pytest.raises(TrainingError, match="no object that is large enough to measure on"):
        choose_measured(open_part([parse_spec(str(folder))]), vast, 0)
