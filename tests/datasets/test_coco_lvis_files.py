"""The pickles of COCO+LVIS: those of the published layout, damaged ones and hostile ones (5.6)."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from skipclick.datasets import coco_lvis_files
from skipclick.datasets.coco_lvis_files import ANNOTATIONS, read_annotations, read_masks
from skipclick.errors import DatasetError

NAMES = ("000000000009", "000000000025")
SHAPE = (60, 100)
INSTANCES = 3

# An instance in an instance, another one, and a region such as sky, with their places.
BOXES = [(10, 50, 10, 90), (20, 40, 20, 60), (0, 8, 0, 100), (52, 60, 0, 100)]
PLACES = [(0, 1), (1, 1), (0, 2), (1, 2)]
HIERARCHY = {
    0: {"children": [1], "parent": None, "node_level": 0},
    1: {"children": [], "parent": 0, "node_level": 1},
    2: None,
}


def layers() -> NDArray[np.uint8]:
    """(60, 100, 2) labels."""
    result = np.zeros((*SHAPE, 2), np.uint8)
    for (top, bottom, left, right), (layer, value) in zip(BOXES, PLACES, strict=True):
        result[top:bottom, left:right, layer] = value
    return result


def png(array: NDArray[Any]) -> NDArray[np.uint8]:
    encoded: NDArray[np.uint8] = cv2.imencode(".png", array)[1]
    return encoded


GOOD_LAYERS = [png(layer) for layer in np.moveaxis(layers(), 2, 0)]


def put_annotations(folder: Path, content: object, protocol: int = 4) -> Path:
    (folder / ANNOTATIONS).write_bytes(pickle.dumps(content, protocol))
    return folder


def put_masks(folder: Path, content: object = (GOOD_LAYERS, PLACES), protocol: int = 4) -> Path:
    file = folder / f"{NAMES[0]}.pickle"
    file.write_bytes(pickle.dumps(content, protocol))
    return file


def change(**changes: object) -> dict[str, dict[str, object]]:
    return {NAMES[0]: {"num_instance_masks": INSTANCES, "hierarchy": HIERARCHY, **changes}}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_files_of_every_protocol(protocol: int, tmp_path: Path) -> None:
    content = {name: change()[NAMES[0]] for name in reversed(NAMES)}
    found = read_annotations(put_annotations(tmp_path, content, protocol))
    assert list(found.items()) == [(name, (None, 0, None)) for name in NAMES]
    for shape in (SHAPE, None):
        read, places = read_masks(put_masks(tmp_path, protocol=protocol), INSTANCES, shape)
        assert read.dtype == np.uint8
        np.testing.assert_array_equal(read, layers())
        assert places == tuple(PLACES)


def test_columns_of_bytes_and_numpy_numbers_are_read(tmp_path: Path) -> None:
    """What older libraries wrote; keys are plain numbers, the values may be NumPy's."""
    columns = [picture[:, None] for picture in GOOD_LAYERS]
    places = [tuple(np.int64(number) for number in place) for place in PLACES]
    read, found = read_masks(put_masks(tmp_path, (columns, places)), INSTANCES)
    np.testing.assert_array_equal(read, layers())
    assert found == tuple(PLACES)
    assert all(type(number) is int for place in found for number in place)
    content = change(num_instance_masks=np.int32(3), hierarchy={**HIERARCHY, 1: {"parent": np.int64(0)}})
    assert read_annotations(put_annotations(tmp_path, content)) == {NAMES[0]: (None, 0, None)}


@pytest.mark.parametrize(
    "annotations",
    [
        [],
        None,
        {},
        {1: {"num_instance_masks": 3, "hierarchy": HIERARCHY}},
        {"../escape": {"num_instance_masks": 3, "hierarchy": HIERARCHY}},
        {"": {"num_instance_masks": 3, "hierarchy": HIERARCHY}},
        {NAMES[0]: None},
        {NAMES[0]: {}},
        change(num_instance_masks=4),
        change(num_instance_masks=2**70),
        change(num_instance_masks=None),
        change(hierarchy=[None] * 3),
        change(hierarchy={**HIERARCHY, 2: 3}),
        change(hierarchy={**HIERARCHY, 2: {"parent": "3"}}),
        change(hierarchy={**HIERARCHY, 2: {"parent": -1}}),
        change(hierarchy={0: None, 1: None, 3: None}),
    ],
    ids=lambda value: str(value)[:60],
)
def test_damaged_annotations_are_refused(annotations: object, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"hannotation\.pickle .*fetch it again"):
        read_annotations(put_annotations(tmp_path, annotations))


COLOUR = png(np.zeros((*SHAPE, 3), np.uint8))
DEEP = png(np.zeros(SHAPE, np.uint16))
JPEG: NDArray[np.uint8] = cv2.imencode(".jpg", np.zeros(SHAPE, np.uint8))[1]
NARROW = png(np.zeros((60, 99), np.uint8))


@pytest.mark.parametrize("shape", [SHAPE, None], ids=["of the image", "of the first layer"])
@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ((), "not layers and places"),
        ({}, "not layers and places"),
        ((GOOD_LAYERS, PLACES, 1), "not layers and places"),
        (([], PLACES), "not lists"),
        ((GOOD_LAYERS, 5), "not lists"),
        ((GOOD_LAYERS, PLACES[:2]), r"2 objects, where hannotation\.pickle has 3"),
        ((GOOD_LAYERS[:1], PLACES), "which cannot be"),
        ((GOOD_LAYERS, [(0, 0)] * 4), "which cannot be"),
        ((GOOD_LAYERS, [(0, 256)] * 4), "which cannot be"),
        ((GOOD_LAYERS, [(0, -1)] * 4), "not a whole number"),
        ((GOOD_LAYERS, [(0, "1")] * 4), "not a whole number"),
        ((GOOD_LAYERS, [(0, 1, 2)] * 4), "no layer and value"),
        ((["layer"], PLACES), "no picture"),
        (([layer[:10] for layer in GOOD_LAYERS], PLACES), "no PNG"),
        (([layer[:60] for layer in GOOD_LAYERS], PLACES), "no grey PNG"),
        (([JPEG] * 2, PLACES), "no PNG"),
        (([COLOUR] * 2, PLACES), "no grey PNG"),
        (([DEEP] * 2, PLACES), "no grey PNG"),
        (([GOOD_LAYERS[0], NARROW], PLACES), "no PNG of the image's size, 100 x 60"),
        ((GOOD_LAYERS * 128, PLACES), "more than 255 layers"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_damaged_masks_are_refused(
    content: object, complaint: str, shape: tuple[int, int] | None, tmp_path: Path
) -> None:
    with pytest.raises(DatasetError, match=rf"is damaged \(.*{complaint}.*\): fetch it again") as caught:
        read_masks(put_masks(tmp_path, content), INSTANCES, shape)
    assert "\n" not in str(caught.value)


def test_masks_of_another_size_than_the_image(tmp_path: Path) -> None:
    narrow = put_masks(tmp_path, ([NARROW] * 2, PLACES))
    assert read_masks(narrow, INSTANCES)[0].shape == (60, 99, 2)
    with pytest.raises(DatasetError, match="no PNG of the image's size, 100 x 60"):
        read_masks(narrow, INSTANCES, SHAPE)


@pytest.mark.parametrize("shape", [SHAPE, None], ids=["of the image", "of the first layer"])
def test_a_small_file_that_claims_a_huge_picture_is_not_decoded(
    shape: tuple[int, int] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bytearray(GOOD_LAYERS[0].tobytes())
    data[16:24] = (2**30).to_bytes(4, "big") * 2
    bomb = np.frombuffer(bytes(data), np.uint8)

    def decode(*_: object) -> None:
        raise AssertionError("a layer was decoded")

    monkeypatch.setattr(cv2, "imdecode", decode)
    with pytest.raises(DatasetError, match=r"no PNG of the image's size|are too large"):
        read_masks(put_masks(tmp_path, ([bomb] * 2, PLACES)), INSTANCES, shape)


def test_many_layers_may_not_be_large_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = put_masks(tmp_path)
    monkeypatch.setattr(coco_lvis_files, "PIXEL_LIMIT", 2 * 60 * 100)
    assert read_masks(file, INSTANCES)[0].shape == (60, 100, 2)
    monkeypatch.setattr(coco_lvis_files, "PIXEL_LIMIT", 2 * 60 * 100 - 1)
    with pytest.raises(DatasetError, match="2 layers of 100 x 60 are too large"):
        read_masks(file, INSTANCES)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"there is no .*hannotation\.pickle: COCO\+LVIS has it beside"):
        read_annotations(tmp_path)
    with pytest.raises(DatasetError, match=rf"{NAMES[0]}\.pickle cannot be read"):
        read_masks(tmp_path / f"{NAMES[0]}.pickle", INSTANCES)


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
    pictures, places = GOOD_LAYERS, PLACES
    return {
        "instead of the layers": (Call(exec, run), places),
        "instead of one layer": ([Call(exec, run), *pictures[1:]], places),
        "with a state": ([StatefulCall(exec, run)], places),
        "as a value": (pictures, [(0, Call(exec, run))] * 4),
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
        put_annotations(tmp_path, change(hierarchy={**HIERARCHY, 2: hostile}))
        with pytest.raises(DatasetError):
            read_annotations(tmp_path)
    else:
        file = put_masks(tmp_path, hostile)
        with pytest.raises(DatasetError):
            read_masks(file, INSTANCES)
    assert not marker.exists()


def test_damage_at_any_byte_is_no_worse_than_an_error(tmp_path: Path) -> None:
    """Some damage goes unnoticed, but none gets through as another exception."""
    file = put_masks(tmp_path)
    whole = file.read_bytes()
    source, refused = np.random.default_rng(4), 0
    for position in source.integers(len(whole), size=150):
        damaged = bytearray(whole)
        damaged[position] = source.integers(256)
        file.write_bytes(damaged)
        try:
            read_masks(file, INSTANCES)
        except DatasetError:
            refused += 1
    assert refused > 30
