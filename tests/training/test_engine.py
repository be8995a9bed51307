"""Whole runs: resumed, killed, shared by two processes, and the published recipe on a toy data set."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file

from skipclick.backend.loading import load_model
from skipclick.errors import DatasetError
from skipclick.training.engine import Progress, train
from skipclick.training.recipes import RECIPES, TrainingError
from skipclick.training.run_folder import RunFolder
from skipclick.training.sample import TrainingSample
from skipclick.training.sources import Mix, open_mix, parse_spec
from skipclick.training.views import RandomViews
from skipclick.training.world import World

SCRIPT = Path(__file__).parent / "toy_run.py"
pytestmark = pytest.mark.usefixtures("one_thread")


def run(toy: ModuleType, folder: Path, **arguments: Any) -> Path:
    """The run of `toy_run.main`, unless told otherwise."""
    recipe = arguments.pop("recipe", toy.recipe(eps=1e-4))
    settings = {"about_data": "toy", "options": toy.OPTIONS} | arguments
    return train(toy.network(), recipe, toy.views(recipe), RunFolder(folder), **settings)


@pytest.fixture(scope="module")
def finished(toy: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nothing disturbed."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("finished") / "run"
    run(toy, folder)
    torch.set_num_threads(threads)
    return folder


def results(folder: Path) -> dict[str, object]:
    """Everything in a run's folder that must not depend on how it was interrupted, to the last bit."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and file.name != "last.pt"]
    contents: dict[str, object] = {}
    for file in files:
        name = str(file.relative_to(folder))
        if file.suffix == ".safetensors":
            with safe_open(file, framework="np") as tensors:
                # Its metadata is written in any order.
                contents[name] = tensors.metadata()
                contents |= {f"{name}: {key}": tensors.get_tensor(key).tobytes() for key in tensors.keys()}  # noqa: SIM118
        elif name != ".lock" and not name.startswith("tensorboard"):
            contents[name] = file.read_bytes()
    return contents


class StoppedError(Exception):
    """What interrupts a run in these tests."""


def test_what_a_run_leaves(finished: Path) -> None:
    names = {name.partition(":")[0] for name in results(finished)}
    pictures = {f"pictures/{step:06d}.png" for step in (4, 8, 12)}
    assert names == {"config.json", "metrics.jsonl", "model.safetensors", "kept/000.safetensors", *pictures}
    lines = [json.loads(line) for line in (finished / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "loss" in line] == [2, 4, 5, 6, 8, 10, 12, 14, 15]
    assert [line["step"] for line in lines if "epoch_iou" in line] == [5, 10, 15]
    assert [line["rate"] for line in lines if "loss" in line] == [1e-3] * 6 + [pytest.approx(1e-4)] * 3
    assert all(0 < line["loss"] < 2 and 0 <= line["iou"] <= 1 for line in lines if "loss" in line)
    with Image.open(finished / "pictures" / "000008.png") as picture:
        assert picture.size == (3 * 56 + 12, 56)


def test_the_result_is_a_model_that_can_be_loaded(finished: Path) -> None:
    backend = load_model(finished / "model.safetensors", device="cpu")
    assert backend.stride == 14


def test_weights_change_but_for_the_encoder_and_layers_without_use(toy: ModuleType, finished: Path) -> None:
    before, after = toy.network().state_dict(), load_file(finished / "model.safetensors")
    assert before.keys() == after.keys()
    same = {name for name in before if torch.equal(before[name], after[name])}
    assert same == {name for name in before if name.startswith(("backbone.", "head.up1.", "head.up2."))}


@pytest.mark.parametrize("at", [5, 7])
def test_a_run_goes_on_where_it_stopped(toy: ModuleType, finished: Path, tmp_path: Path, at: int) -> None:
    """At the end of an epoch, before anything was saved of it, and within one; saved after each step."""

    def stop(progress: Progress) -> None:
        if progress.step == at:
            raise StoppedError

    with pytest.raises(StoppedError):
        run(toy, tmp_path / "run", report=stop, options=toy.SAVING)
    assert not (tmp_path / "run" / "model.safetensors").exists()
    run(toy, tmp_path / "run")
    assert results(tmp_path / "run") == results(finished)


def test_steps_after_the_last_checkpoint_are_taken_again(
    toy: ModuleType, finished: Path, tmp_path: Path
) -> None:
    """Checkpoints at the ends of epochs only: what was measured since is dropped, and measured anew."""

    def stop(progress: Progress) -> None:
        if progress.step == 9:
            raise StoppedError

    with pytest.raises(StoppedError):
        run(toy, tmp_path / "run", report=stop)
    assert RunFolder(tmp_path / "run").entries()[-1]["step"] == 8
    steps: list[int] = []
    run(toy, tmp_path / "run", report=lambda progress: steps.append(progress.step))
    assert steps == list(range(6, 16))
    assert results(tmp_path / "run") == results(finished)


@pytest.mark.parametrize("checkpoints", [False, True])
def test_a_killed_run_ends_with_the_same_bits(
    toy: ModuleType, finished: Path, tmp_path: Path, checkpoints: bool
) -> None:
    """Killed as soon as there is a folder, or a checkpoint and a measurement."""
    folder = tmp_path / "run"
    process = subprocess.Popen([sys.executable, str(SCRIPT), str(folder)], env=one_core())
    try:
        deadline = time.monotonic() + 120
        while not (folder.exists() if not checkpoints else is_under_way(folder)):
            assert process.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.002)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not (folder / "model.safetensors").exists()
    run(toy, folder)
    assert results(folder) == results(finished)


def is_under_way(folder: Path) -> bool:
    return bool(RunFolder(folder).entries()) and (folder / "last.pt").exists()


def test_a_second_start_is_refused_and_the_first_goes_on(
    toy: ModuleType, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skipclick.training.run_folder.LOCK_SECONDS", 0.1)
    refused = []

    def again(progress: Progress) -> None:
        if progress.step in (1, 7):
            with pytest.raises(TrainingError, match="another process is training in") as error:
                run(toy, tmp_path / "run")
            refused.append(error)

    run(toy, tmp_path / "run", report=again)
    assert len(refused) == 2
    assert results(tmp_path / "run") == results(finished)


def test_processes_that_see_different_checkpoints_are_refused(
    toy: ModuleType, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on machines that share no folder: this one has the finished run, the other has nothing."""
    monkeypatch.setattr(World, "gather", lambda self, value: [value, 0])
    before = results(finished)
    with pytest.raises(TrainingError, match="--out must be a folder that all of them share"):
        run(toy, finished)
    assert results(finished) == before


def test_two_processes_give_the_weights_of_one(finished: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    subprocess.run([*command, str(SCRIPT), str(tmp_path / "run")], env=one_core(), check=True, timeout=300)
    one, two = (load_file(folder / "model.safetensors") for folder in (finished, tmp_path / "run"))
    assert one.keys() == two.keys()
    for name, tensor in one.items():
        torch.testing.assert_close(two[name], tensor, rtol=0, atol=1e-5, msg=name)
    losses = [
        [entry["loss"] for entry in RunFolder(folder).entries() if "loss" in entry]
        for folder in (finished, tmp_path / "run")
    ]
    assert losses[0] == pytest.approx(losses[1], abs=1e-6)


def one_core() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1"}


# PyTorch warns where there are fewer cores than workers.
@pytest.mark.filterwarnings("ignore:This DataLoader will create:UserWarning")
def test_workers_and_parts_change_nothing_but_rounding(
    toy: ModuleType, finished: Path, tmp_path: Path
) -> None:
    run(toy, tmp_path / "workers", options=replace(toy.OPTIONS, workers=2))
    assert results(tmp_path / "workers") == results(finished)
    run(toy, tmp_path / "parts", options=replace(toy.OPTIONS, accumulate=4))
    one, parts = (load_file(folder / "model.safetensors") for folder in (finished, tmp_path / "parts"))
    for name, tensor in one.items():
        torch.testing.assert_close(parts[name], tensor, rtol=0, atol=1e-5, msg=name)


def test_another_seed_gives_another_result(toy: ModuleType, finished: Path, tmp_path: Path) -> None:
    other = load_file(run(toy, tmp_path / "run", seed=1))
    name = "head.classify.weight"
    assert not torch.allclose(other[name], load_file(finished / "model.safetensors")[name])


def test_a_finished_run_does_nothing_more(toy: ModuleType, tmp_path: Path) -> None:
    recipe = toy.recipe(epochs=1)
    file = run(toy, tmp_path / "run", recipe=recipe)
    before = results(tmp_path / "run")
    file.unlink()

    def never(progress: Progress) -> None:
        raise AssertionError("a step was taken")

    run(toy, tmp_path / "run", recipe=recipe, report=never)
    assert results(tmp_path / "run") == before


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"seed": 1}, "seed = 0, not 1"),
        ({"about_data": "other"}, 'data = "toy", not "other"'),
        ({"rate": 2e-3}, r"recipe\.rate = 0\.001, not 0\.002"),
        ({"precision": "bf16"}, 'precision = "float32", not "bf16"'),
    ],
)
def test_another_run_in_the_same_folder_is_refused(
    toy: ModuleType, finished: Path, change: dict[str, Any], complaint: str
) -> None:
    before = results(finished)
    arguments = dict(change)
    if "rate" in change:
        arguments = {"recipe": toy.recipe(eps=1e-4, rate=change["rate"])}
    if "precision" in change:
        arguments = {"options": replace(toy.OPTIONS, precision="bf16")}
    with pytest.raises(TrainingError, match=complaint):
        run(toy, finished, **arguments)
    assert results(finished) == before


def test_progress_counts_down(toy: ModuleType, tmp_path: Path) -> None:
    seen: list[Progress] = []
    run(toy, tmp_path / "run", recipe=toy.recipe(epochs=2), report=seen.append)
    assert [one.step for one in seen] == list(range(1, 11))
    assert [one.epoch for one in seen] == [0] * 5 + [1] * 5
    assert {one.steps for one in seen} == {10}
    assert all(one.speed > 0 for one in seen)
    assert seen[-1].seconds_left == 0


def test_half_precision_learns_too(toy: ModuleType, tmp_path: Path) -> None:
    options = replace(toy.OPTIONS, precision="bf16")
    run(toy, tmp_path / "run", recipe=toy.recipe(epochs=1), options=options)
    entries = [entry for entry in RunFolder(tmp_path / "run").entries() if "loss" in entry]
    assert all(0 < entry["loss"] < 2 for entry in entries)


def test_a_source_that_fails_is_one_line_with_and_without_workers(toy: ModuleType, tmp_path: Path) -> None:
    for workers in (0, 1):
        recipe = toy.recipe()
        views = RandomViews(Mix((Failing(),), (1.0,)), recipe)
        folder = RunFolder(tmp_path / f"run{workers}")
        with pytest.raises(DatasetError, match=r"^photo\.jpg is gone$"):
            train(
                toy.network(),
                recipe,
                views,
                folder,
                about_data="toy",
                options=replace(toy.OPTIONS, workers=workers),
            )


class Failing:
    names = ("photo",)

    def __len__(self) -> int:
        return 1

    def read(self, index: int, generator: object) -> TrainingSample:
        raise DatasetError("photo.jpg is gone")


def test_a_recipe_learns_what_is_easy(toy: ModuleType, tmp_path: Path) -> None:
    """Rectangles of one colour, with the settings of skipclick-s. The normalised loss itself hardly falls."""
    recipe = toy.recipe(
        epochs=1, samples=160, optimiser="adamw", rate=3e-3, schedule="cosine", iou_weight=1.0, average=0.9
    )
    options = replace(toy.OPTIONS, log_steps=10, picture_steps=1000)
    run(toy, tmp_path / "run", recipe=recipe, options=options)
    ious = [entry["iou"] for entry in RunFolder(tmp_path / "run").entries() if "loss" in entry]
    assert ious[-1] > ious[0] + 0.3


@pytest.mark.parametrize(
    ("side", "batch"),
    [(112, 2), pytest.param(448, 4, marks=pytest.mark.slow)],
    ids=["quick", "published size"],
)
def test_fifty_steps_of_the_papers_recipe_on_a_toy_coco_lvis(
    toy: ModuleType, tmp_path: Path, side: int, batch: int
) -> None:
    """All as published but for the number of items, the width of the network and, to be quick, the crops."""
    recipe = replace(RECIPES["skip"], epochs=2, samples=25 * batch + 1, batch=batch)
    recipe = replace(recipe, augmentation=replace(recipe.augmentation, size=(side, side)))
    scale = max(1, round(6 * side / 448))
    if side < 448:
        recipe = replace(recipe, sampling=replace(recipe.sampling, min_area=1000 * side**2 // 448**2))
    data = toy.write_coco_lvis(tmp_path / "data", scale=scale)
    mix = open_mix([parse_spec(str(data))], stuff=recipe.stuff)
    network = toy.network(toy.config(grid=side // 14))
    views = RandomViews(mix, recipe)
    folder = RunFolder(tmp_path / "run")
    options = replace(toy.OPTIONS, log_steps=25)
    file = train(network, recipe, views, folder, about_data=mix.values(), options=options)
    entries = [entry for entry in folder.entries() if "loss" in entry]
    assert [entry["step"] for entry in entries] == [25, 50]
    assert entries[1]["loss"] < entries[0]["loss"]
    assert {entry["rate"] for entry in entries} == {5e-5}
    assert (folder.kept_file(0)).is_file()
    assert load_model(file, device="cpu").stride == 14


@pytest.mark.slow
# PyTorch asks its own tensors for gradients while it compiles.
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning")
def test_compiled_parts_give_the_same_but_for_rounding(
    toy: ModuleType, finished: Path, tmp_path: Path
) -> None:
    compiled = load_file(run(toy, tmp_path / "run", options=replace(toy.OPTIONS, compile=True)))
    for name, tensor in load_file(finished / "model.safetensors").items():
        torch.testing.assert_close(compiled[name], tensor, rtol=0, atol=1e-4, msg=name)
