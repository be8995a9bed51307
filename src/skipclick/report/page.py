"""From templates to pages: one HTML file that needs nothing else, and its Markdown twin."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skipclick.evaluation.metrics import percent
from skipclick.evaluation.trace import ObjectTrace
from skipclick.overlay import MASK, Colour
from skipclick.report.bootstrap import RESAMPLES
from skipclick.report.canvas import check_installed
from skipclick.report.pictures import TRUTH
from skipclick.report.tables import heading, signed

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_WIDTH, _HEIGHT = 150.0, 30.0
_SPAN = 20  # clicks across its width, so that curves can be compared
_FLOOR = 0.5  # the lowest IoU of a small curve; below it the curve runs along the bottom


def render_page(template: str, **content: Any) -> str:
    """Fill a template.

    Args:
        template: its file name; in those that end in .html all texts are escaped.
        **content: what it speaks of.

    Raises:
        ReportError: see `check_installed`.
    """
    return _environment().get_template(template).render(**content)


def sparkline(trace: ObjectTrace, points: bool = True) -> Markup:
    """An object's IoU by click as a small curve; hollow points are clicks on the background.

    Args:
        trace: the object.
        points: also draw a point for each click.
    """
    from markupsafe import Markup

    last = max(len(trace.ious), _SPAN) - 1
    xs = [4 + (_WIDTH - 8) * step / last for step in range(len(trace.ious))]
    ys = [_height(iou) for iou in trace.ious]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    parts = [
        f'<svg width="{_WIDTH:.0f}" height="{_HEIGHT:.0f}" role="img" aria-label="IoU by click">',
        f'<line x1="0" x2="{_WIDTH:.0f}" y1="{_height(0.9):.1f}" y2="{_height(0.9):.1f}" '
        'stroke="var(--rule)"/>',
        f'<polyline points="{line}" fill="none" stroke="currentColor" stroke-opacity=".6"/>',
    ]
    for x, y, click in zip(xs, ys, trace.clicks, strict=True) if points else ():
        fill = "currentColor" if click.positive else "var(--card)"
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" fill="{fill}" stroke="currentColor"/>')
    return Markup("".join([*parts, "</svg>"]))


def _height(iou: float) -> float:
    return 4 + (_HEIGHT - 8) * (1 - max(iou - _FLOOR, 0) / (1 - _FLOOR))


def _environment() -> Environment:
    check_installed()
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates", encoding="utf-8"),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "percent": percent,
        "heading": heading,
        "signed": signed,
        "sparkline": sparkline,
        "cell": lambda text: str(text).replace("|", "\\|"),
    }
    environment.globals |= {
        "version": metadata.version("skipclick"),
        "resamples": RESAMPLES,
        "mask_colour": _hex(MASK),
        "truth_colour": _hex(TRUTH),
    }
    return environment


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in colour)
