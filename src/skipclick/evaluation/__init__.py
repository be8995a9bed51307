"""Evaluation with simulated clicks: rules, the clicking user, the loop, the record, the numbers."""

from __future__ import annotations

from skipclick.evaluation.mask_folder import open_mask_folder
from skipclick.evaluation.metrics import Summary, summarise
from skipclick.evaluation.protocol import EvaluationError, EvaluationProtocol
from skipclick.evaluation.run import evaluate_dataset, open_trace
from skipclick.evaluation.shards import Shard, put_together
from skipclick.evaluation.trace import ObjectTrace, digest, read_trace
from skipclick.evaluation.workers import WorkerPool

__all__ = [
    "EvaluationError",
    "EvaluationProtocol",
    "ObjectTrace",
    "Shard",
    "Summary",
    "WorkerPool",
    "digest",
    "evaluate_dataset",
    "open_mask_folder",
    "open_trace",
    "put_together",
    "read_trace",
    "summarise",
]
