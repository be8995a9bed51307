from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skipclick.datasets import GROUPS, Count
from skipclick.report import tables
from skipclick.report.published import TABLES, Column, published_table
from skipclick.report.runs import ReportError, Run
from skipclick.report.tables import (
    Cell,
    Row,
    Table,
    check_aliases,
    fill_table,
    heading,
    measure,
    signed,
)

HUNDRED = [0.96]


def reaching(clicks: int, iou: float = 0.96) -> list[float]:
    """IoUs of an object that is bad until it is good."""
    return [0.1] * (clicks - 1) + [iou]


def grabcut_run(make_run: Callable[..., Run], clicks: Sequence[int], **changes: Any) -> Run:
    """All 50 images, needing these numbers of clicks over and over."""
    counts = [clicks[index % len(clicks)] for index in range(50)]
    return make_run({f"{index:02}": reaching(count) for index, count in enumerate(counts)}, **changes)


def rows(table: Table, kind: str) -> list[Row]:
    return [row for row in table.rows if row.kind == kind]


class TestMeasure:
    def test_noc_and_nof(self, make_run: Callable[..., Run]) -> None:
        run = make_run(
            {"a": reaching(2), "b": reaching(5), "c": [0.1] * 20, "d": reaching(20)}, label="DAVIS"
        )
        runs = {"DAVIS": run}
        assert measure(Column("DAVIS", 90), runs) == (2 + 5 + 20 + 20) / 4
        # The published count includes the object that arrived with its last click.
        assert measure(Column("DAVIS", 95, "NoF"), runs) == 2

    def test_the_example_of_the_specification(self, make_run: Callable[..., Run]) -> None:
        ious = {"a": [0.5, 0.85, 0.9], "b": [0.1] * 20, "c": [0.1] * 19 + [0.95]}
        runs = {"GrabCut": make_run(ious)}
        noc = [measure(Column("GrabCut", percent), runs) for percent in (80, 85, 90, 95)]
        assert noc == pytest.approx([14.0, 14.0, 43 / 3, 20.0])
        nof = [measure(Column("GrabCut", percent, "NoF"), runs) for percent in (80, 85, 90, 95)]
        assert nof == [2, 2, 2, 3]

    def test_another_data_set(self, make_run: Callable[..., Run]) -> None:
        assert measure(Column("SBD", 90), {"GrabCut": make_run({"a": HUNDRED})}) is None

    def test_beyond_the_iou_at_which_objects_were_finished(self, make_run: Callable[..., Run]) -> None:
        runs = {"GrabCut": make_run({"a": [0.92]}, target_iou=0.9)}
        assert measure(Column("GrabCut", 90), runs) == 1
        assert measure(Column("GrabCut", 95), runs) is None

    def test_wseseg_is_the_mean_of_class_means(self, make_run: Callable[..., Run]) -> None:
        runs = {}
        for place, name in enumerate(GROUPS["WSESeg"]):
            objects = {f"{index}": reaching(place + 1) for index in range(1 + 5 * place)}
            runs[name] = make_run(objects, label=name)
        assert measure(Column("WSESeg", 90), runs) == 5.5
        del runs["WSESeg_yt_sports"]
        assert measure(Column("WSESeg", 90), runs) is None


class TestFillTable:
    def test_a_model_of_the_paper_stands_under_its_row(self, make_run: Callable[..., Run]) -> None:
        run = grabcut_run(make_run, [1, 2], model="skip")
        table = fill_table(published_table("table-4"), [run])
        place = [row.name for row in table.rows].index("skip")
        assert table.rows[place - 1].name == "+ Skip Connections"
        assert table.rows[place].kind == "measured"
        cell = table.rows[place].cells[0]
        assert (cell.text, cell.value, cell.published) == ("1.50", 1.5, 1.44)
        assert (cell.mark, cell.verdict, cell.note) == ("+0.06", "worse", "")
        assert not rows(table, "other")

    def test_what_was_not_measured_is_empty(self, make_run: Callable[..., Run]) -> None:
        table = fill_table(published_table("table-4"), [grabcut_run(make_run, [1], model="skip")])
        (skip,) = [row for row in table.rows if row.name == "skip"]
        assert skip.cells[1:] == (Cell(),) * 4
        baseline = table.rows[1]
        assert (baseline.kind, baseline.name, baseline.nothing) == ("measured", "", True)
        assert not skip.nothing

    def test_printed_numbers_stay_as_printed(self, make_run: Callable[..., Run]) -> None:
        for published in TABLES:
            table = fill_table(published, [grabcut_run(make_run, [1])])
            printed = [tuple(cell.text for cell in row.cells) for row in rows(table, "paper")]
            assert printed == [row.cells for row in published.rows]
            assert not any(cell.mark for row in rows(table, "paper") for cell in row.cells)

    def test_other_peoples_methods_have_no_empty_line(self, make_run: Callable[..., Run]) -> None:
        table = fill_table(published_table("table-3"), [grabcut_run(make_run, [1])])
        assert len(rows(table, "measured")) == 1
        assert not table.measured

    def test_a_model_of_our_own_is_compared_with_skipclick(self, make_run: Callable[..., Run]) -> None:
        table = fill_table(published_table("table-4"), [grabcut_run(make_run, [1], model="mine")])
        (mine,) = rows(table, "other")
        assert table.rows[-1] is mine
        assert mine.cells[0].published == 1.44
        assert mine.cells[0].mark == "−0.44"
        assert mine.cells[0].verdict == "better"
        assert table.measured

    def test_the_user_can_say_which_row_a_model_stands_for(self, make_run: Callable[..., Run]) -> None:
        run = grabcut_run(make_run, [2], model="full_model")
        table = fill_table(published_table("table-4"), [run], {"full_model": "baseline"})
        assert [row.name for row in table.rows[:2]] == ["Baseline", "full_model"]
        assert table.rows[1].cells[0].published == 1.74

    def test_variants_get_lines_of_their_own(self, make_run: Callable[..., Run]) -> None:
        runs = [
            grabcut_run(make_run, [1], model="skip"),
            grabcut_run(make_run, [3], model="skip", mirror=False, name="plain.jsonl"),
        ]
        table = fill_table(published_table("table-4"), runs)
        measured = [row for row in rows(table, "measured") if not row.nothing]
        assert [(row.name, row.cells[0].text) for row in measured] == [
            ("skip", "1.00"),
            ("skip, not mirrored", "3.00"),
        ]

    def test_data_sets_of_one_model_share_a_line(self, make_run: Callable[..., Run]) -> None:
        runs = [
            grabcut_run(make_run, [1], model="mine"),
            make_run({"a": reaching(4)}, label="DAVIS", size=[672, 672], model="mine"),
        ]
        (mine,) = rows(fill_table(published_table("table-4"), runs), "other")
        assert [cell.text for cell in mine.cells] == ["1.00", "", "4.00", "", ""]

    def test_a_subset_of_another_name_does_not_enter(self, make_run: Callable[..., Run]) -> None:
        run = make_run({"a": HUNDRED}, label="DAVIS_dev", reader="DAVIS", size=[672, 672])
        assert not fill_table(published_table("table-4"), [run]).measured

    def test_what_is_missing_is_said(self, make_run: Callable[..., Run]) -> None:
        runs = [
            make_run({"a": HUNDRED, "b": HUNDRED}, model="mine"),
            make_run({"a": HUNDRED}, model="mine", label="Berkeley"),
            make_run({"a": HUNDRED}, model="yours", label="Berkeley"),
        ]
        table = fill_table(published_table("table-4"), runs)
        assert table.notes == {"a": "2 of 50 images", "b": "1 of 100 images"}
        mine, yours = rows(table, "other")
        assert [cell.note for cell in mine.cells] == ["a", "b", "", "", ""]
        assert yours.cells[1].note == "b"

    @pytest.fixture
    def classes(self, make_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> list[Run]:
        """All of a WSESeg that has an image in each class, of which the first has two objects."""
        monkeypatch.setattr(tables, "official_count", lambda name: Count(10, 11))
        (one,) = make_run({"a": HUNDRED}).objects
        two = [dataclasses.replace(one, object_id=number, objects_in_sample=2) for number in (1, 2)]
        return [
            make_run({"a": HUNDRED} if place else two, label=name, samples=1)
            for place, name in enumerate(GROUPS["WSESeg"])
        ]

    def test_all_classes_in_full_need_no_note(self, classes: list[Run]) -> None:
        assert fill_table(published_table("table-1"), classes).notes == {}

    def test_images_that_a_class_has_lost(self, make_run: Callable[..., Run], classes: list[Run]) -> None:
        classes[3] = make_run({"b": HUNDRED}, label=classes[3].label, samples=1, missing=4)
        table = fill_table(published_table("table-1"), classes)
        assert table.notes == {"a": "1 of 5 images"}
        (line,) = rows(table, "other")
        assert [cell.note for cell in line.cells] == [*[""] * 6, *"aa", *[""] * 14]

    def test_the_size_of_all_classes_is_known(self, classes: list[Run]) -> None:
        """Nothing says which class lacks images whose masks are missing as well."""
        classes[0] = dataclasses.replace(classes[0], objects=classes[0].objects[:1])
        table = fill_table(published_table("table-1"), classes)
        assert table.notes == {"a": "0 of 1 images", "b": "9 of 10 images of all classes together"}
        (line,) = rows(table, "other")
        assert [cell.note for cell in line.cells] == [*"aa", *"b" * 20]

    def test_another_number_of_objects_is_another_version(
        self, make_run: Callable[..., Run], classes: list[Run]
    ) -> None:
        classes[0] = make_run({"a": HUNDRED}, label=classes[0].label, samples=1)
        notes = fill_table(published_table("table-6"), classes).notes
        assert notes == {"a": "10 of 11 objects of all classes together"}

    def test_a_few_images_of_every_class_are_not_wseseg(self, make_run: Callable[..., Run]) -> None:
        runs = [make_run({"a": HUNDRED, "b": HUNDRED}, label=name, samples=2) for name in GROUPS["WSESeg"]]
        table = fill_table(published_table("table-1"), runs)
        assert table.notes == {"a": "20 of 4,221 images of all classes together"}
        assert {cell.note for cell in rows(table, "other")[0].cells} == {"a"}
        # Of some classes alone nobody can tell.
        assert fill_table(published_table("table-1"), runs[1:]).notes == {}

    def test_the_misprint_is_not_compared_with(self, make_run: Callable[..., Run]) -> None:
        runs = [
            make_run({"a": reaching(6)}, label=name, samples=1, model="skip") for name in GROUPS["WSESeg"]
        ]
        table = fill_table(published_table("table-6"), runs)
        (skip,) = [row for row in rows(table, "measured") if not row.nothing]
        assert skip.cells[0].published == 6.494
        assert skip.cells[0].mark == "−0.494"

    def test_counts_have_no_decimals(self, make_run: Callable[..., Run]) -> None:
        run = make_run({"a": [0.1] * 20, "b": HUNDRED}, label="DAVIS", size=[672, 672])
        (line,) = rows(fill_table(published_table("table-5"), [run]), "other")
        assert [cell.text for cell in line.cells] == ["10.50", "10.50", "1", "", "", ""]
        whole = make_run({str(i): HUNDRED for i in range(345)}, label="DAVIS", size=[672, 672])
        (line,) = rows(fill_table(published_table("table-5"), [whole]), "other")
        assert (line.cells[2].text, line.cells[2].mark) == ("0", "−158")

    def test_failures_of_fewer_objects_are_not_compared(self, make_run: Callable[..., Run]) -> None:
        few = make_run({"a": [0.1] * 20, "b": HUNDRED}, label="DAVIS", size=[672, 672])
        table = fill_table(published_table("table-5"), [few])
        (line,) = rows(table, "other")
        mean, _, failures = line.cells[:3]
        assert (mean.note, failures.note) == ("a", "a")
        assert mean.mark == "+5.56"
        assert (failures.text, failures.mark, failures.verdict) == ("1", "", "")


class TestLayout:
    def test_blocks(self) -> None:
        first, second = Table(published_table("table-1"), ()).blocks
        assert (first.places, second.places) == (range(10), range(10, 22))
        assert first.groups[0] == ("Bobsleigh", 2)
        assert second.groups[-1] == ("Average", 2)

    def test_groups_span_their_columns(self) -> None:
        for published in TABLES:
            for block in Table(published, ()).blocks:
                assert sum(span for _, span in block.groups) == len(block.places)

    def test_headings(self) -> None:
        assert heading("HQSeg") == "HQSeg-44k"
        assert heading("my_own") == "my_own"


class TestSigned:
    @pytest.mark.parametrize(
        ("difference", "decimals", "text"),
        [(0.06, 2, "+0.06"), (-0.06, 2, "−0.06"), (0.004, 2, "±0.00"), (-0.0, 1, "±0.0"), (-3, 0, "−3")],
    )
    def test_texts(self, difference: float, decimals: int, text: str) -> None:
        assert signed(difference, decimals) == text

    @settings(deadline=None)
    @given(st.floats(-20, 20), st.integers(0, 3))
    def test_it_reads_back(self, difference: float, decimals: int) -> None:
        text = signed(difference, decimals)
        assert text[0] in "+−±"
        assert float(text.replace("−", "-").replace("±", "")) == pytest.approx(
            difference, abs=0.5 * 10**-decimals + 1e-9
        )

    @settings(deadline=None)
    @given(st.floats(1, 20), st.floats(1, 20))
    def test_mark_and_verdict_agree(self, value: float, published: float) -> None:
        cell = Cell(f"{value:.2f}", value, published, value - published)
        assert cell.verdict == {"+": "worse", "−": "better", "±": "equal"}[cell.mark[0]]

    def test_nothing_measured(self) -> None:
        assert (Cell().mark, Cell().verdict) == ("", "")


class TestAliases:
    def test_good_ones(self, make_run: Callable[..., Run]) -> None:
        check_aliases({"disks": "skip-depth3"}, [make_run({"a": HUNDRED})], TABLES)

    def test_no_such_model(self, make_run: Callable[..., Run]) -> None:
        with pytest.raises(ReportError, match="no trace is of a model called 'other': there are disks"):
            check_aliases({"other": "skip"}, [make_run({"a": HUNDRED})], TABLES)

    def test_no_such_row(self, make_run: Callable[..., Run]) -> None:
        with pytest.raises(ReportError, match="no row called 'best': there are baseline, frozen"):
            check_aliases({"disks": "best"}, [make_run({"a": HUNDRED})], TABLES)
