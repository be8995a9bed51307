"""The guide to data sets says what the table of data sets says, and its examples work."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest
import typer

from skipclick.apps.cli import app
from skipclick.apps.cli.data_options import parse_data
from skipclick.datasets import DATASETS, GROUPS, official_count
from skipclick.datasets.locations import COCO_LVIS, FILE_NAME, PUBLISHED_KEYS, VARIABLE, read_locations

TEXT = (Path(__file__).parents[1] / "docs" / "data.md").read_text(encoding="utf-8")
ROWS = {
    name: line
    for line in TEXT.splitlines()
    if line.startswith("| `")
    for name in re.findall(r"`([\w-]+)`", line.split("|")[1])
}


def blocks(language: str) -> str:
    return "".join(re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)).replace("\\\n", " ")


@pytest.mark.parametrize("name", [*DATASETS, *GROUPS])
def test_every_data_set_has_a_row(name: str) -> None:
    row = ROWS.get(name) or ROWS[f"{name.partition('_')[0]}_{'PART' if name.startswith('HQ') else 'CLASS'}"]
    count = official_count(name)
    if name in ROWS and count is not None:
        assert f"{count.images}, {count.objects}" in row


@pytest.mark.parametrize("name", [name for name in ROWS if name in DATASETS])
def test_sources_are_those_of_the_table(name: str) -> None:
    for address in re.findall(r"https?://\S+", DATASETS[name].source):
        assert address in TEXT


def test_links_within_the_guide_lead_to_headings() -> None:
    headings = re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    links = set(re.findall(r"\]\(#([^)]+)\)", TEXT))
    assert {"shseg", "cocolvis"} <= links <= anchors


def test_the_example_of_locations_can_be_read(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(blocks("toml"), encoding="utf-8")
    folders = read_locations(tmp_path / FILE_NAME).folders
    assert list(folders) == ["GrabCut", "HQSeg", "SBD", "WSESeg", COCO_LVIS]
    assert folders["GrabCut"] == tmp_path / "data" / "GrabCut"


def test_keys_and_places_are_those_that_are_read() -> None:
    assert all(f"`{key}`" in TEXT for key in PUBLISHED_KEYS)
    assert f"`{VARIABLE}`" in TEXT


def test_the_commands_exist_and_know_their_options(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(blocks("toml"), encoding="utf-8")
    locations = read_locations(tmp_path / FILE_NAME)
    root = typer.main.get_command(app)
    lines = [line for line in blocks("sh").splitlines() if line.startswith("skipclick ")]
    assert len(lines) == 6
    for line in lines:
        command, words = root, shlex.split(line, comments=True)[1:]
        while (commands := getattr(command, "commands", None)) is not None:
            command = commands[words.pop(0)]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= options
        for option, value in pairwise(words):
            if option == "--data":
                assert parse_data(value, locations)
