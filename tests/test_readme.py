"""What the README shows works as it stands there."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import skipclick
from skipclick.apps.cli import app, main

TEXT = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disk_model: Any) -> Path:
    """A folder with the files that the examples name, and a model that needs no weights."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(skipclick, "load_model", lambda source: disk_model)
    image = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    Image.fromarray(image).save(tmp_path / "photo.jpg")
    mask = np.zeros((480, 640), np.uint8)
    mask[100:200, 100:300] = 255
    Image.fromarray(mask).save(tmp_path / "old-mask.png")
    return tmp_path


def test_the_python_examples_run_one_after_another() -> None:
    examples = blocks("python")
    assert len(examples) == 3
    names: dict[str, Any] = {}
    for example in examples:
        exec(compile(example, "README.md", "exec"), names)
    assert names["mask"].shape == (480, 640)
    assert names["mask"][220, 410]
    assert names["mask"][150, 150]
    assert names["masks"].shape == (1, 480, 640)


def test_the_segment_lines_run(folder: Path) -> None:
    lines = [line for line in "".join(blocks("sh")).splitlines() if line.startswith("skipclick segment")]
    assert len(lines) == 3
    for line in lines:
        for rest in folder.glob("*mask.png"):
            if rest.name != "old-mask.png":
                rest.unlink()
        with pytest.raises(SystemExit) as end:
            main(shlex.split(line)[1:])
        assert end.value.code == 0
    assert (folder / "look.png").is_file()
    assert (folder / "new-mask.png").is_file()


def test_the_table_lists_every_command() -> None:
    listed = re.findall(r"^\| `skipclick ([\w-]+)` \|", TEXT, re.MULTILINE)
    registered = [
        command.callback.__name__.replace("_", "-") for command in app.registered_commands if command.callback
    ]
    assert sorted(listed) == sorted(registered)


def test_the_evaluate_line_names_known_data_sets() -> None:
    from skipclick.apps.cli.data_options import parse_data

    (line,) = [line for line in "".join(blocks("sh")).splitlines() if line.startswith("skipclick evaluate")]
    words = shlex.split(line)
    values = [value for option, value in pairwise(words) if option == "--data"]
    assert [parse_data(value)[0].reader for value in values] == ["GrabCut", "Berkeley", "DAVIS"]
