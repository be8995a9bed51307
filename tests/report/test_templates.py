"""What narrow screens need of the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skipclick.report.make_report import write_report
from skipclick.report.runs import Run

OBJECTS = {"a": [0.5, 0.92, 0.96], "b": [0.97], "c": [0.1] * 20}


class TestNarrowScreens:
    @pytest.fixture
    def page(self, make_run: Callable[..., Run], tmp_path: Path, rng: Any) -> str:
        runs = [make_run(OBJECTS, boundary=True), make_run(OBJECTS, label="SBD")]
        return write_report(runs, tmp_path / "report", rng).read_text(encoding="utf-8")

    def test_every_table_and_figure_can_be_scrolled_by_itself(self, page: str) -> None:
        assert page.count("<table") > 10
        assert page.count("<table") == page.count('<div class="scroll"><table')
        assert page.count('<div class="scroll drawing"><svg') == page.count("<figure id=")

    def test_what_a_row_is_of_stays_in_view(self, page: str) -> None:
        """The first cell that narrow screens show is the one that stays."""
        rows = re.findall(
            r"<tr[^>]*>(.*?)</tr>", re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL), re.DOTALL
        )
        firsts = [
            next(cell for cell in re.findall(r"<t[hd][^>]*>", row) if "wide" not in cell)
            for row in rows
            if "rowspan" in row or "<td" in row
        ]
        assert len(firsts) > 50
        assert all("name" in cell for cell in firsts)

    def test_a_model_that_is_hidden_stands_below_its_data_set(self, page: str) -> None:
        assert page.count('<td class="wide">disks</td>') == 2
        assert page.count('</a><small class="narrow">disks</small>') == 2
