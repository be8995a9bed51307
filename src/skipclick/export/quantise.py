"""Float graphs to int8: weights once, activations at run time, and what would suffer left as it is.

Each linear layer takes 8-bit activations, whose scale is that of the tensor at hand, and 8-bit weights with a
scale per output. Ranges fixed beforehand proved several times worse: the activations of these transformers
differ from image to image. Real images serve to make channels equally large (`equalise`) and to find the
layers whose activations are still dominated by a few numbers; those stay in float32.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from skipclick.export.equalise import Feed
from skipclick.export.gate import PLACES
from skipclick.image import to_network
from skipclick.model.fast import FastSkipClick
from skipclick.model.skipclick import SkipClick

COARSEST_STEP = 0.12
"""A layer stays in float32 if one of 256 steps over its activations' range is more of their deviation."""

GRID = 32
"""Rows and columns of patches of the images that networks are calibrated on."""


def feed_images(images: Sequence[NDArray[np.uint8]]) -> Feed:
    """What runs a network on images, (H, W, 3) uint8, and two clicks on each."""

    def feed(network: SkipClick) -> None:
        side = GRID * network.config.patch
        for image in images:
            with torch.inference_mode():
                features = network.encode(torch.from_numpy(to_network(image, (side, side)))[None])
                points = torch.full((1, 2, 2, 2), -1.0, dtype=torch.float64)
                previous = torch.zeros(1, 1, side, side)
                for slot, (x, y, positive) in enumerate(PLACES[:2]):
                    points[0, 1 - int(positive), slot] = torch.tensor([y * side, x * side])
                    previous = network.decode(features, points, previous).sigmoid()

    return feed


def coarse_layers(network: SkipClick, feed: Feed) -> set[str]:
    """Names of the linear layers whose activations 256 steps would describe badly, see `COARSEST_STEP`."""
    steps: dict[str, float] = {}

    def note(name: str, x: Tensor) -> None:
        step = float((x.amax() - x.amin()) / 255 / x.std())
        steps[name] = max(step, steps.get(name, 0.0))

    layers = [(name, module) for name, module in network.named_modules() if isinstance(module, nn.Linear)]
    handles = [
        layer.register_forward_hook(lambda _layer, inputs, _result, name=name: note(name, inputs[0]))
        for name, layer in layers
    ]
    try:
        feed(network)
    finally:
        for handle in handles:
            handle.remove()
    return {name for name, step in steps.items() if step > COARSEST_STEP}


def quantise(path: Path, form: FastSkipClick, coarse: set[str]) -> None:
    """Quantise the linear layers of one graph, in place.

    Args:
        path: an ONNX graph in float32 that was made from `form`.
        form: the fast form of a network.
        coarse: layers of the network that stay as they are.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    layers = {name: module for name, module in form.named_modules() if isinstance(module, nn.Linear)}
    kept = {f"network.{name}" for name in coarse}
    wanted = {_digest(layer.weight.T) for name, layer in layers.items() if name not in kept}
    graph = onnx.load(path).graph
    weights = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    # Beside the layers there are products with positional tables and for the norms' statistics.
    excluded = [
        node.name
        for node in graph.node
        if node.op_type == "MatMul"
        and not any(_digest(weights[name]) in wanted for name in node.input if name in weights)
    ]
    target = path.with_suffix(".int8.onnx")
    with quiet():
        quantize_dynamic(
            path,
            target,
            op_types_to_quantize=["MatMul"],
            nodes_to_exclude=excluded,
            per_channel=True,
            # 7 bits for weights: sums of two 8-bit products overflow 16 bits on processors without VNNI.
            reduce_range=True,
            weight_type=QuantType.QInt8,
            use_external_data_format=path.with_name(f"{path.name}.data").exists(),
            extra_options={"MatMulConstBOnly": True},
        )
    path.with_name(f"{path.name}.data").unlink(missing_ok=True)
    target.replace(path)


def _digest(weight: Tensor | NDArray[np.float32]) -> bytes:
    """Layers of a graph have lost their names; their weights have not changed."""
    array = weight.detach().numpy() if isinstance(weight, Tensor) else weight
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).digest()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep advice of the quantiser, which is not for users, from them."""
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.disable(logging.NOTSET)
