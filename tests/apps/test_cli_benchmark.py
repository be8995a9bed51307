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
    assert heads == ["median", "p95", "best", "GMAC", "of peak", "as written", "ratio"]
    for title in ("one photo", "one click"):
        row = next(line for line in output.splitlines() if line.startswith(title))
        cells = re.split(r"  +", row.strip())
        assert len(cells) == len(heads) + 1
        assert cells[1].endswith(" ms")
        assert float(cells[-1]) > 0
    for part in ("encoder alone", "fusion blocks alone", "GMAC/s", "an encoded photo", "most memory held"):
        assert part in output


def test_the_same_as_json(network: list[dict[str, Any]], tmp_path: Path) -> None:
    run("--size", "56", "--repeats", "2", "--json", str(tmp_path / "b.json"))
    numbers = json.loads((tmp_path / "b.json").read_text())
    assert numbers["format"] == FORMAT
    assert (numbers["model"], numbers["size"], numbers["repeats"]) == ("toy", [56, 56], 2)
    for times in (numbers["encode_ms"], numbers["click_ms"], numbers["as_written"]["click_ms"]):
        assert 0 < times["best"] <= times["median"] <= times["p95"]
    assert numbers["multiply_adds"]["encode"] >= numbers["multiply_adds"]["encoder"] > 0
    assert numbers["peak_multiply_adds_per_second"] > 0
    # 24 channels for each of 4 · 4 patches; this network keeps nothing else.
    assert numbers["features_bytes"] == 24 * 16 * 4
    assert [path.name for path in tmp_path.iterdir()] == ["b.json"]


def test_a_model_without_a_network(foreign: Any, tmp_path: Path) -> None:
    output = run("--size", "56", "--repeats", "1", "--json", str(tmp_path / "b.json"))
    assert "DiskModel" in output
    assert "GMAC" not in output
    assert "multiply_adds" not in json.loads((tmp_path / "b.json").read_text())


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--size", "60"], "multiple"),
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
