"""Judging a network while it learns: NoC on data sets, as `skipclick evaluate` counts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from torch import Tensor

from skipclick.backend.torch import TorchBackend, build_network
from skipclick.datasets import Dataset
from skipclick.evaluation import EvaluationProtocol, evaluate_dataset
from skipclick.evaluation.metrics import mean_noc
from skipclick.model.config import ModelConfig
from skipclick.training.contents import names_digest, samples_digest
from skipclick.training.recipes import TrainingError
from skipclick.training.world import World

THRESHOLDS = (0.85, 0.90)


@dataclass(frozen=True, slots=True)
class Validation:
    """What is evaluated, when and how.

    Attributes:
        datasets: what `open_dataset` returned; their labels differ.
        every: number of epochs between two validations; the last epoch is always followed by one.
        protocol: the rules; without the mirrored image, which would double the time. All is counted again
            with its start replaced by "shifted", the ability to put a mask right.
    """

    datasets: tuple[Dataset, ...]
    every: int = 5
    protocol: EvaluationProtocol = field(default=EvaluationProtocol(mirror=False, target_iou=0.90))

    def __post_init__(self) -> None:
        if self.every < 1:
            raise TrainingError(f"validation needs a number of epochs from 1, not {self.every}")
        if not self.datasets:
            raise TrainingError("validation needs a data set")

    def values(self) -> dict[str, Any]:
        """What is evaluated and how, as JSON values; images by their sizes, masks by their contents.

        Raises:
            DatasetError: a file cannot be read.
        """
        return {
            "datasets": {dataset.label: _contents(dataset) for dataset in self.datasets},
            "every": self.every,
            "protocol": asdict(self.protocol),
        }

    def due(self, epoch: int, epochs: int) -> bool:
        """Whether an epoch, from 0, is followed by a validation."""
        return (epoch + 1) % self.every == 0 or epoch + 1 == epochs


def validate(
    config: ModelConfig, state: Mapping[str, Tensor], validation: Validation, world: World
) -> dict[str, dict[str, float]]:
    """Count clicks; the processes of a run share the images.

    Args:
        config: the network.
        state: its weights.
        validation: what to do.
        world: this process; all of them must call this, and all get the same result.

    Returns:
        For each data set's label its NoC by threshold, as in {"GrabCut": {"noc@85": 2.1, "noc@90": 3.2}},
        and as "noc_shifted@85" and so on the same beginning from the true mask moved aside.

    Raises:
        DatasetError: an image cannot be read, or there is no object at all.
    """
    backend = TorchBackend(build_network(config, state, "the network"), name="", device=str(world.device))
    return {dataset.label: _count(backend, dataset, validation, world) for dataset in validation.datasets}


def _count(backend: TorchBackend, dataset: Dataset, validation: Validation, world: World) -> dict[str, float]:
    share = replace(dataset, samples=dataset.samples[world.rank :: world.size])
    result: dict[str, float] = {}
    for name, rules in (
        ("noc", validation.protocol),
        ("noc_shifted", replace(validation.protocol, start="shifted")),
    ):
        own = [trace.ious for trace in evaluate_dataset(backend, share, rules)]
        ious = [values for part in world.gather(own) for values in part]
        if not ious:
            raise TrainingError(f"validation on {dataset.label} is not possible: it holds no object")
        result |= {
            f"{name}@{round(100 * level)}": mean_noc(ious, level, rules.max_clicks) for level in THRESHOLDS
        }
    return result


def score(result: Mapping[str, Mapping[str, float]]) -> float:
    """What decides which weights are best, lower is better: NoC at the highest threshold, over data sets,
    beginning from nothing."""
    return float(np.mean([values[f"noc@{round(100 * THRESHOLDS[-1])}"] for values in result.values()]))


def _contents(dataset: Dataset) -> dict[str, Any]:
    return {
        "reader": dataset.reader,
        "images": len(dataset.samples),
        "names": names_digest(sample.name for sample in dataset.samples),
        **samples_digest(dataset.samples),
    }
