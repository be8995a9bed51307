"""Write the numbers of the traces in `docs/models` into the README, the model's card and the guide.

    python tools/embedded/card.py

After new weights: evaluate, put the traces where the old ones lie, and run this. Rows are found by their
first cells; everything else in the pages stays for a person to read again.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from rich.console import Console

from skipclick.apps.cli.results import results_table
from skipclick.evaluation import Summary, summarise
from skipclick.report import make_report, read_runs
from skipclick.report.runs import Run

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TRACES = DOCS / "models" / "skipclick-s"
STARTS = DOCS / "models" / "skipclick-s-starts"
ZOOMED = DOCS / "models" / "skipclick-s-zoom"
FAULTS = {
    "eroded": "one too small all around",
    "dilated": "one too large",
    "shifted": "a mask moved aside",
    "polygon": "a coarse polygon",
}
PART = "DAVIS, every third of the 345 frames"

Edit = Callable[[str], str]


def row(begin: list[str], values: list[str]) -> Edit:
    """An edit that gives the one table row that begins with these cells these values."""
    head = "".join(f"| {cell} ".replace("|  ", "| ") for cell in begin) + "| "
    pattern = re.compile(rf"^{re.escape(head)}[^|\n]+(?: \| [^|\n]+){{{len(values) - 1}}} \|$", re.MULTILINE)
    return lambda text: once(pattern, head + " | ".join(values) + " |", text)


def once(pattern: re.Pattern[str], new: str, text: str) -> str:
    """Replace the only match."""
    text, count = pattern.subn(lambda _: new, text)
    if count != 1:
        raise SystemExit(f"{count} rows match {pattern.pattern}")
    return text


def named(label: str) -> str:
    """What a data set is called in the tables."""
    return PART if label == "DAVIS" else label


def numbers(summary: Summary) -> list[str]:
    """NoC at 80, 85, 90 and 95 %, and how many objects never reached 90 %."""
    return [*(f"{mean:.2f}" for mean in summary.noc.values()), str(summary.unreached[0.9])]


def edits(runs: list[Run]) -> Iterator[tuple[Path, Edit]]:
    """Which page is changed, and how."""
    card, guide = DOCS / "models" / "skipclick-s.md", DOCS / "evaluation.md"
    summaries = [(run.label, summarise(run.objects)) for run in runs]
    for label, summary in summaries:
        davis = label == "DAVIS"
        count = str(summary.objects)
        name = named(label)
        yield ROOT / "README.md", row([name + ", at 672×672" * davis, count], numbers(summary)[1:])
        yield card, row([name, count], numbers(summary))
        if not davis:
            yield card, row([label, "nothing", ""], numbers(summary))
    yield guide, printed(summaries)
    for path in sorted(STARTS.glob("*.jsonl")):
        (run,) = read_runs([path])
        summary = summarise(run.objects)
        fault = FAULTS[path.stem.rpartition("_")[2]]
        yield card, row([run.label, fault], [f"{summary.start_iou:.3f}", *numbers(summary)])
    whole = dict(summaries)
    for run in read_runs([ZOOMED]):
        name = named(run.label)
        yield card, row([name, "the whole photo"], numbers(whole[run.label]))
        yield card, row([name, "the object's surroundings"], numbers(summarise(run.objects)))
    for line in reported(runs):
        label = re.escape(line.split(" | ")[1])
        pattern = re.compile(rf"^\| skipclick-s \| {label} \|.*$", re.MULTILINE)
        yield guide, partial(once, pattern, line)


def printed(summaries: list[tuple[str, Summary]]) -> Edit:
    """The table that `skipclick evaluate` prints."""
    page = io.StringIO()
    Console(file=page, width=200).print(results_table(summaries))
    lines = [line.rstrip() for line in page.getvalue().splitlines()]
    table = "\n".join(line for line in lines if line) + "\n"
    pattern = re.compile(r"^ +(?:NoC +){4}never.*\n data set.*\n ─+\n(?: .*\n)+", re.MULTILINE)
    return partial(once, pattern, table)


def reported(runs: list[Run]) -> list[str]:
    """The rows of the report's table, with intervals."""
    with tempfile.TemporaryDirectory() as folder:
        make_report.write_report(runs, Path(folder), np.random.default_rng(0), pictures=0)
        lines = (Path(folder) / "report.md").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("| skipclick-s |")]


def main() -> None:
    runs = read_runs([TRACES])
    for page, edit in edits(runs):
        page.write_text(edit(page.read_text(encoding="utf-8")), encoding="utf-8")
    print("README.md, docs/models/skipclick-s.md and docs/evaluation.md hold the numbers of the traces")


if __name__ == "__main__":
    main()
