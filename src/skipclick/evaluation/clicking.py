"""Clicking through the objects of one image (specification 4.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from skipclick.backend.protocol import Backend
from skipclick.datasets import LoadedSample, Sample, TargetObject
from skipclick.encoded import encode_image
from skipclick.evaluation.boundary import boundary_f, boundary_iou
from skipclick.evaluation.loading import read_ahead
from skipclick.evaluation.mask_folder import save_mask
from skipclick.evaluation.protocol import EvaluationProtocol
from skipclick.evaluation.seeds import generator_for
from skipclick.evaluation.starts import faulty_mask, given_mask
from skipclick.evaluation.trace import ObjectTrace
from skipclick.evaluation.user import SimulatedUser
from skipclick.mask import iou
from skipclick.session import Session, Zoom


@dataclass(frozen=True, slots=True)
class Rules:
    """The protocol, applied to a data set.

    Attributes:
        protocol: the rules.
        size: the network's size (height, width).
        start_masks: the folder of masks to begin from if the protocol says "given".
        save_masks: the folder that the last mask of each object goes to; None for nowhere.
    """

    protocol: EvaluationProtocol
    size: tuple[int, int]
    start_masks: Path | None = None
    save_masks: Path | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One image to evaluate.

    Attributes:
        sample: the image with its objects.
        finished: ids of the objects that need not be evaluated again.
        lookalikes: other samples that are called as a mask of this one may be; see `given_mask`.
    """

    sample: Sample
    finished: frozenset[int] = frozenset()
    lookalikes: frozenset[str] = frozenset()


def evaluate_tasks(model: Backend, tasks: Iterable[Task], rules: Rules) -> Iterator[Iterator[ObjectTrace]]:
    """Evaluate images one after another, reading the next ones meanwhile.

    Yields:
        For each image its objects as they are finished, to be used up before the next image.

    Raises:
        DatasetError: a sample cannot be read.
        ModelError: the size does not suit the model.
        EvaluationError: a mask to begin from is missing or does not fit, or a mask cannot be saved.
    """
    todo = list(tasks)
    images = read_ahead(task.sample for task in todo)
    for task in todo:
        began = perf_counter()
        loaded = next(images)
        yield _evaluate_image(model, task, loaded, rules, began, perf_counter() - began)


def _evaluate_image(
    model: Backend, task: Task, loaded: LoadedSample, rules: Rules, began: float, load_seconds: float
) -> Iterator[ObjectTrace]:
    name, objects = task.sample.name, len(loaded.objects)
    zoom: Zoom = "published" if rules.protocol.zoom else False
    encoded = encode_image(
        model, loaded.image, size=rules.size, mirror=rules.protocol.mirror, keep_pixels=rules.protocol.zoom
    )
    image_seconds = perf_counter() - began
    for target in loaded.objects:
        if target.id in task.finished:
            continue
        start = _start_mask(task, target, objects == 1, rules)
        session = Session(model, encoded, threshold=rules.protocol.threshold, start=start, zoom=zoom)
        scores = _click_until_done(session, name, target, rules.protocol)
        if rules.save_masks is not None:
            alone, others = objects == 1, task.lookalikes
            save_mask(rules.save_masks, name, target.id, session.mask, alone=alone, others=others)
        yield ObjectTrace(
            sample=name,
            object_id=target.id,
            objects_in_sample=objects,
            clicks=session.clicks,
            ious=tuple(scores.ious),
            answer_seconds=tuple(scores.seconds),
            image_seconds=image_seconds,
            seconds=perf_counter() - began,
            load_seconds=load_seconds,
            start_iou=None if start is None else iou(start, target.truth == 1, target.truth == -1),
            boundary_f=tuple(scores.boundary_f),
            boundary_iou=tuple(scores.boundary_iou),
        )
        began, image_seconds, load_seconds = perf_counter(), 0.0, 0.0


def _start_mask(task: Task, target: TargetObject, alone: bool, rules: Rules) -> NDArray[np.bool_] | None:
    name, kind, seed = task.sample.name, rules.protocol.start, rules.protocol.seed
    if kind == "empty":
        return None
    if kind != "given":
        return faulty_mask(target.truth, kind, generator_for(seed, name, target.id, "start"))
    if rules.start_masks is None:
        raise ValueError("masks to begin from are given, but not the folder")
    height, width = target.truth.shape
    return given_mask(
        rules.start_masks, name, target.id, (height, width), alone=alone, others=task.lookalikes
    )


@dataclass(slots=True)
class _Scores:
    """What came of each click."""

    ious: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    boundary_f: list[float] = field(default_factory=list)
    boundary_iou: list[float] = field(default_factory=list)


def _click_until_done(
    session: Session, name: str, target: TargetObject, protocol: EvaluationProtocol
) -> _Scores:
    user = SimulatedUser(
        target.truth,
        first_click=protocol.first_click,
        jitter=protocol.jitter,
        generator=generator_for(protocol.seed, name, target.id, "clicks"),
    )
    inside, ignored = target.truth == 1, target.truth == -1
    scores = _Scores()
    mask = session.mask
    while len(scores.ious) < protocol.max_clicks:
        click = user.next_click(mask)
        began = perf_counter()
        mask = session.add(click)
        scores.seconds.append(perf_counter() - began)
        scores.ious.append(iou(mask, inside, ignored))
        if protocol.boundary:
            scores.boundary_f.append(boundary_f(mask, inside, ignored))
            scores.boundary_iou.append(boundary_iou(mask, inside, ignored))
        if scores.ious[-1] >= protocol.target_iou and len(scores.ious) >= protocol.min_clicks:
            break
    return scores
