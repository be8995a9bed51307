"""What several commands show on a terminal: wide tables and progress bars."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

_WIDEST = 500  # columns that no table of ours has


def plain_table() -> Table:
    """An empty table with a rule under its heads and nothing else around it."""
    return Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))


def console_for(table: Table) -> Console:
    """A console on stdout as wide as the table needs: a narrow terminal may break lines, not cost digits."""
    console = Console(highlight=False)
    needed = console.measure(table, options=console.options.update(width=_WIDEST)).maximum
    console.width = max(console.width, needed)
    return console


def progress_bar(*, quiet: bool = False) -> Progress:
    """A progress bar on stderr that vanishes at its end; nothing at all, not even a line, off a terminal.

    Args:
        quiet: nothing on a terminal either.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal)
