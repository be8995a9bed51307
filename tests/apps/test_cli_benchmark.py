"""`skipclick benchmark` in process."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from skipclick.apps.cli import app, main
from skipclick.apps.cli.benchmark import FORMAT
from skipclick.backend.torch import TorchBackend
from skipclick.model.config import BackboneConfig, ModelConfig
from skipclick.model.skipclick import SkipClick

ENCODER = BackboneConfig("dinov2", 14, 24, 2, heads=3, hidden=48, grid=4)
CONFIG = ModelConfig(
    ENCODER, taps=(1,), skip=False, width=24, depth=1, heads=3, hidden=48, pyramid=(8, 8, 8, 8), head=8
)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A small network for whoever loads a model; with what it was asked for."""
    asked: list[dict[str, Any]] = []

    def load(source: str, **options: Any) -> TorchBackend:
        asked.append({"source": source, **options})
        torch.manual_seed(0)
        return TorchBackend(SkipClick(CONFIG), name="toy", device="cpu")

    monkeypatch.setattr("skipclick.backend.loading.load_model", load)
    monkeypatch.setattr("skipclick.model.cost._PEAK_SIDE", 64)
    return asked


@pytest.fixture
def foreign(monkeypatch: pytest.MonkeyPatch, disk_model: Any) -> Any:
    monkeypatch.setattr("skipclick.backend.loading.load_model", lambda source, **options: disk_model)
    return disk_model


def run(*words: str) -> str:
    done = CliRunner().invoke(app, ["benchmark", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_table(network: list[dict[str, Any]]) -> None:
    output = run("--size", "56", "--repeats", "2", "--precision", "float32")
    assert network == [{"source": "skipclick-s", "device": "auto", "precision": "float32"}]
    assert "toy, float32 on cpu (TorchBackend)" in output
    assert "56×56" in output
    heads = re.split(r"  +", next(line for line in output.splitlines() if "median" in line).strip())
    assert heads == ["median", "p95", "best", "GMAC", "of peak", "plain form", "ratio"]
    for title in ("one photo", "one click"):
        row = next(line for line in output.splitlines() if line.startswith(title))
        cells = re.split(r"  +", row.strip())
        assert len(cells) == len(heads) + 1
        assert cells[1].endswith(" ms")
        assert float(cells[-1]) > 0
    for part in (
        "encoder 0.",
        "fusion 0.",
        "pyramid 0.",
        "head 0.",
        "GMAC/s",
        "an encoded photo",
        "most memory held",
    ):
        assert part in output


def test_the_same_as_json(network: list[dict[str, Any]], tmp_path: Path) -> None:
    run("--size", "56", "--repeats", "2", "--json", str(tmp_path / "b.json"))
    numbers = json.loads((tmp_path / "b.json").read_text())
    assert numbers["format"] == FORMAT
    assert (numbers["model"], numbers["size"], numbers["repeats"]) == ("toy", [56, 56], 2)
    for times in (numbers["encode_ms"], numbers["click_ms"], numbers["plain_form"]["click_ms"]):
        assert 0 < times["best"] <= times["median"] <= times["p95"]
    assert numbers["multiply_adds"]["encode"] >= numbers["multiply_adds"]["encoder"] > 0
    assert numbers["peak_multiply_adds_per_second"] > 0
    # 24 channels for each of 4 · 4 patches; this network keeps nothing else.
    assert numbers["features_bytes"] == 24 * 16 * 4
    assert [path.name for path in tmp_path.iterdir()] == ["b.json"]


def test_a_compiled_click_path_can_be_asked_for(
    network: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made: list[TorchBackend] = []

    def compiled(self: TorchBackend) -> TorchBackend:
        made.append(TorchBackend(self.network, name="compiled toy", device="cpu"))
        return made[-1]

    monkeypatch.setattr(TorchBackend, "compiled", compiled)
    words = ("--size", "56", "--repeats", "1", "--json")
    assert "compiled toy, float32, compiled, on cpu" in run("--compiled", *words, str(tmp_path / "c.json"))
    assert len(made) == 1
    assert ", compiled," not in run(*words, str(tmp_path / "n.json"))
    assert len(made) == 1
    for name, expected in (("c", True), ("n", False)):
        assert json.loads((tmp_path / f"{name}.json").read_text())["compiled"] is expected


def test_only_a_network_on_cuda_is_compiled(
    network: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["benchmark", "--compiled"])
    assert end.value.code == 2
    assert "only the fast form on CUDA can be compiled, not on cpu" in capsys.readouterr().err


def test_a_model_without_a_network(foreign: Any, tmp_path: Path) -> None:
    output = run("--size", "56", "--repeats", "1", "--json", str(tmp_path / "b.json"))
    assert "DiskModel" in output
    assert "GMAC" not in output
    assert "multiply_adds" not in json.loads((tmp_path / "b.json").read_text())


def test_an_exported_model_against_the_network(
    monkeypatch: pytest.MonkeyPatch, disk_model: Any, tmp_path: Path
) -> None:
    asked: list[tuple[str, str | None]] = []

    def load(source: str, *, device: str, precision: str | None) -> Any:
        asked.append((source, precision))
        if source == "exported":
            return disk_model
        torch.manual_seed(0)
        return TorchBackend(SkipClick(CONFIG), name="toy", device="cpu")

    monkeypatch.setattr("skipclick.backend.loading.load_model", load)
    words = ["--model", "exported", "--size", "56", "--repeats", "1"]
    output = run(*words, "--against", "toy", "--json", str(tmp_path / "b.json"))
    assert asked == [("exported", None), ("toy", "float32")]
    heads = re.split(r"  +", next(line for line in output.splitlines() if "median" in line).strip())
    assert heads == ["median", "p95", "best", "plain form", "ratio"]
    numbers = json.loads((tmp_path / "b.json").read_text())
    assert numbers["plain_form"]["click_ms"]["median"] > 0
    assert "multiply_adds" not in numbers


def test_only_a_network_has_a_plain_form(foreign: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["benchmark", "--against", "other"])
    assert end.value.code == 2
    assert "--against other is an exported model: name a model of PyTorch" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--size", "60"], "multiple"),
        (["--compiled"], "is an exported model, which cannot be compiled"),
        (["--json", "{folder}/there.json"], "name a new file"),
        (["--json", "{folder}/no/b.json"], "create it first"),
    ],
)
def test_refusals_are_one_line(
    foreign: Any, tmp_path: Path, words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "there.json").write_text("mine")
    with pytest.raises(SystemExit) as end:
        main(["benchmark", *(word.format(folder=tmp_path) for word in words)])
    assert end.value.code == 2
    line = capsys.readouterr().err
    assert complaint in line
    assert line.count("\n") == 1
    assert (tmp_path / "there.json").read_text() == "mine"
