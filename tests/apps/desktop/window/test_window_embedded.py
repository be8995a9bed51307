"""A day's work with the model of the package: real mouse and key events, real answers.

The other files of this folder click on a model that draws disks, whose masks are known to the pixel. Here it
is enough that the same things happen with masks nobody can foretell, at the pace of a real network.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from skipclick.annotation import Project
from skipclick.mask import iou

pytestmark = pytest.mark.slow

User = Any  # of the conftest
PATIENCE = 300_000
CUP, SAUCER, TABLE = (186, 141), (270, 200), (40, 27)
"""Places in the photo of the cup, (x, y)."""


@pytest.fixture
def cup(photo: Callable[[str], Any]) -> NDArray[np.bool_]:
    mask: NDArray[np.bool_] = photo("coffee").mask
    return mask


@pytest.fixture
def day(user: User, embedded_model: Any, photo: Callable[[str], Any], tmp_path: Path) -> User:
    """Somebody who has opened two photos of a cup, and whose model is that of the package."""
    bot, window = user.bot, user.window
    user.rest = lambda: bot.waitUntil(lambda: not window.clicking.waiting, timeout=PATIENCE)
    window.work.open(None)
    with bot.waitSignal(window.worker.model_ready, timeout=PATIENCE):
        window.worker.load(lambda: embedded_model)
    place = tmp_path / "day"
    place.mkdir()
    image = Image.fromarray(photo("coffee").image)
    image.save(place / "a.png")
    image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(place / "b.png")
    user.open(place)
    return user


def document(user: User) -> Any:
    project = user.window.work.project
    assert project is not None
    return project.document


def test_clicks_made_while_it_encodes_are_answered_in_order(day: User, cup: NDArray[np.bool_]) -> None:
    day.press(*CUP)
    day.press(*SAUCER)
    day.press(*TABLE, "Right")
    assert day.objects == ()  # the window did not wait
    assert len(day.window.clicking.clicks) == 3
    day.rest()
    (one,) = day.objects
    assert [click.positive for click in one.clicks] == [True, True, False]
    assert one.model == "skipclick-s"
    assert iou(day.mask(), cup) > 0.5
    assert not day.mask()[TABLE[1], TABLE[0]]


def test_undo_and_redo_bring_every_mask_back(day: User) -> None:
    masks = []
    for place, button in ((CUP, "Left"), (SAUCER, "Right"), (TABLE, "Left")):
        day.click(*place, button)
        masks.append(day.mask())
    assert not np.array_equal(masks[0], masks[2])
    for mask in masks[1::-1]:
        day.key("U")
        assert np.array_equal(day.mask(), mask)
    for mask in masks[1:]:
        day.key("Y", "Control")
        assert np.array_equal(day.mask(), mask)
    day.key("U")
    day.click(*TABLE, "Right")
    assert not day.mask()[TABLE[1], TABLE[0]]


def test_objects_are_finished_chosen_hidden_locked_and_deleted(day: User) -> None:
    day.click(*CUP)
    day.key("Space")
    day.click(*TABLE)
    day.key("Return")
    assert len(day.objects) == 2
    first, second = (one.id for one in day.objects)
    day.press(*CUP, "Left", "Control")
    assert day.window.work.selected == (first,)
    day.key("K")
    before = day.objects[0]
    day.press(*SAUCER)
    day.rest()
    assert day.objects[0] == before
    day.key("K")
    day.key("H")
    assert day.objects[0].hidden
    day.press(*TABLE, "Left", "Control")
    assert day.window.work.selected == (second,)
    day.key("Delete")
    assert [one.id for one in day.objects] == [first]
    day.key("U")
    assert [one.id for one in day.objects] == [first, second]


def test_what_was_painted_is_refined_by_clicks(day: User) -> None:
    day.key("B")
    day.drag([(170, 130), (200, 140), (220, 150)])
    painted = day.mask()
    assert day.objects[0].clicks == ()
    day.key("C")
    day.click(*SAUCER)
    assert len(day.objects) == 1
    assert day.mask()[SAUCER[1], SAUCER[0]]
    assert (day.mask() & painted).sum() > 0.5 * painted.sum()
    day.click(100, 130)  # the saucer's other side
    assert day.mask().sum() > painted.sum()
    day.key("E")
    day.drag([(CUP[0], CUP[1]), (CUP[0] + 8, CUP[1])])
    assert not day.mask()[CUP[1], CUP[0]]
    erased = day.mask()
    for key in ("J", "T"):  # fill holes, grow
        day.key(key)
    assert day.mask().sum() > erased.sum()
    while day.objects:
        day.key("U")
    assert document(day).image("a.png").objects == ()


def test_a_box_is_a_start(day: User, cup: NDArray[np.bool_]) -> None:
    rows, columns = np.nonzero(cup)
    day.key("R")
    day.drag([(columns.min(), rows.min()), (columns.max(), rows.max())])
    assert day.objects[0].clicks == ()
    boxed = day.mask()
    day.click(*CUP)
    assert iou(day.mask(), cup) > max(0.5, iou(boxed, cup) - 0.2)


def test_a_small_thing_is_magnified(day: User) -> None:
    day.click(*CUP)
    whole = day.mask()
    day.key("Space")
    day.key("Z")
    day.click(*TABLE)
    assert len(day.objects) == 2
    assert day.mask()[TABLE[1], TABLE[0]]
    assert np.array_equal(day.mask(0), whole)


def test_a_preview_is_what_the_click_gives(day: User) -> None:
    day.click(*CUP)
    day.key("Space")
    day.key("P")
    shown: list[Any] = []
    day.window.preview.changed.connect(shown.append)
    day.window.preview.hover(*SAUCER)
    day.bot.waitUntil(lambda: any(isinstance(mask, np.ndarray) for mask in shown), timeout=PATIENCE)
    seen = next(mask for mask in shown if isinstance(mask, np.ndarray))
    assert len(day.objects) == 1
    day.click(*SAUCER)
    assert iou(day.mask(), seen) > 0.7  # the mouse hits whole pixels of the screen


def test_a_folder_is_worked_through_and_found_again(
    day: User, cup: NDArray[np.bool_], tmp_path: Path
) -> None:
    day.click(*CUP)
    day.key("X")
    day.key("D", "Control")
    day.key("N")
    assert day.window.work.image == "b.png"
    day.ready()
    assert np.array_equal(day.mask(0), document(day).image("a.png").objects[0].mask.to_mask())
    day.key("Delete") if day.window.work.selected else None
    day.key("Space")
    mirrored = cup.shape[1] - 1 - CUP[0], CUP[1]
    day.click(*mirrored)
    assert iou(day.mask(), cup[:, ::-1]) > 0.4
    before = document(day)
    with Project.open(tmp_path / "day", read_only=True) as other:
        assert other.document == before
