"""OpenVINO's click graph in int8, with fixed ranges that real photos and clicks have shown.

ONNX Runtime takes each activation's range from the tensor at hand (`quantise`); OpenVINO computes in int8
only where ranges are known beforehand. Its quantiser, NNCF, makes channels equally large first, and measures.
The image graph stays as it is: what is lost there, no click brings back.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skipclick.backend.arrays import draw_clicks, pack_clicks, pack_previous
from skipclick.backend.torch import TorchBackend
from skipclick.export.gate import PLACES, first_clicks
from skipclick.export.quantise import GRID, quiet
from skipclick.image import to_network
from skipclick.mask import sigmoid
from skipclick.prompt import Prompt

ClickInputs = Mapping[str, NDArray[np.float32]]


def inputs_of_clicks(model: TorchBackend, images: Sequence[NDArray[np.uint8]]) -> list[ClickInputs]:
    """What the click graph is given for a first click on each image, and for four.

    Args:
        model: a float32 network.
        images: (H, W, 3) uint8 each.

    Returns:
        Arrays by the names of the click graph's inputs, the clicks drawn as `disks`.
    """
    side = GRID * model.stride
    given: list[ClickInputs] = []
    for image in images:
        features = model.encode(to_network(image, (side, side))[None])
        arrays = model.features_to_arrays(features)
        previous = None
        for count in (1, len(PLACES)):
            prompts = [Prompt(first_clicks(count, (side, side)), previous)]
            disks = draw_clicks(pack_clicks(prompts), (side, side), model.network.config.disk_radius)
            given.append({**arrays, "disks": disks, "previous": pack_previous(prompts, (side, side))})
            previous = sigmoid(model.decode(features, prompts)[0])
    return given


def quantise_clicks(graph: Any, given: Sequence[ClickInputs]) -> Any:
    """Fix the ranges of the weights and activations of a click graph.

    Args:
        graph: an `openvino.Model`, not changed.
        given: inputs to measure ranges on, at least one.

    Returns:
        A graph that computes its large products in int8.
    """
    # NNCF reports its use to its makers unless this is set before it is imported.
    os.environ.setdefault("NNCF_CI", "1")
    with quiet():
        import nncf

        return nncf.quantize(
            graph,
            nncf.Dataset(given),
            subset_size=len(given),
            model_type=nncf.ModelType.TRANSFORMER,
            # It stops at graphs with a bias for a single channel, such as the last layer's.
            advanced_parameters=nncf.AdvancedQuantizationParameters(disable_bias_correction=True),
        )
