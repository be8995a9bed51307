"""Fitting a trained model to a user's own masks: the decoder only, on whole images, in minutes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from skipclick.backend.loading import load_model
from skipclick.datasets import Dataset, fingerprint
from skipclick.evaluation import EvaluationError, EvaluationProtocol, evaluate_dataset, open_trace
from skipclick.evaluation.metrics import mean_noc
from skipclick.evaluation.protocol import Start
from skipclick.training.contents import files_digest, marked, names_digest, views_digest
from skipclick.training.engine import Progress, begin, train
from skipclick.training.own_data import Count, choose_measured, open_part, read_views, split
from skipclick.training.recipes import FINETUNING, Recipe, TrainingError
from skipclick.training.run_folder import RunFolder
from skipclick.training.sources import DataSpec
from skipclick.training.start import digest, trained_network
from skipclick.training.stepper import Options
from skipclick.training.views import WholeViews
from skipclick.training.world import World
from skipclick.weights.origin import origin_of

THRESHOLDS = (0.80, 0.85, 0.90)


@dataclass(frozen=True, slots=True)
class Measured:
    """Mean numbers of clicks.

    Attributes:
        noc: by the IoU to be reached, beginning from nothing.
        noc_shifted: the same, beginning from the true mask moved aside (`evaluation.starts`), as when a mask
            of someone else is put right.
        objects: how many these are the means of.
    """

    noc: dict[float, float]
    noc_shifted: dict[float, float]
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
    weights = digest(network.state_dict())
    about = {
        "model": weights,
        "learnt": {"names": names_digest(sample.name for sample in learnt.samples), **views_digest(samples)},
        "held_out": {
            "names": names_digest(sample.name for sample in kept.samples),
            "images": files_digest(sample.image_file for sample in measured.samples),
            "masks": marked(fingerprint(measured).sha256),
        },
        "weights": [spec.weight for spec in specs],
    }
    options = options or Options()
    measure = partial(_measure, dataset=measured, size=recipe.augmentation.size, device=str(world.device))
    with RunFolder(folder) as run:
        begin(run, recipe, world, options, about_data=about, seed=seed)
        before = measure(model, folder, "before", watch.before)
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
            origin={**origin_of(model), "finetuned_from": f"{name} {weights}"},
        )
        after = measure(model_file, folder, "after", watch.after)
    return Outcome(
        model_file,
        images=len(samples),
        objects=sum(len(sample.objects) for sample in samples),
        passed_over=passed_over,
        held_out=len(measured.samples),
        before=before,
        after=after,
    )


def _measure(
    model: str | Path,
    folder: Path,
    name: str,
    count: Count | None,
    *,
    dataset: Dataset,
    size: tuple[int, int],
    device: str,
) -> Measured:
    """Count a model's clicks; what the traces in the folder hold already is taken from them."""
    backend = load_model(model, device=device)
    results: list[list[tuple[float, ...]]] = []
    starts: tuple[tuple[Start, str], ...] = (("empty", name), ("shifted", f"{name}-shifted"))
    for start, stem in starts:
        trace = folder / f"{stem}.jsonl"
        rules = EvaluationProtocol(mirror=False, target_iou=THRESHOLDS[-1], size=size, start=start)
        done = len(results) * len(dataset.samples)
        progress = None if count is None else partial(_told, count=count, before=done, dataset=dataset)
        try:
            opened = open_trace(trace, backend, dataset, rules)
        except EvaluationError as error:
            raise TrainingError(
                f"{trace} holds another measurement: delete it to have clicks counted"
            ) from error
        with opened as file:
            traces = evaluate_dataset(backend, dataset, rules, trace=file, progress=progress)
        results.append([one.ious for one in traces])
    noc, noc_shifted = ({level: mean_noc(ious, level) for level in THRESHOLDS} for ious in results)
    return Measured(noc, noc_shifted, len(results[0]))


def _told(done: int, *, count: Count, before: int, dataset: Dataset) -> None:
    """Both countings together."""
    count(before + done, 2 * len(dataset.samples))
