"""Prompts and images as the arrays that networks take, and checks of them; for all back ends."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from skipclick.backend.protocol import Backend
from skipclick.errors import ModelError
from skipclick.prompt import Prompt


def pack_clicks(prompts: Sequence[Prompt], multiple: int = 1) -> NDArray[np.float64]:
    """All clicks as (B, 2, N, 2) rows and columns, positives first, unused slots (-1, -1).

    N is the smallest multiple of `multiple`, above 0, that suffices.
    """
    lists = [[[c for c in p.clicks if bool(c.positive) == label] for label in (True, False)] for p in prompts]
    slots = max(1, *(len(clicks) for pair in lists for clicks in pair))
    slots = -(-slots // multiple) * multiple
    points = np.full((len(prompts), 2, slots, 2), -1.0)
    for item, pair in enumerate(lists):
        for label, clicks in enumerate(pair):
            for slot, click in enumerate(clicks):
                points[item, label, slot] = click.y, click.x
    return points


def draw_clicks(points: NDArray[np.float64], size: tuple[int, int], radius: float) -> NDArray[np.float32]:
    """Clicks as disks, the same to the pixel as `skipclick.model.prompt_map.click_disks`.

    Args:
        points: what `pack_clicks` returned, (B, 2, N, 2).
        size: height and width of the map.
        radius: of a disk, in pixels.

    Returns:
        (B, 2, h, w) float32, 1 inside a disk and 0 elsewhere.
    """
    disks = np.zeros((*points.shape[:2], *size), np.float32)
    reach = math.ceil(radius) + 1
    for item, label, slot in zip(*np.nonzero(points.max(axis=-1) >= 0), strict=True):
        row, column = points[item, label, slot]
        rows, columns = (
            np.arange(max(0, math.floor(centre) - reach), min(side, math.floor(centre) + reach + 1))
            for centre, side in ((row, size[0]), (column, size[1]))
        )
        down = np.square((rows - row).astype(np.float32))
        across = np.square((columns - column).astype(np.float32))
        inside = down[:, None] + across[None] <= radius**2
        disks[item, label, rows[:, None], columns[None]] += inside
    return np.minimum(disks, 1, out=disks)


def pack_previous(prompts: Sequence[Prompt], size: tuple[int, int]) -> NDArray[np.float32]:
    """The previous masks as (B, 1, h, w) float32; zeros where a prompt has none.

    Raises:
        ModelError: a previous mask is not of the features' size.
    """
    previous = np.zeros((len(prompts), 1, *size), np.float32)
    for item, prompt in enumerate(prompts):
        if prompt.previous is not None:
            if prompt.previous.shape != size:
                raise ModelError(f"a previous mask has size {prompt.previous.shape}, the features {size}")
            previous[item, 0] = prompt.previous
    return previous


def check_images(images: NDArray[np.float32], stride: int) -> None:
    """Make sure that `encode` can take these images.

    Raises:
        ModelError: not (B, 3, h, w) float32, or h or w no multiple of the stride.
    """
    if images.dtype != np.float32 or images.ndim != 4 or images.shape[1] != 3:
        raise ModelError(f"encode takes (B, 3, h, w) float32, not {images.shape} {images.dtype}")
    if images.shape[2] % stride or images.shape[3] % stride or 0 in images.shape:
        raise ModelError(
            f"this model needs heights and widths in multiples of {stride}, not {images.shape[2:]}"
        )


def check_owner(owner: Backend, user: Backend) -> None:
    """Make sure that a model is given features of its own weights: others of the same shape answer nonsense.

    Args:
        owner: the back end that made the features.
        user: the back end that is to use them.

    Raises:
        ModelError: the weights differ.
    """
    if owner is not user and owner.fingerprint != user.fingerprint:
        raise ModelError(
            f"these features were made by {owner.name} with other weights: encode the image with this model"
        )


def check_count(batch: int, prompts: Sequence[Prompt]) -> None:
    """Make sure that there is one prompt per image, or only one image.

    Raises:
        ModelError: it is neither.
    """
    if batch not in (1, len(prompts)) or not prompts:
        raise ModelError(f"{len(prompts)} prompts do not fit features of {batch} images")
