"""A long day: 200 images, 3,000 actions, and a journal that leads to the same document."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from skipclick.annotation import journal
from skipclick.annotation.commands import (
    AddClass,
    AddObject,
    Command,
    CopyObjects,
    DeleteObjects,
    SetDone,
    SetMask,
    SetReviewed,
)
from skipclick.annotation.document import Document
from skipclick.annotation.edit import grow, paint, shrink
from skipclick.annotation.history import History
from skipclick.annotation.project import Project
from skipclick.annotation.volume import replayed, volumes
from skipclick.mask import RunLengths

SHAPE = (24, 32)
NAMES = tuple(f"photo {number}.jpg" for number in range(200))


def action(document: Document, generator: np.random.Generator, at: float) -> Command:
    """One of the things that people do all day."""
    place = int(generator.integers(0, len(NAMES)))
    image = document.image(NAMES[place])
    pick = generator.random()
    path = [(float(x), float(y)) for x, y in generator.random((4, 2)) * (32, 24)]
    if not image.objects or pick < 0.4:
        kind = document.classes[int(generator.integers(0, len(document.classes)))].id
        mask = paint(np.zeros(SHAPE, np.bool_), path, 3.0)
        return AddObject(image.name, kind, RunLengths.from_mask(mask), seconds=4.0, at=at)
    one = image.objects[int(generator.integers(0, len(image.objects)))]
    if pick < 0.8:
        before = one.mask.to_mask()
        after = (paint(before, path, 2.0, False), grow(before, 1.0), shrink(before, 1.0))
        which = int(generator.integers(0, 3))
        tool = ("eraser", "grow", "shrink")[which]
        return SetMask(image.name, one.id, RunLengths.from_mask(after[which]), tool, seconds=1.0, at=at)
    if pick < 0.86:
        return DeleteObjects(image.name, (one.id,))
    if pick < 0.92:
        return CopyObjects(image.name, (one.id,), NAMES[(place + 1) % len(NAMES)], SHAPE, at)
    if pick < 0.93:
        return AddClass(f"class {document.next_class}")
    return SetReviewed(image.name, True) if image.state == "done" else SetDone(image.name, not image.done)


def work(
    do: Callable[[Command], object],
    undo: Callable[[], object],
    redo: Callable[[], object],
    now: Callable[[], Document],
    count: int,
) -> None:
    generator = np.random.default_rng(7)
    for number in range(count):
        pick = generator.random()
        if pick < 0.1:
            undo()
        elif pick < 0.15:
            redo()
        else:
            do(action(now(), generator, float(number)))


def make_folder(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / name).touch()
    return tmp_path


def test_two_hundred_actions_and_a_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "ROLL_AT", 20_000)
    with Project.open(make_folder(tmp_path)) as project:
        work(project.do, project.undo, project.redo, lambda: project.document, 200)
        document = project.document
    assert len(volumes(project.home)) > 1
    assert replayed(project.home) == document


@pytest.mark.slow
def test_three_thousand_actions_and_a_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "ROLL_AT", 200_000)
    with Project.open(make_folder(tmp_path)) as project:
        work(project.do, project.undo, project.redo, lambda: project.document, 3000)
        document, depth = project.document, project._history.depth
    assert len(volumes(project.home)) > 1
    assert replayed(project.home) == document
    twin = History(Document())
    work(twin.do, twin.undo, twin.redo, lambda: twin.document, 3000)
    assert twin.document == document
    with Project.open(tmp_path) as project:
        assert project.document == document
        for _ in range(depth):
            project.undo()
        assert project.document == Document()


@pytest.mark.slow
def test_memory_stays_in_proportion_to_what_was_changed() -> None:
    """Undo keeps what an action changed, not the documents: here 1,000 actions among 200 images."""
    history = History(Document())
    work(history.do, history.undo, history.redo, lambda: history.document, 400)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    work(history.do, history.undo, history.redo, lambda: history.document, 1000)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (after - before) / 1000 < 6000  # a copy of the table of images alone would take 9 kB
