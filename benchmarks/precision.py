"""What other precisions than float32 save and cost on this machine.

    python benchmarks/precision.py [--int8] [--exported FOLDER] [--no-bf16] [--threads 1]

First the rate of a matrix product of the encoder's shape: float32 and bf16 by PyTorch, int8 by ONNX Runtime.
Then skipclick-s on the four photos of tests/data, with the clicks of the gate that every export passes: how
far its logits are from float32's with features kept as float16, exported in int8 and calibrated on these
photos (--int8, which takes some minutes), as another exported model (--exported), and in bf16, and how well
the masks agree.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from skipclick import load_model
from skipclick.backend.cache import CachedBackend
from skipclick.backend.protocol import Backend
from skipclick.backend.speed import in_turns
from skipclick.backend.torch import TorchBackend
from skipclick.export.gate import compare
from skipclick.export.write import export_model
from skipclick.image import load_image

TOKENS, INPUTS, OUTPUTS = 1025, 384, 1536
PHOTOS = Path(__file__).parents[1] / "tests" / "data"


def int8_product() -> Callable[[], object]:
    """A product of 8-bit integers by ONNX Runtime, weights of 7 bits as in our exported models."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(0)
    weight = random.integers(-64, 64, (INPUTS, OUTPUTS)).astype(np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["x", "w"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, [TOKENS, INPUTS])],
        [helper.make_tensor_value_info("y", TensorProto.INT32, [TOKENS, OUTPUTS])],
        [numpy_helper.from_array(weight, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    x = random.integers(0, 256, (TOKENS, INPUTS)).astype(np.uint8)
    return lambda: session.run(None, {"x": x})


def rates(repeats: int) -> None:
    x, weight = torch.rand(TOKENS, INPUTS), torch.rand(OUTPUTS, INPUTS)
    half_x, half_weight = x.bfloat16(), weight.bfloat16()
    actions = {
        "float32": lambda: F.linear(x, weight),
        "bf16": lambda: F.linear(half_x, half_weight),
        "int8": int8_product(),
    }
    print("| product in | best, GMAC/s |\n|---|---|")
    for name, taken in zip(actions, in_turns(list(actions.values()), repeats), strict=True):
        print(f"| {name} | {TOKENS * INPUTS * OUTPUTS / taken.best / 1e6:.1f} |")


def photos() -> list[NDArray[np.uint8]]:
    return [load_image(path) for path in sorted(PHOTOS.glob("*.jpg"))]


def agreement(reference: Backend, title: str, other: Backend) -> None:
    found = compare(reference, other, photos(), grids=((32, 32),))
    cells = f"{found.typical:.1e} | {found.difference:.1e} | {found.mean_iou:.4f} | {min(found.ious):.3f}"
    print(f"| {title} | {cells} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--int8", action="store_true", help="export skipclick-s in int8 and compare that")
    parser.add_argument("--exported", type=Path, help="folder of an exported skipclick-s")
    parser.add_argument("--no-bf16", action="store_true", help="leave out bf16, which can be very slow")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--repeats", type=int, default=20)
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    with torch.inference_mode():
        rates(arguments.repeats)
    reference = load_model("skipclick-s", device="cpu", precision="float32")
    print(
        "\n| skipclick-s | logits off by, typical | largest | mean IoU | least IoU |\n|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as folder:
        stored = CachedBackend(load_model("skipclick-s", device="cpu"), Path(folder), storage="float16")
        agreement(reference, "features kept as float16", stored)
        if arguments.int8 and isinstance(reference, TorchBackend):
            done = export_model(reference, Path(folder) / "int8", photos(), precision="int8")
            agreement(reference, f"int8, {done.nbytes / 1e6:.1f} MB", load_model(done.folder))
    if arguments.exported:
        exported = load_model(arguments.exported)
        agreement(reference, f"exported, {exported.precision}", exported)
    if not arguments.no_bf16:
        agreement(reference, "bf16", load_model("skipclick-s", device="cpu", precision="bf16"))


if __name__ == "__main__":
    main()
