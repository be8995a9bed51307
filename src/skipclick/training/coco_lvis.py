"""COCO+LVIS as training samples: nested objects, and regions such as sky now and then (specification 5.6)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skipclick.datasets.coco_lvis_files import ANNOTATIONS, read_annotations, read_masks
from skipclick.datasets.sample import read_colour
from skipclick.errors import DatasetError
from skipclick.training.sample import LabelledObject, TrainingSample


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
        shape = (image.shape[0], image.shape[1])
        layers, places = read_masks(self.folder / "masks" / f"{name}.pickle", len(parents), shape)
        if generator.random() >= self.stuff:
            layers = _erase(layers, places[len(parents) :])
            places = places[: len(parents)]
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
    parents = read_annotations(root / split)
    return CocoLvis(root / split, tuple(parents), tuple(parents.values()), stuff)


def _erase(layers: NDArray[np.uint8], places: tuple[tuple[int, int], ...]) -> NDArray[np.uint8]:
    """The layers, with the labels of these places made background."""
    tables = np.repeat(np.arange(256, dtype=np.uint8)[:, None], layers.shape[2], axis=1)
    for layer, value in places:
        tables[value, layer] = 0
    return tables[layers, np.arange(layers.shape[2])]
