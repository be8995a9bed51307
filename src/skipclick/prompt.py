"""What the user says: clicks, and the mask that they refine."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skipclick.errors import PromptError


@dataclass(frozen=True, slots=True)
class Click:
    """One click on an image.

    Attributes:
        x: column in pixels; the centre of the leftmost pixel is 0.
        y: row in pixels; the centre of the topmost pixel is 0.
        positive: True for "this belongs to the object", False for "this does not".

    Raises:
        PromptError: a coordinate is not a finite number.
    """

    x: float
    y: float
    positive: bool = True

    def __post_init__(self) -> None:
        if not (math.isfinite(self.x) and math.isfinite(self.y)):
            raise PromptError(f"a click needs finite coordinates, not ({self.x}, {self.y})")


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """Everything that the network is told beside the image, in network pixels.

    Attributes:
        clicks: all clicks so far, in the order in which they were made.
        previous: the previous mask as a probability, (h, w) float32 in [0, 1] at the network's input
            size; None means all background.
    """

    clicks: tuple[Click, ...] = ()
    previous: NDArray[np.float32] | None = None


def check_clicks(clicks: Iterable[Click], shape: tuple[int, int]) -> None:
    """Make sure that clicks lie in an image of (H, W) pixels.

    Raises:
        PromptError: one lies outside, further than half a pixel from the outermost centres.
    """
    height, width = shape
    for click in clicks:
        if not (-0.5 <= click.x <= width - 0.5 and -0.5 <= click.y <= height - 0.5):
            raise PromptError(
                f"click ({click.x:g}, {click.y:g}) lies outside the image of {width} x {height} pixels"
            )
