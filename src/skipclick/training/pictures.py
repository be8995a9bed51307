"""Pictures of a step: what the network was given, what is right, what it answered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from skipclick.overlay import draw_clicks, draw_mask
from skipclick.prompt import Click
from skipclick.training.points import SLOTS
from skipclick.weights.files import replacing

_IGNORED = (128, 128, 128)
_GAP = 6


def write_step_picture(
    path: Path,
    image: NDArray[np.float32],
    points: NDArray[np.float32],
    truth: NDArray[np.float32],
    previous: NDArray[np.float32],
    probability: NDArray[np.float32],
) -> None:
    """Draw one item: points on the previous mask, the truth, and the answer, side by side.

    Args:
        path: the PNG file, in an existing folder.
        image: (3, H, W) float32 in [0, 1].
        points: (48, 3) float32, see `points`.
        truth: (H, W): 1 object, 0 background, -1 ignored (drawn grey).
        previous: (H, W) in [0, 1], the mask that the points answer.
        probability: (H, W) in [0, 1], the answer.
    """
    photo = np.rint(image.transpose(1, 2, 0) * 255).astype(np.uint8)
    clicks = [
        Click(float(across), float(down), index < SLOTS)
        for index, (down, across, _) in enumerate(points)
        if max(down, across) >= 0
    ]
    right = draw_mask(photo, truth == 1)
    right[truth == -1] = right[truth == -1] // 2 + np.array(_IGNORED, np.uint8) // 2
    panels = [
        draw_clicks(draw_mask(photo, previous > 0.5), clicks),
        right,
        draw_mask(photo, probability > 0.5),
    ]
    gap = np.full((photo.shape[0], _GAP, 3), 255, np.uint8)
    row = np.concatenate([panels[0], gap, panels[1], gap, panels[2]], axis=1)
    with replacing(path) as scratch, scratch.open("wb") as file:
        Image.fromarray(row).save(file, format="PNG")
