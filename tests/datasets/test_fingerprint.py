from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skipclick.datasets import Dataset, Fingerprint, fingerprint, open_dataset
from skipclick.errors import DatasetError

TRUTHS = {"a": [[0, 1, 2]], "b": [[0, 0, 3]]}


def build(root: Path, truths: dict[str, list[list[int]]], dtype: type = np.uint8) -> Dataset:
    root.mkdir()
    for name, labels in truths.items():
        mask = np.array(labels, dtype)
        Image.new("RGB", mask.shape[::-1]).save(root / f"{name}.jpg")
        Image.fromarray(mask).save(root / f"mask_{name}.png")
    return open_dataset("SHSeg", root)


@pytest.fixture
def first(tmp_path: Path) -> Fingerprint:
    return fingerprint(build(tmp_path / "first", TRUTHS))


def test_it_counts_and_stays_as_it_is(first: Fingerprint) -> None:
    assert (first.images, first.objects) == (2, 3)
    # What two people compare must not change with a new version unnoticed.
    assert first.sha256 == "0eb3f8ecbf9f33e1a646d73df19245714e05f5f9cd8999631fca9f7defb9f5cf"


def test_the_same_masks_stored_otherwise(tmp_path: Path, first: Fingerprint) -> None:
    assert fingerprint(build(tmp_path / "x", TRUTHS, np.uint16)) == first
    assert fingerprint(build(tmp_path / "y", dict(reversed(TRUTHS.items())))) == first


def test_images_are_not_read(tmp_path: Path, first: Fingerprint) -> None:
    dataset = build(tmp_path / "x", TRUTHS)
    for sample in dataset.samples:
        sample.image_file.write_bytes(b"")
    assert fingerprint(dataset) == first


@pytest.mark.parametrize(
    "other",
    [
        {"a": [[0, 1, 2]]},
        {"a": [[0, 1, 2]], "c": [[0, 0, 3]]},
        {"a": [[0, 1, 2]], "b": [[0, 3, 0]]},
        {"a": [[0, 1, 2]], "b": [[0, 0, 4]]},
        {"a": [[0], [1], [2]], "b": [[0, 0, 3]]},
        {"a": [[0, 1, 2, 0]], "b": [[0, 0, 3]]},
        {"a": [[0, 0, 3]], "b": [[0, 1, 2]]},
    ],
)
def test_any_difference_shows(tmp_path: Path, first: Fingerprint, other: dict[str, list[list[int]]]) -> None:
    assert fingerprint(build(tmp_path / "x", other)).sha256 != first.sha256


def test_ignored_pixels_count(tmp_path: Path) -> None:
    found = set()
    for name, value in (("x", 0), ("y", 128), ("z", 255)):
        for folder in ("images", "masks"):
            (tmp_path / name / folder).mkdir(parents=True)
        Image.new("RGB", (2, 1)).save(tmp_path / name / "images" / "x.png")
        mask = Image.fromarray(np.array([[255, value]], np.uint8))
        mask.save(tmp_path / name / "masks" / "x.png")
        found.add(fingerprint(open_dataset("Berkeley", tmp_path / name)).sha256)
    assert len(found) == 3


def test_progress(tmp_path: Path) -> None:
    seen: list[int] = []
    fingerprint(build(tmp_path / "x", TRUTHS), progress=seen.append)
    assert seen == [1, 2]


def test_a_damaged_mask(tmp_path: Path) -> None:
    dataset = build(tmp_path / "x", TRUTHS)
    dataset.samples[1].truth_file.write_bytes(b"")
    with pytest.raises(DatasetError, match=r"mask_b\.png cannot be read"):
        fingerprint(dataset)


def test_a_label_of_ones_own_does_not_matter(tmp_path: Path, first: Fingerprint) -> None:
    build(tmp_path / "x", TRUTHS)
    assert fingerprint(open_dataset("SHSeg", tmp_path / "x", label="mine")) == first
