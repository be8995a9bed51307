"""How figures look, and how they become files; Matplotlib is imported here and in `figures`."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from skipclick.report.runs import ReportError

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patheffects import AbstractPathEffect

WIDTH = 7.0
"""Inches, the text width of a two-column paper."""

INK = "#1c1e22"
RULE = "#d5d8dd"
PAPER = "#fefefe"
"""White around letters that stand on lines; told from white itself, so that a page can replace it."""

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Six of the eight colours of Okabe and Ito, which people with any kind of colour vision can tell apart; the
two that are left out are black and a yellow that paper swallows."""

DASHES = ("-", "--", ":", "-.")
"""Line styles; the next one begins when the colours are used up."""

_STYLE: Any = {  # Matplotlib types its keys since 3.11 only
    "font.family": "DejaVu Sans",  # comes with Matplotlib, so that figures look alike everywhere
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.titlepad": 6,
    "axes.labelsize": 8,
    "axes.labelcolor": INK,
    "axes.facecolor": "none",
    "axes.edgecolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.5,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "lines.linewidth": 1.4,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "hatch.linewidth": 0.6,
    "figure.dpi": 100,
    "savefig.facecolor": "white",
    "svg.fonttype": "path",
    "svg.hashsalt": "skipclick",  # the same figure gives the same file
    "pdf.fonttype": 42,
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure as files.

    Attributes:
        name: what its files are called, without the ending.
        caption: what it shows, one or two sentences.
        svg: on white.
        pdf: for papers.
        png: 200 dots per inch.
        inches: its width.
    """

    name: str
    caption: str
    svg: bytes
    pdf: bytes
    png: bytes
    inches: float

    @property
    def inline(self) -> str:
        """The SVG inside a page: no ground, text and rules in the page's colours, ids of its own."""
        text = self.svg.decode()
        text = text[text.index("<svg") :]
        text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
        text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
        text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
        text = re.sub(r'<g id="patch_1">.*?</g>', "", text, count=1, flags=re.DOTALL)
        text = re.sub(r'(\bid="|href="#|url\(#)', rf"\1{self.name}-", text)
        own = {INK: "currentColor", RULE: "var(--rule)", PAPER: "var(--paper)"}
        # A dark page has lighter lines.
        own |= {colour: f"var(--line-{number}, {colour})" for number, colour in enumerate(COLOURS)}
        return re.sub("|".join(own), lambda found: own[found[0]], text)


def check_installed() -> None:
    """Make sure that what reports need beyond the rest of the package is there.

    Raises:
        ReportError: Matplotlib or Jinja is not installed.
    """
    for module, name in (("matplotlib", "Matplotlib"), ("jinja2", "Jinja")):
        if find_spec(module) is None:
            raise ReportError(f'reports need {name}: pip install "skipclick[report]"')


@contextmanager
def drawing_style() -> Iterator[None]:
    """Draw and render within this; nobody else's figures change.

    Raises:
        ReportError: see `check_installed`.
    """
    check_installed()
    from matplotlib import rc_context, rcParams

    with rc_context():
        rcParams.update(_STYLE)
        yield


def render(figure: Figure, name: str, caption: str) -> Drawing:
    """Turn a figure into files; they depend on nothing but what was drawn."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # laid out once, alike in all formats
    return Drawing(
        name,
        caption,
        svg=_save(figure, "svg", metadata={"Date": None}),
        pdf=_save(figure, "pdf", metadata={"CreationDate": None}),
        png=_save(figure, "png", dpi=200, metadata={"Software": None}),
        inches=figure.get_figwidth(),
    )


def halo() -> list[AbstractPathEffect]:
    """What makes letters readable that stand on lines: paper around them."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2, foreground=PAPER)]


def style_at(index: int) -> tuple[str, str]:
    """The colour and the line style of the first, second, … line of a figure."""
    return COLOURS[index % len(COLOURS)], DASHES[index // len(COLOURS) % len(DASHES)]


def legend_columns(names: Sequence[str], width: float) -> int:
    """How many names of a legend fit side by side, three at most.

    Args:
        names: all of them.
        width: the figure's, in inches.
    """
    widest = 0.45 + 0.058 * max(len(name) for name in names)  # inches: the sample line, and 8 pt letters
    return max(1, min(3, len(names), int(width / widest)))


def legend_height(names: Sequence[str], width: float) -> float:
    """Inches that a legend takes; see `legend_columns`."""
    return 0.1 + 0.17 * -(-len(names) // legend_columns(names, width))


def add_legend(figure: Figure, panels: Sequence[Axes]) -> None:
    """One legend above all panels; every name once."""
    handles: dict[str, Artist] = {}
    for panel in panels:
        for handle, name in zip(*panel.get_legend_handles_labels(), strict=True):
            handles.setdefault(str(name), handle)
    names = list(handles)
    columns = legend_columns(names, figure.get_figwidth())
    figure.legend(list(handles.values()), names, loc="outside upper left", ncols=columns)


def _save(figure: Figure, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format=kind, **options)
    return stream.getvalue()
