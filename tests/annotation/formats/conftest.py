"""A labelled folder to be exported, and what comes back when it is imported into an empty one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from skipclick.annotation.document import PALETTE, ClassRecord
from skipclick.annotation.formats import (
    FORMATS,
    ExportedImage,
    ExportedObject,
    ImageIndex,
    Imported,
)
from skipclick.mask import RunLengths

Images: TypeAlias = tuple[ExportedImage, ...]
CLASSES = (
    ClassRecord(4, "Ski, (Jump)", PALETTE[0]),
    ClassRecord(2, 'a "b" <c> & ü: 滑雪', PALETTE[1]),
    ClassRecord(9, "unused", PALETTE[2]),
)
RoundTrip: TypeAlias = Callable[..., Imported]


@st.composite
def _images(draw: st.DrawFn) -> Images:
    shape = draw(st.tuples(st.integers(1, 12), st.integers(1, 12)))
    images = []
    for name in draw(
        st.lists(st.sampled_from(["a.jpg", "ä b.png", "in/a.webp", "in/c.d.jpg"]), unique=True, min_size=1)
    ):
        numbers = draw(st.lists(st.integers(1, 300), unique=True, max_size=4))
        masks = [draw(hnp.arrays(np.bool_, shape)) for _ in numbers]
        kinds = [draw(st.sampled_from([4, 2])) for _ in numbers]
        objects = tuple(
            ExportedObject(number, kind, RunLengths.from_mask(mask))
            for number, kind, mask in zip(numbers, kinds, masks, strict=True)
            if mask.any()
        )
        images.append(ExportedImage(name, shape, objects))
    return tuple(images)


@pytest.fixture(scope="session")
def any_images() -> st.SearchStrategy[Images]:
    """Images with objects of any form, numbers with gaps, and names with spaces, accents and folders."""
    return _images()


def write_all(format_name: str, images: Images, folder: Path, tolerance: float = 0.0) -> None:
    for name, data in FORMATS[format_name].write(CLASSES, images, tolerance):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def index_of(images: Images) -> ImageIndex:
    shapes = {image.name: image.shape for image in images}
    return ImageIndex(shapes, lambda name: shapes[name])


@pytest.fixture(scope="session")
def there_and_back(tmp_path_factory: pytest.TempPathFactory) -> RoundTrip:
    """Writes images in a format and reads what was written."""

    def run(format_name: str, images: Images, tolerance: float = 0.0) -> Imported:
        folder = tmp_path_factory.mktemp("exported")
        write_all(format_name, images, folder, tolerance)
        return FORMATS[format_name].read(folder, index_of(images), "object")

    return run


@pytest.fixture(scope="session")
def flattened() -> Callable[[ExportedImage], dict[int, NDArray[np.bool_]]]:
    """The objects of an image by their numbers, without the pixels that others in front cover."""

    def run(image: ExportedImage) -> dict[int, NDArray[np.bool_]]:
        taken = np.zeros(image.shape, np.bool_)
        found = {}
        for one in reversed(image.objects):
            mask = one.mask.to_mask() & ~taken
            taken |= mask
            if mask.any():
                found[one.id] = mask
        return found

    return run


@pytest.fixture
def drawing() -> Callable[..., RunLengths]:
    """A mask drawn with # and other characters."""
    return lambda *rows: RunLengths.from_mask(np.array([[letter == "#" for letter in row] for row in rows]))


@pytest.fixture
def picture(drawing: Callable[..., RunLengths]) -> ExportedImage:
    """A ring with a hole, two parts, and a block in front of both."""
    ring = drawing(".####...", ".#..#...", ".####...", "........", "........")
    parts = drawing("......##", "......##", "........", "##......", "##......")
    block = drawing("........", "........", "..###...", "..###...", "........")
    objects = (ExportedObject(3, 4, ring), ExportedObject(7, 2, parts), ExportedObject(1, 4, block))
    return ExportedImage("in/photo.jpg", (5, 8), objects)


@pytest.fixture
def index(picture: ExportedImage) -> ImageIndex:
    """The project that `picture` is the only image of."""
    return index_of((picture,))
