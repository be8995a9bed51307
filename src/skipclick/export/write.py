"""From a network to a folder with an exported model, checked before it is put in place."""

from __future__ import annotations

import copy
import hashlib
import importlib.util
import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from skipclick.backend.exported import CLICK, ENCODE, SUFFIXES, Format, GraphInfo, exported_format
from skipclick.backend.loading import load_model
from skipclick.backend.torch import TorchBackend
from skipclick.errors import ModelError
from skipclick.export.gate import LIMITS, Comparison, check, compare
from skipclick.export.graphs import write_graphs
from skipclick.model.fast import FastSkipClick, fast
from skipclick.model.skipclick import SkipClick

ExportPrecision: TypeAlias = Literal["float32", "bf16", "int8"]

EXAMPLE = "example.py"

_GRAPH_ENDS = (".onnx", ".onnx.data", ".int8.onnx.data", ".xml", ".bin")
_WRITTEN = frozenset({EXAMPLE, *(f"{part}{end}" for part in (ENCODE, CLICK) for end in _GRAPH_ENDS)})
"""Names of the files that an export writes; whatever else lies in a folder is the user's."""

_PACKAGES = {
    "onnx": {"onnxruntime": "onnx", "onnxscript": "export"},
    "openvino": {"openvino": "openvino", "onnxscript": "export"},
}
"""What each format needs, and the extra that brings it."""

_OPENVINO_INT8 = {"nncf": "openvino-int8"}


@dataclass(frozen=True, slots=True)
class Exported:
    """An exported model that has passed the gate.

    Attributes:
        folder: where it is.
        found: how it compares with the network that it was made from.
        nbytes: size of all its files.
    """

    folder: Path
    found: Comparison
    nbytes: int


def export_model(
    model: TorchBackend,
    folder: Path,
    images: Sequence[NDArray[np.uint8]],
    *,
    kind: Format = "onnx",
    precision: ExportPrecision = "float32",
    force: bool = False,
    progress: Callable[[str], None] = lambda _step: None,
) -> Exported:
    """Write a model as two graphs, and an example that uses them (ONNX).

    The graphs are made in a folder beside the target, compared with the network on real images, and only then
    moved to the target: a wrong model is never left behind.

    Args:
        model: a float32 network on the CPU.
        folder: where to; must not exist, or be empty, or hold an exported model and nothing else if `force`.
        images: (H, W, 3) uint8, at least one. The gate clicks through the first two; int8 is calibrated on
            all of them.
        kind: the runtime.
        precision: of the arithmetic; bf16 for OpenVINO alone. In int8, OpenVINO computes clicks alone, and
            the rest in bf16 where the processor can.
        force: replace an exported model.
        progress: told what is being done.

    Raises:
        ModelError: a package is missing, the target exists or holds other files too, the model did not pass
            the gate, or the precision does not exist for the format.
    """
    folder = folder.resolve()  # a link keeps leading there
    _check_request(model, folder, images, kind, precision, force)
    form = fast(model.network)
    info = GraphInfo(
        name=model.name,
        fingerprint=_fingerprint(model, precision, images),
        stride=model.stride,
        precision=precision,
        features=form.feature_names,
        config=model.network.config.to_json(),
    )
    scratch = folder.parent / f".{folder.name}.{secrets.token_hex(4)}.part"
    scratch.mkdir()
    try:
        paths = [scratch / f"{part}.onnx" for part in (ENCODE, CLICK)]
        if kind == "openvino":
            _write_openvino(model, form, info, paths, images, progress)
        else:
            if precision == "int8":
                _write_int8(model.network, info, paths, images, progress)
            else:
                progress("making the graphs")
                write_graphs(form, info, paths[0], paths[1])
            shutil.copyfile(Path(__file__).with_name(EXAMPLE), scratch / EXAMPLE)
        progress("comparing with the network")
        found = compare(model, load_model(scratch, device="cpu"), images[:2])
        check(found, kind, precision)
        size = sum(file.stat().st_size for file in scratch.iterdir())
        _put_in_place(scratch, folder)
    except OSError as error:
        raise ModelError(f"{folder} cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Exported(folder, found, size)


def _check_request(
    model: TorchBackend,
    folder: Path,
    images: Sequence[NDArray[np.uint8]],
    kind: Format,
    precision: ExportPrecision,
    force: bool,
) -> None:
    if kind not in SUFFIXES:
        raise ModelError(f"there is no format {kind!r}: use {' or '.join(SUFFIXES)}")
    needed = _PACKAGES[kind] | (_OPENVINO_INT8 if (kind, precision) == ("openvino", "int8") else {})
    for package, extra in needed.items():
        if importlib.util.find_spec(package) is None:
            raise ModelError(f'exporting to {kind} needs {package}: pip install "skipclick[{extra}]"')
    if precision not in get_args(ExportPrecision):
        raise ModelError(f"an exported model computes in float32, bf16 or int8, not in {precision!r}")
    if (kind, precision) not in LIMITS:
        format_with_it = next(name for name, other in LIMITS if other == precision)
        raise ModelError(f"{precision} exists for --format {format_with_it} alone")
    if model.precision != "float32" or model.device != "cpu":
        raise ModelError("models are exported from float32 on the CPU: load it with precision and device so")
    if not images:
        raise ModelError("the exported model is compared on real images: give at least one")
    if not folder.parent.is_dir():
        raise ModelError(f"the folder {folder.parent} does not exist: create it first")
    if folder.is_dir() and any(folder.iterdir()):
        if exported_format(folder) is None:
            raise ModelError(f"{folder} holds something else: name a new folder")
        if not force:
            raise ModelError(f"{folder} holds an exported model: name a new folder, or --force to replace it")
        if others := _not_ours(folder):
            raise ModelError(f"{folder} also holds {others[0].name}: move it away, or name a new folder")
    elif folder.exists() and not folder.is_dir():
        raise ModelError(f"{folder} is a file: name a folder")


def _write_openvino(
    model: TorchBackend,
    form: FastSkipClick,
    info: GraphInfo,
    paths: Sequence[Path],
    images: Sequence[NDArray[np.uint8]],
    progress: Callable[[str], None],
) -> None:
    from skipclick.export.openvino import convert
    from skipclick.export.openvino_int8 import ClickInputs, inputs_of_clicks

    progress("making the graphs")
    write_graphs(form, info, paths[0], paths[1], drawn=info.precision != "float32")
    given: list[ClickInputs] = []
    if info.precision == "int8":
        progress(f"converting to OpenVINO, calibrating on {len(images)} images")
        given = inputs_of_clicks(model, images)
    else:
        progress("converting to OpenVINO")
    convert(paths, info, given)


def _write_int8(
    network: SkipClick,
    info: GraphInfo,
    paths: Sequence[Path],
    images: Sequence[NDArray[np.uint8]],
    progress: Callable[[str], None],
) -> None:
    from skipclick.export.equalise import equalise
    from skipclick.export.quantise import coarse_layers, feed_images, quantise

    progress(f"calibrating on {len(images)} images")
    network, feed = copy.deepcopy(network), feed_images(images)
    equalise(network, feed)
    coarse = coarse_layers(network, feed)
    progress("making the graphs")
    form = fast(network)
    write_graphs(form, info, paths[0], paths[1])
    for path in paths:
        quantise(path, form, coarse)


def _fingerprint(model: TorchBackend, precision: ExportPrecision, images: Sequence[NDArray[np.uint8]]) -> str:
    """The network's, and what else answers depend on: the precision, the images int8 is calibrated on."""
    if precision != "int8":
        return model.fingerprint if precision == "float32" else f"{model.fingerprint}-{precision}"
    digest = hashlib.sha256()
    for image in images:
        digest.update(f"{image.shape}".encode())
        digest.update(np.ascontiguousarray(image).data)
    return f"{model.fingerprint}-{precision}-{digest.hexdigest()[:8]}"


def _not_ours(folder: Path) -> list[Path]:
    """What no export has written there, in order."""
    return sorted(path for path in folder.iterdir() if path.name not in _WRITTEN or path.is_dir())


def _put_in_place(scratch: Path, folder: Path) -> None:
    """Move the finished folder to its place; the model that was there goes only when the new one is there."""
    if not folder.exists():
        scratch.replace(folder)
        return
    old = scratch.with_suffix(".old")
    folder.replace(old)
    scratch.replace(folder)
    # An export takes a minute: what someone has put there since it began stays.
    for path in _not_ours(old):
        path.replace(folder / path.name)
    shutil.rmtree(old)
