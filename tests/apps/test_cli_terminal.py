"""Tables and progress bars on a terminal."""

from __future__ import annotations

import pytest

from skipclick.apps.cli.terminal import console_for, plain_table, progress_bar


@pytest.mark.parametrize("columns", ["10", "40", "120"])
def test_a_table_keeps_its_digits_on_any_terminal(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    table = plain_table()
    for head in ("first", "second", "third"):
        table.add_column(head, no_wrap=True)
    table.add_row("1234567.89", "0.123456789", "-17.25")
    console = console_for(table)
    console.print(table)
    assert capsys.readouterr().out.split()[-3:] == ["1234567.89", "0.123456789", "-17.25"]
    assert console.width >= int(columns)


@pytest.mark.parametrize("quiet", [True, False])
def test_there_is_no_bar_off_a_terminal(quiet: bool, capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar(quiet=quiet) as bar:
        bar.update(bar.add_task("work", total=2), completed=1)
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_it_shows_how_far_things_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    with progress_bar() as bar:
        bar.update(bar.add_task("some work", total=7), completed=3)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "some work" in printed.err
    assert "3/7" in printed.err
