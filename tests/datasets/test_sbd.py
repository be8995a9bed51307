from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from skipclick.datasets import open_dataset
from skipclick.datasets.sbd import read_instances
from skipclick.errors import DatasetError


def write_instances(path: Path, labels: np.ndarray) -> None:
    """As published: the label map, then outlines for each object, then categories."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count = int(labels.max())
    boundaries = np.empty((count, 1), object)
    for index in range(count):
        boundaries[index, 0] = labels == index + 1
    fields: dict[str, Any] = {
        "Segmentation": labels,
        "Boundaries": boundaries,
        "Categories": np.ones((count, 1), np.uint8),
    }
    savemat(path, {"GTinst": fields}, do_compression=True)


def ids(path: Path) -> list[int]:
    return [target.id for target in read_instances(path)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, labels in (("2008_000009", [[0, 2, 1]]), ("2008_000002", [[0, 0, 1]]), ("2007_1", [[1, 1, 3]])):
        (tmp_path / "img").mkdir(exist_ok=True)
        Image.new("RGB", (3, 1)).save(tmp_path / "img" / f"{name}.jpg")
        write_instances(tmp_path / "inst" / f"{name}.mat", np.array(labels, np.uint8))
    (tmp_path / "val.txt").write_text("2008_000009\n2008_000002\n")
    (tmp_path / "train.txt").write_text("2007_1\n")
    return tmp_path


def test_objects_in_the_order_of_image_and_label(root: Path) -> None:
    found = [
        (s.name, t.id, t.truth.tolist()) for s in open_dataset("SBD", root).samples for t in s.load().objects
    ]
    assert found == [
        ("2008_000002", 1, [[0, 0, 1]]),
        ("2008_000009", 1, [[0, 0, 1]]),
        ("2008_000009", 2, [[0, 1, 0]]),
    ]


def test_the_splits_have_a_list_each(root: Path) -> None:
    (sample,) = open_dataset("SBD_train", root).samples
    assert sample.name == "2007_1"


def test_labels_may_be_missing_background_too(root: Path) -> None:
    assert ids(root / "inst" / "2007_1.mat") == [1, 3]


def test_a_cache_left_by_another_program_is_never_opened(root: Path) -> None:
    (root / "val_images_and_ids_list.pkl").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    assert len(open_dataset("SBD", root).samples) == 2


def test_16_bit_labels(tmp_path: Path) -> None:
    write_instances(tmp_path / "x.mat", np.array([[0, 1, 2]], np.uint8).astype(np.uint16))
    assert ids(tmp_path / "x.mat") == [1, 2]


def test_no_objects(tmp_path: Path) -> None:
    write_instances(tmp_path / "x.mat", np.zeros((2, 3), np.uint8))
    assert ids(tmp_path / "x.mat") == []


def test_the_first_field_counts_whatever_its_name(tmp_path: Path) -> None:
    fields = {"Labels": np.array([[0, 1]], np.uint8), "Segmentation": np.array([[5, 6]], np.uint8)}
    savemat(tmp_path / "x.mat", {"GTinst": fields})
    assert ids(tmp_path / "x.mat") == [1]


@pytest.mark.parametrize("content", [b"", b"MATLAB 5.0", b"\x89HDF\r\n\x1a\n" + bytes(600)])
def test_files_that_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.mat").write_bytes(content)
    with pytest.raises(DatasetError, match=r"x\.mat has no readable structure GTinst: fetch it again"):
        read_instances(tmp_path / "x.mat")


def test_a_file_that_is_cut_short(root: Path) -> None:
    path = root / "inst" / "2007_1.mat"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DatasetError, match="no readable structure GTinst"):
        read_instances(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"GTcls": {"Segmentation": np.ones((2, 2))}}, "no readable structure"),
        ({"GTinst": np.ones((2, 2))}, "no label map|no readable structure"),
        ({"GTinst": {"Segmentation": "text"}}, "no label map"),
        ({"GTinst": {"Segmentation": np.ones((2, 2)) / 2}}, "no label map"),
    ],
)
def test_files_of_something_else(tmp_path: Path, content: dict[str, Any], reason: str) -> None:
    savemat(tmp_path / "x.mat", content)
    with pytest.raises(DatasetError, match=reason):
        read_instances(tmp_path / "x.mat")
