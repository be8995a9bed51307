from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skipclick.datasets import open_dataset
from skipclick.datasets.sample import LoadedSample
from skipclick.errors import DatasetError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    Image.new("RGB", (4, 1), "white").save(tmp_path / "images" / "x.png")
    Image.fromarray(np.array([[0, 1, 128, 255]], np.uint8)).save(tmp_path / "masks" / "x.png")
    return tmp_path


def load(root: Path) -> LoadedSample:
    (sample,) = open_dataset("Folder", root).samples
    return sample.load()


def truth(root: Path) -> list[list[int]]:
    (target,) = load(root).objects
    assert target.truth.dtype == np.int8
    return target.truth.tolist()


def test_grey(root: Path) -> None:
    assert truth(root) == [[0, 1, 1, 1]]


def test_16_bits(root: Path) -> None:
    Image.fromarray(np.array([[0, 1, 0, 60000]], np.uint16)).save(root / "masks" / "x.png")
    assert truth(root) == [[0, 1, 0, 1]]


def test_palette(root: Path) -> None:
    mask = Image.fromarray(np.array([[0, 1, 2, 0]], np.uint8))
    mask.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0])
    mask.save(root / "masks" / "x.png")
    assert truth(root) == [[0, 1, 1, 0]]


def test_without_background(root: Path) -> None:
    Image.new("1", (4, 1), 1).save(root / "masks" / "x.png")
    assert truth(root) == [[1, 1, 1, 1]]


def test_transparent_images_are_seen_as_in_a_session(root: Path) -> None:
    Image.new("RGBA", (4, 1), (0, 0, 0, 0)).save(root / "images" / "x.png")
    assert (load(root).image == 255).all()


def test_image_and_mask_may_be_of_different_kinds(root: Path) -> None:
    Image.new("RGB", (4, 1)).save(root / "images" / "x.jpg")
    (root / "images" / "x.png").unlink()
    assert load(root).image.shape == (1, 4, 3)


@pytest.mark.parametrize("folder", ["images", "masks"])
def test_damaged_files(root: Path, folder: str) -> None:
    (root / folder / "x.png").write_bytes(b"no picture")
    with pytest.raises(DatasetError, match=r"x\.png is not a picture that can be read"):
        load(root)


def test_an_image_without_a_mask(root: Path) -> None:
    Image.new("RGB", (4, 1)).save(root / "images" / "y.png")
    with pytest.raises(DatasetError, match=r"masks has no mask for y\.png: expected images in images/"):
        open_dataset("Folder", root)
