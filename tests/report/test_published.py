"""The paper's numbers agree with each other wherever they are printed twice or can be computed."""

from __future__ import annotations

import numpy as np
import pytest

from skipclick.datasets import DATASETS, GROUPS
from skipclick.model.config import MODELS
from skipclick.report.published import (
    HEADINGS,
    REFERENCE,
    TABLES,
    Column,
    PublishedRow,
    PublishedTable,
    published_table,
)
from skipclick.weights import registry


def row(slug: str, method: str) -> dict[tuple[str, str], float]:
    table = published_table(slug)
    (found,) = [one for one in table.rows if one.method == method]
    return {
        (column.dataset, column.heading): float(cell)
        for column, cell in zip(table.columns, found.cells, strict=True)
    }


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.slug)
class TestEveryTable:
    def test_rows_and_blocks_are_complete(self, table: PublishedTable) -> None:
        assert sum(table.blocks) == len(table.columns)
        for one in table.rows:
            assert len(one.cells) == len(one.values) == len(table.columns), one.method
            assert bool(one.detail) == bool(table.detail)

    def test_data_sets_and_models_exist(self, table: PublishedTable) -> None:
        assert {column.dataset for column in table.columns} <= {*DATASETS, *GROUPS}
        assert {one.model for one in table.rows} <= {None, *MODELS, *registry.names("model")}

    def test_there_is_one_row_to_compare_with(self, table: PublishedTable) -> None:
        assert [one.model for one in table.rows].count(REFERENCE) == 1

    def test_numbers_are_possible(self, table: PublishedTable) -> None:
        for one in table.rows:
            for column, value in zip(table.columns, one.values, strict=True):
                assert 0 < value <= (20 if column.measure == "NoC" else 1537)

    def test_more_accuracy_takes_more_clicks(self, table: PublishedTable) -> None:
        for one in table.rows:
            values = dict(zip(table.columns, one.values, strict=True))
            for column, value in values.items():
                for other, lower in values.items():
                    if other.dataset == column.dataset and other.measure == column.measure == "NoC":
                        assert (lower < value) == (other.percent < column.percent)


def test_six_tables_and_the_readme() -> None:
    assert [table.slug for table in TABLES] == [*(f"table-{number}" for number in range(1, 7)), "encoders"]
    assert [len(table.rows) for table in TABLES] == [4, 5, 5, 4, 9, 5, 2]


@pytest.mark.parametrize("slug", ["table-1", "table-2"])
def test_averages_are_means_of_the_classes(slug: str) -> None:
    for one in published_table(slug).rows:
        values = np.array(one.values)
        for offset in (0, 1):
            mean, printed = values[offset:20:2].mean(), values[20 + offset]
            odd = one.method == "SAM + Schön et al." and offset == 0  # 8.474, printed as 8.48
            decimals = len(one.cells[20 + offset].split(".")[1])
            assert abs(mean - printed) <= (0.007 if odd else 0.5 * 10**-decimals + 1e-9)


def test_skipclick_is_the_same_everywhere() -> None:
    assert row("table-1", "+ Skip Connections") == row("table-2", "SkipClick")
    consumer, encoders = row("table-4", "+ Skip Connections"), row("encoders", "SkipClick (DINOv2)")
    assert consumer == encoders
    comparison = row("table-5", "SkipClick")
    for name in ("DAVIS", "HQSeg"):
        assert comparison[name, "NoC@90"] == consumer[name, "NoC@90"]


def test_claims_of_the_text() -> None:
    average = ("WSESeg", "NoC@85")
    skipclick = row("table-2", "SkipClick")[average]
    assert row("table-2", "SAM")[average] - skipclick == pytest.approx(2.336)
    assert row("table-2", "HQ-SAM")[average] - skipclick == pytest.approx(7.946)
    baseline, full = row("table-1", "Baseline"), row("table-1", "+ Skip Connections")
    assert baseline[average] - full[average] == pytest.approx(2.969)
    assert baseline["WSESeg", "NoC@90"] - full["WSESeg", "NoC@90"] == pytest.approx(2.868)
    sam, ours = row("table-3", "SAM"), row("table-3", "SkipClick")
    assert 1 - ours["SHSeg", "NoC@90"] / sam["SHSeg", "NoC@90"] == pytest.approx(0.662, abs=0.0005)


def test_the_misprint_of_table_6_is_shown_and_not_compared_with() -> None:
    (four,) = [one for one in published_table("table-6").rows if one.method == "4"]
    assert four.cells == ("6.944", "9.163")
    assert four.values == (6.494, 9.163)
    assert four.values == tuple(
        row("table-1", "+ Skip Connections")[("WSESeg", m)] for m in ("NoC@85", "NoC@90")
    )


def test_classes_are_headed_in_the_papers_order() -> None:
    names = [HEADINGS[name] for name in GROUPS["WSESeg"]]
    assert names[:5] == ["Bobsleigh", "Curl. Stone", "Ski Helmet", "Snow Kite", "Ski (Jump)"]
    assert names[5:] == ["Curl. Broom", "Ski Goggles", "Ski (Misc)", "Slalom Gate Poles", "Snowboards"]
    assert [column.dataset for column in published_table("table-1").columns[:20:2]] == [*GROUPS["WSESeg"]]


def test_headings() -> None:
    assert Column("DAVIS", 95, "NoF").heading == "NoF@95"
    assert PublishedRow("x", "1.5  20").values == (1.5, 20.0)


def test_no_such_table() -> None:
    with pytest.raises(KeyError):
        published_table("table-7")
