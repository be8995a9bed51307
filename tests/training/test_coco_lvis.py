"""The reader of COCO+LVIS: a toy folder in the published layout, damaged ones and hostile ones (5.6)."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable
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


def write(root: Path, annotations: object = ANNOTATIONS, content: object = None, protocol: int = 4) -> Path:
    folder = root / "train"
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "hannotation.pickle").write_bytes(pickle.dumps(annotations, protocol))
    for seed, name in enumerate(NAMES):
        data = cv2.imencode(".jpg", image(seed)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 100])[1]
        (folder / "images" / f"{name}.jpg").write_bytes(data.tobytes())
        data = pickle.dumps(masks() if content is None else content, protocol)
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


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_sample_is_read(protocol: int, tmp_path: Path) -> None:
    data = open_coco_lvis(write(tmp_path, protocol=protocol), stuff=1.0)
    sample = data.read(1, generator())
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


def test_columns_of_bytes_and_numpy_numbers_are_read(tmp_path: Path) -> None:
    """What older libraries wrote."""
    pictures, places = masks()
    content = [picture[:, None] for picture in pictures], [tuple(np.int64(n) for n in p) for p in places]
    hierarchy = {np.int64(id_): node for id_, node in HIERARCHY.items()}
    # Keys are plain numbers; the values may be NumPy's.
    annotations = {
        name: {"num_instance_masks": np.int32(5), "hierarchy": {int(id_): n for id_, n in hierarchy.items()}}
        for name in NAMES
    }
    sample = open_coco_lvis(write(tmp_path, annotations, content), stuff=1.0).read(0, generator())
    np.testing.assert_array_equal(sample.layers, layers())
    assert all(type(one.layer) is type(one.value) is int for one in sample.objects.values())


def test_items_are_drawn_from_it(toy: CocoLvis) -> None:
    source = generator(3)
    items = [draw_item(toy.draw(source), source) for _ in range(8)]
    assert all(item.image.shape == (3, 448, 448) for item in items)
    assert any(item.truth.any() for item in items)


def change(**changes: object) -> dict[str, dict[str, object]]:
    return {NAMES[0]: {"num_instance_masks": 5, "hierarchy": HIERARCHY, **changes}}


@pytest.mark.parametrize(
    "annotations",
    [
        [],
        None,
        {},
        {1: {"num_instance_masks": 5, "hierarchy": HIERARCHY}},
        {"../escape": {"num_instance_masks": 5, "hierarchy": HIERARCHY}},
        {"": {"num_instance_masks": 5, "hierarchy": HIERARCHY}},
        {NAMES[0]: None},
        {NAMES[0]: {}},
        change(num_instance_masks=4),
        change(num_instance_masks=2**70),
        change(num_instance_masks=None),
        change(hierarchy=[None] * 5),
        change(hierarchy={**HIERARCHY, 4: 3}),
        change(hierarchy={**HIERARCHY, 4: {"parent": "3"}}),
        change(hierarchy={**HIERARCHY, 4: {"parent": -1}}),
        change(hierarchy={0: None, 1: None, 2: None, 3: None, 5: None}),
    ],
    ids=lambda value: str(value)[:60],
)
def test_damaged_annotations_are_refused(annotations: object, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"hannotation\.pickle .*fetch it again"):
        open_coco_lvis(write(tmp_path, annotations))


@pytest.mark.parametrize("parent", [4, 77])
def test_impossible_families_are_refused(parent: int, tmp_path: Path) -> None:
    data = open_coco_lvis(write(tmp_path, change(hierarchy={**HIERARCHY, 4: {"parent": parent}})))
    with pytest.raises(DatasetError, match=rf"hannotation\.pickle is damaged at image {NAMES[0]}"):
        data.read(0, generator())


GOOD_LAYERS, GOOD_PLACES = masks()
COLOUR = png(np.zeros((100, 100, 3), np.uint8))
DEEP = png(np.zeros((100, 100), np.uint16))
JPEG: NDArray[np.uint8] = cv2.imencode(".jpg", np.zeros((100, 100), np.uint8))[1]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ((), "not layers and places"),
        ({}, "not layers and places"),
        ((GOOD_LAYERS, GOOD_PLACES, 1), "not layers and places"),
        (([], GOOD_PLACES), "not lists"),
        ((GOOD_LAYERS, 5), "not lists"),
        ((GOOD_LAYERS, GOOD_PLACES[:4]), "4 objects, where"),
        ((GOOD_LAYERS[:1], GOOD_PLACES), "which cannot be"),
        ((GOOD_LAYERS, [(0, 0)] * 6), "which cannot be"),
        ((GOOD_LAYERS, [(0, 256)] * 6), "which cannot be"),
        ((GOOD_LAYERS, [(0, -1)] * 6), "not a whole number"),
        ((GOOD_LAYERS, [(0, "1")] * 6), "not a whole number"),
        ((GOOD_LAYERS, [(0, 1, 2)] * 6), "no layer and value"),
        ((["layer"], GOOD_PLACES), "no picture"),
        (([layer[:10] for layer in GOOD_LAYERS], GOOD_PLACES), "no PNG of the image's size, 100 x 100"),
        (([layer[:60] for layer in GOOD_LAYERS], GOOD_PLACES), "no grey PNG"),
        (([JPEG] * 3, GOOD_PLACES), "no PNG"),
        (([COLOUR] * 3, GOOD_PLACES), "no grey PNG"),
        (([DEEP] * 3, GOOD_PLACES), "no grey PNG"),
        (([png(np.zeros((100, 99), np.uint8))] * 3, GOOD_PLACES), "100 x 100"),
        (([png(layers()[..., 0])] * 256, GOOD_PLACES), "more than 255 layers"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_damaged_masks_are_refused(content: object, complaint: str, tmp_path: Path) -> None:
    data = open_coco_lvis(write(tmp_path, content=content))
    with pytest.raises(DatasetError, match=complaint):
        data.read(0, generator())


def test_a_small_file_that_claims_a_huge_picture_is_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bytearray(GOOD_LAYERS[0].tobytes())
    data[16:24] = (2**30).to_bytes(4, "big") * 2
    bomb = np.frombuffer(bytes(data), np.uint8)
    content = open_coco_lvis(write(tmp_path, content=([bomb] * 3, GOOD_PLACES)))

    def decode(array: NDArray[np.uint8], flags: int, read: Callable[..., Any] = cv2.imdecode) -> Any:
        assert flags != cv2.IMREAD_UNCHANGED, "a layer was decoded"
        return read(array, flags)

    monkeypatch.setattr(cv2, "imdecode", decode)
    with pytest.raises(DatasetError, match="no PNG of the image's size"):
        content.read(0, generator())


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


class Call:
    """Pickles into a call of a function."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.call


class StatefulCall(Call):
    """The same, with a state for the result."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...], object]:  # type: ignore[override]
        return *self.call, {"shape": (1,)}


def attacks(marker: Path) -> dict[str, object]:
    run = f"open({str(marker)!r}, 'w').close()"
    pictures, places = masks()
    return {
        "instead of the layers": (Call(exec, run), places),
        "instead of one layer": ([Call(exec, run), *pictures[1:]], places),
        "with a state": ([StatefulCall(exec, run)], places),
        "as a value": (pictures, [(0, Call(exec, run))] * 6),
        "as a command": (Call(os.system, f"touch '{marker}'"), places),
        "inside an array": (np.array([Call(exec, run)], dtype=object), places),
        "as a buffer": ([Call(np.frombuffer, Call(eval, run))], places),
        # NumPy loads a file of pickles when asked to; nothing here must ask.
        "through numpy.load": (Call(np.load, str(marker.with_suffix(".npy")), None, True), places),
    }


@pytest.mark.parametrize("name", attacks(Path("marker")))
@pytest.mark.parametrize("place", ["masks", "annotations"])
def test_hostile_pickles_do_nothing(name: str, place: str, tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    np.save(marker.with_suffix(".npy"), np.array([Call(marker.touch)], dtype=object), allow_pickle=True)
    hostile = attacks(marker)[name]
    pickled = pickle.dumps(hostile)
    try:
        pickle.loads(pickled)
    except Exception as error:  # some fail after having struck
        print(error)
    assert marker.exists(), "the attack is harmless, so this test would prove nothing"
    marker.unlink()

    if place == "annotations":
        with pytest.raises(DatasetError):
            open_coco_lvis(write(tmp_path, change(hierarchy={**HIERARCHY, 4: hostile})))
    else:
        data = open_coco_lvis(write(tmp_path, content=hostile))
        with pytest.raises(DatasetError):
            data.read(0, generator())
    assert not marker.exists()


def test_damage_at_any_byte_is_no_worse_than_an_error(tmp_path: Path) -> None:
    """Some damage goes unnoticed, but none gets through as another exception."""
    data = open_coco_lvis(write(tmp_path))
    path = data.folder / "masks" / f"{NAMES[0]}.pickle"
    whole = path.read_bytes()
    source, refused = generator(4), 0
    for position in source.integers(len(whole), size=150):
        damaged = bytearray(whole)
        damaged[position] = source.integers(256)
        path.write_bytes(damaged)
        try:
            data.read(0, source)
        except DatasetError:
            refused += 1
    assert refused > 30
