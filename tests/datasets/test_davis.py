from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from skipclick.datasets import open_dataset
from skipclick.datasets.davis import read_nonzero


def test_any_channel_above_zero_is_object(tmp_path: Path) -> None:
    pixels = np.zeros((1, 5, 3), np.uint8)
    pixels[0, 1, 0] = 1
    pixels[0, 2, 1] = 128
    pixels[0, 3, 2] = 255
    Image.fromarray(pixels).save(tmp_path / "m.png")
    (target,) = read_nonzero(tmp_path / "m.png")
    assert target.truth.tolist() == [[0, 1, 1, 1, 0]]
    assert target.truth.dtype == np.int8


def test_a_palette_mask_is_read_by_its_colours(tmp_path: Path) -> None:
    mask = Image.fromarray(np.array([[0, 1, 2]], np.uint8))
    mask.putpalette([0, 0, 0, 128, 0, 0, 0, 0, 0])
    mask.save(tmp_path / "m.png")
    assert read_nonzero(tmp_path / "m.png")[0].truth.tolist() == [[0, 1, 0]]


def test_the_real_data_set(shared: Path) -> None:
    dataset = open_dataset("DAVIS", shared / "data" / "DAVIS_dev", label="DAVIS_dev")
    assert (dataset.reader, dataset.label, len(dataset.samples)) == ("DAVIS", "DAVIS_dev", 115)
    loaded = dataset.samples[20].load()
    assert loaded.image.shape == (480, 854, 3)
    assert set(np.unique(loaded.objects[0].truth)) == {0, 1}
