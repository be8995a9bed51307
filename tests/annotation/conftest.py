"""Work on a labelled folder as somebody might do it, at random."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from PIL import Image

from skipclick.annotation import commands as c
from skipclick.annotation.document import Document
from skipclick.mask import RunLengths
from skipclick.prompt import Click

RandomCommand: TypeAlias = Callable[[Document, np.random.Generator], c.Command]
MakePhotos: TypeAlias = Callable[..., Path]

SHAPE = (9, 12)
NAMES = ("a.jpg", "b 2.png", "in/ä.jpg", "in/deep/c.webp")
TOOLS: tuple[c.Tool, ...] = ("clicks", "brush", "eraser", "polygon cut", "smooth", "grow", "import")


def random_mask(generator: np.random.Generator, shape: tuple[int, int] = SHAPE) -> RunLengths:
    mask = generator.random(shape) < generator.choice([0.0, 0.1, 0.5, 1.0])
    y, x = generator.integers(0, shape[0]), generator.integers(0, shape[1])
    mask[y : y + 4, x : x + 5] = generator.random() < 0.8
    return RunLengths.from_mask(mask)


def random_clicks(generator: np.random.Generator) -> tuple[Click, ...]:
    count = int(generator.integers(0, 4))
    return tuple(
        Click(float(x), float(y), bool(positive))
        for x, y, positive in zip(
            generator.random(count) * 11,
            generator.random(count) * 8,
            generator.random(count) < 0.7,
            strict=True,
        )
    )


def make_command(document: Document, generator: np.random.Generator) -> c.Command:
    """A command that makes sense for the document."""
    name = str(generator.choice(NAMES))
    image = document.image(name)
    kinds = [one.id for one in document.classes]
    kind = int(generator.choice(kinds))
    at = float(generator.integers(1, 10**9))
    new = c.AddObject(
        name,
        kind,
        random_mask(generator),
        clicks=random_clicks(generator),
        model="skipclick-s",
        seconds=float(generator.integers(0, 30)),
        at=at,
    )
    free = [one for one in image.objects if not one.locked]
    pick = int(generator.integers(0, 20))
    if pick == 0:
        return c.AddClass(f"class {document.next_class}")
    if pick == 1:
        return c.EditClass(kind, name=f"renamed {at}", colour=(int(at) % 256, 0, 7))
    if pick == 2 and len(kinds) > 1:
        return c.RemoveClass(kind, next(one for one in kinds if one != kind))
    if pick == 3:
        return c.SetOverlap("front" if generator.random() < 0.5 else "keep")
    if pick == 4:
        return c.MoveClass(kind, int(generator.integers(0, len(kinds))))
    if pick == 5:
        kind_of_mark = c.SetDone if generator.random() < 0.5 else c.SetReviewed
        return kind_of_mark(name, bool(generator.random() < 0.6))
    if pick < 9 or not image.objects:
        return new
    if len(image.objects) > 12:
        locked = tuple(one.id for one in image.objects if one.locked)
        ids = tuple(one.id for one in free[::2])
        return c.SetLocked(name, locked, False) if len(locked) > 3 else c.DeleteObjects(name, ids)
    ids = tuple(one.id for one in image.objects if generator.random() < 0.4) or (image.objects[0].id,)
    one = int(generator.choice(ids))
    if pick == 9:
        return c.SetHidden(name, ids, bool(generator.random() < 0.5))
    if pick == 10:
        return c.SetLocked(name, ids, bool(generator.random() < 0.5))
    if pick == 11:
        return c.MoveObject(name, one, int(generator.integers(0, len(image.objects))))
    if pick == 12:
        return c.SetColour(name, ids, int(generator.integers(0, 30)))
    if pick == 13:
        return c.CopyObjects(name, ids[:1], str(generator.choice(NAMES)), SHAPE, at)
    if not free:
        return new
    chosen = free[int(generator.integers(0, len(free)))].id
    if pick == 14:
        return c.SetClass(name, (chosen,), kind, at)
    if pick == 15:
        return c.DeleteObjects(name, (chosen,))
    tool = TOOLS[int(generator.integers(0, len(TOOLS)))]
    change = c.SetMask(name, chosen, random_mask(generator), tool, seconds=1.5, at=at)
    return c.Together("Change and add", (change, new)) if pick == 16 else change


@pytest.fixture(scope="session")
def random_command() -> RandomCommand:
    """Makes a command that fits a document, the first argument, with a generator, the second."""
    return make_command


@pytest.fixture(scope="session")
def make_mask() -> Callable[..., RunLengths]:
    """Makes a mask with a generator and perhaps a shape."""
    return random_mask


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with four small photos."""
    folder = tmp_path / "photos"
    for name in NAMES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", SHAPE[::-1], (90, 120, 150)).save(path)
    return folder
