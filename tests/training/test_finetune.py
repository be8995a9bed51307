"""Fitting a model to a folder of masks, with a toy model; and with the embedded one, slowly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import pytest
import torch
from safetensors.torch import load_file

from skipclick.backend.loading import load_model
from skipclick.encoded import encode_image
from skipclick.errors import DatasetError, ModelError
from skipclick.evaluation import read_trace
from skipclick.evaluation.metrics import mean_noc
from skipclick.session import Session
from skipclick.training import finetune as module
from skipclick.training.finetune import Outcome, Watch, finetune
from skipclick.training.own_data import open_part, split
from skipclick.training.recipes import FINETUNING, TrainingError
from skipclick.training.sources import parse_spec
from skipclick.training.start import digest
from skipclick.training.world import World
from skipclick.weights.files import save_model_file
from skipclick.weights.origin import origin_of

CPU = World(torch.device("cpu"))
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def model(toy: ModuleType, tmp_path: Path) -> Path:
    file = tmp_path / "toy.safetensors"
    save_model_file(file, toy.CONFIG, toy.network().state_dict())
    return file


@pytest.fixture
def data(toy: ModuleType, tmp_path: Path) -> Path:
    made: Path = toy.write_label_folder(tmp_path / "own", 5)
    return made


def run(toy: ModuleType, model: Path, data: Path, out: Path, **arguments: Any) -> Outcome:
    changes = {"epochs": 2, "samples": 8, "keep": ()} | arguments.pop("changes", {})
    recipe = toy.recipe(**changes)
    settings = {"recipe": recipe, "options": toy.OPTIONS, "world": CPU, "held_out": 0.3} | arguments
    return finetune(str(model), [parse_spec(str(data))], out, **settings)


def test_the_outcome(toy: ModuleType, model: Path, data: Path, tmp_path: Path) -> None:
    outcome = run(toy, model, data, tmp_path / "run")
    assert outcome.images == 3
    assert outcome.objects == 6
    assert outcome.held_out == 2
    for measured in (outcome.before, outcome.after):
        assert measured.objects == 4
        for noc in (measured.noc, measured.noc_shifted):
            assert list(noc) == [0.80, 0.85, 0.90]
            assert all(1 <= value <= 20 for value in noc.values())


def test_clicks_are_counted_from_nothing_and_from_a_shifted_mask(
    toy: ModuleType, model: Path, data: Path, tmp_path: Path
) -> None:
    outcome = run(toy, model, data, tmp_path / "run")
    for measured, name in ((outcome.before, "before"), (outcome.after, "after")):
        for noc, start, file in (
            (measured.noc, "empty", f"{name}.jsonl"),
            (measured.noc_shifted, "shifted", f"{name}-shifted.jsonl"),
        ):
            header, objects = read_trace(tmp_path / "run" / file)
            assert header.identity["protocol"]["start"] == start
            assert noc == {level: mean_noc([one.ious for one in objects], level) for level in noc}


def test_the_result_is_a_model_whose_decoder_alone_learnt(
    toy: ModuleType, model: Path, data: Path, tmp_path: Path
) -> None:
    outcome = run(toy, model, data, tmp_path / "run")
    before, after = load_file(model), load_file(outcome.model_file)
    assert before.keys() == after.keys()
    same = {name for name in before if torch.equal(before[name], after[name])}
    assert same == {name for name in before if name.startswith(("backbone.", "head.up"))}
    backend = load_model(outcome.model_file, device="cpu")
    image = toy.picture(0)[0]
    assert Session(backend, encode_image(backend, image, size=56)).mask.shape == image.shape[:2]


def test_the_result_says_what_it_was_made_of(
    toy: ModuleType, model: Path, data: Path, tmp_path: Path
) -> None:
    about = {"licence": "MIT", "source": "me", "encoder_licence": "Apache-2.0"}
    network = toy.network()
    save_model_file(model, toy.CONFIG, network.state_dict(), metadata=about)
    outcome = run(toy, model, data, tmp_path / "run")
    origin = origin_of(outcome.model_file)
    assert origin == about | {
        "finetuned_from": f"toy {digest(network.state_dict())}",
        "steps": "4",
        "recipe": "toy",
    }


def test_each_view_is_encoded_once(
    toy: ModuleType, model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded = []
    plain = module.trained_network

    def watched(source: str) -> Any:
        network, name = plain(source)
        forward = network.backbone.forward

        def count(image: torch.Tensor, taps: tuple[int, ...]) -> Any:
            encoded.append(len(image))
            return forward(image, taps)

        network.backbone.forward = count  # type: ignore[method-assign]
        return network, name

    monkeypatch.setattr(module, "trained_network", watched)
    run(toy, model, data, tmp_path / "run", changes={"epochs": 6})
    assert len(encoded) == sum(encoded) <= 2 * 3


class StoppedError(Exception):
    """What interrupts a run in these tests."""


def test_it_goes_on_where_it_stopped(toy: ModuleType, model: Path, data: Path, tmp_path: Path) -> None:
    whole = run(toy, model, data, tmp_path / "whole")

    def stop(progress: Any) -> None:
        if progress.step == 3:
            raise StoppedError

    with pytest.raises(StoppedError):
        run(toy, model, data, tmp_path / "run", watch=Watch(training=stop))
    again = run(toy, model, data, tmp_path / "run")
    one, two = load_file(whole.model_file), load_file(again.model_file)
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert (again.before, again.after) == (whole.before, whole.after)


def test_everyone_is_told(toy: ModuleType, model: Path, data: Path, tmp_path: Path) -> None:
    told: dict[str, list[Any]] = {"reading": [], "before": [], "training": [], "after": []}
    watch = Watch(
        reading=lambda done, total: told["reading"].append((done, total)),
        before=lambda done, total: told["before"].append((done, total)),
        training=lambda progress: told["training"].append((progress.step, progress.steps)),
        after=lambda done, total: told["after"].append((done, total)),
    )
    run(toy, model, data, tmp_path / "run", watch=watch)
    assert told["reading"] == [(1, 3), (2, 3), (3, 3)]
    assert told["training"] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert told["before"] == told["after"] == [(0, 4), (1, 4), (2, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize("change", ["model", "data", "seed"])
def test_another_run_in_the_same_folder_is_refused(
    toy: ModuleType, model: Path, data: Path, tmp_path: Path, change: str
) -> None:
    run(toy, model, data, tmp_path / "run")
    seed = 0
    if change == "model":
        save_model_file(model, toy.CONFIG, toy.network(seed=4).state_dict())
    elif change == "data":
        (data / "images" / "photo4.png").rename(data / "images" / "photo9.png")
        (data / "masks" / "photo4.png").rename(data / "masks" / "photo9.png")
    else:
        seed = 1
    with pytest.raises(TrainingError, match=r"was begun"):
        run(toy, model, data, tmp_path / "run", seed=seed)


@pytest.mark.parametrize(
    ("folder", "held_out", "what"),
    [
        ("masks", False, r"data\.learnt\.masks"),
        ("images", False, r"data\.learnt\.images"),
        ("masks", True, r"data\.held_out\.masks"),
        ("images", True, r"data\.held_out\.images"),
    ],
)
def test_corrected_data_is_another_run(
    toy: ModuleType, model: Path, data: Path, tmp_path: Path, folder: str, held_out: bool, what: str
) -> None:
    """One image or mask is drawn anew under its old name."""
    run(toy, model, data, tmp_path / "run")
    _, kept = split(open_part([parse_spec(str(data))]), 0.3, seed=0)
    measured = {sample.name for sample in kept.samples}
    file = next(f for f in sorted((data / folder).iterdir()) if (f.stem in measured) is held_out)
    picture = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
    picture[2:6, 2:6] = picture.max()
    cv2.imwrite(str(file), picture)
    with pytest.raises(TrainingError, match=f"{what} has changed since the run in .* give --out a new fold"):
        run(toy, model, data, tmp_path / "run")
    again = run(toy, model, data, tmp_path / "another")
    assert again.objects == 6


def test_a_second_start_is_refused_and_the_first_goes_on(
    toy: ModuleType, model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it counts clicks before and after, too."""
    monkeypatch.setattr("skipclick.training.run_folder.LOCK_SECONDS", 0.1)
    refused = []

    def again(done: int, total: int) -> None:
        if done == 1:
            with pytest.raises(TrainingError, match="another process is training in") as error:
                run(toy, model, data, tmp_path / "run")
            refused.append(error)

    run(toy, model, data, tmp_path / "run", watch=Watch(before=again, after=again))
    assert len(refused) == 2


def test_a_measurement_of_something_else_is_not_taken_for_ours(
    toy: ModuleType, model: Path, data: Path, tmp_path: Path
) -> None:
    run(toy, model, data, tmp_path / "run")
    trace = tmp_path / "run" / "before.jsonl"
    trace.write_text(trace.read_text().replace("0.49", "0.5"))
    with pytest.raises(TrainingError, match=r"before\.jsonl holds another measurement: delete it"):
        run(toy, model, data, tmp_path / "run")


def test_data_and_models_that_cannot_be_used_leave_no_folder(
    toy: ModuleType, model: Path, data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with pytest.raises(ModelError, match="no model is called 'nothing'"):
        finetune("nothing", [parse_spec(str(data))], out, world=CPU)
    with pytest.raises(DatasetError, match="gone"):
        finetune(str(model), [parse_spec("coco=gone.json")], out, world=CPU)
    (data / "masks" / "photo1.png").write_bytes(b"nothing")
    with pytest.raises(DatasetError, match=r"photo1\.png"):
        run(toy, model, data, out)
    assert not out.exists()


@pytest.mark.slow
def test_the_embedded_model_learns_what_its_user_means(toy: ModuleType, tmp_path: Path) -> None:
    """Rectangles whose colour alone tells them apart: after a little training fewer clicks do."""
    data = toy.write_label_folder(tmp_path / "own", 10, scale=3)
    recipe = replace(FINETUNING, epochs=2, samples=40, rate=3e-4)
    recipe = replace(recipe, augmentation=replace(recipe.augmentation, size=(224, 224)))
    options = replace(toy.OPTIONS, log_steps=10)
    outcome = finetune(
        "skipclick-s", [parse_spec(str(data))], tmp_path / "run", world=CPU, recipe=recipe, options=options
    )
    assert outcome.after.noc[0.90] < outcome.before.noc[0.90]
