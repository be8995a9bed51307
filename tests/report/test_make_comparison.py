from __future__ import annotations

import csv
import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skipclick.datasets import Dataset
from skipclick.evaluation import EvaluationProtocol, evaluate_dataset
from skipclick.report import make_comparison
from skipclick.report.canvas import Drawing
from skipclick.report.compare import Comparison, compare_runs
from skipclick.report.make_comparison import headline, lines_of, write_comparison
from skipclick.report.runs import ReportError, Run

SLOW = {"a": [0.5, 0.7, 0.92, 0.96], "b": [0.97], "c": [0.1] * 20, "d": [0.8, 0.96]}
FAST = {"a": [0.93, 0.96], "b": [0.97], "c": [0.4] * 20, "d": [0.7, 0.8, 0.96]}

Compared = Callable[..., Comparison]


@pytest.fixture
def compared(make_run: Callable[..., Run], rng: np.random.Generator) -> Compared:
    """Compare IoUs by image."""

    def compare(first: Any, second: Any, **changes: Any) -> Comparison:
        runs = (make_run(first, model="slow", **changes), make_run(second, model="fast", **changes))
        return compare_runs(*runs, rng)

    return compare


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take a second each, and here the page around them is what matters."""
    svg = b'<svg width="1pt" height="1pt" viewBox="0 0 1 1"></svg>'

    def draw(name: str) -> Drawing:
        return Drawing(name, f"The {name}.", svg, b"%PDF", b"PNG", 7.0)

    monkeypatch.setattr(make_comparison, "draw_curves", lambda runs, rng: draw("iou-by-click"))
    monkeypatch.setattr(make_comparison, "draw_differences", lambda *words: draw("differences"))


class TestLines:
    def test_clicks_and_percent(self, compared: Compared) -> None:
        lines = {line.name: line for line in lines_of(compared(SLOW, FAST))}
        clicks = lines["NoC@90"]
        assert (clicks.first, clicks.second, clicks.change) == ("6.50", "6.25", "−0.25")
        assert re.fullmatch(r"[+−±]\d\.\d\d to [+−±]\d\.\d\d", clicks.interval)
        assert (clicks.better, clicks.equal, clicks.worse, clicks.verdict) == (1, 2, 1, "")
        iou = lines["IoU after 1 click"]
        assert (iou.first, iou.second, iou.change) == ("59.2 %", "75.0 %", "+15.8")

    def test_verdicts_are_about_the_second(self, compared: Compared) -> None:
        fewer = {name: [0.1, *ious] for name, ious in FAST.items()}
        better = {line.name: line.verdict for line in lines_of(compared(fewer, FAST))}
        worse = {line.name: line.verdict for line in lines_of(compared(FAST, fewer))}
        assert (better["NoC@90"], better["IoU after 1 click"]) == ("better", "better")
        assert (worse["NoC@90"], worse["IoU after 1 click"]) == ("worse", "worse")


class TestHeadline:
    def test_chance(self, compared: Compared) -> None:
        text = headline(compared(SLOW, FAST))
        assert text.startswith("No clear difference. fast: 0.25 clicks fewer on average, but chance could")
        assert "(NoC@90; 95 % interval −" in text

    @pytest.mark.parametrize(("order", "word"), [(1, "fewer"), (-1, "more")])
    def test_a_clear_difference(self, compared: Compared, order: int, word: str) -> None:
        ious = {str(index): [0.1] * (index + 2) + [0.96] for index in range(12)}
        less = {name: values[2:] for name, values in ious.items()}
        sign = "−" if order == 1 else "+"
        assert headline(compared(*[ious, less][::order])) == (
            f"fast: 2.00 clicks {word} on average than slow (NoC@90; 95 % interval {sign}2.00 to {sign}2.00)."
        )

    def test_none_at_all(self, compared: Compared) -> None:
        assert headline(compared(FAST, FAST)) == "No difference: every object takes as many clicks (NoC@90)."

    def test_a_lower_target(self, compared: Compared) -> None:
        assert "(NoC@85;" in headline(compared(SLOW, FAST, target_iou=0.85))
        assert "(NoC@70;" in headline(compared(SLOW, FAST, target_iou=0.7))


@pytest.mark.usefixtures("quick")
class TestFolder:
    def test_files(self, compared: Compared, tmp_path: Path, rng: np.random.Generator) -> None:
        page = write_comparison(compared(SLOW, FAST), tmp_path / "c", rng)
        files = {
            path.relative_to(page.parent).as_posix() for path in page.parent.rglob("*") if path.is_file()
        }
        assert {"index.html", "compare.md", "compare.csv", "figures/differences.pdf"} <= files

    def test_the_page(self, compared: Compared, tmp_path: Path, rng: np.random.Generator) -> None:
        text = write_comparison(compared(SLOW, FAST), tmp_path / "c", rng).read_text()
        assert "<h1>fast against slow</h1>" in text
        assert "4 objects of GrabCut, the same for both. Made" in text
        assert text.count('<article class="card"') == 3
        assert re.search(r"−2 clicks, \+3\.[67] points of mean IoU", text)
        assert ">+30.0 points of mean IoU" in text  # as many clicks
        links = set(re.findall(r'href="#([\w-]+)"', text))
        assert links
        assert links <= set(re.findall(r'id="([\w-]+)"', text))
        assert not re.findall(r'(?:src|href)="(?!#|data:)', text)

    def test_only_so_many_cards(self, compared: Compared, tmp_path: Path, rng: np.random.Generator) -> None:
        text = write_comparison(compared(SLOW, FAST), tmp_path / "c", rng, pictures=1).read_text()
        assert text.count('<article class="card"') == 1

    def test_left_out_objects_are_counted(
        self, compared: Compared, tmp_path: Path, rng: np.random.Generator
    ) -> None:
        comparison = compared({**SLOW, "e": [0.96]}, {**FAST, "f": [0.96]})
        text = write_comparison(comparison, tmp_path / "c", rng).read_text()
        assert "2 that only one of them has are left out" in text

    def test_no_difference(self, compared: Compared, tmp_path: Path, rng: np.random.Generator) -> None:
        write_comparison(compared(FAST, FAST), tmp_path / "c", rng)
        for name in ("index.html", "compare.md"):
            assert "There are none: every object got the same IoUs." in (tmp_path / "c" / name).read_text()

    def test_a_low_target(self, compared: Compared, tmp_path: Path, rng: np.random.Generator) -> None:
        text = write_comparison(compared(SLOW, FAST, target_iou=0.7), tmp_path / "c", rng).read_text()
        assert "A, NoC@70" in text
        assert "NoC@90" not in text

    def test_csv(self, compared: Compared, tmp_path: Path, rng: np.random.Generator) -> None:
        write_comparison(compared(SLOW, FAST), tmp_path / "c", rng)
        with (tmp_path / "c" / "compare.csv").open(newline="") as file:
            a, _, c, _ = csv.DictReader(file)
        assert (a["image"], a["NoC@90, slow"], a["NoC@90, fast"]) == ("a", "3", "1")
        assert (c["NoC@90, slow"], c["NoC@90, fast"]) == ("", "")

    def test_markdown(self, compared: Compared, tmp_path: Path, rng: np.random.Generator) -> None:
        write_comparison(compared(SLOW, FAST), tmp_path / "c", rng)
        text = (tmp_path / "c" / "compare.md").read_text()
        assert "A: slow, B: fast" in text
        assert "| NoC@90 | 6.50 | 6.25 | −0.25 |" in text
        assert "- [a](index.html#object-1-0): −2 clicks" in text

    def test_a_report_is_not_replaced(
        self, compared: Compared, tmp_path: Path, rng: np.random.Generator
    ) -> None:
        (tmp_path / "index.html").write_text('<meta name="generator" content="skipclick report">')
        with pytest.raises(ReportError, match="holds other files"):
            write_comparison(compared(SLOW, FAST), tmp_path, rng)


@pytest.mark.usefixtures("quick")
def test_pictures_of_both(
    disk_model: Any, grabcut: Dataset, make_run: Callable[..., Run], tmp_path: Path, rng: np.random.Generator
) -> None:
    disk_model.radius = 8.0
    runs = []
    for mirror, model in ((True, "m"), (False, "n")):
        protocol = EvaluationProtocol(size=(56, 56), max_clicks=3, mirror=mirror)
        traces = evaluate_dataset(disk_model, grabcut, protocol)
        if not mirror:
            traces[0] = dataclasses.replace(traces[0], ious=tuple(iou / 2 for iou in traces[0].ious))
        runs.append(make_run(traces, model=model, size=[56, 56], max_clicks=3, mirror=mirror))
    comparison = compare_runs(*runs, rng)
    page = write_comparison(
        comparison, tmp_path / "c", rng, datasets=[grabcut], models=[disk_model], pictures=1
    )
    text = page.read_text()
    pairs = comparison.largest(1)
    assert text.count("<img") == sum(len(one.trace.clicks) for one in (pairs[0].first, pairs[0].second))
    assert "their IoU differs from the trace" in text  # of the one that was halved
    assert "No masks" not in text
