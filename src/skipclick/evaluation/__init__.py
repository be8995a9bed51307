"""Evaluation with simulated clicks: rules, the clicking user, the loop, the record, the numbers."""

from __future__ import annotations

from skipclick.evaluation.metrics import Summary, summarise
from skipclick.evaluation.protocol import EvaluationError, EvaluationProtocol
from skipclick.evaluation.run import evaluate_dataset, open_trace
from skipclick.evaluation.trace import ObjectTrace, read_trace

__all__ = [
    "EvaluationError",
    "EvaluationProtocol",
    "ObjectTrace",
    "Summary",
    "evaluate_dataset",
    "open_trace",
    "read_trace",
    "summarise",
]
