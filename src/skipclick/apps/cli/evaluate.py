"""`skipclick evaluate`: NoC on data sets, by simulated clicks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from skipclick.apps.cli import evaluate_options as options
from skipclick.apps.cli.data_options import ConfigOption

if TYPE_CHECKING:
    from skipclick.evaluation import Shard


def evaluate(
    data: options.DataOption = None,
    suite: options.SuiteOption = None,
    config: ConfigOption = None,
    model: options.ModelOption = "skipclick-s",
    out: options.OutOption = Path("runs/evaluation"),
    size: options.SizeOption = None,
    mirror: options.MirrorOption = True,
    zoom: options.ZoomOption = False,
    clicks: options.ClicksOption = 20,
    all_clicks: options.AllClicksOption = False,
    thresholds: options.ThresholdsOption = "80,85,90,95",
    start: options.StartOption = options.Start.EMPTY,
    start_masks: options.StartMasksOption = None,
    first_click: options.FirstClickOption = options.FirstClick.CENTRE,
    jitter: options.JitterOption = 0.0,
    seed: options.SeedOption = 0,
    boundary: options.BoundaryOption = False,
    limit: options.LimitOption = None,
    workers: options.WorkersOption = None,
    threads: options.ThreadsOption = 1,
    shard: options.ShardOption = None,
    device: options.DeviceOption = "auto",
    precision: options.PrecisionOption = options.Precision.AUTO,
    fresh: options.FreshOption = False,
    result: options.JsonOption = None,
) -> None:
    """Count the clicks that a model needs on data sets (NoC), by simulated clicks.

    What is finished stays in the traces: the same command goes on where an earlier one was interrupted.
    """
    from functools import partial

    from skipclick.apps.cli.evaluate_run import Job, run
    from skipclick.apps.cli.evaluate_sets import open_chosen
    from skipclick.apps.cli.results import check_result_file, print_table, write_result
    from skipclick.backend.loading import load_model
    from skipclick.evaluation import EvaluationError, EvaluationProtocol
    from skipclick.evaluation.workers import thread_limit

    levels = parse_thresholds(thresholds)
    part = _shard(shard)
    launched = part is not None and shard is None
    if start_masks is not None and start is not options.Start.EMPTY:
        raise EvaluationError("--start and --start-masks exclude each other: give one of them")
    if part is not None and fresh:
        raise EvaluationError("--fresh does not go with parts of an evaluation: choose another --out instead")
    protocol = EvaluationProtocol(
        target_iou=1.01 if all_clicks else max(0.95, *levels),
        max_clicks=clicks,
        mirror=mirror,
        size=None if size is None else (size, size),
        zoom=zoom,
        start=start.value if start_masks is None else "given",
        first_click=first_click.value,
        jitter=jitter,
        seed=seed,
        boundary=boundary,
    )
    chosen = open_chosen(suite, data or (), config)
    if result is not None:
        check_result_file(result)
    load = partial(load_model, model, device=_own_device(device))
    if precision is not options.Precision.AUTO:
        load = partial(load, precision=precision.value)
    job = Job(
        load=load,
        variant=precision.value if precision in (options.Precision.BF16, options.Precision.INT8) else "",
        chosen=chosen,
        protocol=protocol,
        thresholds=levels,
        out=out,
        start_masks=start_masks,
        limit=limit,
        workers=workers,
        threads=threads,
        shard=part,
        ending="report" if part is None or not launched else "leave" if part.index else "wait",
        fresh=fresh,
    )
    with thread_limit(threads):
        backend, rows = run(job)
        if not rows:
            return
        print_table(backend, rows)
        for row in rows:
            typer.echo(f"trace: {row.file} (results {row.digest})")
        if result is not None:
            write_result(result, backend, rows)


def parse_thresholds(text: str) -> tuple[float, ...]:
    """Read IoUs such as "80,85,90,95", in percent.

    Returns:
        From 0 to 1, in ascending order.

    Raises:
        EvaluationError: not numbers above 0 and up to 100.
    """
    from skipclick.evaluation import EvaluationError

    try:
        levels = sorted({float(word) / 100 for word in text.split(",")})
    except ValueError:
        levels = [0.0]
    if not all(0 < level <= 1 for level in levels):
        raise EvaluationError(f"--thresholds {text!r}: give IoUs in percent, as in 80,85,90,95")
    return tuple(levels)


def _shard(text: str | None) -> Shard | None:
    """The part that is asked for, or that torchrun gives this process."""
    from skipclick.evaluation import EvaluationError, Shard

    launched = Shard.from_environment(os.environ)
    if text is None:
        return launched
    if launched is not None:
        raise EvaluationError("--shard is not needed where torchrun divides the work: leave it out")
    shard = Shard.parse(text)
    return shard if shard.count > 1 else None


def _own_device(device: str) -> str:
    """The graphics card of this process where torchrun started one for each card."""
    rank = os.environ.get("LOCAL_RANK", "")
    return f"cuda:{rank}" if device == "cuda" and rank.isdecimal() else device
