"""The ONNX Runtime back end: an exported model without PyTorch."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skipclick.backend.cards import own_card
from skipclick.backend.exported import GraphInfo, graph_paths
from skipclick.backend.graphs import Arrays, GraphBackend
from skipclick.backend.threads import thread_count
from skipclick.errors import ModelError

_CUDA = "CUDAExecutionProvider"


class OnnxBackend(GraphBackend):
    """The two graphs of `skipclick export --format onnx`.

    Args:
        path: the folder, or either graph in it.
        device: "cpu", "cuda", "cuda:1", or "auto": CUDA if this onnxruntime has it, else the CPU. Where
            `torchrun` started a process for each graphics card, "auto" and "cuda" are the card of this one.

    Raises:
        ModelError: onnxruntime is missing, a graph is missing or damaged, or the device does not exist here.
    """

    def __init__(self, path: Path, *, device: str = "auto") -> None:
        try:
            import onnxruntime
        except ImportError:
            raise ModelError(f'{path} needs ONNX Runtime: pip install "skipclick[onnx]"') from None
        encode_path, click_path = graph_paths(path, "onnx")
        name, providers = _providers(device, onnxruntime.get_available_providers())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = thread_count()
        # Waiting threads sleep: whatever else runs on this machine, other models included, needs them.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if name == "cpu":
            _share_memory()
            options.add_session_config_entry("session.use_env_allocators", "1")
        # What it says below the level of errors is of no use to who clicks.
        options.log_severity_level = 3

        def open_graph(file: Path) -> Any:
            try:
                return onnxruntime.InferenceSession(file, options, providers=providers)
            # Its errors derive from Exception alone, one class per cause.
            except Exception as error:
                raise ModelError(f"{file} cannot be opened by ONNX Runtime: {error}") from error

        self._encode, self._click = open_graph(encode_path), open_graph(click_path)
        # Where CUDA is installed but does not work, ONNX Runtime goes on with the CPU.
        if name != "cpu" and _CUDA not in self._encode.get_providers():
            if device != "auto":
                raise ModelError(f"ONNX Runtime cannot use {name!r} here: use --device cpu")
            name = "cpu"
        info = _info(self._encode, encode_path)
        if _info(self._click, click_path) != info:
            raise ModelError(
                f"{encode_path} and {click_path} are of different models: export the model again"
            )
        self._names = list(info.features)
        super().__init__(info, name)

    def _run_encode(self, image: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        return _run(self._encode, self._names, {"image": image})

    def _run_click(self, inputs: Arrays) -> NDArray[np.float32]:
        return _run(self._click, ["logits"], inputs)[0]


@cache
def _share_memory() -> None:
    """Let all graphs of this process work in the same memory: they run one after the other.

    Encoder and click path of skipclick-s otherwise hold 100 MB more, what the encoder needed for once.
    """
    import onnxruntime

    memory = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(memory, None)


def _run(session: Any, names: list[str], inputs: Arrays) -> list[NDArray[np.float32]]:
    try:
        results: list[NDArray[np.float32]] = session.run(names, dict(inputs))
    except Exception as error:
        raise ModelError(f"ONNX Runtime could not run the model: {error}") from error
    return results


def _info(session: Any, path: Path) -> GraphInfo:
    return GraphInfo.from_metadata(session.get_modelmeta().custom_metadata_map, path)


def _providers(device: str, available: list[str]) -> tuple[str, list[Any]]:
    """The device's name and ONNX Runtime's providers for it.

    Raises:
        ModelError: an unknown name, or this ONNX Runtime has no such device.
    """
    kind, _, number = device.partition(":")
    if device == "cpu" or (device == "auto" and _CUDA not in available):
        return "cpu", ["CPUExecutionProvider"]
    if kind not in ("auto", "cuda") or (number and not number.isdecimal()):
        raise ModelError(f"an exported ONNX model runs on cpu or cuda, not on {device!r}")
    if _CUDA not in available:
        raise ModelError("this ONNX Runtime has no CUDA: use --device cpu, or install onnxruntime-gpu")
    index = int(number) if number else own_card() or 0
    return f"cuda:{index}", [(_CUDA, {"device_id": index}), "CPUExecutionProvider"]
