"""Counting clicks while a network learns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from skipclick.backend.torch import TorchBackend
from skipclick.datasets import Dataset, open_dataset
from skipclick.evaluation import EvaluationProtocol, evaluate_dataset
from skipclick.evaluation.metrics import mean_noc
from skipclick.prompt import Prompt
from skipclick.training.engine import train
from skipclick.training.recipes import TrainingError
from skipclick.training.run_folder import RunFolder
from skipclick.training.validation import Validation, score, validate
from skipclick.training.world import World

PROTOCOL = EvaluationProtocol(mirror=False, target_iou=0.90, max_clicks=3, size=(56, 56))


@pytest.fixture
def dataset(toy: ModuleType, tmp_path: Path) -> Dataset:
    return open_dataset("Folder", toy.write_label_folder(tmp_path / "data", 3))


def test_it_counts_as_evaluation_does(toy: ModuleType, dataset: Dataset) -> None:
    network = toy.network()
    world = World(torch.device("cpu"))
    found = validate(toy.CONFIG, network.state_dict(), Validation((dataset,), protocol=PROTOCOL), world)
    expected = {}
    for name, rules in (("noc", PROTOCOL), ("noc_shifted", replace(PROTOCOL, start="shifted"))):
        ious = [one.ious for one in evaluate_dataset(TorchBackend(network, name=""), dataset, rules)]
        expected |= {f"{name}@85": mean_noc(ious, 0.85, 3), f"{name}@90": mean_noc(ious, 0.90, 3)}
    assert found == {"Folder": expected}
    assert score(found) == expected["noc@90"]


def test_a_mask_that_is_moved_aside_is_begun_from(
    toy: ModuleType, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that keeps what it is given needs one click to see that it is nearly right."""
    seen = []

    def answer(self: TorchBackend, features: Any, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
        seen.extend(prompts)
        masks = [np.zeros((56, 56)) if one.previous is None else one.previous for one in prompts]
        return np.stack([16 * np.asarray(mask, np.float32) - 8 for mask in masks])

    monkeypatch.setattr(TorchBackend, "decode", answer)
    world = World(torch.device("cpu"))
    found = validate(toy.CONFIG, toy.network().state_dict(), Validation((dataset,), protocol=PROTOCOL), world)
    assert found["Folder"]["noc@85"] == found["Folder"]["noc@90"] == 3
    begun = [one.previous for one in seen if one.previous is not None and one.previous.any()]
    assert len(begun) >= 3
    assert score(found) == 3


def test_the_network_goes_on_training_afterwards(toy: ModuleType, dataset: Dataset) -> None:
    network = toy.network().train()
    wanted = {name: p.requires_grad for name, p in network.named_parameters()}
    world = World(torch.device("cpu"))
    validate(toy.CONFIG, network.state_dict(), Validation((dataset,), protocol=PROTOCOL), world)
    assert network.training
    assert {name: p.requires_grad for name, p in network.named_parameters()} == wanted


def test_processes_share_the_images(
    toy: ModuleType, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each process counts its own and gets the mean over all: here the other one finds nothing solved."""
    monkeypatch.setattr(World, "gather", lambda self, value: [value, [(0.1,)] * 7])
    world = World(torch.device("cpu"), rank=1, size=2)
    validation = Validation((dataset,), protocol=replace(PROTOCOL, max_clicks=1))
    found = validate(toy.CONFIG, toy.network().state_dict(), validation, world)
    assert found["Folder"]["noc@90"] == 1.0


def test_a_set_without_objects_is_refused(toy: ModuleType, dataset: Dataset) -> None:
    world = World(torch.device("cpu"))
    empty = Validation((replace(dataset, samples=()),), protocol=PROTOCOL)
    with pytest.raises(TrainingError, match="Folder is not possible: it holds no object"):
        validate(toy.CONFIG, toy.network().state_dict(), empty, world)


def test_when_it_is_due(dataset: Dataset) -> None:
    validation = Validation((dataset,), every=3)
    assert [epoch for epoch in range(8) if validation.due(epoch, 8)] == [2, 5, 7]


def test_what_is_validated_on_is_known_again(dataset: Dataset, tmp_path: Path) -> None:
    before = Validation((dataset,)).values()
    assert Validation((dataset,)).values() == before
    mask = dataset.samples[1].truth_file
    Image.fromarray(np.zeros((80, 96), np.uint8)).save(mask)
    assert Validation((dataset,)).values() != before


def test_what_makes_no_sense_is_refused(dataset: Dataset) -> None:
    with pytest.raises(TrainingError, match="from 1, not 0"):
        Validation((dataset,), every=0)
    with pytest.raises(TrainingError, match="needs a data set"):
        Validation(())


def test_scores_are_means_over_data_sets() -> None:
    assert score({"a": {"noc@85": 1.0, "noc@90": 2.0}, "b": {"noc@85": 9.0, "noc@90": 5.0}}) == 3.5


def test_a_run_keeps_the_best_weights(
    toy: ModuleType, dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([5.0, 3.0, 4.0])
    kept = []

    def fixed(config: object, state: dict[str, torch.Tensor], *_: object) -> dict[str, dict[str, float]]:
        kept.append({name: tensor.clone() for name, tensor in state.items()})
        return {"Folder": {"noc@85": 1.0, "noc@90": next(scores)}}

    monkeypatch.setattr("skipclick.training.engine.validate", fixed)
    folder = RunFolder(tmp_path / "run")
    validation = Validation((dataset,), every=1)
    train(
        toy.network(),
        toy.recipe(),
        toy.views(),
        folder,
        about_data=1,
        options=toy.OPTIONS,
        validation=validation,
    )
    from safetensors.torch import load_file

    best = load_file(folder.best_file)
    for name, tensor in kept[1].items():
        assert torch.equal(best[name], tensor), name
    found = [entry["validation"]["Folder"]["noc@90"] for entry in folder.entries() if "validation" in entry]
    assert found == [5.0, 3.0, 4.0]
    with pytest.raises(TrainingError, match="validation"):
        train(toy.network(), toy.recipe(), toy.views(), folder, about_data=1, options=toy.OPTIONS)
