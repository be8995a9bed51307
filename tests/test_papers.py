"""What the papers say of the code is what the code is."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skipclick.backend.protocol import Backend

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src" / "skipclick"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def first_cells(text: str) -> list[str]:
    """What stands in the first column of a paper's tables, without the heads."""
    return re.findall(r"^\| `?([\w-]+)`?(?:,[^|]*)? \|", text, re.MULTILINE)


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=\[]", one)[0] for one in requirements}


def test_every_extra_is_explained_to_users() -> None:
    (install,) = re.findall(r"^## Install\n(.*?)^## ", read("README.md"), re.MULTILINE | re.DOTALL)
    assert set(first_cells(install)) - {"Extra"} == set(PROJECT["project"]["optional-dependencies"])
    # The model that comes with the package is what a newcomer tries first.
    (line,) = [line for line in install.splitlines() if "pip install" in line]
    assert '".[torch]"' in line
    assert "nothing opens a model" in install


def test_the_core_s_dependencies_are_those_that_were_decided_on() -> None:
    decision = read("docs/decisions/0001-core-dependencies.md")
    core, extras = decision.split("PyTorch is not among them")
    assert set(first_cells(core)) - {"Package"} == names(PROJECT["project"]["dependencies"])
    listed = set(re.findall(r"[\w-]+", " ".join(re.findall(r"^\| ([\w, -]+) \|", extras, re.MULTILINE))))
    assert listed - {"Extra"} == set(PROJECT["project"]["optional-dependencies"])


def test_the_extra_for_developers_brings_what_the_tests_of_every_extra_need() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    dev = {name.lower() for name in names(extras["dev"])}
    for extra in ("torch", "onnx", "openvino", "openvino-int8", "desktop", "export", "report"):
        assert {name.lower() for name in names(extras[extra])} <= dev


def test_pytorch_is_imported_where_it_is_said_to_be() -> None:
    (sentence,) = re.findall(r"PyTorch is imported in (.*?), and nowhere else\.", read("CONTRIBUTING.md"))
    said = set(re.findall(r"`([\w/.]+)`", sentence))
    found = set()
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            if any(module.split(".")[0] == "torch" for module in modules):
                place = path.relative_to(SOURCES)
                found.add(place.as_posix() if place.parts[0] == "backend" else place.parts[0])
    assert found == said


def test_what_runs_the_slow_tests_is_not_overstated() -> None:
    table, after = read("CONTRIBUTING.md").split("`pytest -m slow` |")
    assert table.count("| `pytest` |") == 1
    assert re.search(r"`\.ci/run` does all of them but the last", after)
    command = re.search(r"^## Tests\n+```sh\n(.*?)```", read("README.md"), re.MULTILINE | re.DOTALL)
    assert command is not None
    assert "slow" not in command[1]
    markers = [marker.split(":")[0] for marker in PROJECT["tool"]["pytest"]["ini_options"]["markers"]]
    assert markers == ["acceptance", "slow"]
    assert "-m 'not slow'" in PROJECT["tool"]["pytest"]["ini_options"]["addopts"]


@pytest.mark.parametrize("word", ["fast form", "exported model", "parity gate", "precision", "features"])
def test_words_that_the_papers_use_are_explained(word: str) -> None:
    assert f"| **{word}**" in read("CONTEXT.md")


def test_an_encoded_photo_is_as_large_as_is_said(embedded_model: Backend) -> None:
    said = re.search(
        r"skipclick-s takes ([\d.]+) MiB at 448×448 and ([\d.]+) MiB at 672×672", read("docs/speed.md")
    )
    assert said is not None
    for side, figure in zip((448, 672), said.groups(), strict=True):
        features = embedded_model.encode(np.zeros((1, 3, side, side), np.float32))
        assert f"{features.nbytes / 2**20:.1f}" == figure


def test_the_lines_of_python_about_speed_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedded_model: Backend
) -> None:
    """All but the one that needs CUDA."""
    import skipclick

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(skipclick, "load_model", lambda _name: embedded_model)
    lines = next(
        part
        for part in re.findall(r"```python\n(.*?)```", read("docs/speed.md"), re.DOTALL)
        if "Cached" in part
    )
    known: dict[str, Any] = {}
    exec(compile(lines, "speed.md", "exec"), known)
    image = np.random.default_rng(0).random((1, 3, 56, 56), dtype=np.float32)
    known["model"].encode(image)
    assert len(list((tmp_path / "features").iterdir())) == 1
    assert known["model"].encode(image).nbytes == embedded_model.encode(image).nbytes
