"""`skipclick train`: from the words of a command to a run, on a toy network."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from safetensors.torch import save_file

from skipclick.apps.cli.train import describe
from skipclick.backend.loading import load_model
from skipclick.errors import DatasetError
from skipclick.model import config as configs
from skipclick.model.config import ModelConfig
from skipclick.training import recipes
from skipclick.training.augment import Augmentation
from skipclick.training.engine import Progress
from skipclick.training.sample import SamplingRules
from skipclick.training.start import draw_network
from skipclick.weights.origin import origin_of


@pytest.fixture
def train(command: Any) -> Any:
    """The command; the network is `toy_config` of conftest.py."""
    return command("train")


def write_images(root: Path, count: int = 4) -> Path:
    for name in ("images", "masks"):
        (root / name).mkdir(parents=True)
    for index in range(count):
        labels = np.zeros((70, 70), np.uint8)
        labels[5 * index : 30 + 5 * index, 20:50] = 1
        image = np.where(labels[..., None] == 1, (200, 60, 20), (30, 90, 60)).astype(np.uint8)
        cv2.imwrite(str(root / "images" / f"{index}.png"), image)
        cv2.imwrite(str(root / "masks" / f"{index}.png"), labels)
    return root


@pytest.fixture(autouse=True)
def toy(toy_config: ModelConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recipe "toy" of 2 epochs of 2 steps."""
    recipe = replace(
        recipes.RECIPES["skip"],
        model="toy",
        epochs=2,
        samples=8,
        batch=4,
        augmentation=Augmentation(size=(56, 56)),
        sampling=SamplingRules(min_area=20),
    )
    monkeypatch.setitem(configs.MODELS, "toy", toy_config)
    monkeypatch.setitem(recipes.RECIPES, "toy", recipe)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_images(tmp_path / "data")


@pytest.fixture
def encoder(toy_config: ModelConfig, tmp_path: Path) -> Path:
    file = tmp_path / "encoder.safetensors"
    state = {k: x.contiguous() for k, x in draw_network(toy_config, 0).backbone.state_dict().items()}
    save_file(state, file, metadata={"licence": "MIT"})
    return file


def words(data: Path, encoder: Path, out: Path) -> list[str | Path]:
    return ["toy", "--data", data, "--out", out, "--backbone", encoder, "--device", "cpu", "--workers", "0"]


def test_a_run_from_beginning_to_end(
    train: Any, data: Path, encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    validate = ("--validate", f"Folder:own={write_images(tmp_path / 'validation', 1)}", "--every", "2")
    assert train.run(*words(data, encoder, out), *validate) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "toy: 2 epochs of 8 items from 4 images, on 1 x cpu",
        f"model: {out / 'model.safetensors'}",
        f"best on validation: {out / 'best.safetensors'}",
    ]
    assert load_model(out / "model.safetensors", device="cpu").stride == 14
    for name in ("model", "best"):
        origin = origin_of(out / f"{name}.safetensors")
        assert origin.pop("encoder").startswith("encoder.safetensors sha256:")
        assert origin == {"encoder_licence": "MIT", "steps": "4", "recipe": "toy"}
    metrics = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert [set(line["validation"]) for line in metrics if "validation" in line] == [{"own"}]
    # The same command does nothing more; another one is refused.
    assert train.run(*words(data, encoder, out), *validate) == 0
    capsys.readouterr()
    said = train.refused(*words(data, encoder, out), *validate, "--rate", "0.01")
    assert "recipe.rate = 5e-05, not 0.01: go on with the same settings" in said


def test_without_a_terminal_there_is_a_line_now_and_then(
    train: Any,
    data: Path,
    encoder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # The name skipclick.apps.cli.train is the command, not the module.
    monkeypatch.setattr(sys.modules["skipclick.apps.cli.train"], "LINE_STEPS", 3)
    assert train.run(*words(data, encoder, tmp_path / "run")) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("3/4  loss 0.")
    assert line.endswith("s left")


def test_the_recipe_can_be_changed(train: Any, data: Path, encoder: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    changes = ("--epochs", "1", "--samples", "6", "--batch", "2", "--rate", "0.001", "--seed", "4")
    assert train.run(*words(data, encoder, out), *changes, "--accumulate", "2", "--precision", "bf16") == 0
    settings = json.loads((out / "config.json").read_text())["settings"]
    recipe = settings["recipe"]
    assert [recipe[name] for name in ("epochs", "samples", "batch", "rate")] == [1, 6, 2, 0.001]
    assert (settings["seed"], settings["precision"]) == (4, "bf16")
    # Scaled with the epochs, from (50, 55) and 2 epochs.
    assert recipe["milestones"] == [25, 28]


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (1, "There was no checkpoint yet; the same command begins again."),
        (3, "run keeps the last checkpoint; the same command goes on from there."),
    ],
)
def test_interrupting_says_how_to_go_on(
    train: Any,
    data: Path,
    encoder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    at: int,
    said: str,
) -> None:
    """In the first epoch, and in the second."""

    def interrupt(progress: Progress) -> None:
        if progress.step == at:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["skipclick.apps.cli.train"], "_print_line", interrupt)
    assert train.run(*words(data, encoder, tmp_path / "run")) == 130
    assert said in capsys.readouterr().err


def test_a_name_alone_is_looked_up(
    train: Any, data: Path, encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "skipclick.toml"
    file.write_text(f"[data]\nFolder = '{data}'\n")
    given = words(data, encoder, tmp_path / "run")
    given[2] = "Folder"
    assert train.run(*given, "--config", file, "--epochs", "1") == 0
    assert "from 4 images" in capsys.readouterr().out
    given[2] = "coco-lvis"
    assert "does not say where coco-lvis lies" in train.refused(*given, "--config", file)


def test_it_says_what_it_reads_before_that_takes_long(
    train: Any,
    encoder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = []

    def reading(*_: object, **__: object) -> None:
        said.append(capsys.readouterr().err)
        raise DatasetError("enough")

    monkeypatch.setattr("skipclick.training.sources.open_mix", reading)
    for kind in ("coco", "coco-lvis", "folder"):
        assert train.run(*words(Path(f"{kind}=photos"), encoder, tmp_path / "run")) == 2
        capsys.readouterr()
    assert said == ["reading photos\n", "reading photos\n", ""]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({0: "skipper"}, "there is no recipe 'skipper'; the recipes are baseline"),
        ({2: "gone"}, "gone does not exist: give a COCO file, or a folder with images/ and masks/"),
        ({6: "gone.pth"}, "--backbone FILE names the encoder's weights"),
        ({8: "abacus"}, "unknown device 'abacus'"),
    ],
)
def test_mistakes_are_one_line(
    train: Any, data: Path, encoder: Path, tmp_path: Path, change: dict[int, str], complaint: str
) -> None:
    given = words(data, encoder, tmp_path / "run")
    for position, word in change.items():
        given[position] = word
    assert complaint in train.refused(*given)
    assert not (tmp_path / "run").exists()


def test_more_mistakes_are_one_line(train: Any, data: Path, encoder: Path, tmp_path: Path) -> None:
    given = words(data, encoder, tmp_path / "run")
    assert "holds no batch of 32" in train.refused(*given, "--batch", "32")
    assert "cannot be shared by 1 processes in 3 parts" in train.refused(*given, "--accumulate", "3")
    assert "--validate 'Nothing=x': there is no data set" in train.refused(*given, "--validate", "Nothing=x")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "text").write_text("mine")
    given[4] = tmp_path / "thesis"
    assert "thesis holds other files" in train.refused(*given)
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["text"]


def test_the_encoder_is_named_by_the_recipe(
    train: Any, toy_config: ModelConfig, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recipe's own encoder is DINOv2 ViT-B, which is another than the toy's."""
    monkeypatch.setattr(
        "skipclick.training.start.read_backbone", lambda source: (replace(toy_config.backbone, width=768), {})
    )
    said = train.refused("toy", "--data", data, "--out", tmp_path / "run", "--device", "cpu")
    assert "dinov2_vitb14_reg is not the encoder of toy" in said


@pytest.mark.parametrize(
    ("seconds", "text"), [(89, "89 s left"), (90, "2 min left"), (5399, "90 min left"), (9000, "2.5 h left")]
)
def test_progress_in_words(seconds: float, text: str) -> None:
    said = describe(Progress(3, 10, 0, 0.4567, 0.789, 12.34, seconds))
    assert said == f"loss 0.457  IoU 0.79  12.3 images/s  {text}"


def test_help_does_not_load_pytorch() -> None:
    program = (
        "import sys; from skipclick.apps import cli\n"
        "try: cli.main(['train', '--help'])\n"
        "except SystemExit: pass\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "--data" in done.stdout


def test_without_pytorch_it_says_what_to_install(
    train: Any, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    said = train.refused("toy", "--data", data, "--out", tmp_path / "run")
    assert 'training needs PyTorch: pip install "skipclick[train]"' in said
