"""Whole reports, as a reader gets them."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skipclick.datasets import Dataset
from skipclick.evaluation import EvaluationProtocol, evaluate_dataset
from skipclick.evaluation.trace import ObjectTrace
from skipclick.prompt import Click
from skipclick.report import make_report
from skipclick.report.canvas import Drawing
from skipclick.report.make_report import Card, Section, write_report
from skipclick.report.objects import object_results
from skipclick.report.runs import ReportError, Run

OBJECTS = {"a": [0.5, 0.92, 0.96], "b": [0.97], "c": [0.1] * 20}


class Page(HTMLParser):
    """A page taken apart: what it refers to, and what can be referred to."""

    VOID = frozenset({"meta", "img", "br", "hr", "link", "input"})

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.text = path.read_text(encoding="utf-8")
        self.ids: list[str] = []
        self.links: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids += [values["id"]] if values.get("id") else []
        self.links += [values["href"]] if tag == "a" and values.get("href") else []
        self.images += [values] if tag == "img" else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)


def plain_drawing(name: str) -> Drawing:
    svg = b'<svg width="1pt" height="1pt" viewBox="0 0 1 1"><g id="patch_1"></g></svg>'
    return Drawing(name, f"The {name}.", svg, b"%PDF", b"PNG", 7.0)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take a second each, and here the page around them is what matters."""
    monkeypatch.setattr(make_report, "draw_radar", lambda runs: plain_drawing("radar"))
    monkeypatch.setattr(make_report, "draw_curves", lambda runs, rng: plain_drawing("curves"))
    monkeypatch.setattr(
        make_report, "draw_histograms", lambda runs, percent: plain_drawing(f"clicks-{percent}")
    )


@pytest.mark.usefixtures("quick")
class TestFiles:
    def test_what_is_written(self, make_run: Callable[..., Run], tmp_path: Path, rng: Any) -> None:
        page = write_report([make_run(OBJECTS)], tmp_path / "report", rng)
        assert page == tmp_path / "report" / "index.html"
        files = {
            path.relative_to(page.parent).as_posix() for path in page.parent.rglob("*") if path.is_file()
        }
        assert {"index.html", "report.md", "runs.csv", "objects.csv"} <= files
        assert {f"tables/table-{number}.csv" for number in range(1, 7)} <= files
        assert {f"figures/radar.{kind}" for kind in ("svg", "pdf", "png")} <= files

    def test_an_earlier_report_is_replaced(
        self, make_run: Callable[..., Run], tmp_path: Path, rng: Any
    ) -> None:
        write_report([make_run(OBJECTS)], tmp_path / "report", rng)
        page = write_report([make_run(OBJECTS, label="SBD")], tmp_path / "report", rng)
        assert "SBD" in page.read_text()

    def test_other_files_are_not(self, make_run: Callable[..., Run], tmp_path: Path, rng: Any) -> None:
        (tmp_path / "thesis.tex").write_text("mine")
        with pytest.raises(ReportError, match="holds other files"):
            write_report([make_run(OBJECTS)], tmp_path, rng)

    def test_an_unknown_row(self, make_run: Callable[..., Run], tmp_path: Path, rng: Any) -> None:
        with pytest.raises(ReportError, match="no row called 'x'"):
            write_report([make_run(OBJECTS)], tmp_path / "report", rng, aliases={"disks": "x"})
        assert not (tmp_path / "report").exists()

    def test_what_is_done_is_told(self, make_run: Callable[..., Run], tmp_path: Path, rng: Any) -> None:
        told: list[str] = []
        write_report([make_run(OBJECTS)], tmp_path / "report", rng, progress=told.append)
        assert told == ["tables and figures", "objects of disks on GrabCut"]


@pytest.mark.usefixtures("quick")
class TestThePage:
    @pytest.fixture
    def runs(self, make_run: Callable[..., Run]) -> list[Run]:
        return [
            make_run(OBJECTS, model="skip"),
            make_run(OBJECTS, model="skip", label="Berkeley"),
            make_run({**OBJECTS, "d|<b>&": [0.4, 0.96]}, model="mine"),
            make_run(OBJECTS, model="part", label="DAVIS_dev", reader="DAVIS", target_iou=0.85),
        ]

    @pytest.fixture
    def page(self, runs: list[Run], tmp_path: Path, rng: Any) -> Page:
        return Page(write_report(runs, tmp_path / "report", rng))

    def test_it_is_well_formed(self, page: Page) -> None:
        assert page.unbalanced == []
        assert page.open == []

    def test_every_link_leads_somewhere(self, page: Page) -> None:
        assert all(link.startswith("#") for link in page.links)
        assert {link[1:] for link in page.links} <= set(page.ids)
        assert len(page.ids) == len(set(page.ids))

    def test_every_object_can_be_linked_to(self, page: Page) -> None:
        assert {f"row-object-2-{place}" for place in range(4)} <= set(page.ids)
        assert "object-2-2" in page.ids

    def test_it_needs_nothing_else(self, page: Page) -> None:
        assert not re.findall(r'(?:src|href)="(?!#|data:)', page.text)
        assert not re.findall(r"url\((?!#)", page.text)
        assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", page.text)

    def test_names_are_escaped(self, page: Page) -> None:
        assert "d|&lt;b&gt;&amp;" in page.text
        assert "d|<b>" not in page.text

    def test_it_adapts(self, page: Page) -> None:
        assert "prefers-color-scheme: dark" in page.text
        assert 'name="viewport"' in page.text

    def test_paper_and_measurement_stand_together(self, page: Page) -> None:
        table = page.text.split('id="table-4"')[1].split("</table>")[0]
        text = re.sub(r"<[^>]+>", " ", table)
        assert re.search(
            r"\+ Skip Connections\s+1\.44\s+2\.45.*\s+skip\s+7\.67\s*a\s+\+6\.23", text, re.DOTALL
        )
        assert re.search(r"mine\s+6\.25\s*b?\s", text)

    def test_tables_without_a_number_are_folded(self, page: Page) -> None:
        assert "Table 1. Ablation on WSESeg, 896×896: nothing measured" in page.text
        assert "Table 4. Ablation" in page.text
        assert "others at 448: nothing" not in page.text

    def test_what_is_missing_for_pictures(self, page: Page) -> None:
        assert "No pictures of GrabCut, Berkeley, DAVIS_dev: give the photos" in page.text
        assert page.images == []

    def test_markdown_says_the_same(self, page: Page, tmp_path: Path) -> None:
        text = (tmp_path / "report" / "report.md").read_text()
        assert "| mine | GrabCut (4 of 50 images) | 4 |" in text
        assert "| *skip* | 7.67 (+6.23) [a] | 7.67 (+5.22) [b] | | | |" in text
        assert "(index.html#object-2-2)" in text
        for line in text.splitlines():
            assert not line.startswith("| |---")
        widths = [
            {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
            for block in text.split("\n\n")
            if block.startswith("|")
        ]
        assert len(widths) > 8
        assert all(len(width) == 1 for width in widths)

    def test_linked_objects_exist(self, page: Page, tmp_path: Path) -> None:
        links = re.findall(r"index\.html#([\w-]+)", (tmp_path / "report" / "report.md").read_text())
        assert links
        assert set(links) <= set(page.ids)

    def test_objects_of_all_runs_in_one_file(self, page: Page, tmp_path: Path) -> None:
        with (tmp_path / "report" / "objects.csv").open(newline="") as file:
            lines = list(csv.DictReader(file))
        assert len(lines) == 13
        assert {line["data set"] for line in lines} == {"GrabCut", "Berkeley", "DAVIS_dev"}


@pytest.mark.usefixtures("quick")
class TestManyObjects:
    def test_no_click_is_not_never(self, make_run: Callable[..., Run], tmp_path: Path, rng: Any) -> None:
        clicks = (Click(0, 0),)
        trace = ObjectTrace("a", 1, 1, clicks, (0.94,), (0.1,), 0.1, 0.1, start_iou=0.92)
        run = make_run([trace], start="given")
        text = write_report([run], tmp_path / "report", rng).read_text()
        cells = re.findall(r'<td data-v="(\d+)">(\w+)</td>', text.split('<tr id="row-')[1].split("</tr>")[0])
        assert cells == [("0", "0"), ("0", "0"), ("0", "0"), ("999", "never")]

    def test_starting_masks_and_outlines_are_shown_where_there_are_any(
        self,
        make_run: Callable[..., Run],
        tmp_path: Path,
        rng: Any,
        starting_from: Callable[..., ObjectTrace],
    ) -> None:
        scored = starting_from(0.9, "a", [0.7, 0.96], boundary_f=(0.2, 0.4), boundary_iou=(0.125, 0.3))
        runs = [
            make_run([scored], start="given", boundary=True, max_clicks=7),
            make_run(OBJECTS, label="SBD"),
        ]
        page = Page(write_report(runs, tmp_path / "report", rng))
        assert page.unbalanced == []
        table, *_ = page.text.split('id="runs"')[1].split("</table>")
        assert "<th>IoU@0</th>" in table
        assert "<td>90.0</td>" in table
        outlines = page.text.split('id="outlines"')[1].split("</table>")[0]
        assert re.findall(r"<td>([\d.]+)</td>", outlines) == ["20.0", "40.0", "40.0", "12.5", "30.0", "30.0"]
        assert "allowed (7 or 20), those whose starting mask reaches it already with 0" in page.text
        markdown = (tmp_path / "report" / "report.md").read_text()
        assert "| 20.0 | 40.0 | 40.0 | 12.5 | 30.0 | 30.0 |" in markdown
        for line in markdown.split("## Figures")[0].split("\n\n"):
            assert len({row.count("|") for row in line.splitlines() if row.startswith("|")}) <= 1

    def test_what_is_not_there_takes_no_column(
        self, make_run: Callable[..., Run], tmp_path: Path, rng: Any
    ) -> None:
        text = write_report([make_run(OBJECTS)], tmp_path / "report", rng).read_text()
        assert "IoU@0" not in text
        assert "utline" not in text.split('id="figures"')[0].split("<h2", 1)[1]
        assert "allowed (20)." in text

    def test_the_page_lists_the_worst(
        self, make_run: Callable[..., Run], tmp_path: Path, rng: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(make_report, "LISTED", 2)
        text = write_report([make_run(OBJECTS)], tmp_path / "report", rng).read_text()
        assert "3 objects, the 2 worst of them" in text
        assert text.count('<tr id="row-') == 2

    def test_no_cards(self, make_run: Callable[..., Run], tmp_path: Path, rng: Any) -> None:
        text = write_report([make_run(OBJECTS)], tmp_path / "report", rng, pictures=0).read_text()
        assert '<article class="card"' not in text
        assert "No pictures of" not in text
        assert "Worst and best" not in text + (tmp_path / "report" / "report.md").read_text()
        assert set(re.findall(r'href="#([\w-]+)"', text)) <= set(re.findall(r'id="([\w-]+)"', text))

    def test_a_single_object(self, make_run: Callable[..., Run], tmp_path: Path, rng: Any) -> None:
        text = write_report([make_run({"a": [0.97]})], tmp_path / "report", rng).read_text()
        assert text.count('<article class="card"') == 1

    def test_an_unusual_target_has_its_column(
        self, make_run: Callable[..., Run], tmp_path: Path, rng: Any
    ) -> None:
        run = make_run({"a": [0.5, 0.96, 0.99], "b": [0.1] * 20}, target_iou=0.98)
        page = Page(write_report([run], tmp_path / "report", rng))
        assert page.unbalanced == []
        table = page.text.split('id="runs"')[1].split("</table>")[0]
        assert re.findall(r"<th>((?:NoC|never)@\d+)", table) == [
            *(f"NoC@{level}" for level in (80, 85, 90, 95, 98)),
            "never@90",
        ]
        assert '<td data-v="11.5">11.50' in table
        with (tmp_path / "report" / "objects.csv").open(newline="") as file:
            assert [line["NoC@98"] for line in csv.DictReader(file)] == ["3", ""]
        assert "| NoC@98 | never@90 |" in (tmp_path / "report" / "report.md").read_text()

    def test_thresholds_that_were_asked_for(
        self, make_run: Callable[..., Run], tmp_path: Path, rng: Any
    ) -> None:
        page = Page(write_report([make_run(OBJECTS)], tmp_path / "report", rng, thresholds=(0.05, 0.555)))
        table = page.text.split('id="runs"')[1].split("</table>")[0]
        assert re.findall(r"<th>((?:NoC|never)@[\d.]+)", table) == ["NoC@5", "NoC@55.5", "never@55.5"]
        assert "<td>1</td>" in table
        assert "best: 1 click to 55.5 %" in page.text
        markdown = (tmp_path / "report" / "report.md").read_text().split("## Figures")[0]
        assert "| NoC@5 | NoC@55.5 | never@55.5 |" in markdown
        rows = [line for line in markdown.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in rows}) == 1
        with pytest.raises(ReportError, match="until 99 % are not known"):
            write_report([make_run(OBJECTS)], tmp_path / "other", rng, thresholds=(0.99,))
        assert not (tmp_path / "other").exists()

    def test_fingerprints_are_told(self, make_run: Callable[..., Run], tmp_path: Path, rng: Any) -> None:
        runs = [make_run(OBJECTS, model=model, fingerprint=64 * model) for model in "fg"]
        page = write_report(runs, tmp_path / "report", rng)
        texts = [page.read_text(), (tmp_path / "report" / "report.md").read_text()]
        for text in texts:
            assert text.count("GrabCut: the runs saw different ground truths") == 1
        assert f"data <code>{64 * 'g'}</code>" in texts[0]
        with (tmp_path / "report" / "runs.csv").open(newline="") as file:
            assert [line["fingerprint"] for line in csv.DictReader(file)] == [64 * "f", 64 * "g"]
        same = write_report(runs[:1], tmp_path / "report", rng).read_text()
        assert "different ground truths" not in same

    def test_a_low_target(self, make_run: Callable[..., Run], tmp_path: Path, rng: Any) -> None:
        run = make_run({"a": [0.75], "b": [0.2]}, target_iou=0.7, max_clicks=1)
        page = Page(write_report([run], tmp_path / "report", rng))
        assert page.unbalanced == []
        assert "NoC@90</th>" not in page.text.split('id="runs"')[1].split("</table>")[0]


class TestSection:
    def section(self, run: Run) -> Section:
        results = object_results(run, 0)
        return Section(run, results, [Card(results[2], None)], [Card(results[1], None)])

    def test_worst_first(self, make_run: Callable[..., Run]) -> None:
        section = self.section(make_run(OBJECTS))
        assert [one.title for one in section.listed] == ["c", "a", "b"]
        assert section.left_out == 0
        assert section.shown == {"object-0-2", "object-0-1"}

    def test_the_list_ends_somewhere(
        self, make_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(make_report, "LISTED", 1)
        section = self.section(make_run(OBJECTS))
        assert [one.title for one in section.listed] == ["c"]
        assert section.left_out == 2

    def test_only_thresholds_that_are_known(self, make_run: Callable[..., Run]) -> None:
        assert self.section(make_run(OBJECTS)).thresholds == [0.8, 0.85, 0.9, 0.95]
        assert self.section(make_run(OBJECTS, target_iou=0.85)).thresholds == [0.8, 0.85]


@pytest.fixture
def evaluated(disk_model: Any, grabcut: Dataset, make_run: Callable[..., Run]) -> Run:
    disk_model.radius = 8.0
    protocol = EvaluationProtocol(size=(56, 56), max_clicks=4)
    traces = evaluate_dataset(disk_model, grabcut, protocol)
    return make_run(traces, size=[56, 56], max_clicks=4, label="GrabCut")


def test_a_whole_report_with_pictures(
    evaluated: Run,
    disk_model: Any,
    grabcut: Dataset,
    tmp_path: Path,
    rng: np.random.Generator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With all figures but the radar, which takes longest and is tested by itself."""
    monkeypatch.setattr(make_report, "draw_radar", lambda runs: plain_drawing("radar"))
    path = write_report(
        [evaluated], tmp_path / "report", rng, datasets=[grabcut], models=[disk_model], pictures=2
    )
    page = Page(path)
    assert page.unbalanced == []
    clicks = [len(trace.clicks) for trace in evaluated.objects]
    assert len(page.images) == sum(clicks)
    for image in page.images:
        assert str(image["src"]).startswith("data:image/jpeg;base64,")
        assert str(image["alt"]).endswith(" %")
        assert image["width"]
        assert image["height"]
    assert "the answer" in page.text
    for name in ("iou-by-click", "clicks-85", "clicks-90"):
        assert name in page.ids
        assert (tmp_path / "report" / "figures" / f"{name}.svg").read_text().startswith("<?xml")
    assert "No masks" not in page.text
    assert not re.findall(r'(?:src|href)="(?!#|data:)', page.text)


@pytest.mark.usefixtures("quick")
def test_the_same_traces_give_the_same_report(evaluated: Run, tmp_path: Path) -> None:
    pages = [
        write_report([evaluated], tmp_path / name, np.random.default_rng(0), pictures=1) for name in "ab"
    ]
    assert pages[0].read_bytes() == pages[1].read_bytes()
