"""Reports: the paper's tables filled with what was measured, figures, pictures, and runs compared."""

from __future__ import annotations

from skipclick.report.compare import Comparison, compare_runs
from skipclick.report.make_comparison import headline, lines_of, write_comparison
from skipclick.report.make_report import write_report
from skipclick.report.runs import ReportError, Run, read_pair, read_run, read_runs

__all__ = [
    "Comparison",
    "ReportError",
    "Run",
    "compare_runs",
    "headline",
    "lines_of",
    "read_pair",
    "read_run",
    "read_runs",
    "write_comparison",
    "write_report",
]
