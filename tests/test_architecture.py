"""What keeps the house habitable and no linter looks at; who may import whom is `lint-imports`' affair."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src" / "skipclick").rglob("*.py"))
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "tests" / "data" / "SOURCES.md"])


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_source_file_is_one_room(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 400


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_only_two_files_think_in_rows_and_columns(path: Path) -> None:
    """Parameters named row and col, in this order, belong to the simulator and the click map."""
    allowed = {"src/skipclick/evaluation/clicker.py", "src/skipclick/model/prompt_map.py"}
    takes_rows = re.search(r"def \w+\([^)]*\brow\b[^)]*\bcol\b", path.read_text(encoding="utf-8"))
    assert takes_rows is None or path.relative_to(ROOT).as_posix() in allowed


@pytest.mark.parametrize("path", PAPERS, ids=name)
def test_links_between_papers_lead_somewhere(path: Path) -> None:
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert not [link for link in links if "://" not in link and not (path.parent / link).exists()]


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
