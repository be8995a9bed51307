from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skipclick.datasets import open_dataset
from skipclick.errors import DatasetError

# Colours of the first three objects and of outlines, as Pascal VOC's palette has them.
PALETTE = {1: (128, 0, 0), 2: (0, 128, 0), 3: (128, 128, 0), 255: (224, 224, 192)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("JPEGImages", "SegmentationObject", "ImageSets/Segmentation"):
        (tmp_path / folder).mkdir(parents=True)
    Image.new("RGB", (6, 1)).save(tmp_path / "JPEGImages" / "2007_000033.jpg")
    mask = Image.fromarray(np.array([[0, 255, 1, 1, 3, 2]], np.uint8))
    colours = [0] * 768
    for index, colour in PALETTE.items():
        colours[3 * index : 3 * index + 3] = colour
    mask.putpalette(colours)
    mask.save(tmp_path / "SegmentationObject" / "2007_000033.png")
    (tmp_path / "ImageSets" / "Segmentation" / "val.txt").write_text("2007_000033\n")
    return tmp_path


def test_colours_become_objects_and_outlines_are_ignored(root: Path) -> None:
    (sample,) = open_dataset("PascalVOC", root).samples
    found = {target.id: target.truth.tolist() for target in sample.load().objects}
    # 0.299 red + 0.587 green + 0.114 blue, rounded
    assert found == {
        38: [[0, -1, 1, 1, 0, 0]],
        75: [[0, -1, 0, 0, 0, 1]],
        113: [[0, -1, 0, 0, 1, 0]],
    }


def test_a_missing_mask(root: Path) -> None:
    (root / "SegmentationObject" / "2007_000033.png").unlink()
    with pytest.raises(DatasetError, match=r"there is no .*2007_000033\.png: expected JPEGImages/NAME\.jpg"):
        open_dataset("PascalVOC", root)
