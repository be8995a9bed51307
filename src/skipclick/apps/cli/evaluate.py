"""`skipclick evaluate`: NoC on data sets, by simulated clicks."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
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
    min_clicks: options.MinClicksOption = 1,
    all_clicks: options.AllClicksOption = False,
    thresholds: options.ThresholdsOption = "80,85,90,95",
    target: options.TargetOption = None,
    after: options.AfterOption = None,
    mask_threshold: options.MaskThresholdOption = 0.49,
    start: options.StartOption = options.Start.EMPTY,
    start_masks: options.StartMasksOption = None,
    save_masks: options.SaveMasksOption = None,
    first_click: options.FirstClickOption = options.FirstClick.CENTRE,
    jitter: options.JitterOption = 0.0,
    seed: options.SeedOption = 0,
    boundary: options.BoundaryOption = False,
    limit: options.LimitOption = None,
    workers: options.WorkersOption = None,
    threads: options.ThreadsOption = 1,
    shard: options.ShardOption = None,
    device: options.DeviceOption = "auto",
    precision: options.PrecisionOption = None,
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
    from skipclick.backend.loading import automatic_precision, load_model
    from skipclick.evaluation import EvaluationError, EvaluationProtocol
    from skipclick.evaluation.metrics import AFTER_CLICKS
    from skipclick.evaluation.workers import thread_limit

    levels = parse_thresholds(thresholds)
    part = _shard(shard)
    launched = part is not None and shard is None
    if start_masks is not None and start is not options.Start.EMPTY:
        raise EvaluationError("--start and --start-masks exclude each other: give one of them")
    if part is not None and fresh:
        raise EvaluationError("--fresh does not go with parts of an evaluation: choose another --out instead")
    protocol = EvaluationProtocol(
        threshold=mask_threshold,
        target_iou=parse_target(target, levels, all_clicks=all_clicks),
        max_clicks=clicks,
        min_clicks=min_clicks,
        mirror=mirror,
        size=None if size is None else parse_size(size),
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
    # Chosen once: the name of a trace tells the precision, and all processes must agree.
    arithmetic = options.named(precision)
    if arithmetic == "auto":
        arithmetic = automatic_precision(model, device)
    load = partial(load_model, model, device=device)
    if arithmetic is not None:
        load = partial(load, precision=arithmetic)
    job = Job(
        load=load,
        variant=arithmetic if arithmetic in ("bf16", "int8") else "",
        chosen=chosen,
        protocol=protocol,
        thresholds=levels,
        after=AFTER_CLICKS if after is None else parse_after(after),
        out=out,
        start_masks=start_masks,
        save_masks=save_masks,
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
        print_table(backend, rows, with_iou=after is not None)
        for row in rows:
            typer.echo(f"trace: {row.file} (results {row.digest})")
            if save_masks is not None:
                typer.echo(f"masks: {save_masks / row.file.stem}")
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


def parse_target(percent: float | None, levels: Sequence[float], *, all_clicks: bool) -> float:
    """The IoU at which objects are finished, from 0 to 1; above 1 never.

    Args:
        percent: what the user gave, in percent; None for the published 95, or what `levels` need.
        levels: the IoUs that clicks are counted for, from 0 to 1.
        all_clicks: go on with every object.

    Raises:
        EvaluationError: out of range, or lower than all IoUs that clicks are to be counted for; those above
            it are left out, because nobody knows them then.
    """
    from skipclick.evaluation import EvaluationError
    from skipclick.evaluation.protocol import EVERY_CLICK

    if percent is None:
        return EVERY_CLICK if all_clicks else max(0.95, *levels)
    if all_clicks:
        raise EvaluationError("--all-clicks and --target exclude each other: give one of them")
    if not 0 < percent <= 100:
        raise EvaluationError(f"--target {percent:g}: give an IoU in percent, as in 90")
    if percent / 100 < min(levels):
        raise EvaluationError(
            f"--target {percent:g}: clicks until {100 * min(levels):g} % are not known then; give lower "
            "--thresholds as well"
        )
    return percent / 100


def parse_size(text: str) -> tuple[int, int]:
    """Read a network size: "672" or "448x672".

    Returns:
        (height, width).

    Raises:
        EvaluationError: anything else.
    """
    from skipclick.evaluation import EvaluationError

    match = re.fullmatch(r"([1-9]\d*)(?:[x×]([1-9]\d*))?", text.strip())
    if match is None:
        raise EvaluationError(f"--size {text!r}: give a side, as in 672, or height x width, as in 448x672")
    return int(match[1]), int(match[2] or match[1])


def parse_after(text: str) -> tuple[int, ...]:
    """Read numbers of clicks such as "1,3,5"; in ascending order.

    Raises:
        EvaluationError: anything but whole numbers above 0.
    """
    from skipclick.evaluation import EvaluationError

    words = [word.strip() for word in text.split(",")]
    if not all(re.fullmatch(r"[1-9]\d*", word) for word in words):
        raise EvaluationError(f"--after {text!r}: give numbers of clicks, as in 1,3,5")
    return tuple(sorted({int(word) for word in words}))


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
