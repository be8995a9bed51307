"""The training loop: one process, or several under `torchrun`; resumable at any step."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from skipclick.model.skipclick import SkipClick
from skipclick.training.features import open_cache
from skipclick.training.loader import SeededItems, batches, epoch_keys
from skipclick.training.pictures import write_step_picture
from skipclick.training.recipes import Recipe, TrainingError
from skipclick.training.run_folder import RunFolder
from skipclick.training.schedule import rate_at
from skipclick.training.stepper import Options, Stepper
from skipclick.training.validation import Validation, score, validate
from skipclick.training.views import Views
from skipclick.training.world import World
from skipclick.weights.files import save_model_file


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        step: steps taken.
        steps: of the whole run.
        epoch: the present one, from 0.
        loss: of the last step.
        iou: running mean of the training metric, from 0 to 1.
        speed: items a second, over all processes; 0 before it is known.
        seconds_left: at this speed, without validation.
    """

    step: int
    steps: int
    epoch: int
    loss: float
    iou: float
    speed: float
    seconds_left: float


def train(
    network: SkipClick,
    recipe: Recipe,
    views: Views,
    folder: RunFolder,
    *,
    about_data: Any,
    seed: int = 0,
    world: World | None = None,
    options: Options | None = None,
    validation: Validation | None = None,
    report: Callable[[Progress], None] | None = None,
    origin: Mapping[str, str] | None = None,
) -> Path:
    """Train a network, or go on where a run was interrupted.

    The same settings, data and seed give the same weights to the last bit on the same CPU, however often the
    run is interrupted. Several processes give those of one but for rounding.

    Args:
        network: with its encoder's weights; its other weights are where the run begins.
        recipe: what to do.
        views: makes the items.
        folder: where the run is kept.
        about_data: what the run begins with and learns from, as JSON values; it goes on only if this is the
            same.
        seed: of all randomness, at least 0.
        world: this process; None is one process on the CPU.
        options: how to do it.
        validation: judges the network at intervals; None never.
        report: told after each step.
        origin: entries for the metadata of the weights that are written, such as licences.

    Returns:
        The file with the final weights.

    Raises:
        TrainingError: the settings are impossible, or not those that the run was begun with, or the loss
            is no number any more, or another run is at work in the folder, or the processes do not share it.
        DatasetError: an item cannot be made.
    """
    world = world or World(torch.device("cpu"))
    options = options or Options()
    with folder:
        begin(folder, recipe, world, options, about_data=about_data, seed=seed, validation=validation)
        loop = _Loop(network, recipe, views, folder, seed, world, options, validation, report, origin)
        loop.run()
    return folder.model_file


def begin(
    folder: RunFolder,
    recipe: Recipe,
    world: World,
    options: Options,
    *,
    about_data: Any,
    seed: int,
    validation: Validation | None = None,
) -> None:
    """Make a run's folder, or make sure that it holds this very run; arguments as for `train`.

    Raises:
        TrainingError: it holds something else.
    """
    if world.leads:
        settings = {
            "recipe": recipe.values(),
            "seed": seed,
            "precision": options.precision,
            "data": about_data,
            "validation": validation.values() if validation is not None else None,
        }
        folder.begin(settings, {name: metadata.version(name) for name in ("skipclick", "torch", "numpy")})
    world.wait()


class _Loop:
    def __init__(
        self,
        network: SkipClick,
        recipe: Recipe,
        views: Views,
        folder: RunFolder,
        seed: int,
        world: World,
        options: Options,
        validation: Validation | None,
        report: Callable[[Progress], None] | None,
        origin: Mapping[str, str] | None,
    ) -> None:
        self._recipe, self._folder, self._world, self._options = recipe, folder, world, options
        self._validation, self._report, self._origin = validation, report, origin or {}
        self._items = SeededItems(views, seed)
        cache = None
        if views.count is not None and not network.config.train_backbone:
            cache = open_cache(network, views.count, recipe.augmentation.size, folder.path / "features")
        self._stepper = Stepper(network, recipe, seed=seed, world=world, options=options, cache=cache)
        self._window: list[tuple[float, float]] = []
        self._best: float | None = None

    def run(self) -> None:
        """Do what is left of the run."""
        state = self._folder.load()
        if state is not None:
            self._stepper.load(state["stepper"])
            self._window, self._best = state["window"], state["best"]
        if len(set(self._world.gather(self._stepper.steps))) > 1:
            raise TrainingError(
                "the processes see different checkpoints: --out must be a folder that all of them share"
            )
        if self._world.leads:
            self._folder.forget_after(self._stepper.steps)
        for epoch in range(self._stepper.steps // self._recipe.epoch_steps, self._recipe.epochs):
            self._run_epoch(epoch)
            self._end_epoch(epoch)
        if self._world.leads:
            self._write_model(self._folder.model_file)
        self._world.wait()

    def _run_epoch(self, epoch: int) -> None:
        recipe, stepper = self._recipe, self._stepper
        done = stepper.steps % recipe.epoch_steps
        keys = epoch_keys(epoch, recipe.samples, recipe.batch, self._world.rank, self._world.size)[done:]
        saved = began = time.monotonic()
        for number, batch in enumerate(batches(self._items, keys, self._options.workers), start=done):
            loss, shown = stepper.take(epoch, number, batch)
            last = number + 1 == recipe.epoch_steps
            if not self._world.leads:
                continue
            self._window.append((loss, stepper.metric.running))
            if stepper.steps % self._options.log_steps == 0 or last:
                self._log_window(epoch)
            if stepper.steps % self._options.picture_steps == 0:
                write_step_picture(self._folder.picture_file(stepper.steps), *shown)
            now = time.monotonic()
            # After an epoch's last step there is more to do before it is finished.
            if now - saved >= self._options.save_seconds and not last:
                self._save()
                saved = now
            self._tell(epoch, loss, (number + 1 - done) / (now - began))

    def _end_epoch(self, epoch: int) -> None:
        """Judge and keep the weights, then save: a run that ends before goes through this again."""
        iou = self._stepper.metric.end_epoch()
        entry: dict[str, Any] = {"step": self._stepper.steps, "epoch": epoch, "epoch_iou": iou}
        weights = self._stepper.weights()
        if self._validation is not None and self._validation.due(epoch, self._recipe.epochs):
            result = validate(self._stepper.network.config, weights, self._validation, self._world)
            entry["validation"] = result
            if self._best is None or score(result) < self._best:
                self._best = score(result)
                if self._world.leads:
                    self._write_model(self._folder.best_file)
        if self._world.leads:
            self._folder.log(entry)
            if epoch in self._recipe.keep:
                self._write_model(self._folder.kept_file(epoch))
            self._save()
        self._world.wait()

    def _log_window(self, epoch: int) -> None:
        losses, ious = zip(*self._window, strict=True)
        entry = {
            "step": self._stepper.steps,
            "epoch": epoch,
            "rate": rate_at(self._recipe, self._stepper.steps - 1),
            "loss": _mean(losses),
            "iou": _mean(ious),
        }
        self._folder.log(entry)
        self._window = []

    def _save(self) -> None:
        state = {"stepper": self._stepper.state(), "window": self._window, "best": self._best}
        self._folder.save(state)

    def _write_model(self, path: Path) -> None:
        about = {**self._origin, "steps": str(self._stepper.steps), "recipe": self._recipe.model}
        save_model_file(path, self._stepper.network.config, self._stepper.weights(), metadata=about)

    def _tell(self, epoch: int, loss: float, steps_a_second: float) -> None:
        if self._report is None:
            return
        steps = self._stepper.steps
        self._report(
            Progress(
                steps,
                self._recipe.steps,
                epoch,
                loss,
                self._stepper.metric.running,
                steps_a_second * self._recipe.batch,
                (self._recipe.steps - steps) / steps_a_second,
            )
        )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
