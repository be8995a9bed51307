"""One step of training: clicks, answer, loss, gradient, new weights; and all the state that steps leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from skipclick.model.skipclick import SkipClick
from skipclick.training.average import WeightAverage
from skipclick.training.features import TapCache, encode_views
from skipclick.training.loader import CLICKS, DROPOUT, ENCODER, ROUNDS, Batch, stream
from skipclick.training.loss import normalised_focal_loss, soft_iou_loss
from skipclick.training.metric import AdaptiveIou, iou_sums
from skipclick.training.recipes import Recipe, TrainingError
from skipclick.training.rounds import Precision, Trainee, autocast, network_points, simulate_clicks
from skipclick.training.schedule import rate_at
from skipclick.training.world import World
from skipclick.weights.files import State


@dataclass(frozen=True, slots=True)
class Options:
    """How a run is carried out; but for the precision, this changes no result beyond rounding.

    Attributes:
        workers: processes that load items ahead, for each training process; 0 loads in between.
        accumulate: parts in which a process goes through its share of a batch, to save memory.
        precision: in which the network computes; weights are always float32.
        compile: have the network's parts compiled first.
        save_seconds: time between two checkpoints within an epoch.
        log_steps: steps whose mean is one line of the metrics; 25 as published.
        picture_steps: steps between two pictures; 300 as published.
    """

    workers: int = 4
    accumulate: int = 1
    precision: Precision = "float32"
    compile: bool = False
    save_seconds: float = 300.0
    log_steps: int = 25
    picture_steps: int = 300


class Shown(NamedTuple):
    """One item of a step, for a picture; arguments of `write_step_picture`."""

    image: NDArray[np.float32]
    points: NDArray[np.float32]
    truth: NDArray[np.float32]
    previous: NDArray[np.float32]
    probability: NDArray[np.float32]


def rate_groups(trained: Mapping[str, nn.Parameter], fusion_rate: float) -> list[dict[str, Any]]:
    """An optimiser's groups of what is trained, by name; `share` is theirs of the learning rate."""
    if fusion_rate == 1:
        return [{"params": list(trained.values()), "share": 1.0}]
    slow = [p for name, p in trained.items() if name.startswith(("fuse.", "fusion."))]
    others = [p for name, p in trained.items() if not name.startswith(("fuse.", "fusion."))]
    return [{"params": others, "share": 1.0}, {"params": slow, "share": fusion_rate}]


class Stepper:
    """The network, its optimiser, and what they do with a batch.

    Args:
        network: moved to the process's device and switched to training.
        recipe: what to do.
        seed: of all randomness.
        world: this process.
        options: how to do it.
        cache: the frozen encoder's outputs for views that come again; None encodes every item.

    Raises:
        TrainingError: the batch cannot be shared equally, or the recipe's size does not suit the network.
    """

    def __init__(
        self,
        network: SkipClick,
        recipe: Recipe,
        *,
        seed: int,
        world: World,
        options: Options,
        cache: TapCache | None = None,
    ) -> None:
        _check(network, recipe, world, options)
        self._recipe, self._seed, self._world, self._options = recipe, seed, world, options
        self._cache = cache
        self._trainee = Trainee(network.to(world.device), rescale_positions=recipe.rescale_positions).train()
        self._trained = {name: p for name, p in network.named_parameters() if p.requires_grad}
        parameters = list(self._trained.values())
        kind = torch.optim.Adam if recipe.optimiser == "adam" else torch.optim.AdamW
        self._optimiser = kind(
            rate_groups(self._trained, recipe.fusion_rate),
            lr=recipe.rate,
            betas=recipe.betas,
            eps=recipe.eps,
            weight_decay=recipe.decay,
        )
        self._average = None if recipe.average is None else WeightAverage(parameters, recipe.average)
        self._scaler = torch.amp.GradScaler(world.device.type, enabled=options.precision == "fp16")
        self.metric = AdaptiveIou()
        self.steps = 0
        if options.compile:
            for part in (network.backbone, network.fusion, network.pyramid, network.head):
                part.compile()
        self._forward: nn.Module = self._trainee
        if world.size > 1:
            self._forward = DistributedDataParallel(
                self._trainee,
                # Layers that no forward pass reaches have no gradient (specification, trap 6).
                find_unused_parameters=True,
            )

    @property
    def network(self) -> SkipClick:
        """The network, with the weights of the last step."""
        return self._trainee.network

    def take(self, epoch: int, number: int, batch: Batch) -> tuple[float, Shown]:
        """Take a step.

        Args:
            epoch: from 0.
            number: of the step in its epoch.
            batch: this process's share.

        Returns:
            The loss of the whole batch, and an item of it.

        Raises:
            TrainingError: the loss is no number any more.
        """
        recipe = self._recipe
        rate = rate_at(recipe, self.steps)
        for group in self._optimiser.param_groups:
            group["lr"] = rate * group["share"]
        rounds = int(stream(self._seed, epoch, number, ROUNDS).integers(recipe.rounds, endpoint=True))
        sums = torch.zeros(8, dtype=torch.float64)
        self._optimiser.zero_grad(set_to_none=True)
        parts = list(batch.parts(self._options.accumulate))
        for index, part in enumerate(parts):
            with self._quiet(index + 1 < len(parts)):
                loss, part_sums, shown = self._learn(part, rounds, epoch, number)
            sums += torch.cat([loss.cpu().double()[None], part_sums])
        sums = self._world.total(sums)
        mean = float(sums[0]) / (self._world.size * len(parts))
        if not np.isfinite(mean):
            raise TrainingError(
                f"the loss is {mean} at step {self.steps + 1}: begin again with a lower rate, or with "
                "--precision float32"
            )
        self._update()
        self.metric.update(sums[1:])
        return mean, shown

    def weights(self) -> State:
        """All tensors of the network as they are to be kept: averaged, if the recipe says so."""
        state = {name: tensor.detach() for name, tensor in self.network.state_dict().items()}
        if self._average is not None:
            state |= dict(zip(self._trained, self._average.values, strict=True))
        return state

    def state(self) -> dict[str, Any]:
        """All that later steps depend on, but for what stays as it was given."""
        return {
            "steps": self.steps,
            "weights": {name: p.detach() for name, p in self._trained.items()},
            "optimiser": self._optimiser.state_dict(),
            "average": None if self._average is None else self._average.values,
            "scaler": self._scaler.state_dict(),
            "metric": self.metric.values(),
        }

    @torch.no_grad()
    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` returned."""
        self.steps = state["steps"]
        for name, parameter in self._trained.items():
            parameter.copy_(state["weights"][name])
        self._optimiser.load_state_dict(state["optimiser"])
        if self._average is not None:
            self._average.load(state["average"])
        self._scaler.load_state_dict(state["scaler"])
        self.metric = AdaptiveIou(*state["metric"])

    def _learn(self, part: Batch, rounds: int, epoch: int, number: int) -> tuple[Tensor, Tensor, Shown]:
        """Clicks, answer, loss and gradient of a part of a batch; the metric's sums, and an item."""
        device = self._world.device
        image, truth, previous = (x.to(device) for x in (part.image, part.truth, part.start))
        trainee, points = self._trainee, part.points
        # An encoder that is trained, or that answers otherwise in training, runs again in the step.
        again = trainee.network.config.train_backbone or trainee.rescales
        with self._precision():
            taps = (
                encode_views(trainee.network, image, part.views, self._cache) if rounds or not again else []
            )
        clicks = [stream(self._seed, *key, CLICKS) for key in part.keys]
        if rounds:
            points, previous = simulate_clicks(
                trainee, image, taps, truth, points, previous, rounds, clicks, self._precision()
            )
        width = trainee.network.head.classify.in_channels
        trainee.dropout.draw([stream(self._seed, *key, DROPOUT) for key in part.keys], width, device)
        with self._encoder_randomness(epoch, number), self._precision():
            logits = self._forward(image, None if again else taps, network_points(points, device), previous)
        logits = logits.float()
        losses = normalised_focal_loss(logits, truth)
        if self._recipe.iou_weight:
            losses = losses + self._recipe.iou_weight * soft_iou_loss(logits, truth)
        loss = losses.mean()
        self._scaler.scale(loss / self._options.accumulate).backward()
        answer = torch.sigmoid(logits.detach())
        shown = (x[0].cpu().numpy() for x in (truth[0], previous[0], answer[0]))
        item = Shown(part.image[0].numpy(), points[0], *shown)
        return loss.detach(), iou_sums(answer, truth, self.metric.threshold), item

    def _update(self) -> None:
        """New weights from the gradient."""
        if self._recipe.clip is not None:
            self._scaler.unscale_(self._optimiser)
            nn.utils.clip_grad_norm_(self._trained.values(), self._recipe.clip)
        self._scaler.step(self._optimiser)
        self._scaler.update()
        self.steps += 1
        if self._average is not None:
            self._average.update(self.steps)

    def _precision(self) -> AbstractContextManager[object]:
        return autocast(self._world.device, self._options.precision)

    def _quiet(self, more: bool) -> AbstractContextManager[object]:
        """While more parts follow, the processes don't exchange gradients."""
        if more and isinstance(self._forward, DistributedDataParallel):
            quiet: AbstractContextManager[object] = self._forward.no_sync()
            return quiet
        return nullcontext()

    def _encoder_randomness(self, epoch: int, number: int) -> AbstractContextManager[object]:
        """The encoder's random rescaling, the only use of PyTorch's generator, depends on the step alone."""
        if not self._trainee.rescales:
            return nullcontext()
        seed = int(stream(self._seed, epoch, number, ENCODER).integers(2**62))
        return seeded(seed, self._world.device)


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Within the block PyTorch's generators start from a seed; afterwards they are as before."""
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


def _check(network: SkipClick, recipe: Recipe, world: World, options: Options) -> None:
    parts = world.size * options.accumulate
    if options.accumulate < 1 or recipe.batch % parts:
        raise TrainingError(
            f"a batch of {recipe.batch} cannot be shared by {world.size} processes in {options.accumulate} "
            f"parts each: use a multiple of {parts}"
        )
    patch = network.config.patch
    if any(side % patch for side in recipe.augmentation.size):
        raise TrainingError(
            f"training at {recipe.augmentation.size} is not possible: this network needs multiples of {patch}"
        )
