from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from matplotlib import rcParams
from matplotlib.figure import Figure

from skipclick.report import canvas
from skipclick.report.canvas import (
    COLOURS,
    INK,
    PAPER,
    RULE,
    Drawing,
    check_installed,
    drawing_style,
    halo,
    legend_columns,
    legend_height,
    render,
    style_at,
)
from skipclick.report.runs import ReportError

BASE = (Path(canvas.__file__).parent / "templates" / "base.html").read_text(encoding="utf-8")


def contrast(first: str, second: str) -> float:
    """The ratio of luminances that the guidelines for accessible pages (WCAG 2) define, 1 to 21."""

    def luminance(colour: str) -> float:
        shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def line(name: str = "a-line") -> Drawing:
    with drawing_style():
        figure = Figure(figsize=(3, 2))
        axes = figure.subplots()
        axes.plot([1, 2], [3, 5], color=COLOURS[0], clip_on=True)
        axes.set_title("A title")
        return render(figure, name, "A line.")


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    return line()


def test_three_formats(drawing: Drawing) -> None:
    assert drawing.svg.startswith(b"<?xml")
    assert drawing.pdf.startswith(b"%PDF")
    assert drawing.png.startswith(b"\x89PNG")
    assert drawing.inches == 3


def test_the_same_figure_gives_the_same_files(drawing: Drawing) -> None:
    assert line() == drawing


def test_nobody_elses_figures_change() -> None:
    before = dict(rcParams)
    line()
    assert dict(rcParams) == before


def test_files_are_on_white(drawing: Drawing) -> None:
    assert b"fill: #ffffff" in drawing.svg
    assert INK.encode() in drawing.svg


class TestInline:
    def test_it_is_an_svg_alone(self, drawing: Drawing) -> None:
        assert drawing.inline.startswith("<svg")
        root = ElementTree.fromstring(drawing.inline)
        assert "viewBox" in root.attrib
        assert not {"width", "height"} & set(root.attrib)

    def test_it_takes_the_colours_of_the_page(self, drawing: Drawing) -> None:
        assert "currentColor" in drawing.inline
        assert "var(--rule)" in drawing.inline
        assert f"var(--line-0, {COLOURS[0]})" in drawing.inline
        assert not {INK, RULE} & set(re.findall(r"#[0-9a-f]{6}", drawing.inline))

    def test_what_surrounds_letters_has_the_pages_ground(self) -> None:
        with drawing_style():
            figure = Figure()
            figure.text(0.5, 0.5, "5", path_effects=halo())
            inline = render(figure, "halo", "").inline
        assert "var(--paper)" in inline
        assert PAPER not in inline

    def test_lines_can_be_told_from_a_dark_page_and_from_each_other(self) -> None:
        dark = dict(
            re.findall(r"--([\w-]+): (#[0-9a-f]{6})", re.findall(r":root {(.*?)}", BASE, re.DOTALL)[1])
        )
        colours = [dark.get(f"line-{number}", colour) for number, colour in enumerate(COLOURS)]
        assert len(set(colours)) == len(COLOURS)
        # What accessibility guidelines ask of graphics is 3.
        assert min(contrast(colour, dark["paper"]) for colour in colours) > 5
        assert min(contrast(colour, "#ffffff") for colour in COLOURS[:3]) > 3

    def test_it_has_no_ground(self, drawing: Drawing) -> None:
        assert "#ffffff" not in drawing.inline

    def test_two_figures_of_a_page_share_no_id(self, drawing: Drawing) -> None:
        ids = [set(re.findall(r'\bid="([^"]+)"', one.inline)) for one in (drawing, line("another"))]
        assert ids[0]
        assert not ids[0] & ids[1]

    def test_references_stay_within(self, drawing: Drawing) -> None:
        text = drawing.inline
        ids = set(re.findall(r'\bid="([^"]+)"', text))
        references = set(re.findall(r'href="#([^"]+)"', text)) | set(re.findall(r"url\(#([^)]+)\)", text))
        assert references
        assert references <= ids

    def test_nothing_is_fetched(self, drawing: Drawing) -> None:
        assert not re.findall(r'(?:href|src)="(?!#)', drawing.inline)
        assert "<metadata" not in drawing.inline


@pytest.mark.parametrize(("module", "name"), [("matplotlib", "Matplotlib"), ("jinja2", "Jinja")])
def test_what_is_not_installed_is_named(module: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    message = rf'reports need {name}: pip install "skipclick\[report\]"'
    with pytest.raises(ReportError, match=message):
        check_installed()
    with pytest.raises(ReportError, match=message), drawing_style():
        pass


def test_lines_can_be_told_apart() -> None:
    styles = [style_at(index) for index in range(4 * len(COLOURS))]
    assert len(set(styles)) == len(styles)
    assert [dash for _, dash in styles[: len(COLOURS)]] == ["-"] * len(COLOURS)


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        (["a"], 1),
        (["a", "b"], 2),
        (["a"] * 7, 3),
        (["skipclick-s (0123456), not mirrored"] * 3, 2),
        (["a" * 200], 1),
    ],
)
def test_legends_fit(names: list[str], columns: int) -> None:
    assert legend_columns(names, 7.0) == columns


def test_legends_grow_downwards() -> None:
    assert legend_height(["a"] * 3, 7.0) < legend_height(["a"] * 4, 7.0) < legend_height(["a" * 60] * 4, 7.0)
