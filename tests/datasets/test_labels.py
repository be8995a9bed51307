from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from skipclick.datasets.labels import read_label_map, split_labels
from skipclick.errors import DatasetError


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32])
def test_grey_of_any_depth(tmp_path: Path, dtype: type) -> None:
    values = np.array([[0, 1, 200], [3, 255, 7]], dtype)
    if dtype is not np.uint8:
        values[0, 2] = 40000
    Image.fromarray(values).save(tmp_path / "m.tif")
    labels = read_label_map(tmp_path / "m.tif")
    assert labels.dtype == np.int32
    assert labels.tolist() == values.tolist()


def test_a_palette_is_read_by_its_indices(tmp_path: Path) -> None:
    mask = Image.fromarray(np.array([[0, 1, 2]], np.uint8))
    mask.putpalette([0, 0, 0, 128, 0, 0, 128, 0, 0])  # two labels of the same colour
    mask.save(tmp_path / "m.png")
    assert read_label_map(tmp_path / "m.png").tolist() == [[0, 1, 2]]


def test_black_and_white(tmp_path: Path) -> None:
    Image.fromarray(np.array([[False, True]])).save(tmp_path / "m.png")
    assert read_label_map(tmp_path / "m.png").tolist() == [[0, 1]]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA"])
def test_colours_are_no_labels(tmp_path: Path, mode: str) -> None:
    Image.new(mode, (3, 2)).save(tmp_path / "m.png")
    with pytest.raises(DatasetError, match=f"no label map but a picture of mode {mode}: save it as grey"):
        read_label_map(tmp_path / "m.png")


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_damaged_files(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.png").write_bytes(content)
    with pytest.raises(DatasetError, match=r"m\.png cannot be read as an image"):
        read_label_map(tmp_path / "m.png")


def test_a_file_that_is_cut_short(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 9, (64, 64), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "m.png")
    whole = (tmp_path / "m.png").read_bytes()
    (tmp_path / "m.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetError, match="cannot be read as an image"):
        read_label_map(tmp_path / "m.png")


@given(arrays(np.int32, (5, 6), elements=st.integers(0, 5)))
def test_objects_share_out_the_map(labels: np.ndarray) -> None:
    targets = split_labels(labels, np.unique(labels))
    assert sum((target.truth == 1).astype(int) for target in targets).tolist() == np.ones((5, 6)).tolist()
    for target in targets:
        assert target.truth.dtype == np.int8
        assert ((target.truth == 1) == (labels == target.id)).all()
        assert set(np.unique(target.truth)) <= {0, 1}


@given(arrays(np.uint8, (5, 6), elements=st.integers(0, 3)))
def test_ignored_pixels_are_so_for_every_object(labels: np.ndarray) -> None:
    for target in split_labels(labels, np.array([1, 2]), ignored=3):
        assert ((target.truth == -1) == (labels == 3)).all()
        assert ((target.truth == 1) == (labels == target.id)).all()
