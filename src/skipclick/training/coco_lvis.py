"""COCO+LVIS as it was published for training click segmentation (specification 5.6).

Its annotations are pickles; `weights.unpickle` reads them, so that files from strangers execute nothing.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from skipclick.datasets.coco_lvis import ANNOTATIONS
from skipclick.datasets.sample import read_colour
from skipclick.errors import DatasetError
from skipclick.training.array_pickle import ARRAYS, PickledArray
from skipclick.training.sample import LabelledObject, TrainingSample
from skipclick.weights.unpickle import SafeUnpickler

_NAME = re.compile(r"\w[\w-]*", re.ASCII)
_PNG = b"\x89PNG\r\n\x1a\n"
_MAX_LAYERS = 255


@dataclass(frozen=True, slots=True)
class CocoLvis:
    """A part of the data set, listed but not read.

    Attributes:
        folder: holds `images/` and `masks/`.
        names: of the images, sorted.
        parents: for each image its instances' parents, by their numbers.
        stuff: probability that regions such as sky become objects of an image; else they are background.
    """

    folder: Path
    names: tuple[str, ...]
    parents: tuple[tuple[int | None, ...], ...]
    stuff: float

    def __len__(self) -> int:
        return len(self.names)

    def draw(self, generator: np.random.Generator) -> TrainingSample:
        """Read a random image, every image as likely as any other (specification 6.3)."""
        return self.read(int(generator.integers(len(self))), generator)

    def read(self, index: int, generator: np.random.Generator) -> TrainingSample:
        """Read an image and its objects; the instances first, then the regions, which are roots.

        Args:
            index: position in `names`.
            generator: decides whether regions become objects.

        Raises:
            DatasetError: a file is missing or damaged.
        """
        name, parents = self.names[index], self.parents[index]
        image = np.ascontiguousarray(read_colour(self.folder / "images" / f"{name}.jpg")[:, :, ::-1])
        mask_file = self.folder / "masks" / f"{name}.pickle"
        try:
            layers, places = _masks(_unpickle(mask_file), (image.shape[0], image.shape[1]))
            if len(places) < len(parents):
                raise ValueError(f"{len(places)} objects, where hannotation.pickle has {len(parents)}")
            if generator.random() >= self.stuff:
                layers = _erase(layers, places[len(parents) :])
                places = places[: len(parents)]
        except ValueError as error:
            raise DatasetError(f"{mask_file} is damaged ({error}): fetch it again") from error
        placed = zip(places, chain(parents, repeat(None)), strict=False)
        objects = {id_: LabelledObject(*place, parent) for id_, (place, parent) in enumerate(placed)}
        try:
            return TrainingSample(image, layers, objects)
        except ValueError as error:
            file = self.folder / ANNOTATIONS
            raise DatasetError(f"{file} is damaged at image {name} ({error}): fetch it again") from error


def open_coco_lvis(root: Path, split: str = "train", *, stuff: float = 0.30) -> CocoLvis:
    """List a part of COCO+LVIS.

    Args:
        root: holds `SPLIT/hannotation.pickle`, `SPLIT/images/ID.jpg` and `SPLIT/masks/ID.pickle`.
        split: "train" or "val".
        stuff: probability that regions become objects of an image; 0.30 for training, 0 for validation.

    Raises:
        DatasetError: the folder is not laid out like this, or the annotations are damaged.
    """
    folder = root / split
    file = folder / ANNOTATIONS
    if not file.is_file():
        raise DatasetError(f"there is no {file}: COCO+LVIS has it beside images/ and masks/")
    try:
        parents = _annotations(_unpickle(file))
    except ValueError as error:
        raise DatasetError(f"{file} is damaged ({error}): fetch it again") from error
    if not parents:
        raise DatasetError(f"{file} lists no images: fetch it again")
    names = tuple(sorted(parents))
    return CocoLvis(folder, names, tuple(parents[name] for name in names), stuff)


def _unpickle(path: Path) -> object:
    """Read plain data and arrays of bytes from a pickle; ValueError if it is damaged."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}") from error
    return SafeUnpickler(data, allowed=ARRAYS).load()


def _annotations(content: object) -> dict[str, tuple[int | None, ...]]:
    """The instances' parents, by the images' names; what else hannotation.pickle says follows from them."""
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


def _masks(content: object, shape: tuple[int, int]) -> tuple[NDArray[np.uint8], tuple[tuple[int, int], ...]]:
    """The label layers (H, W, L) uint8, and each object's (layer, value)."""
    if not isinstance(content, (list, tuple)) or len(content) != 2:
        raise ValueError("not layers and places")
    pictures, places = content
    if not isinstance(pictures, (list, tuple)) or not pictures or not isinstance(places, (list, tuple)):
        raise ValueError("not lists of layers and places")
    if len(pictures) > _MAX_LAYERS:
        raise ValueError(f"more than {_MAX_LAYERS} layers")
    layers = np.stack([_layer(picture, shape) for picture in pictures], axis=2)
    return layers, tuple(_place(place, len(pictures)) for place in places)


def _layer(picture: object, shape: tuple[int, int]) -> NDArray[np.uint8]:
    if not isinstance(picture, PickledArray):
        raise ValueError("a layer is no picture")
    data = picture.values()
    head = data[:24].tobytes()
    # Before decoding, so that a small file cannot claim a huge picture.
    if len(head) < 24 or not head.startswith(_PNG) or struct.unpack(">II", head[16:]) != shape[::-1]:
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


def _erase(layers: NDArray[np.uint8], places: tuple[tuple[int, int], ...]) -> NDArray[np.uint8]:
    """The layers, with the labels of these places made background."""
    tables = np.repeat(np.arange(256, dtype=np.uint8)[:, None], layers.shape[2], axis=1)
    for layer, value in places:
        tables[value, layer] = 0
    return tables[layers, np.arange(layers.shape[2])]


def _mapping(value: object) -> Mapping[object, object]:
    if not isinstance(value, dict):
        raise ValueError("not the expected mapping")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError("a label, layer or parent is not a whole number")
    return value
