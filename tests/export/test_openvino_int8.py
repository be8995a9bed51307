"""Fixed ranges for OpenVINO's click graph."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from skipclick.backend.loading import load_model
from skipclick.backend.torch import TorchBackend
from skipclick.export.gate import PLACES
from skipclick.export.openvino_int8 import inputs_of_clicks, quantise_clicks
from skipclick.export.write import export_model

openvino = pytest.importorskip("openvino")
pytest.importorskip("nncf")


def test_a_first_click_and_four_are_given_for_each_image(
    backend: TorchBackend, images: list[NDArray[np.uint8]]
) -> None:
    given = inputs_of_clicks(backend, images)
    assert len(given) == 4
    names = {*backend.form.feature_names, "disks", "previous"}
    assert all(set(inputs) == names for inputs in given)
    for index, inputs in enumerate(given):
        later = index % 2 == 1
        assert inputs["disks"].shape == (1, 2, 448, 448)
        positive, negative = inputs["disks"][0].any(axis=(1, 2))
        assert (positive, negative) == (True, later)
        # The second prompt has the answer to the first.
        assert bool(inputs["previous"].any()) == later
    x, y, _ = PLACES[0]
    assert given[0]["disks"][0, 0, int(448 * y), int(448 * x)] == 1
    assert np.abs(given[0]["fused"] - given[2]["fused"]).max() > 0


def test_large_products_are_int8_afterwards() -> None:
    from openvino import opset13 as ops

    random = np.random.default_rng(0)
    weight = random.normal(size=(64, 32)).astype(np.float32)
    x = ops.parameter([1, -1, 32], np.float32, name="fused")
    x.output(0).set_names({"fused"})
    graph = openvino.Model([ops.matmul(x, ops.constant(weight), False, True)], [x], "g")
    given = [{"fused": random.normal(size=(1, 50, 32)).astype(np.float32)} for _ in range(3)]
    quantised = quantise_clicks(graph, given)
    kinds = [node.get_type_name() for node in quantised.get_ops()]
    assert kinds.count("FakeQuantize") >= 1
    assert "FakeQuantize" not in {node.get_type_name() for node in graph.get_ops()}
    answer = openvino.compile_model(quantised, "CPU")(given[0])[0]
    expected = given[0]["fused"] @ weight.T
    error = np.square(answer - expected).mean() ** 0.5 / expected.std()
    assert 1e-4 < error < 0.03
    assert os.environ["NNCF_CI"]  # nobody is told of it


@pytest.mark.slow
def test_openvino_in_int8(small: TorchBackend, images: list[NDArray[np.uint8]], tmp_path: Path) -> None:
    done = export_model(small, tmp_path / "int8", images, kind="openvino", precision="int8")
    model = load_model(tmp_path / "int8", precision="int8")
    assert model.fingerprint.startswith(f"{small.fingerprint}-int8-")
    assert 0.9 <= done.found.mean_iou < 1
    # The decoder's weights take a byte each, the encoder's two.
    assert (tmp_path / "int8" / "click.bin").stat().st_size < 5e6
    assert done.nbytes < 60e6
