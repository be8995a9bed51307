"""The work of `skipclick evaluate`: data sets one after another, alone or as a part of several machines."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import typer
from rich.progress import Progress

from skipclick.apps.cli.evaluate_sets import Chosen
from skipclick.apps.cli.results import Row
from skipclick.apps.cli.terminal import progress_bar
from skipclick.backend.protocol import Backend
from skipclick.backend.threads import usable_cores
from skipclick.datasets import Dataset, fingerprint
from skipclick.evaluation import (
    EvaluationError,
    EvaluationProtocol,
    Shard,
    WorkerPool,
    digest,
    evaluate_dataset,
    open_trace,
    put_together,
    read_trace,
    summarise,
)
from skipclick.evaluation.environment import physical_memory
from skipclick.evaluation.mask_folder import open_mask_folder
from skipclick.evaluation.protocol import PUBLISHED
from skipclick.evaluation.shards import put_together_when_complete
from skipclick.evaluation.starts import folder_digest
from skipclick.evaluation.trace import SHORT, TraceHeader
from skipclick.evaluation.trace_file import TraceFile, set_aside
from skipclick.image import network_size

NEEDED_MEMORY = 4 * 2**30
"""Bytes to reckon with for each process: what the larger models take at the larger sizes."""


@dataclass(frozen=True, slots=True)
class Job:
    """All that `skipclick evaluate` was asked for.

    Attributes:
        load: loads the model; picklable.
        variant: what sets the model apart from others of its name in the names of traces, or nothing.
        chosen: the data sets.
        protocol: the rules; a size holds for all data sets.
        thresholds: the IoUs to count clicks for, from 0 to 1.
        after: numbers of clicks after which scores are averaged.
        out: the folder of the traces.
        start_masks: the folder of masks to begin from, or None.
        save_masks: the folder that gets a folder of masks for each data set, or None.
        limit: only so many images of each data set.
        workers: how many processes; None chooses.
        threads: how many threads each may use.
        shard: the part that is evaluated here, or None.
        ending: what to do with a part that is finished: "report" if it was the last, "wait" for the others
            and report, or "leave" it to whoever waits.
        fresh: set earlier traces aside.
    """

    load: Callable[[], Backend]
    variant: str
    chosen: Sequence[Chosen]
    protocol: EvaluationProtocol
    thresholds: Sequence[float]
    after: Sequence[int]
    out: Path
    start_masks: Path | None
    save_masks: Path | None
    limit: int | None
    workers: int | None
    threads: int
    shard: Shard | None
    ending: Literal["report", "wait", "leave"]
    fresh: bool


class _Run(NamedTuple):
    """The evaluation of one data set: by which rules, where its trace lies, and where its masks go."""

    dataset: Dataset
    protocol: EvaluationProtocol
    file: Path
    masks: Path | None


def run(job: Job) -> tuple[Backend, list[Row]]:
    """Evaluate all data sets.

    Returns:
        The model, and a row for each data set; no rows if another part's process reports, or will.

    Raises:
        Exit: interrupted; what is finished is kept.
        SkipClickError: something cannot be read, written, or evaluated.
    """
    with ExitStack() as stack:
        backend = job.load()
        begun = "" if job.start_masks is None else folder_digest(job.start_masks)
        runs = [_plan(one, job, backend, begun) for one in job.chosen]
        if job.fresh:
            _set_aside(runs)
        bar = stack.enter_context(progress_bar(quiet=job.ending == "leave"))
        # All of them are opened first: a trace that does not fit is found before hours of work.
        traces = [stack.enter_context(_open(one, job, backend, bar)) for one in runs]
        for one, trace in zip(runs, traces, strict=True):
            if one.masks is not None:
                open_mask_folder(one.masks, trace.header.identity)
        pool = stack.enter_context(_pool(job, backend))
        try:
            for one, trace in zip(runs, traces, strict=True):
                _evaluate(one, trace, job, backend, pool, bar)
        except KeyboardInterrupt:
            finished = sum(len(trace.finished) for trace in traces)
            bar.stop()
            typer.echo(
                f"{finished} objects are kept in {job.out}; the same command goes on from there.", err=True
            )
            raise typer.Exit(130) from None
    return backend, _rows(runs, traces, job)


def trace_name(
    model: str, label: str, size: tuple[int, int], protocol: EvaluationProtocol, begun: str = ""
) -> str:
    """One file for each model, data set and way of clicking, so that they don't get in each other's way.

    Args:
        model: the model's name.
        label: the data set's.
        size: the network's (height, width).
        protocol: the rules.
        begun: the digest of the folder of masks to begin from; empty for none.
    """
    parts = [re.sub(r"[^\w.-]", "_", model), label, f"{size[0]}x{size[1]}"]
    parts += ["mirrored"] if protocol.mirror else []
    parts += ["zoom"] if protocol.zoom else []
    parts += [f"{protocol.start}-{begun[:SHORT]}" if begun else protocol.start] * (protocol.start != "empty")
    parts += ["random-first"] if protocol.first_click == "random" else []
    parts += [f"jitter{protocol.jitter:g}"] if protocol.jitter else []
    parts += [f"seed{protocol.seed}"] if protocol.seed else []
    parts += ["boundary"] if protocol.boundary else []
    parts += [f"above{protocol.threshold:g}"] if protocol.threshold != PUBLISHED.threshold else []
    parts += [f"min{protocol.min_clicks}"] if protocol.min_clicks != PUBLISHED.min_clicks else []
    if protocol.target_iou != PUBLISHED.target_iou:
        parts.append("all-clicks" if protocol.target_iou > 1 else f"until{100 * protocol.target_iou:g}")
    return "_".join(parts) + ".jsonl"


def auto_workers(device: str, threads: int) -> int:
    """How many processes this machine has cores and memory for; one on anything but the CPU."""
    if device != "cpu":
        return 1
    return max(1, min(usable_cores() // threads, physical_memory() // NEEDED_MEMORY))


def _plan(chosen: Chosen, job: Job, backend: Backend, begun: str) -> _Run:
    own = job.protocol.size if job.protocol.size is not None else chosen.size
    protocol = dataclasses.replace(job.protocol, size=own)
    size = protocol.size_for(chosen.dataset.reader)
    network_size((1, 1), size, backend.stride)
    model = f"{backend.name}-{job.variant}" if job.variant else backend.name
    file = job.out / trace_name(model, chosen.dataset.label, size, protocol, begun)
    masks = None if job.save_masks is None else job.save_masks / file.stem
    return _Run(chosen.dataset, protocol, file, masks)


def _set_aside(runs: Sequence[_Run]) -> None:
    for one in runs:
        if (old := set_aside(one.file)) is not None:
            typer.echo(f"kept as {old}")


def _pool(job: Job, backend: Backend) -> WorkerPool | nullcontext[None]:
    count = job.workers
    if count is None:
        count = 1 if job.shard is not None else auto_workers(backend.device, job.threads)
    return WorkerPool(job.load, count, job.threads) if count > 1 else nullcontext()


def _open(one: _Run, job: Job, backend: Backend, bar: Progress) -> TraceFile:
    task = bar.add_task(f"{one.dataset.label}: ground truths", total=len(one.dataset.samples))
    data = fingerprint(one.dataset, progress=lambda finished: bar.update(task, completed=finished))
    bar.remove_task(task)
    return open_trace(
        one.file,
        backend,
        one.dataset,
        one.protocol,
        data=data,
        start_masks=job.start_masks,
        shard=job.shard,
    )


def _evaluate(
    one: _Run, trace: TraceFile, job: Job, backend: Backend, pool: WorkerPool | None, bar: Progress
) -> None:
    samples = one.dataset.samples[: job.limit]
    task = bar.add_task(one.dataset.label, total=len(samples if job.shard is None else job.shard.of(samples)))
    evaluate_dataset(
        backend,
        one.dataset,
        one.protocol,
        limit=job.limit,
        trace=trace,
        progress=lambda finished: bar.update(task, completed=finished),
        start_masks=job.start_masks,
        save_masks=one.masks,
        shard=job.shard,
        pool=pool,
    )


def _rows(runs: Sequence[_Run], traces: Sequence[TraceFile], job: Job) -> list[Row]:
    """Put parts together, and summarise; no rows if one of the data sets lacks parts."""
    whole = True
    for one, trace in zip(runs, traces, strict=True):
        samples = one.dataset.samples[: job.limit]
        if job.ending == "wait":
            put_together_when_complete(one.file, trace.header, samples)
        elif not put_together(one.file, trace.header, samples) and job.ending == "report":
            whole = False
            typer.echo(
                f"{one.dataset.label}: part {job.shard} is finished, others are not; whichever ends last "
                "puts them together",
                err=True,
            )
    if not whole or job.ending == "leave":
        return []
    return [_row(one, trace.header, job) for one, trace in zip(runs, traces, strict=True)]


def _row(one: _Run, header: TraceHeader, job: Job) -> Row:
    samples = {sample.name for sample in one.dataset.samples[: job.limit]}
    objects = [trace for trace in read_trace(one.file)[1] if trace.sample in samples]
    if not objects:
        raise EvaluationError(f"{one.dataset.label} has no object to evaluate: its masks are all background")
    summary = summarise(
        objects,
        target_iou=one.protocol.target_iou,
        cap=one.protocol.max_clicks,
        thresholds=job.thresholds,
        after=job.after,
    )
    data = header.identity["dataset"]["fingerprint"]
    return Row(one.dataset, one.protocol, summary, one.file, digest(one.file, samples), len(samples), data)
