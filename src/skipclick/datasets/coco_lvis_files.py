"""The two kinds of files that COCO+LVIS keeps its annotations in (specification 5.6).

They are pickles; `skipclick.unpickle` reads them, so that files from strangers execute nothing.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from skipclick.datasets.array_pickle import ARRAYS, PickledArray
from skipclick.errors import DatasetError
from skipclick.image import PIXEL_LIMIT
from skipclick.unpickle import SafeUnpickler

ANNOTATIONS = "hannotation.pickle"
"""The file beside `images/` and `masks/` that lists images and how their objects lie in one another."""

_NAME = re.compile(r"\w[\w-]*", re.ASCII)
_PNG = b"\x89PNG\r\n\x1a\n"
_MAX_LAYERS = 255


def read_annotations(folder: Path) -> dict[str, tuple[int | None, ...]]:
    """Read which images a part has, and how their instances lie in one another.

    Args:
        folder: of the part, such as `train`; holds `ANNOTATIONS`.

    Returns:
        By the images' names, in their order: for each instance its parent's number, or None for a root.

    Raises:
        DatasetError: the file is missing, damaged, or lists no images.
    """
    file = folder / ANNOTATIONS
    if not file.is_file():
        raise DatasetError(f"there is no {file}: COCO+LVIS has it beside images/ and masks/")
    try:
        parents = dict(sorted(_annotations(_unpickle(file)).items()))
    except ValueError as error:
        raise _damaged(file, error) from error
    if not parents:
        raise DatasetError(f"{file} lists no images: fetch it again")
    return parents


def read_masks(
    file: Path, instances: int, shape: tuple[int, int] | None = None
) -> tuple[NDArray[np.uint8], tuple[tuple[int, int], ...]]:
    """Read the objects of an image: the instances first, then regions such as sky.

    Objects that overlap, such as those that lie in one another, are in different layers, each with all of
    its pixels.

    Args:
        file: `masks/ID.pickle`.
        instances: how many instances `ANNOTATIONS` gives the image.
        shape: of the image, (height, width); None takes that of the first layer.

    Returns:
        Label layers (H, W, L) uint8 with 0 as background, and for each object the number of its layer and
        its label there, 1 to 255.

    Raises:
        DatasetError: the file cannot be read, is damaged, has another size, or has too few objects.
    """
    try:
        layers, places = _masks(_unpickle(file), shape)
        if len(places) < instances:
            raise ValueError(f"{len(places)} objects, where {ANNOTATIONS} has {instances}")
    except ValueError as error:
        raise _damaged(file, error) from error
    return layers, places


def _damaged(file: Path, error: ValueError) -> DatasetError:
    return DatasetError(f"{file} is damaged ({error}): fetch it again")


def _unpickle(path: Path) -> object:
    """Read plain data and arrays of bytes from a pickle; ValueError if it is damaged."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}") from error
    return SafeUnpickler(data, allowed=ARRAYS).load()


def _annotations(content: object) -> dict[str, tuple[int | None, ...]]:
    """The instances' parents, by the images' names; what else `ANNOTATIONS` says follows from them."""
    result = {}
    for name, entry in _mapping(content).items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of an image")
        facts = _mapping(entry)
        hierarchy = _mapping(facts.get("hierarchy"))
        numbers = range(len(hierarchy))
        if facts.get("num_instance_masks") != len(numbers) or set(hierarchy) != set(numbers):
            raise ValueError(f"the hierarchy of {name} is not that of its instances")
        result[name] = tuple(_parent(hierarchy[number]) for number in numbers)
    return result


def _parent(node: object) -> int | None:
    parent = None if node is None else _mapping(node).get("parent")
    return None if parent is None else _whole(parent)


def _masks(
    content: object, shape: tuple[int, int] | None
) -> tuple[NDArray[np.uint8], tuple[tuple[int, int], ...]]:
    if not isinstance(content, (list, tuple)) or len(content) != 2:
        raise ValueError("not layers and places")
    pictures, places = content
    if not isinstance(pictures, (list, tuple)) or not pictures or not isinstance(places, (list, tuple)):
        raise ValueError("not lists of layers and places")
    if len(pictures) > _MAX_LAYERS:
        raise ValueError(f"more than {_MAX_LAYERS} layers")
    encoded = [_encoded(picture) for picture in pictures]
    if shape is None:
        shape = _shape(encoded[0])
        if len(encoded) * shape[0] * shape[1] > PIXEL_LIMIT:
            raise ValueError(f"{len(encoded)} layers of {shape[1]} x {shape[0]} are too large")
    layers = np.stack([_layer(data, shape) for data in encoded], axis=2)
    return layers, tuple(_place(place, len(pictures)) for place in places)


def _encoded(picture: object) -> NDArray[np.uint8]:
    if not isinstance(picture, PickledArray):
        raise ValueError("a layer is no picture")
    return picture.values()


def _shape(data: NDArray[np.uint8]) -> tuple[int, int]:
    """Height and width that a PNG file claims; read before decoding, so that no small file can claim much."""
    head = data[:24].tobytes()
    if len(head) < 24 or not head.startswith(_PNG):
        raise ValueError("a layer is no PNG")
    width, height = struct.unpack(">II", head[16:])
    return height, width


def _layer(data: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    if _shape(data) != shape:
        raise ValueError(f"a layer is no PNG of the image's size, {shape[1]} x {shape[0]}")
    layer: NDArray[np.uint8] | None = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    if layer is None or layer.shape != shape or layer.dtype != np.uint8:
        raise ValueError("a layer is no grey PNG of 8 bits")
    return layer


def _place(place: object, layers: int) -> tuple[int, int]:
    if not isinstance(place, (list, tuple)) or len(place) != 2:
        raise ValueError("an object has no layer and value")
    layer, value = _whole(place[0]), _whole(place[1])
    if layer >= layers or not 1 <= value <= 255:
        raise ValueError(f"an object has the label {value} in layer {layer}, which cannot be")
    return layer, value


def _mapping(value: object) -> Mapping[object, object]:
    if not isinstance(value, dict):
        raise ValueError("not the expected mapping")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError("a label, layer or parent is not a whole number")
    return value
