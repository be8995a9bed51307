"""Training samples of COCO+LVIS, from a toy folder in the published layout (specification 5.6)."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from skipclick.errors import DatasetError
from skipclick.training.coco_lvis import CocoLvis, open_coco_lvis
from skipclick.training.sample import LabelledObject, draw_item

NAMES = ("000000000009", "000000000025")

# The rectangles of specification 5.6, with their parents, their labels, and a stuff region below.
BOXES = [(10, 90, 10, 90), (20, 60, 20, 60), (30, 50, 30, 50), (0, 15, 0, 100), (70, 85, 70, 95)]
PLACES = [(0, 1), (1, 1), (2, 1), (1, 2), (1, 3)]
REGION, REGION_PLACE = (92, 100, 0, 100), (0, 2)
HIERARCHY = {
    0: {"children": [1], "parent": None, "node_level": 0},
    1: {"children": [2], "parent": 0, "node_level": 1},
    2: {"children": [], "parent": 1, "node_level": 2},
    3: None,
    4: None,
}
ANNOTATIONS = {name: {"num_instance_masks": 5, "hierarchy": HIERARCHY} for name in reversed(NAMES)}


def layers() -> NDArray[np.uint8]:
    """(100, 100, 3) labels; small objects of a layer lie over large ones, as in no published file."""
    result = np.zeros((100, 100, 3), np.uint8)
    for (top, bottom, left, right), (layer, value) in zip(
        [*BOXES, REGION], [*PLACES, REGION_PLACE], strict=True
    ):
        result[top:bottom, left:right, layer] = value
    return result


def png(array: NDArray[Any]) -> NDArray[np.uint8]:
    encoded: NDArray[np.uint8] = cv2.imencode(".png", array)[1]
    return encoded


def masks() -> tuple[list[NDArray[np.uint8]], list[tuple[int, int]]]:
    return [png(layer) for layer in np.moveaxis(layers(), 2, 0)], [*PLACES, REGION_PLACE]


def image(seed: int) -> NDArray[np.uint8]:
    """(100, 100, 3) RGB in large fields, which JPEG keeps well."""
    colours = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), np.uint8)
    return np.kron(colours, np.ones((20, 20, 1), np.uint8))


def write(root: Path, annotations: object = ANNOTATIONS, content: object = None) -> Path:
    folder = root / "train"
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "hannotation.pickle").write_bytes(pickle.dumps(annotations))
    for seed, name in enumerate(NAMES):
        data = cv2.imencode(".jpg", image(seed)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 100])[1]
        (folder / "images" / f"{name}.jpg").write_bytes(data.tobytes())
        data = pickle.dumps(masks() if content is None else content)
        (folder / "masks" / f"{name}.pickle").write_bytes(data)
    return root


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> CocoLvis:
    return open_coco_lvis(write(tmp_path_factory.mktemp("toy")))


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def with_stuff(data: CocoLvis, stuff: float) -> CocoLvis:
    return CocoLvis(data.folder, data.names, data.parents, stuff)


def test_the_images_are_listed_by_their_names(toy: CocoLvis) -> None:
    assert len(toy) == 2
    assert toy.names == NAMES
    assert toy.parents == ((None, 0, 1, None, None),) * 2
    assert toy.stuff == 0.30


def test_a_sample_is_read(toy: CocoLvis) -> None:
    sample = with_stuff(toy, 1.0).read(1, generator())
    assert sample.image.dtype == np.uint8
    assert np.abs(sample.image.astype(int) - image(1)).mean() < 4
    np.testing.assert_array_equal(sample.layers, layers())
    expected = zip([*PLACES, REGION_PLACE], [None, 0, 1, None, None, None], strict=True)
    assert sample.objects == {
        id_: LabelledObject(*place, parent) for id_, (place, parent) in enumerate(expected)
    }
    assert sample.roots == (0, 3, 4, 5)
    assert sample.areas()[5] == 800


def test_regions_that_are_not_objects_become_background(toy: CocoLvis) -> None:
    sample = with_stuff(toy, 0.0).read(0, generator())
    assert list(sample.objects) == [0, 1, 2, 3, 4]
    expected = layers()
    expected[92:, :, 0] = 0
    np.testing.assert_array_equal(sample.layers, expected)


def test_regions_are_objects_in_the_stated_share(toy: CocoLvis) -> None:
    source = generator(1)
    share = np.mean([5 in toy.read(0, source).objects for _ in range(500)])
    assert abs(share - 0.30) < 3.3 * np.sqrt(0.21 / 500)


def test_images_are_drawn_with_replacement_and_alike(toy: CocoLvis) -> None:
    source = generator(2)
    first = toy.read(0, generator()).image
    hits = [np.array_equal(toy.draw(source).image, first) for _ in range(300)]
    assert abs(np.mean(hits) - 0.5) < 3.3 * np.sqrt(0.25 / 300)


def test_items_are_drawn_from_it(toy: CocoLvis) -> None:
    source = generator(3)
    items = [draw_item(toy.draw(source), source) for _ in range(8)]
    assert all(item.image.shape == (3, 448, 448) for item in items)
    assert any(item.truth.any() for item in items)


def change(**changes: object) -> dict[str, dict[str, object]]:
    return {NAMES[0]: {"num_instance_masks": 5, "hierarchy": HIERARCHY, **changes}}


@pytest.mark.parametrize("parent", [4, 77])
def test_impossible_families_are_refused(parent: int, tmp_path: Path) -> None:
    data = open_coco_lvis(write(tmp_path, change(hierarchy={**HIERARCHY, 4: {"parent": parent}})))
    with pytest.raises(DatasetError, match=rf"hannotation\.pickle is damaged at image {NAMES[0]}"):
        data.read(0, generator())


def test_damaged_masks_are_refused(tmp_path: Path) -> None:
    pictures, places = masks()
    data = open_coco_lvis(write(tmp_path, content=(pictures, places[:4])))
    with pytest.raises(DatasetError, match=rf"{NAMES[0]}\.pickle is damaged \(4 objects, where .* has 5\)"):
        data.read(0, generator())
    small = [png(np.zeros((100, 99), np.uint8))] * 3
    data = open_coco_lvis(write(tmp_path, content=(small, places)))
    with pytest.raises(DatasetError, match="no PNG of the image's size, 100 x 100"):
        data.read(0, generator())


def test_missing_parts_are_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"there is no .*hannotation\.pickle"):
        open_coco_lvis(tmp_path)
    data = open_coco_lvis(write(tmp_path))
    (data.folder / "images" / f"{NAMES[0]}.jpg").unlink()
    with pytest.raises(DatasetError, match=rf"{NAMES[0]}\.jpg cannot be read"):
        data.read(0, generator())
    shutil.rmtree(data.folder / "masks")
    with pytest.raises(DatasetError, match=rf"{NAMES[1]}\.pickle cannot be read"):
        data.read(1, generator())
