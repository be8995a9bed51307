"""Evaluating a model on a data set: simulated clicks on every object (specification 4.1)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from skipclick.backend.protocol import Backend
from skipclick.datasets import Dataset, Fingerprint, fingerprint
from skipclick.evaluation.clicking import Rules, Task, evaluate_tasks
from skipclick.evaluation.environment import made_with
from skipclick.evaluation.mask_folder import mask_file
from skipclick.evaluation.protocol import PUBLISHED, EvaluationError, EvaluationProtocol
from skipclick.evaluation.shards import Shard, known_results
from skipclick.evaluation.starts import folder_digest, lookalikes
from skipclick.evaluation.trace import ObjectTrace, TraceHeader
from skipclick.evaluation.trace_file import TraceFile
from skipclick.evaluation.workers import WorkerPool


def evaluate_dataset(
    model: Backend,
    dataset: Dataset,
    protocol: EvaluationProtocol = PUBLISHED,
    *,
    limit: int | None = None,
    trace: TraceFile | None = None,
    progress: Callable[[int], None] | None = None,
    start_masks: Path | None = None,
    save_masks: Path | None = None,
    shard: Shard | None = None,
    pool: WorkerPool | None = None,
) -> list[ObjectTrace]:
    """Click through the objects of a data set; each image is encoded once, whatever it holds.

    Args:
        model: a loaded model.
        dataset: what `open_dataset` returned.
        protocol: the rules.
        limit: only so many samples, the first ones; None means all.
        trace: where each object is recorded as soon as it is finished, see `open_trace`. Objects that it
            holds already are taken from it.
        progress: told how many samples are finished, beginning with 0.
        start_masks: the folder of masks to begin from, see `given_mask`, if the protocol says "given".
        save_masks: the folder that the last mask of each object is written to, see `open_mask_folder`.
            Objects whose mask is not there are evaluated again, even if the trace holds them.
        shard: only this part of the samples.
        pool: processes that do the work with models of their own; None means `model` does it here.

    Returns:
        One trace per object, in the data set's order.

    Raises:
        DatasetError: a sample cannot be read.
        ModelError: the protocol's size does not suit the model.
        EvaluationError: the trace or a mask cannot be written, a mask to begin from is missing or does not
            fit, or a process of the pool was ended.
    """
    _check_start(protocol, start_masks)
    samples = dataset.samples[:limit] if shard is None else shard.of(dataset.samples[:limit])
    with_masks = start_masks is not None or save_masks is not None
    others = lookalikes(sample.name for sample in dataset.samples) if with_masks else {}
    tasks = [
        Task(sample, finished, others.get(sample.name, frozenset()))
        for sample in samples
        if (finished := _finished(trace, sample.name, save_masks)) is not None
    ]
    rules = Rules(protocol, protocol.size_for(dataset.reader), start_masks, save_masks)
    fresh: Iterator[Iterable[ObjectTrace]]
    fresh = evaluate_tasks(model, tasks, rules) if pool is None else pool.evaluate(tasks, rules)
    names = {task.sample.name for task in tasks}
    traces: list[ObjectTrace] = []
    for count, sample in enumerate(samples):
        if progress is not None:
            progress(count)
        found = trace.of_sample(sample.name) if trace is not None else []
        recorded = {one.object_id for one in found}
        for one in next(fresh) if sample.name in names else ():
            if one.object_id in recorded:  # evaluated again for its mask alone
                continue
            if trace is not None:
                trace.add(one)
            found.append(one)
        if trace is not None and not found and sample.name in names:
            trace.add_empty(sample.name)
        traces += found
    if progress is not None:
        progress(len(samples))
    return traces


def open_trace(
    path: Path,
    model: Backend,
    dataset: Dataset,
    protocol: EvaluationProtocol = PUBLISHED,
    *,
    data: Fingerprint | None = None,
    start_masks: Path | None = None,
    shard: Shard | None = None,
) -> TraceFile:
    """Open the record of an evaluation, to begin or to continue it.

    Args:
        path: the file; a shard writes to a part of it, see `Shard.path`.
        model: what is evaluated.
        dataset: on what.
        protocol: by which rules.
        data: the data set's fingerprint; None computes it, which reads all ground truths.
        start_masks: the folder of masks to begin from, if the protocol says "given".
        shard: the part of the samples that is evaluated here.

    Returns:
        The file. What other parts hold counts as finished.

    Raises:
        EvaluationError: the file, or a part, holds something else, or was made with another model, data set
            or protocol.
        DatasetError: a ground truth cannot be read.
    """
    _check_start(protocol, start_masks)
    identity = {
        "model": model.name,
        "weights": model.fingerprint,
        "dataset": {
            "label": dataset.label,
            "reader": dataset.reader,
            "samples": len(dataset.samples),
            "fingerprint": (data if data is not None else fingerprint(dataset)).sha256,
            **({"missing": len(dataset.missing)} if dataset.missing else {}),
        },
        "protocol": dataclasses.asdict(protocol) | {"size": list(protocol.size_for(dataset.reader))},
        **({} if start_masks is None else {"start_masks": folder_digest(start_masks)}),
    }
    header = TraceHeader(identity, made_with(model))
    known = known_results(path, header)
    file = path if shard is None else shard.path(path)
    return TraceFile(file, header, known.objects(), known.empty)


def _finished(trace: TraceFile | None, sample: str, masks: Path | None) -> frozenset[int] | None:
    """The objects of a sample that are recorded, with their masks if these are wanted; None for all."""
    if trace is None:
        return frozenset()
    objects = trace.of_sample(sample)
    kept = frozenset(
        one.object_id
        for one in objects
        if masks is None
        or mask_file(masks, sample, one.object_id, alone=one.objects_in_sample == 1).is_file()
    )
    return None if trace.is_whole(sample) and len(kept) == len(objects) else kept


def _check_start(protocol: EvaluationProtocol, start_masks: Path | None) -> None:
    if (protocol.start == "given") != (start_masks is not None):
        raise EvaluationError('a folder of masks to begin from goes with the start "given", and only with it')
