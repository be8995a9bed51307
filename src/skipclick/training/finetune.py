"""Fitting a trained model to a user's own masks: the decoder only, on whole images, in minutes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from skipclick.backend.loading import load_model
from skipclick.datasets import Dataset
from skipclick.evaluation import EvaluationProtocol, evaluate_dataset, open_trace
from skipclick.evaluation.metrics import mean_noc
from skipclick.training.engine import Progress, begin, train
from skipclick.training.own_data import Count, choose_measured, open_part, read_views, split
from skipclick.training.recipes import FINETUNING, Recipe
from skipclick.training.run_folder import RunFolder
from skipclick.training.sources import DataSpec, names_digest
from skipclick.training.start import digest, trained_network
from skipclick.training.stepper import Options
from skipclick.training.views import WholeViews
from skipclick.training.world import World

THRESHOLDS = (0.80, 0.85, 0.90)


@dataclass(frozen=True, slots=True)
class Measured:
    """NoC by IoU, and the number of objects that it is the mean of."""

    noc: dict[float, float]
    objects: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Attributes:
        model_file: the fitted model.
        images: that were learnt from.
        objects: in them, without those that are too small at the network's size.
        passed_over: number of those that are too small.
        held_out: images that were not learnt from and show what is measured.
        before: measured on them with the model as it was.
        after: the same with the fitted one.
    """

    model_file: Path
    images: int
    objects: int
    passed_over: int
    held_out: int
    before: Measured
    after: Measured


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how far it is; None for nobody."""

    reading: Count | None = None
    before: Count | None = None
    training: Callable[[Progress], None] | None = None
    after: Count | None = None


def finetune(
    model: str,
    specs: Sequence[DataSpec],
    folder: Path,
    *,
    world: World,
    recipe: Recipe = FINETUNING,
    held_out: float = 0.2,
    seed: int = 0,
    options: Options | None = None,
    watch: Watch | None = None,
) -> Outcome:
    """Fit a model's decoder to masks and measure it on images held out, or go on where that was interrupted.

    Args:
        model: anything that `load_model` takes.
        specs: the masks.
        folder: where the run is kept.
        world: this process.
        recipe: what to do; its model and encoder don't count.
        held_out: share of the images that are not learnt from, between 0 and 1; see `split`.
        seed: decides which these are, and all other randomness.
        options: how to do it.
        watch: told how far it is.

    Raises:
        TrainingError: too few or too many images, no object that is large enough, or a folder that holds
            something else.
        DatasetError: data that cannot be read.
        ModelError: the model cannot be loaded.
    """
    watch = watch or Watch()
    learnt, kept = split(open_part(specs), held_out, seed)
    network, name = trained_network(model)
    recipe = replace(recipe, model=name, backbone="")
    measured = choose_measured(kept, recipe, seed)
    samples, chances, passed_over = read_views(learnt, recipe, watch.reading)
    about = {
        "model": digest(network.state_dict()),
        "learnt": names_digest(sample.name for sample in learnt.samples),
        "held_out": names_digest(sample.name for sample in kept.samples),
        "weights": [spec.weight for spec in specs],
    }
    options = options or Options()
    run = RunFolder(folder)
    begin(run, recipe, world, options, about_data=about, seed=seed)
    rules = EvaluationProtocol(mirror=False, target_iou=THRESHOLDS[-1], size=recipe.augmentation.size)
    measure = partial(_measure, dataset=measured, rules=rules, device=str(world.device))
    before = measure(model, folder / "before.jsonl", watch.before)
    model_file = train(
        network,
        recipe,
        WholeViews(samples, chances, recipe),
        run,
        about_data=about,
        seed=seed,
        world=world,
        options=options,
        report=watch.training,
    )
    return Outcome(
        model_file,
        images=len(samples),
        objects=sum(len(sample.objects) for sample in samples),
        passed_over=passed_over,
        held_out=len(measured.samples),
        before=before,
        after=measure(model_file, folder / "after.jsonl", watch.after),
    )


def _measure(
    model: str | Path,
    trace: Path,
    count: Count | None,
    *,
    dataset: Dataset,
    rules: EvaluationProtocol,
    device: str,
) -> Measured:
    """Count a model's clicks; what the trace holds already is taken from it."""
    backend = load_model(model, device=device)
    total = len(dataset.samples)
    with open_trace(trace, backend, dataset, rules) as file:
        progress = None if count is None else partial(count, total=total)
        traces = evaluate_dataset(backend, dataset, rules, trace=file, progress=progress)
    ious = [one.ious for one in traces]
    return Measured({level: mean_noc(ious, level) for level in THRESHOLDS}, len(ious))
