from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skipclick.evaluation.trace import ObjectTrace
from skipclick.prompt import Click
from skipclick.report import page
from skipclick.report.page import render_page, sparkline
from skipclick.report.runs import ReportError

TEMPLATES = Path(page.__file__).parent / "templates"


def trace(ious: list[float], positive: bool = True) -> ObjectTrace:
    clicks = tuple(Click(index, 0, positive) for index in range(len(ious)))
    return ObjectTrace("a", 1, 1, clicks, tuple(ious), tuple(0.1 for _ in ious), 0.1, 0.1)


class TestSparkline:
    @settings(deadline=None)
    @given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
    def test_it_stays_within_its_frame(self, ious: list[float]) -> None:
        root = ElementTree.fromstring(sparkline(trace(ious)))
        width, height = float(root.attrib["width"]), float(root.attrib["height"])
        points = [
            (float(one.attrib["cx"]), float(one.attrib["cy"])) for one in root.iter() if one.tag == "circle"
        ]
        assert len(points) == len(ious)
        for x, y in points:
            assert 2 <= x <= width - 2
            assert 2 <= y <= height - 2
        assert [x for x, _ in points] == sorted(x for x, _ in points)

    def test_better_is_higher(self) -> None:
        circles = ElementTree.fromstring(sparkline(trace([0.6, 0.9]))).findall("circle")
        assert float(circles[1].attrib["cy"]) < float(circles[0].attrib["cy"])

    def test_clicks_on_the_background_are_hollow(self) -> None:
        fills = [
            ElementTree.fromstring(sparkline(trace([0.6], positive))).find("circle")
            for positive in (True, False)
        ]
        assert [one.attrib["fill"] for one in fills if one is not None] == ["currentColor", "var(--card)"]

    def test_without_points(self) -> None:
        assert "circle" not in sparkline(trace([0.5, 0.6]), points=False)

    def test_curves_of_different_length_can_be_compared(self) -> None:
        short, long = (
            ElementTree.fromstring(sparkline(trace([0.5] * count))).findall("circle") for count in (3, 20)
        )
        assert [one.attrib["cx"] for one in short] == [one.attrib["cx"] for one in long[:3]]


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Use other templates."""
    (tmp_path / "templates").mkdir()
    monkeypatch.setattr(page, "__file__", str(tmp_path / "page.py"))

    def write(name: str, text: str) -> None:
        (tmp_path / "templates" / name).write_text(text)

    return write


class TestRenderPage:
    def test_pages_escape_what_they_are_told(self, templates: Callable[[str, str], None]) -> None:
        templates("x.html", "{{ name }}")
        assert render_page("x.html", name="<script>&") == "&lt;script&gt;&amp;"

    def test_markdown_keeps_tables_whole(self, templates: Callable[[str, str], None]) -> None:
        templates("x.md", "| {{ name | cell }} |\n")
        assert render_page("x.md", name="a|b <c>") == "| a\\|b <c> |\n"

    @pytest.mark.parametrize(
        ("template", "text"),
        [
            ("{{ 0.85 | percent }}", "85"),
            ("{{ 'HQSeg' | heading }}", "HQSeg-44k"),
            ("{{ -1.5 | signed(1) }}", "−1.5"),
            ("{{ truth_colour }}", "#ffb000"),
        ],
    )
    def test_filters(self, templates: Callable[[str, str], None], template: str, text: str) -> None:
        templates("x.md", template)
        assert render_page("x.md") == text

    def test_a_forgotten_name_is_our_mistake(self, templates: Callable[[str, str], None]) -> None:
        templates("x.md", "{{ forgotten }}")
        with pytest.raises(Exception, match="'forgotten' is undefined"):
            render_page("x.md")

    def test_without_jinja(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "jinja2", None)
        with pytest.raises(ReportError, match=r'need Jinja: pip install "skipclick\[report\]"'):
            render_page("report.md")


@pytest.mark.parametrize("path", sorted(TEMPLATES.iterdir()), ids=lambda path: path.name)
def test_templates_fetch_nothing(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    assert "http://" not in text
    assert "https://" not in text
    assert "@import" not in text
