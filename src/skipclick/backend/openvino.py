"""The OpenVINO back end: an exported model without PyTorch, tuned for processors of Intel's kind."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skipclick.backend.exported import GraphInfo, graph_paths
from skipclick.backend.graphs import Arrays, GraphBackend
from skipclick.backend.threads import thread_count
from skipclick.errors import ModelError

METADATA = "skipclick"
"""Section of a graph's run-time information that holds ours."""


class OpenVinoBackend(GraphBackend):
    """The two graphs of `skipclick export --format openvino`.

    What was exported in bf16 computes in float32 on a processor without instructions for it, and says so. In
    int8, what is not int8 is computed in bf16 or float32 in the same way.

    Args:
        path: the folder, or either graph in it.
        device: "cpu" or "auto", which are the same.

    Raises:
        ModelError: OpenVINO is missing, a graph is missing or damaged, or another device is wanted.
    """

    def __init__(self, path: Path, *, device: str = "auto") -> None:
        if device not in ("auto", "cpu"):
            raise ModelError(
                f"an exported OpenVINO model runs on the CPU, not on {device!r}: use --device cpu"
            )
        try:
            import openvino
        except ImportError:
            raise ModelError(f'{path} needs OpenVINO: pip install "skipclick[openvino]"') from None
        encode_path, click_path = graph_paths(path, "openvino")
        core = openvino.Core()
        has_bf16 = "BF16" in _capabilities(core)

        def open_graph(file: Path) -> tuple[Any, GraphInfo]:
            try:
                model = core.read_model(file)
                info = GraphInfo.from_metadata(_metadata(model), file)
                if info.precision == "bf16" and not has_bf16:
                    info = dataclasses.replace(info, precision="float32")
                settings = {
                    "INFERENCE_NUM_THREADS": thread_count(),
                    "PERFORMANCE_HINT": "LATENCY",
                    # Left alone, it may compute in bf16 where the processor can.
                    "INFERENCE_PRECISION_HINT": (
                        "bf16" if has_bf16 and info.precision != "float32" else "f32"
                    ),
                }
                return core.compile_model(model, "CPU", settings), info
            except RuntimeError as error:
                raise ModelError(f"{file} cannot be opened by OpenVINO: {error}") from error

        self._encode, info = open_graph(encode_path)
        self._click, other = open_graph(click_path)
        if other != info:
            raise ModelError(f"{encode_path} and {click_path.name} are of different models: export again")
        drawn = any("disks" in port.get_names() for port in self._click.inputs)
        try:
            radius = float(json.loads(info.config)["disk_radius"]) if drawn else None
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"{click_path} has damaged metadata ({error}): export the model again"
            ) from error
        super().__init__(info, "cpu", radius=radius)

    def _run_encode(self, image: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        results = self._encode({"image": image})
        # The results' memory is used again by the next call.
        return [np.array(results[name]) for name in self._info.features]

    def _run_click(self, inputs: Arrays) -> NDArray[np.float32]:
        return np.array(self._click(dict(inputs))["logits"], np.float32)


def _capabilities(core: Any) -> list[str]:
    """What this processor has instructions for, in OpenVINO's words."""
    names: list[str] = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return names


def _metadata(model: Any) -> dict[str, str]:
    if not model.has_rt_info(METADATA):
        return {}
    return {key: str(entry.value) for key, entry in model.get_rt_info()[METADATA].items()}
