"""`benchmarks/evaluation.py`, with a model that answers at once."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "evaluation.py"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, disk_model: Any) -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_of_evaluation", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    disk_model.radius = 40.0
    monkeypatch.setattr(module, "load_model", lambda name, *, device: disk_model)
    return module


@pytest.fixture
def data(tmp_path: Path) -> str:
    rows, columns = np.mgrid[:60, :90]
    for index in range(3):
        disk = (rows - 30) ** 2 + (columns - 25 - 15 * index) ** 2 <= 14**2
        for folder, pixels in (("data_GT", np.full((60, 90, 3), 90, np.uint8)), ("boundary_GT", disk * 255)):
            (tmp_path / folder).mkdir(exist_ok=True)
            Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / folder / f"{index}.png")
    return f"GrabCut={tmp_path}"


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_both_ways_make_the_same_clicks_and_their_times_are_told(
    script: ModuleType, data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    script.main([data, "--limit", "2", "--clicks", "4"])
    printed = capsys.readouterr().out
    head, _, usual, once, always = (cells(line) for line in printed.splitlines() if line.startswith("|"))
    assert head[3:] == ["objects/s", "encoding", "decoding", "resizing", "simulation", "loading"]
    assert usual[0] == "as published"
    assert (once[0], always[0]) == ("4 clicks, encoded once", "4 clicks, encoded at every click")
    assert once[1:3] == always[1:3] == ["2", "8"]
    for row in (usual, once, always):
        assert float(row[3]) > 0
        assert sum(float(share.removesuffix(" %")) for share in row[4:]) == pytest.approx(100, abs=0.5)
    assert "with the mirrored image" in printed
    assert "at 4 clicks on each object" in printed
    assert re.search(r"once is \d+\.\d\d times as fast; it takes 1/\d+\.\d\d of the processor time", printed)


def test_ten_clicks_are_the_default(
    script: ModuleType, data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    script.main([data, "--limit", "1", "--no-mirror"])
    printed = capsys.readouterr().out
    assert "| 10 clicks, encoded once | 1 | 10 |" in printed
    assert "without the mirrored image" in printed


def test_every_click_is_encoded_and_timed(script: ModuleType, disk_model: Any) -> None:
    calls = []
    encode = type(disk_model).encode
    disk_model.encode = lambda images: (calls.append(images.shape), encode(disk_model, images))[1]
    always = script.EncodingAtEveryClick(disk_model)
    images = np.zeros((2, 3, 56, 56), np.float32)
    features = always.encode(images)
    assert calls == []
    for _ in range(3):
        always.decode(features, [script.Prompt((), None)] * 2)
    assert calls == [images.shape] * 3
    assert always.encoding > 0
    assert always.decoding > 0
    with pytest.raises(TypeError, match="another model"):
        always.decode(encode(disk_model, images), [])


def test_ways_that_differ_are_not_compared(
    script: ModuleType, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode = script.EncodingAtEveryClick.decode
    monkeypatch.setattr(
        script.EncodingAtEveryClick,
        "decode",
        lambda self, features, prompts: decode(self, features, prompts) - 10,
    )
    with pytest.raises(SystemExit, match="differ in their results"):
        script.main([data, "--limit", "1", "--clicks", "2"])
