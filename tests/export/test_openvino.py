"""ONNX graphs that became OpenVINO's."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from skipclick.backend.exported import GraphInfo
from skipclick.backend.loading import load_model
from skipclick.backend.torch import TorchBackend
from skipclick.errors import ModelError
from skipclick.export.gate import compare
from skipclick.export.graphs import write_graphs
from skipclick.export.openvino import convert

pytest.importorskip("openvino")


@pytest.mark.acceptance
def test_the_graphs_answer_the_same_and_know_what_they_are(
    backend: TorchBackend, exported: Path, images: list[NDArray[np.uint8]], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(exported, tmp_path / "ov"))
    (folder / "example.py").unlink()
    onnx = load_model(exported)
    info = GraphInfo(onnx.name, onnx.fingerprint, onnx.stride, "float32", tuple(onnx._info.features), "{}")
    convert([folder / "encode.onnx", folder / "click.onnx"], dataclasses.replace(info, name="another"))
    assert sorted(path.name for path in folder.iterdir()) == [
        "click.bin",
        "click.xml",
        "encode.bin",
        "encode.xml",
    ]
    model = load_model(folder)
    assert (model.name, model.fingerprint, model.stride) == ("another", backend.fingerprint, 14)
    found = compare(backend, model, images, grids=((8, 9),))
    assert found.difference <= 1e-3
    assert found.mean_iou >= 0.999
    with pytest.raises(ModelError, match="runs on the CPU"):
        load_model(folder, device="cuda")


@pytest.mark.slow
def test_bf16_is_computed_where_the_processor_can(
    backend: TorchBackend,
    images: list[NDArray[np.uint8]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "bf16"
    folder.mkdir()
    config = backend.network.config.to_json()
    names = backend.form.feature_names
    info = GraphInfo("toy", f"{backend.fingerprint}-bf16", backend.stride, "bf16", names, config)
    paths = [folder / "encode.onnx", folder / "click.onnx"]
    write_graphs(backend.form, info, paths[0], paths[1], drawn=True)
    convert(paths, info)
    # Beyond pixel 256, bfloat16 knows even numbers only: clicks must not suffer from that.
    grids = ((8, 30),)
    import openvino

    if "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        model = load_model(folder, precision="bf16")
        assert model.precision == "bf16"
        assert 1e-4 < compare(backend, model, images, grids=grids).typical < 0.1
    monkeypatch.setattr("skipclick.backend.openvino._capabilities", lambda _core: ["FP32"])
    model = load_model(folder)
    assert model.precision == "float32"
    assert compare(backend, model, images, grids=grids).difference <= 2e-2  # weights lie in float16
    with pytest.raises(ModelError, match="computes in float32 here, not in bf16"):
        load_model(folder, precision="bf16")
