"""`skipclick models`: what can be used by name, and where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from skipclick.weights.registry import Entry


def models(
    name: Annotated[str | None, typer.Argument(help="Show all about this one.")] = None,
    download: Annotated[bool, typer.Option("--download", help="Fetch it now, for use offline.")] = False,
) -> None:
    """List the models and encoders that have a name, with size, licence and origin."""
    from rich.console import Console

    from skipclick.errors import ModelError
    from skipclick.weights import registry

    console = Console()
    if name is None:
        if download:
            raise ModelError("say which model to download: skipclick models NAME --download")
        _print_table(console)
        return
    entry = registry.find(name)
    if download:
        _download(console, entry)
    _print_entry(console, entry)


def _print_table(console: Console) -> None:
    from rich.markup import escape
    from rich.table import Table

    from skipclick.weights import registry

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("name", no_wrap=True, overflow="fold")
    table.add_column("size", no_wrap=True, justify="right")
    for heading in ("here", "licence", "from"):
        table.add_column(heading)
    for entry in registry.entries().values():
        cells = (entry.name, _size(entry), _here(entry), entry.licence, entry.source)
        table.add_row(*map(escape, cells), end_section=entry.name == registry.names("model")[-1])
    console.print(table)


def _print_entry(console: Console, entry: Entry) -> None:
    rows = {
        "name": entry.name,
        "title": entry.title,
        "kind": "whole model" if entry.kind == "model" else "encoder alone",
        "network": entry.config,
        "size": _size(entry),
        "licence": entry.licence,
        "from": entry.source,
        "address": entry.url or "",
        "here": _here(entry),
        "files": ", ".join(map(str, entry.paths)),
        "checksum": _checksum(entry),
        "note": entry.note,
    }
    for key, value in rows.items():
        if value:
            console.print(f"{key:<9}{value}", markup=False, highlight=False, soft_wrap=True)


def _download(console: Console, entry: Entry) -> None:
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from skipclick.weights import registry

    columns = (TextColumn(entry.name), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(entry.name, total=None)
        registry.obtain(entry, progress=lambda done, total: bar.update(task, completed=done, total=total))


def _size(entry: Entry) -> str:
    if entry.bytes is None:
        return "not stated"
    about = "" if entry.here or entry.size else "about "
    return f"{about}{entry.bytes / 1e6:,.0f} MB"


def _here(entry: Entry) -> str:
    if entry.embedded:
        return "in the package" if entry.here else "missing"
    if entry.here:
        return "yes"
    return "no" if entry.url else "no, by hand"


def _checksum(entry: Entry) -> str:
    """How the file compares with its known checksum."""
    from skipclick.weights import registry
    from skipclick.weights.download import sha256_of

    known = registry.known_sha256(entry)
    if entry.embedded or not entry.here:
        return entry.sha256 or ""
    found = sha256_of(entry.paths[0])
    if known is None:
        return f"sha256 {found}, nothing known to compare it with"
    origin = "published" if entry.sha256 else "first downloaded"
    return f"sha256 {found}, {'as' if found == known else 'NOT as'} {origin}"
