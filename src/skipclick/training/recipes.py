"""What a training run does, as literal values: the paper's recipe, its ablations, and ours.

No PyTorch here.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from typing import Any, Literal

from skipclick.errors import SkipClickError
from skipclick.training.augment import TRAINING, Augmentation
from skipclick.training.points import PUBLISHED_POINTS, PointRules
from skipclick.training.sample import PUBLISHED_SAMPLING, SamplingRules
from skipclick.training.start_mask import PUBLISHED_START_MASKS, StartMaskRules


class TrainingError(SkipClickError):
    """A training run cannot be started or continued as asked."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides what a network learns, but for the data and the seed; the published values.

    Attributes:
        model: the network, a key of `model.config.MODELS`.
        backbone: its encoder's weights, a name that `weights.backbones.read_backbone` knows.
        epochs: number of epochs; checkpoints, validation and `milestones` count in these.
        samples: items of an epoch. An incomplete last batch is dropped.
        batch: items of a step, over all processes together.
        optimiser: Adam, or AdamW, which decays weights apart from the gradient.
        rate: the learning rate.
        fusion_rate: that of `fuse` and the fusion blocks, as a share of `rate`.
        betas: decay of Adam's two moments.
        eps: what Adam adds to the root of the second.
        decay: weight decay.
        schedule: "steps" multiplies the rate by `factor` after each of `milestones`; "cosine" lets it fall
            to zero over the run.
        milestones: epochs after which "steps" acts.
        factor: see `schedule`.
        warm_up: steps in which the rate grows linearly from zero.
        clip: gradients longer than this are scaled to it; None never.
        average: decay of the running average of the weights, which is then what is kept; None for none.
        iou_weight: weight of the soft IoU loss beside the normalised focal loss, whose weight is 1.
        rounds: the most simulated clicks before a step; their number is uniform from 0.
        rescale_positions: a DINOv3 encoder's coordinates are rescaled at random in the step, but not in the
            simulated clicks, as published (specification, trap 22). No effect on DINOv2.
        augmentation: what is varied. Finetuning varies nothing but left and right, and takes the size alone.
        sampling: how objects are chosen.
        points: how initial points are drawn.
        start_masks: how starting masks are made, and how often.
        fusion: what the fusion blocks begin as: random numbers, or the encoder's own blocks (ours, see
            `encoder_start`).
        stuff: probability that COCO+LVIS's regions, such as sky, become objects of an image.
        keep: epochs after which the weights are kept for good.

    Raises:
        TrainingError: a number that makes no sense.
    """

    model: str
    backbone: str
    epochs: int = 55
    samples: int = 30_000
    batch: int = 32
    optimiser: Literal["adam", "adamw"] = "adam"
    rate: float = 5e-5
    fusion_rate: float = 1.0
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    decay: float = 0.0
    schedule: Literal["steps", "cosine"] = "steps"
    milestones: tuple[int, ...] = (50, 55)
    factor: float = 0.1
    warm_up: int = 0
    clip: float | None = None
    average: float | None = None
    iou_weight: float = 0.0
    rounds: int = 3
    rescale_positions: bool = True
    augmentation: Augmentation = TRAINING
    sampling: SamplingRules = PUBLISHED_SAMPLING
    points: PointRules = PUBLISHED_POINTS
    start_masks: StartMaskRules = PUBLISHED_START_MASKS
    fusion: Literal["drawn", "encoder"] = "drawn"
    stuff: float = 0.30
    keep: tuple[int, ...] = (0, 20, 40, 50, 51, 52, 53, 54)

    def __post_init__(self) -> None:
        for name in ("epochs", "samples", "batch"):
            if getattr(self, name) < 1:
                raise TrainingError(f"{name} must be at least 1, not {getattr(self, name)}")
        if self.samples < self.batch:
            raise TrainingError(f"an epoch of {self.samples} samples holds no batch of {self.batch}")
        if not self.rate > 0:
            raise TrainingError(f"the learning rate must be above 0, not {self.rate}")
        if not 0 < self.fusion_rate <= 1:
            raise TrainingError(f"fusion_rate must be above 0 and at most 1, not {self.fusion_rate}")
        # A simulated click takes a slot of its own, from the end of its half.
        if not 0 <= self.rounds <= 24:
            raise TrainingError(f"between 0 and 24 simulated clicks are possible, not {self.rounds}")

    @property
    def epoch_steps(self) -> int:
        """Steps of an epoch."""
        return self.samples // self.batch

    @property
    def steps(self) -> int:
        """Steps of the whole run."""
        return self.epochs * self.epoch_steps

    def with_epochs(self, epochs: int) -> Recipe:
        """The same recipe over another number of epochs: `milestones` keep their share of the run.

        Raises:
            TrainingError: not a number of epochs.
        """
        milestones = tuple(max(1, round(one * epochs / self.epochs)) for one in self.milestones)
        return replace(self, epochs=epochs, milestones=milestones)

    def values(self) -> dict[str, Any]:
        """The recipe as plain values, for JSON."""
        return dataclasses.asdict(self)


_VITB = "dinov2_vitb14_reg"
_SKIP = Recipe("skip", _VITB)

_SKIPCLICK_S = Recipe(
    "skipclick-s",
    "dinov2_vits14-embedded",
    optimiser="adamw",
    rate=8e-4,
    fusion_rate=0.25,
    fusion="encoder",
    decay=0.02,
    schedule="cosine",
    warm_up=200,
    clip=2.0,
    average=0.999,
    iou_weight=1.0,
    start_masks=StartMaskRules(share=0.12),
)

RECIPES: dict[str, Recipe] = {
    # The paper's ablation (Table 1): each adds one thing to the one before.
    "baseline": Recipe("baseline", _VITB),
    "frozen": Recipe("frozen", _VITB),
    "intermediate": Recipe("intermediate", _VITB),
    "skip": _SKIP,
    # Number of fusion blocks (Table 6); depth 4 is "skip".
    "skip-depth2": replace(_SKIP, model="skip-depth2"),
    "skip-depth3": replace(_SKIP, model="skip-depth3"),
    "skip-depth5": replace(_SKIP, model="skip-depth5"),
    "skip-depth6": replace(_SKIP, model="skip-depth6"),
    # What the paper describes for the first two: the encoder's last block (specification 2.8).
    "baseline-last-block": Recipe("baseline-last-block", _VITB),
    "frozen-last-block": Recipe("frozen-last-block", _VITB),
    # The published DINOv3 model, and the same with its encoder at rest.
    "skip-dinov3": Recipe("skip-dinov3-vitb", "dinov3_vitb16"),
    "skip-dinov3-still": Recipe("skip-dinov3-vitb", "dinov3_vitb16", rescale_positions=False),
    # Published as code, not in the paper.
    "skip-conv": replace(_SKIP, model="skip-conv"),
    "intermediate-vitg": Recipe("intermediate-vitg", "dinov2_vitg14_reg"),
    # Ours: the embedded model.
    "skipclick-s": _SKIPCLICK_S,
}
"""The recipes, by name."""

FINETUNING = replace(
    _SKIPCLICK_S,
    epochs=8,
    samples=100,
    batch=4,
    rate=1e-4,
    fusion_rate=1.0,
    fusion="drawn",
    warm_up=20,
    average=0.98,
    sampling=SamplingRules(min_area=64),
    rescale_positions=False,
    keep=(),
)
"""A few minutes on a few hundred masks of one's own; `finetune` puts in the model that it is given."""


def find_recipe(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        TrainingError: there is none; the message lists all.
    """
    if name not in RECIPES:
        raise TrainingError(f"there is no recipe {name!r}; the recipes are {', '.join(RECIPES)}")
    return RECIPES[name]
