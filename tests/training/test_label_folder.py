"""A folder of images with label maps."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from skipclick.errors import DatasetError
from skipclick.training.label_folder import read_label_folder


def labels() -> NDArray[np.uint8]:
    result = np.zeros((60, 80), np.uint8)
    result[5:30, 5:30] = 1
    result[40:50, 10:70] = 4
    result[30:32] = 255
    return result


def write(root: Path, mask: NDArray[np.generic] | Image.Image, name: str = "photo.png") -> Path:
    for folder in ("images", "masks"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (80, 60), (200, 10, 30)).save(root / "images" / "photo.jpg")
    picture = mask if isinstance(mask, Image.Image) else Image.fromarray(mask)
    picture.save(root / "masks" / name)
    return root


def ids(root: Path, ignored: int | None = None) -> dict[int, int]:
    """The numbers of pixels by the objects' ids."""
    (sample,) = read_label_folder(root, ignored)
    loaded = sample.load()
    assert loaded.image.shape == (60, 80, 3)
    assert abs(int(loaded.image[0, 0, 0]) - 200) < 4  # red first
    return {one.id: int((one.truth == 1).sum()) for one in loaded.objects}


def test_every_number_is_an_object(tmp_path: Path) -> None:
    assert ids(write(tmp_path, labels())) == {1: 625, 4: 600, 255: 160}


def test_maps_of_16_bits_and_with_a_palette(tmp_path: Path) -> None:
    wide = labels().astype(np.uint16) * 257
    assert ids(write(tmp_path / "16", wide)) == {257: 625, 1028: 600, 65535: 160}
    palette = Image.fromarray(labels(), mode="L").convert("P")
    palette.putdata(labels().ravel())
    palette.putpalette([n % 256 for n in range(768)])
    assert ids(write(tmp_path / "palette", palette)) == {1: 625, 4: 600, 255: 160}


def test_a_mask_of_black_and_white_is_one_object(tmp_path: Path) -> None:
    assert ids(write(tmp_path / "grey", np.where(labels() == 1, 255, 0).astype(np.uint8))) == {255: 625}
    assert ids(write(tmp_path / "bits", labels() == 1)) == {1: 625}


def test_an_ignored_number_counts_neither_way(tmp_path: Path) -> None:
    root = write(tmp_path, labels())
    assert ids(root, ignored=255) == {1: 625, 4: 600}
    (sample,) = read_label_folder(root, 255)
    for one in sample.load().objects:
        np.testing.assert_array_equal(one.truth == -1, labels() == 255)


def test_an_image_may_be_all_background(tmp_path: Path) -> None:
    assert ids(write(tmp_path, np.zeros((60, 80), np.uint8))) == {}


def test_soft_edges_are_told_from_labels(tmp_path: Path) -> None:
    sharp = np.where(labels() == 1, 255, 0).astype(np.uint8)
    root = write(tmp_path, cv2.GaussianBlur(sharp, (0, 0), 2))
    with pytest.raises(DatasetError, match=r"soft edges, not a label map.*give Folder="):
        ids(root)


def test_many_small_objects_are_no_soft_edge(tmp_path: Path) -> None:
    cells = np.kron(np.arange(1, 193).reshape(12, 16), np.ones((5, 5))).astype(np.uint8)
    assert ids(write(tmp_path, cells)) == dict.fromkeys(range(1, 193), 25)


@pytest.mark.parametrize(
    ("mask", "name", "complaint"),
    [
        (labels(), "photo.jpg", "a JPEG, which blurs labels: save masks as PNG"),
        (np.zeros((60, 80, 3), np.uint8), "photo.png", "save it as grey"),
        (labels()[:50], "photo.png", r"80 x 50 .* but its image photo\.jpg is 80 x 60"),
    ],
)
def test_what_is_no_label_map_of_the_image(
    tmp_path: Path, mask: NDArray[np.uint8], name: str, complaint: str
) -> None:
    with pytest.raises(DatasetError, match=complaint):
        ids(write(tmp_path, mask, name))


def test_a_damaged_image_is_named(tmp_path: Path) -> None:
    root = write(tmp_path, labels())
    (root / "images" / "photo.jpg").write_bytes(b"\xff\xd8\xff nothing")
    with pytest.raises(DatasetError, match=r"photo\.jpg"):
        ids(root)


def test_a_folder_of_another_layout(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="expected images in images/ and masks in masks/"):
        read_label_folder(tmp_path)
