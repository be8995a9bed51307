"""ONNX graphs to OpenVINO's own format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from skipclick.backend.exported import CLICK, GraphInfo
from skipclick.backend.openvino import METADATA
from skipclick.export.openvino_int8 import ClickInputs, quantise_clicks


def convert(paths: Sequence[Path], info: GraphInfo, given: Sequence[ClickInputs] = ()) -> None:
    """Replace ONNX graphs by OpenVINO's .xml and .bin, with our metadata.

    Weights are stored in float32, or in float16 where bfloat16 will round them more coarsely anyway.

    Args:
        paths: the image graph and the click graph.
        info: what they are; in int8 the click graph is quantised.
        given: inputs of the click graph that int8 is calibrated on, see `inputs_of_clicks`.
    """
    import openvino

    # Not `convert_model`, which reports its use to its makers.
    core = openvino.Core()
    core.set_property({"ENABLE_MMAP": False})  # so that the files can be deleted everywhere
    for path in paths:
        model = core.read_model(path)
        if info.precision == "int8" and path.stem == CLICK:
            model = quantise_clicks(model, given)
        for key, value in info.to_metadata().items():
            model.set_rt_info(value, [METADATA, key])
        openvino.save_model(model, path.with_suffix(".xml"), compress_to_fp16=info.precision != "float32")
        path.unlink()
        path.with_name(f"{path.name}.data").unlink(missing_ok=True)
