from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skipclick.datasets import open_dataset
from skipclick.datasets.grabcut import read_trimap


def truth_of(path: Path, pixels: np.ndarray) -> np.ndarray:
    Image.fromarray(pixels).save(path)
    (target,) = read_trimap(path)
    assert target.id == 1
    assert target.truth.dtype == np.int8
    return target.truth


@pytest.mark.parametrize(
    ("value", "meaning"), [(0, 0), (1, 0), (64, 0), (127, 0), (128, -1), (129, 1), (254, 1), (255, 1)]
)
def test_only_128_is_ignored_and_only_more_is_object(tmp_path: Path, value: int, meaning: int) -> None:
    assert (truth_of(tmp_path / "m.png", np.full((3, 4), value, np.uint8)) == meaning).all()


def test_the_blue_channel_decides(tmp_path: Path) -> None:
    pixels = np.zeros((1, 3, 3), np.uint8)
    pixels[0, 0] = (255, 255, 0)
    pixels[0, 1] = (0, 0, 255)
    pixels[0, 2] = (255, 0, 128)
    assert truth_of(tmp_path / "m.png", pixels).tolist() == [[0, 1, -1]]


def test_the_real_data_set(shared: Path) -> None:
    dataset = open_dataset("GrabCut", shared / "data" / "GrabCut")
    assert len(dataset.samples) == 50
    assert dataset.samples[0].name == "106024"
    loaded = [sample.load() for sample in dataset.samples[::7]]
    assert loaded[0].image.shape == (321, 481, 3)
    assert {int(value) for one in loaded for value in np.unique(one.objects[0].truth)} == {-1, 0, 1}
