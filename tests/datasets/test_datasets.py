"""The table of data sets, and opening one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from skipclick.datasets import DATASETS, open_dataset
from skipclick.errors import DatasetError

FOLDERS = {"GrabCut": ("data_GT", "boundary_GT"), "Berkeley": ("images", "masks"), "DAVIS": ("img", "gt")}


def unpack(root: Path, name: str) -> Path:
    for folder in FOLDERS[name]:
        (root / folder).mkdir(parents=True)
        Image.new("RGB", (4, 3), "white").save(root / folder / "x.png")
    return root


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_opens(tmp_path: Path, name: str) -> None:
    dataset = open_dataset(name, unpack(tmp_path, name))
    assert (dataset.reader, dataset.label) == (name, name)
    assert [sample.name for sample in dataset.samples] == ["x"]
    assert (dataset.samples[0].load().objects[0].truth == 1).all()


@pytest.mark.parametrize("name", DATASETS)
def test_a_folder_laid_out_otherwise_is_explained(tmp_path: Path, name: str) -> None:
    images, masks = FOLDERS[name]
    with pytest.raises(DatasetError, match=f"expected images in {images}/ and masks in {masks}/ inside"):
        open_dataset(name, tmp_path)


def test_text_paths_and_labels(tmp_path: Path) -> None:
    dataset = open_dataset("DAVIS", str(unpack(tmp_path, "DAVIS")), label="DAVIS_dev")
    assert (dataset.reader, dataset.label) == ("DAVIS", "DAVIS_dev")


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(
        DatasetError, match="unknown data set 'grabcut': choose one of GrabCut, Berkeley, DAVIS"
    ):
        open_dataset("grabcut", tmp_path)


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="nowhere does not exist: give the folder in which DAVIS"):
        open_dataset("DAVIS", tmp_path / "nowhere")


def test_data_sets_and_evaluation_do_without_torch() -> None:
    code = "import sys, skipclick.datasets, skipclick.evaluation; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
