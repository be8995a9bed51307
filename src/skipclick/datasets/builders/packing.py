"""Many overlapping masks in few label images, as COCO+LVIS keeps them (specification 5.6)."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from skipclick.datasets.builders.regions import Node

LAYER_OBJECTS = 255

_PROTOCOL = 4
"""Of pickles; every Python 3 that the published code runs on reads it."""


def pack(
    masks: Sequence[NDArray[np.bool_]],
) -> tuple[list[NDArray[np.uint8]], list[tuple[int, int]]]:
    """Draw masks into layers, the largest first, each into the first layer where it covers nothing.

    Args:
        masks: (H, W) bool each.

    Returns:
        The layers, (H, W) uint8 each, and for each mask its layer's number and its value there, 1 to 255.
    """
    layers: list[NDArray[np.uint8]] = []
    used: list[int] = []
    places: dict[int, tuple[int, int]] = {}
    for number in sorted(range(len(masks)), key=lambda number: -np.count_nonzero(masks[number])):
        mask = masks[number]
        for layer, drawn in enumerate(layers):
            if used[layer] < LAYER_OBJECTS and not drawn[mask].any():
                break
        else:
            layer = len(layers)
            layers.append(np.zeros(mask.shape, np.uint8))
            used.append(0)
        used[layer] += 1
        layers[layer][mask] = used[layer]
        places[number] = layer, used[layer]
    return layers, [places[number] for number in range(len(masks))]


def masks_pickle(layers: Sequence[NDArray[np.uint8]], places: Sequence[tuple[int, int]]) -> bytes:
    """The content of `masks/ID.pickle`: the layers as PNG files in arrays of bytes, and the places."""
    pictures = [cv2.imencode(".png", layer)[1].ravel() for layer in layers]
    return pickle.dumps((pictures, list(places)), _PROTOCOL)


def annotations_pickle(images: Mapping[str, Sequence[Node]]) -> bytes:
    """The content of `hannotation.pickle`: the hierarchy of each image's instances, by the image's name."""
    content = {
        name: {
            "num_instance_masks": len(nodes),
            "hierarchy": {number: _as_plain(node) for number, node in enumerate(nodes)},
        }
        for name, nodes in images.items()
    }
    return pickle.dumps(content, _PROTOCOL)


def _as_plain(node: Node) -> dict[str, object] | None:
    if node.parent is None and not node.children:
        return None
    return {"children": list(node.children), "parent": node.parent, "node_level": node.level}
