"""Evaluating a model on a data set: simulated clicks on every object (specification 4.1)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator
from importlib import metadata
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
from numpy.typing import NDArray

from skipclick.backend.protocol import Backend
from skipclick.datasets import Dataset, Sample
from skipclick.evaluation.clicker import Clicker
from skipclick.evaluation.protocol import PUBLISHED, EvaluationProtocol
from skipclick.evaluation.trace import ObjectTrace, TraceFile, TraceHeader
from skipclick.mask import iou
from skipclick.prompt import Click
from skipclick.session import EncodedImage, Session, encode_image


def evaluate_dataset(
    model: Backend,
    dataset: Dataset,
    protocol: EvaluationProtocol = PUBLISHED,
    *,
    limit: int | None = None,
    trace: TraceFile | None = None,
    progress: Callable[[int], None] | None = None,
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

    Returns:
        One trace per object, in the data set's order.

    Raises:
        DatasetError: a sample cannot be read.
        ModelError: the protocol's size does not suit the model.
        EvaluationError: the trace cannot be written.
    """
    traces: list[ObjectTrace] = []
    size = protocol.size_for(dataset.reader)
    for count, sample in enumerate(dataset.samples[:limit]):
        if progress is not None:
            progress(count)
        known = trace.of_sample(sample.name) if trace is not None else []
        traces += known
        if known and len(known) == known[0].objects_in_sample:
            continue
        for one in _evaluate_sample(model, sample, size, protocol, {old.object_id for old in known}):
            if trace is not None:
                trace.add(one)
            traces.append(one)
    if progress is not None:
        progress(len(dataset.samples[:limit]))
    return traces


def open_trace(
    path: Path, model: Backend, dataset: Dataset, protocol: EvaluationProtocol = PUBLISHED
) -> TraceFile:
    """Open the record of an evaluation, to begin or to continue it.

    Raises:
        EvaluationError: the file holds something else, or was made with another model, data set or protocol.
    """
    rules = dataclasses.asdict(protocol) | {"size": list(protocol.size_for(dataset.reader))}
    identity = {
        "model": model.name,
        "weights": model.fingerprint,
        "dataset": {"label": dataset.label, "reader": dataset.reader, "samples": len(dataset.samples)},
        "protocol": rules,
    }
    return TraceFile(path, TraceHeader(identity, made_with(model)))


def made_with(model: Backend) -> dict[str, str]:
    """What an evaluation ran on: device, back end and the versions that may change a number."""
    return {
        "device": model.device,
        "backend": type(model).__name__,
        **{name: _version(name) for name in ("skipclick", "numpy", "scipy", "torch")},
        "opencv": cv2.__version__,
    }


def _evaluate_sample(
    model: Backend,
    sample: Sample,
    size: tuple[int, int],
    protocol: EvaluationProtocol,
    finished: Collection[int],
) -> Iterator[ObjectTrace]:
    """Evaluate the objects of a sample whose ids are not among `finished`."""
    began = perf_counter()
    loaded = sample.load()
    encoded = encode_image(model, loaded.image, size=size, mirror=protocol.mirror)
    image_seconds = perf_counter() - began
    for target in loaded.objects:
        if target.id in finished:
            continue
        clicks, ious, answer_seconds = _click_until_done(model, encoded, target.truth, protocol)
        yield ObjectTrace(
            sample=sample.name,
            object_id=target.id,
            objects_in_sample=len(loaded.objects),
            clicks=clicks,
            ious=ious,
            answer_seconds=answer_seconds,
            image_seconds=image_seconds,
            seconds=perf_counter() - began,
        )
        began, image_seconds = perf_counter(), 0.0


def _click_until_done(
    model: Backend, encoded: EncodedImage, truth: NDArray[np.int8], protocol: EvaluationProtocol
) -> tuple[tuple[Click, ...], tuple[float, ...], tuple[float, ...]]:
    """Clicks, IoUs and seconds per answer of one object."""
    session = Session(model, encoded, threshold=protocol.threshold)
    clicker = Clicker(truth)
    inside, ignored = truth == 1, truth == -1
    ious: list[float] = []
    seconds: list[float] = []
    while len(ious) < protocol.max_clicks:
        click = clicker.next_click(session.mask)
        began = perf_counter()
        mask = session.add(click)
        seconds.append(perf_counter() - began)
        ious.append(iou(mask, inside, ignored))
        if ious[-1] >= protocol.target_iou and len(ious) >= protocol.min_clicks:
            break
    return session.clicks, tuple(ious), tuple(seconds)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
