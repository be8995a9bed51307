"""A network as two ONNX graphs, for images and for clicks; image size and number of clicks are open."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from skipclick.backend.exported import GraphInfo
from skipclick.errors import ModelError
from skipclick.export.positions import open_sizes
from skipclick.model.fast import FastFeatures, FastSkipClick

OPSET = 18
"""ONNX operator set: the oldest that holds all that we need, for runtimes that are not of today."""

MOST_PATCHES = 256
"""Rows or columns of patches that the graphs announce as their limit; 3584 pixels for a patch of 14."""

MOST_CLICKS = 1024
"""Slots for clicks of one kind that the click graph announces as its limit."""

LARGEST_FILE = 1_800_000_000
"""Weights of more bytes go into a file of their own beside the graph: the format ends at 2 GiB."""

_EXAMPLE_GRID = (10, 14)
_EXAMPLE_SLOTS = 3


class EncodeGraph(nn.Module):
    """`image` (1, 3, H, W) to its features, in the order of `FastSkipClick.feature_names`."""

    def __init__(self, form: FastSkipClick) -> None:
        super().__init__()
        self.form = form

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Encode one image."""
        return tuple(self.form.encode(image).named().values())


class ClickGraph(nn.Module):
    """Features, `points` (1, 2, N, 2) float64 and `previous` (1, 1, H, W) to `logits` (1, 1, H, W)."""

    def __init__(self, form: FastSkipClick, names: tuple[str, ...]) -> None:
        super().__init__()
        self.form, self.names = form, names

    def forward(self, features: tuple[Tensor, ...], points: Tensor, previous: Tensor) -> Tensor:
        """Answer one prompt."""
        named = dict(zip(self.names, features, strict=True))
        return self.form.decode(FastFeatures.from_named(named), points, previous)


class DrawnClickGraph(ClickGraph):
    """The same with `disks` (1, 2, H, W) float32, the clicks drawn, in the place of `points`.

    For bfloat16: a runtime that computes a whole graph in it rounds coordinates above 256 to even numbers.
    """

    def forward(self, features: tuple[Tensor, ...], disks: Tensor, previous: Tensor) -> Tensor:
        """Answer one prompt."""
        named = dict(zip(self.names, features, strict=True))
        return self.form.answer(FastFeatures.from_named(named), disks, previous)


def write_graphs(
    form: FastSkipClick, info: GraphInfo, encode_path: Path, click_path: Path, *, drawn: bool = False
) -> None:
    """Write both graphs, in float32 and for one image and one prompt at a time.

    Args:
        form: the fast form of a float32 network on the CPU.
        info: what the graphs tell about themselves.
        encode_path: the image graph, see `EncodeGraph`.
        click_path: the click graph, see `ClickGraph`. Its inputs are the outputs of the image graph by
            their names, then `points`, or `disks`, and `previous`.
        drawn: the click graph is a `DrawnClickGraph`.
    """
    patch = form.network.config.patch
    image = torch.rand(1, 3, _EXAMPLE_GRID[0] * patch, _EXAMPLE_GRID[1] * patch)
    points = torch.full((1, 2, _EXAMPLE_SLOTS, 2), 7.0, dtype=torch.float64)
    rows, columns = (torch.export.Dim(name, min=2, max=MOST_PATCHES) for name in ("rows", "columns"))
    clicks = torch.export.Dim("clicks", min=1, max=MOST_CLICKS)
    with torch.no_grad(), open_sizes(form.network):
        features = form.encode(image).named()
        encode = torch.export.export(
            EncodeGraph(form),
            (image,),
            dynamic_shapes={"image": {2: patch * rows, 3: patch * columns}},
        )
        _write(encode, info, encode_path, ["image"], list(info.features))
        prompt = "disks" if drawn else "points"
        click = torch.export.export(
            (DrawnClickGraph if drawn else ClickGraph)(form, info.features),
            (tuple(features.values()), image[:, :2] if drawn else points, image[:, :1]),
            dynamic_shapes={
                "features": tuple(_open(feature) for feature in features.values()),
                prompt: _open(image) if drawn else {2: clicks},
                "previous": _open(image),
            },
        )
        _write(click, info, click_path, [*info.features, prompt, "previous"], ["logits"])


def _open(feature: Tensor) -> dict[int, object]:
    """Which sizes of a feature follow the image: rows and columns of a map, the number of tokens."""
    return dict.fromkeys((2, 3) if feature.ndim == 4 else (1,), torch.export.Dim.DYNAMIC)


def _write(
    program: torch.export.ExportedProgram, info: GraphInfo, path: Path, inputs: list[str], outputs: list[str]
) -> None:
    """Translate a graph to ONNX and write it, without traces of where it was made."""
    with _quiet():
        graph = torch.onnx.export(
            program, dynamo=True, opset_version=OPSET, input_names=inputs, output_names=outputs, verbose=False
        )
    if graph is None:
        raise ModelError(f"PyTorch made no ONNX graph for {path.name}")
    for value in (*graph.model.graph.inputs, *graph.model.graph.outputs, *graph.model.graph):
        value.metadata_props.clear()
        value.doc_string = None
    graph.model.metadata_props.update(info.to_metadata())
    graph.model.producer_name = "skipclick"
    weights = sum(tensor.nbytes for tensor in program.state_dict.values())
    graph.save(path, external_data=weights > LARGEST_FILE)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's progress and advice, which are not for users, from them."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
