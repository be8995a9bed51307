"""Graphs whose linear layers are quantised, and those layers alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from skipclick.backend.loading import load_model
from skipclick.backend.torch import TorchBackend
from skipclick.export.gate import compare
from skipclick.export.quantise import quantise
from skipclick.model.fast import fast

pytestmark = pytest.mark.acceptance

GRAPHS = ("encode.onnx", "click.onnx")


def operators(path: Path) -> list[str]:
    import onnx

    return [node.op_type for node in onnx.load(path).graph.node]


@pytest.fixture
def copied(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "int8"))


def test_layers_are_found_in_the_graphs_and_the_model_stays_itself(
    backend: TorchBackend, copied: Path, images: list[NDArray[np.uint8]]
) -> None:
    before = {name: (copied / name).stat().st_size for name in GRAPHS}
    for name in GRAPHS:
        quantise(copied / name, fast(backend.network), set())
    assert sorted(path.name for path in copied.iterdir()) == ["click.onnx", "encode.onnx", "example.py"]
    # Four linear layers in each of the encoder's four blocks; those of the other forms are no products.
    assert operators(copied / "encode.onnx").count("MatMulInteger") >= 16
    assert "MatMulInteger" in operators(copied / "click.onnx")
    assert (copied / "encode.onnx").stat().st_size < before["encode.onnx"]
    found = compare(backend, load_model(copied), images, grids=((8, 9),))
    assert 0 < found.typical < 0.3
    assert found.mean_iou >= 0.9


def test_a_coarse_layer_stays_as_it_is(backend: TorchBackend, copied: Path, exported: Path) -> None:
    form, path = fast(backend.network), copied / "encode.onnx"
    quantise(path, form, set())
    all_of_them = operators(path).count("MatMulInteger")
    shutil.copy(exported / "encode.onnx", path)
    quantise(path, form, {"backbone.blocks.1.mlp.fc2", "backbone.blocks.2.mlp.fc1"})
    assert operators(path).count("MatMulInteger") == all_of_them - 2
