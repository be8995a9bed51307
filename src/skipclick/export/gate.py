"""The gate that every exported model passes before it is put in place: the same clicks, the same masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skipclick.backend.exported import Format
from skipclick.backend.protocol import Backend
from skipclick.errors import ModelError
from skipclick.image import to_network
from skipclick.mask import iou, sigmoid
from skipclick.prompt import Click, Prompt

PLACES: tuple[tuple[float, float, bool], ...] = (
    (0.5, 0.5, True),
    (0.31, 0.41, True),
    (0.86, 0.11, False),
    (0.12, 0.83, False),
)
"""Where the gate clicks, as parts of width and height, and whether it says "this belongs to the object".

At both `GRIDS` no pixel lies so near to the border of a click's disk that rounding of the coordinates could
decide about it: OpenVINO rounds them to 32 bits, the network does not.
"""

GRIDS: tuple[tuple[int, int], ...] = ((32, 32), (17, 24))
"""Rows and columns of patches at which the gate compares: a usual image, and an odd and oblong one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an exported model may differ by.

    Attributes:
        difference: largest difference of two logits, as a part of the logits' standard deviation; None where
            the arithmetic is another one.
        iou: least mean IoU of the masks.
    """

    difference: float | None
    iou: float


LIMITS: Mapping[tuple[Format, str], Limits] = {
    ("onnx", "float32"): Limits(1e-3, 0.999),
    ("onnx", "int8"): Limits(None, 0.9),
    ("openvino", "float32"): Limits(1e-3, 0.999),
    ("openvino", "bf16"): Limits(0.3, 0.97),
    ("openvino", "int8"): Limits(None, 0.9),
}
"""By format and precision."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far two models are apart.

    Attributes:
        difference: largest difference of two logits, as a part of the logits' standard deviation.
        typical: root mean square of the differences, as the same part.
        ious: IoU of the masks (logits above 0) for each image, size and click; two empty masks are the same.
    """

    difference: float
    typical: float
    ious: tuple[float, ...]

    @property
    def mean_iou(self) -> float:
        """Mean IoU of the masks."""
        return float(np.mean(self.ious))


def compare(
    reference: Backend,
    candidate: Backend,
    images: Sequence[NDArray[np.uint8]],
    grids: Sequence[tuple[int, int]] = GRIDS,
) -> Comparison:
    """Click through images with two models.

    Both always see the same previous mask, the reference's, so that differences don't add up.

    Args:
        reference: the model that is right.
        candidate: the model in question.
        images: (H, W, 3) uint8 each.
        grids: sizes, as rows and columns of patches.
    """
    largest, squares, ious = 0.0, [], []
    for image in images:
        for rows, columns in grids:
            height, width = rows * reference.stride, columns * reference.stride
            batch = to_network(image, (height, width))[None]
            kept, other = reference.encode(batch), candidate.encode(batch)
            previous = None
            for count in range(1, len(PLACES) + 1):
                prompts = [Prompt(first_clicks(count, (height, width)), previous)]
                expected = reference.decode(kept, prompts)[0]
                difference = candidate.decode(other, prompts)[0] - expected
                largest = max(largest, float(np.abs(difference).max() / expected.std()))
                squares.append(float(np.square(difference).mean() / expected.var()))
                ious.append(_agreement(difference + expected > 0, expected > 0))
                previous = sigmoid(expected)
    return Comparison(largest, float(np.sqrt(np.mean(squares))), tuple(ious))


def first_clicks(count: int, size: tuple[int, int]) -> tuple[Click, ...]:
    """So many clicks at `PLACES`, on an image of this height and width."""
    height, width = size
    return tuple(Click(x * width, y * height, positive) for x, y, positive in PLACES[:count])


def check(found: Comparison, kind: Format, precision: str) -> None:
    """Let a model pass, or not.

    Raises:
        ModelError: it differs by more than `LIMITS` allows.
    """
    limits = LIMITS[kind, precision]
    if not np.isfinite(found.typical):
        raise ModelError("the exported model answers with numbers that are not finite: nothing was written")
    if limits.difference is not None and found.difference > limits.difference:
        raise ModelError(
            f"the exported model's logits are off by {found.difference:.1e} of their deviation "
            f"(at most {limits.difference:.0e}): nothing was written"
        )
    if found.mean_iou < limits.iou:
        raise ModelError(
            f"the exported model's masks agree to an IoU of {found.mean_iou:.3f} only "
            f"(at least {limits.iou}): nothing was written"
        )


def _agreement(mask: NDArray[np.bool_], expected: NDArray[np.bool_]) -> float:
    return iou(mask, expected) if mask.any() or expected.any() else 1.0
