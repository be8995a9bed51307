"""The rules of an evaluation: who clicks how often, from which mask, at which image sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from skipclick.errors import SkipClickError


class EvaluationError(SkipClickError):
    """An evaluation cannot be run or continued as asked."""


Start: TypeAlias = Literal["empty", "eroded", "dilated", "shifted", "polygon", "given"]
"""The mask to begin from: all background, the ground truth with a fault (`starts`), or one from a folder."""

FirstClick: TypeAlias = Literal["centre", "random"]
"""The first click: innermost in the object, or anywhere in it."""

SIZES: dict[str, tuple[int, int]] = {
    "DAVIS": (672, 672),
    "HQSeg": (896, 896),
    "SHSeg": (896, 896),
    "WSESeg": (896, 896),
}
"""Network sizes (height, width) by data set, where they are not `DEFAULT_SIZE` (specification 4.5)."""

DEFAULT_SIZE = (448, 448)

EVERY_CLICK = 1.01
"""An IoU to reach that no mask has, so that every object gets all clicks; the published evaluator's own."""


@dataclass(frozen=True, slots=True)
class EvaluationProtocol:
    """How an object is evaluated; the defaults are those of the published numbers (specification 4).

    Attributes:
        threshold: a pixel belongs to the mask if its probability is above this.
        target_iou: an object is finished once its IoU reaches this, from 0 to 1; above 1 never.
        max_clicks: an object is given up after so many clicks.
        min_clicks: an object gets so many clicks at least.
        mirror: logits are averaged with those of the mirrored image.
        size: network size (height, width) for all data sets; None means the one of each data set.
        zoom: from the second click on, the network sees only the object's surroundings (4.5).
        start: the mask to begin from.
        first_click: where the first click goes.
        jitter: how inexactly clicks are placed, see `SimulatedUser`; 0 is exact, 1 as people do.
        seed: from which whatever is random is drawn, for each object apart.
        boundary: also measure how well outlines agree, after each click.

    Raises:
        EvaluationError: a value out of range.
    """

    threshold: float = 0.49
    target_iou: float = 0.95
    max_clicks: int = 20
    min_clicks: int = 1
    mirror: bool = True
    size: tuple[int, int] | None = None
    zoom: bool = False
    start: Start = "empty"
    first_click: FirstClick = "centre"
    jitter: float = 0.0
    seed: int = 0
    boundary: bool = False

    def __post_init__(self) -> None:
        if not 0.0 < self.threshold < 1.0:
            raise EvaluationError(f"the threshold must lie between 0 and 1, not be {self.threshold}")
        if not self.target_iou > 0.0:
            raise EvaluationError(f"the IoU to reach must be above 0, not {self.target_iou}")
        if not 1 <= self.min_clicks <= self.max_clicks:
            raise EvaluationError(
                f"between {self.min_clicks} and {self.max_clicks} clicks is not possible: "
                "the most must be at least the fewest, and the fewest at least 1"
            )
        if self.size is not None and min(self.size) < 1:
            raise EvaluationError(f"the size must be positive, not {self.size}")
        for name, value, known in (
            ("mask to begin from", self.start, get_args(Start)),
            ("first click", self.first_click, get_args(FirstClick)),
        ):
            if value not in known:
                raise EvaluationError(f"the {name} is one of {', '.join(known)}, not {value!r}")
        if not 0.0 <= self.jitter < float("inf"):
            raise EvaluationError(f"the jitter of clicks must be 0 or more, not {self.jitter}")
        if self.seed < 0:
            raise EvaluationError(f"the seed must be 0 or more, not {self.seed}")

    def size_for(self, reader: str) -> tuple[int, int]:
        """The network size (height, width) for a data set.

        Args:
            reader: the data set's name in `DATASETS`; a class of WSESeg is "WSESeg_" and its name.
        """
        if self.size is not None:
            return self.size
        return SIZES.get(reader.split("_", 1)[0], DEFAULT_SIZE)


PUBLISHED = EvaluationProtocol()
"""The rules of the published numbers."""
