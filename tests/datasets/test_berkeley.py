from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from skipclick.datasets import open_dataset


def test_layout_and_mask_rule(tmp_path: Path) -> None:
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    Image.new("RGB", (3, 1)).save(tmp_path / "images" / "7a.jpg")
    Image.fromarray(np.array([[0, 128, 197]], np.uint8)).save(tmp_path / "masks" / "7a.png")
    (sample,) = open_dataset("Berkeley", tmp_path).samples
    assert sample.name == "7a"
    assert sample.load().objects[0].truth.tolist() == [[0, -1, 1]]


def test_the_real_data_set(shared: Path) -> None:
    dataset = open_dataset("Berkeley", shared / "data" / "Berkeley")
    assert len(dataset.samples) == 100
    names = [sample.name for sample in dataset.samples]
    assert names == sorted(names)
    assert {"189011a", "189011b"} <= set(names)
    for sample in dataset.samples[::20]:
        (target,) = sample.load().objects
        assert (target.truth == 1).any()
