from __future__ import annotations

import pickle
import pickletools

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from skipclick.datasets.builders.packing import annotations_pickle, masks_pickle, pack
from skipclick.datasets.builders.regions import Node

Mask = NDArray[np.bool_]


def rectangle(top: int, bottom: int, left: int, right: int) -> Mask:
    mask = np.zeros((100, 100), np.bool_)
    mask[top:bottom, left:right] = True
    return mask


ANCHOR = [
    rectangle(*box)
    for box in ((10, 90, 10, 90), (20, 60, 20, 60), (30, 50, 30, 50), (0, 15, 0, 100), (70, 85, 70, 95))
]


def test_the_anchor() -> None:
    layers, places = pack(ANCHOR)
    assert places == [(0, 1), (1, 1), (2, 1), (1, 2), (1, 3)]
    assert len(layers) == 3
    assert all(layer.dtype == np.uint8 for layer in layers)


def test_the_order_given_is_the_order_of_the_places() -> None:
    _, places = pack(ANCHOR[::-1])
    assert places == [(1, 3), (1, 2), (2, 1), (1, 1), (0, 1)]


def test_a_layer_holds_255() -> None:
    masks = [np.zeros((20, 20), np.bool_) for _ in range(300)]
    for number, mask in enumerate(masks):
        mask.flat[number] = True
    layers, places = pack(masks)
    assert places == [(0, value) for value in range(1, 256)] + [(1, value) for value in range(1, 46)]
    assert layers[0].max() == 255
    assert layers[1].max() == 45


def test_a_full_layer_is_left_for_the_next_that_is_free() -> None:
    masks = [np.zeros((20, 20), np.bool_) for _ in range(256)]
    for number, mask in enumerate(masks):
        mask.flat[number] = True
    over = np.zeros((20, 20), np.bool_)
    over.flat[:2] = True
    _, places = pack([over, *masks])
    # The first two single pixels lie under the pair; of the others 254 go beside it.
    assert places[0] == (0, 1)
    assert places[1:3] == [(1, 1), (1, 2)]
    assert places[3] == (0, 2)
    assert places[256] == (0, 255)


def test_nothing() -> None:
    assert pack([]) == ([], [])


@given(st.lists(arrays(np.bool_, (6, 7)).filter(lambda mask: bool(mask.any())), max_size=9))
def test_every_mask_comes_back(masks: list[Mask]) -> None:
    layers, places = pack(masks)
    for mask, (layer, value) in zip(masks, places, strict=True):
        assert np.array_equal(layers[layer] == value, mask)
    assert len(set(places)) == len(masks)


class TestPickles:
    def test_layers_are_png_files_in_arrays(self) -> None:
        layers, places = pack(ANCHOR)
        content = pickle.loads(masks_pickle(layers, places))
        assert isinstance(content, tuple)
        pictures, kept = content
        assert type(pictures) is type(kept) is list
        assert kept == places
        assert all(type(place) is tuple and type(place[1]) is int for place in kept)
        for picture, layer in zip(pictures, layers, strict=True):
            assert type(picture) is np.ndarray
            assert picture.dtype == np.uint8
            assert picture.ndim == 1
            assert bytes(picture[:4]) == b"\x89PNG"
            decoded = cv2.imdecode(picture, cv2.IMREAD_UNCHANGED)
            assert decoded is not None
            assert np.array_equal(decoded, layer)

    def test_hierarchies_are_plain(self) -> None:
        nodes = [Node(None, (1,), 0), Node(0, (), 1), Node(None, (), 0)]
        content = pickle.loads(annotations_pickle({"000000000009": nodes, "000000000025": nodes[2:]}))
        assert content == {
            "000000000009": {
                "num_instance_masks": 3,
                "hierarchy": {
                    0: {"children": [1], "parent": None, "node_level": 0},
                    1: {"children": [], "parent": 0, "node_level": 1},
                    2: None,
                },
            },
            "000000000025": {"num_instance_masks": 1, "hierarchy": {0: None}},
        }

    @pytest.mark.parametrize(
        "data", [masks_pickle(*pack(ANCHOR)), annotations_pickle({"x": [Node(None, (), 0)]})]
    )
    def test_nothing_of_ours_is_named_in_them(self, data: bytes) -> None:
        """Whoever reads them has NumPy, but not this package."""
        texts = [str(value) for _, value, _ in pickletools.genops(data) if isinstance(value, str)]
        assert not [text for text in texts if "skipclick" in text]
        assert pickletools.genops(data).__next__()[1] == 4

    def test_the_same_masks_give_the_same_bytes(self) -> None:
        assert masks_pickle(*pack(ANCHOR)) == masks_pickle(*pack([mask.copy() for mask in ANCHOR]))
