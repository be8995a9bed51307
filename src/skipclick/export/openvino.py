"""ONNX graphs to OpenVINO's own format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from skipclick.backend.exported import GraphInfo
from skipclick.backend.openvino import METADATA


def convert(paths: Sequence[Path], info: GraphInfo) -> None:
    """Replace ONNX graphs by OpenVINO's .xml and .bin, with our metadata.

    Weights are stored in float32, or in float16 where bfloat16 will round them more coarsely anyway.
    """
    import openvino

    for path in paths:
        model = openvino.convert_model(path)
        for key, value in info.to_metadata().items():
            model.set_rt_info(value, [METADATA, key])
        openvino.save_model(model, path.with_suffix(".xml"), compress_to_fp16=info.precision == "bf16")
        path.unlink()
        path.with_name(f"{path.name}.data").unlink(missing_ok=True)
