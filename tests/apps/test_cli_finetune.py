"""`skipclick finetune`: what it prints, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from skipclick.backend.loading import load_model
from skipclick.model.config import ModelConfig
from skipclick.training import finetune as library
from skipclick.training import recipes
from skipclick.training.augment import Augmentation
from skipclick.training.finetune import Measured, Outcome
from skipclick.training.sample import SamplingRules
from skipclick.training.start import draw_network
from skipclick.weights.files import save_model_file


@pytest.fixture
def finetune(command: Any) -> Any:
    """The command; the network is `toy_config` of conftest.py."""
    return command("finetune")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    small = replace(
        recipes.FINETUNING,
        samples=4,
        batch=2,
        augmentation=Augmentation(size=(56, 56)),
        sampling=SamplingRules(min_area=20),
    )
    monkeypatch.setattr(recipes, "FINETUNING", small)


@pytest.fixture
def model(toy_config: ModelConfig, tmp_path: Path) -> Path:
    file = tmp_path / "toy.safetensors"
    save_model_file(file, toy_config, draw_network(toy_config, 0).state_dict())
    return file


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """COCO's file with four images of one square each."""
    root = tmp_path / "coco"
    (root / "images").mkdir(parents=True)
    images, annotations = [], []
    for index in range(4):
        cv2.imwrite(str(root / "images" / f"{index}.png"), np.full((60, 80, 3), 40 * index, np.uint8))
        images.append({"id": index, "file_name": f"{index}.png", "height": 60, "width": 80})
        square = [[10, 10, 50, 10, 50, 40 + index, 10, 40 + index]]
        annotations.append({"id": index, "image_id": index, "segmentation": square, "iscrowd": 0})
    file = root / "mine.json"
    file.write_text(json.dumps({"images": images, "annotations": annotations}))
    return file


def test_it_learns_in_the_precision_that_is_asked_for(
    finetune: Any, data: Path, model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    given = ("--data", data, "--model", model, "--out", out, "--device", "cpu", "--epochs", "1")
    assert finetune.run(*given, "--precision", "bf16") == 0
    settings = json.loads((out / "config.json").read_text())["settings"]
    assert settings["precision"] == "bf16"


def test_from_cocos_file_to_a_model(
    finetune: Any, data: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    given = ("--data", data, "--model", model, "--out", out, "--device", "cpu", "--epochs", "1")
    assert finetune.run(*given) == 0
    printed = capsys.readouterr().out
    assert "learnt from 3 objects in 3 images\n" in printed
    assert "clicks on 1 objects in 1 images held out" in printed
    assert f"model: {out / 'model.safetensors'}" in printed
    assert load_model(out / "model.safetensors", device="cpu").stride == 14
    assert finetune.run(*given) == 0
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize(("after", "advice"), [(2.0, False), (4.0, True), (3.0, True)])
def test_the_table_and_what_it_means(
    finetune: Any,
    after: float,
    advice: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    outcome = Outcome(
        Path("runs/x/model.safetensors"),
        48,
        350,
        12,
        12,
        Measured({0.9: 3.0}, {0.9: 2.5}, 40),
        Measured({0.9: after}, {0.9: 1.25}, 40),
    )
    monkeypatch.setattr(library, "finetune", lambda *_, **__: outcome)
    assert finetune.run("--data", "folder=x", "--device", "cpu") == 0
    printed = capsys.readouterr().out
    assert "learnt from 350 objects in 48 images, 12 passed over as too small\n" in printed
    rows = [line.split() for line in printed.splitlines()]
    assert ["skipclick-s", "3.00"] in rows
    assert ["finetuned", f"{after:.2f}"] in rows
    assert ["skipclick-s,", "beginning", "from", "a", "shifted", "mask", "2.50"] in rows
    assert ["finetuned,", "beginning", "from", "a", "shifted", "mask", "1.25"] in rows
    assert ("keep the model that you had" in printed) is advice


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("read_views", "There was no checkpoint yet; the same command begins again."),
        ("train", "There was no checkpoint yet"),
        ("after", "run keeps the last checkpoint; the same command goes on from there."),
    ],
)
def test_interrupting_says_how_to_go_on(
    finetune: Any,
    data: Path,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    place: str,
    said: str,
) -> None:
    """While images are read, before the first step, and while clicks are counted afterwards."""
    measure = library._measure

    def interrupt(*given: object, **more: object) -> Any:
        if place == "after" and given[2] != "after":
            return measure(*given, **more)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(library, "_measure" if place == "after" else place, interrupt)
    words = ("--data", data, "--model", model, "--out", tmp_path / "run", "--device", "cpu", "--epochs", "1")
    assert finetune.run(*words) == 130
    assert said in capsys.readouterr().err


def test_mistakes_are_one_line(finetune: Any, data: Path, model: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "run", "--device", "cpu", "--model", model)
    assert "gone.json does not exist" in finetune.refused("--data", "gone.json", *out)
    boxes = json.loads(data.read_text())
    for annotation in boxes["annotations"]:
        annotation["segmentation"] = []
    empty = data.with_name("boxes.json")
    empty.write_text(json.dumps(boxes))
    assert "holds no masks" in finetune.refused("--data", empty, *out)
    assert "lies between 0 and 1" in finetune.refused("--data", data, *out, "--held-out", "1")
    assert "no model is called 'nothing'" in finetune.refused("--data", data, "--model", "nothing", *out[:4])
    assert "unknown device" in finetune.refused("--data", data, *out[:2], "--device", "abacus")
    assert not (tmp_path / "run").exists()


def test_without_pytorch_it_says_what_to_install(
    finetune: Any, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    said = finetune.refused("--data", data, "--out", tmp_path / "run")
    assert 'training needs PyTorch: pip install "skipclick[train]"' in said
