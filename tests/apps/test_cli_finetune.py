"""`skipclick finetune`: what it prints, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from skipclick.apps import cli
from skipclick.backend.loading import load_model
from skipclick.model.config import BackboneConfig, ModelConfig
from skipclick.training import finetune as library
from skipclick.training import recipes
from skipclick.training.augment import Augmentation
from skipclick.training.finetune import Measured, Outcome
from skipclick.training.sample import SamplingRules
from skipclick.training.start import draw_network
from skipclick.weights.files import save_model_file

ENCODER = BackboneConfig("dinov2", 14, 64, 4, 1, 64, grid=4)
CONFIG = ModelConfig(
    ENCODER, (0, 1, 2, 3), width=64, depth=1, heads=2, hidden=64, grid=4, pyramid=(8, 8, 16, 16), head=16
)


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        cli.main(["finetune", *map(str, words)])
    assert isinstance(end.value.code, int)
    return end.value.code


def refused(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """Run what must fail; the one line that it prints."""
    assert run(*words) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("skipclick: ")
    assert captured.err.count("\n") == 1
    return captured.err


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
def model(tmp_path: Path) -> Path:
    file = tmp_path / "toy.safetensors"
    save_model_file(file, CONFIG, draw_network(CONFIG, 0).state_dict())
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


def test_from_cocos_file_to_a_model(
    data: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    given = ("--data", data, "--model", model, "--out", out, "--device", "cpu", "--epochs", "1")
    assert run(*given) == 0
    printed = capsys.readouterr().out
    assert "learnt from 3 objects in 3 images\n" in printed
    assert "clicks on 1 objects in 1 images held out" in printed
    assert f"model: {out / 'model.safetensors'}" in printed
    assert load_model(out / "model.safetensors", device="cpu").stride == 14
    assert run(*given) == 0
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize(("after", "advice"), [(2.0, False), (4.0, True), (3.0, True)])
def test_the_table_and_what_it_means(
    after: float, advice: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = Outcome(
        Path("runs/x/model.safetensors"),
        48,
        350,
        12,
        12,
        Measured({0.9: 3.0}, 40),
        Measured({0.9: after}, 40),
    )
    monkeypatch.setattr(library, "finetune", lambda *_, **__: outcome)
    assert run("--data", "folder=x", "--device", "cpu") == 0
    printed = capsys.readouterr().out
    assert "learnt from 350 objects in 48 images, 12 passed over as too small\n" in printed
    rows = [line.split() for line in printed.splitlines()]
    assert ["skipclick-s", "3.00"] in rows
    assert ["finetuned", f"{after:.2f}"] in rows
    assert ("keep the model that you had" in printed) is advice


def test_interrupting_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(library, "finetune", interrupt)
    assert run("--data", "folder=x", "--device", "cpu") == 130
    assert "the same command goes on from there" in capsys.readouterr().err


def test_mistakes_are_one_line(
    data: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ("--out", tmp_path / "run", "--device", "cpu", "--model", model)
    assert "gone.json does not exist" in refused(capsys, "--data", "gone.json", *out)
    boxes = json.loads(data.read_text())
    for annotation in boxes["annotations"]:
        annotation["segmentation"] = []
    empty = data.with_name("boxes.json")
    empty.write_text(json.dumps(boxes))
    assert "holds no masks" in refused(capsys, "--data", empty, *out)
    assert "lies between 0 and 1" in refused(capsys, "--data", data, *out, "--held-out", "1")
    assert "no model is called 'nothing'" in refused(capsys, "--data", data, "--model", "nothing", *out[:4])
    assert "unknown device" in refused(capsys, "--data", data, *out[:2], "--device", "abacus")
    assert not (tmp_path / "run").exists()


def test_without_pytorch_it_says_what_to_install(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    said = refused(capsys, "--data", data, "--out", tmp_path / "run")
    assert 'training needs PyTorch: pip install "skipclick[train]"' in said
