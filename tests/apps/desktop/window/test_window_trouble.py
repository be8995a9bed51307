"""Disks, other programs and the end of the whole window, through the dialogs that people see."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from skipclick.annotation import Project

User = Any  # of the conftest
LEFT = Qt.MouseButton.LeftButton

HOLDER = """
import sys
from pathlib import Path
from skipclick.annotation import Project
with Project.open(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A disk on which nothing more finds room until this is undone."""
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", _refuse)
        yield broken


def _refuse(_: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


class TestFullDisk:
    def test_it_is_said_and_tried_again_until_there_is_room(
        self, user: User, folder: Path, full: pytest.MonkeyPatch
    ) -> None:
        banner = user.window.banner
        user.click(60, 60)
        assert banner.isVisible()
        assert "No space left on device" in banner.text.text()
        assert "1 action is in memory only" in banner.text.text()
        QTest.mouseClick(banner.again, LEFT)
        assert banner.isVisible()
        user.click(90, 60)
        assert "2 actions are in memory only" in banner.text.text()
        user.click(120, 60)
        assert len(user.objects[0].clicks) == 3
        full.undo()
        QTest.mouseClick(banner.again, LEFT)
        assert not banner.isVisible()
        assert user.said[-1] == "Everything is on disk again."
        with Project.open(folder, read_only=True) as other:
            assert other.document.image("a.png").objects == user.objects
        user.key("U")
        assert len(user.objects[0].clicks) == 2

    def test_the_project_moves_to_a_disk_with_room(
        self, user: User, tmp_path: Path, full: pytest.MonkeyPatch
    ) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        user.click(60, 60)
        assert user.window.banner.isVisible()
        full.undo()
        user.will_answer(elsewhere)
        QTest.mouseClick(user.window.banner.elsewhere, LEFT)
        user.awake()
        assert not user.window.banner.isVisible()
        user.click(90, 60)
        with Project.open(elsewhere, read_only=True) as other:
            assert other.document.image("a.png").objects == user.objects

    def test_closing_asks_first(self, user: User, full: pytest.MonkeyPatch) -> None:
        user.click(60, 60)
        user.will_answer("Cancel")
        assert not user.window.close()
        assert "No space left on device" in user.asked[-1]
        user.awake()
        user.click(90, 60)
        assert len(user.objects[0].clicks) == 2
        full.undo()
        assert user.window.close()
        assert user.surprises == []

    def test_what_is_to_be_lost_has_to_be_said(self, user: User, full: pytest.MonkeyPatch) -> None:
        user.click(60, 60)
        user.will_answer("Lose it")
        assert user.window.close()
        assert len(user.asked) == 1


class TestAnotherFolder:
    """Work that is in memory only is not left for another folder without a word."""

    @pytest.fixture
    def other(self, tmp_path: Path, picture: Callable[[int, int], NDArray[np.uint8]]) -> Path:
        place = tmp_path / "other"
        place.mkdir()
        Image.fromarray(picture(60, 40)).save(place / "d.png")
        Project.open(place).close()
        return place

    @pytest.fixture
    def pulled_out(self, user: User, folder: Path) -> User:
        """The stick with the project is gone after the first of two objects."""
        user.click(60, 60)
        user.key("Space")
        (folder / ".skipclick").rename(folder / "in a pocket")
        user.click(200, 100)
        assert user.window.banner.isVisible()
        return user

    def test_it_asks_and_cancel_keeps_everything(self, pulled_out: User, folder: Path, other: Path) -> None:
        pulled_out.will_answer("Cancel")
        assert not pulled_out.window.files.open(other)
        assert "in memory only" in pulled_out.asked[-1]
        assert pulled_out.window.banner.isVisible()
        assert len(pulled_out.objects) == 2
        (folder / "in a pocket").rename(folder / ".skipclick")
        assert pulled_out.window.files.open(other)  # now it can be written, and there is nothing to ask
        assert len(pulled_out.asked) == 1
        with Project.open(folder, read_only=True) as left:
            assert len(left.document.image("a.png").objects) == 2

    def test_it_may_be_saved_elsewhere_first(self, pulled_out: User, other: Path, tmp_path: Path) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        pulled_out.will_answer("Save elsewhere …", elsewhere)
        assert pulled_out.window.files.open(other)
        assert pulled_out.surprises == []
        assert pulled_out.window.work.image == "d.png"
        with Project.open(elsewhere, read_only=True) as left:
            assert len(left.document.image("a.png").objects) == 2

    def test_it_is_lost_only_if_that_is_said(self, pulled_out: User, other: Path) -> None:
        pulled_out.will_answer("Lose it")
        assert pulled_out.window.files.open(other)
        assert pulled_out.window.work.image == "d.png"
        assert not pulled_out.window.banner.isVisible()

    def test_a_dropped_folder_asks_too(self, pulled_out: User, other: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(other))])
        no_key = Qt.KeyboardModifier.NoModifier
        pulled_out.will_answer("Cancel")
        pulled_out.window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, LEFT, no_key))
        assert len(pulled_out.asked) == 1
        assert pulled_out.window.work.image == "a.png"


class TestUnansweredClicks:
    """Clicks that the model has not answered yet are waited for before they are left."""

    @pytest.fixture
    def waiting(self, user: User, slow_model: Any) -> User:
        slow_model.gate.clear()
        for x in (60, 90, 120):
            user.press(x, 60)
        return user

    def saved(self, folder: Path) -> list[int]:
        """How many clicks each object of a.png has on disk."""
        with Project.open(folder, read_only=True) as left:
            return [len(one.clicks) for one in left.document.image("a.png").objects]

    def test_closing_waits_for_the_answers(self, waiting: User, folder: Path, slow_model: Any) -> None:
        def answer(dialog: Any) -> None:
            assert not dialog.isHidden()
            slow_model.gate.set()

        waiting.will_answer(answer)
        assert waiting.window.close()
        assert waiting.asked == ["3 clicks have no mask yet. This goes on by itself when they have."]
        assert self.saved(folder) == [3]

    def test_closing_is_taken_back(self, waiting: User, slow_model: Any) -> None:
        waiting.will_answer("Cancel")
        assert not waiting.window.close()
        assert waiting.window.isVisible()
        slow_model.gate.set()
        waiting.rest()
        assert [len(one.clicks) for one in waiting.objects] == [3]

    def test_they_are_left_only_if_that_is_said(self, waiting: User, folder: Path, slow_model: Any) -> None:
        def leave(dialog: Any) -> None:
            buttons = {one.text(): one for one in dialog.findChildren(QPushButton)}
            QTest.mouseClick(buttons["Leave without them"], LEFT)
            slow_model.gate.set()

        waiting.will_answer(leave)
        assert waiting.window.close()
        assert len(waiting.asked) == 1
        assert self.saved(folder) == []

    def test_another_folder_waits_too(
        self, waiting: User, folder: Path, slow_model: Any, tmp_path: Path
    ) -> None:
        (tmp_path / "other").mkdir()
        waiting.will_answer(lambda _: slow_model.gate.set())
        assert waiting.window.files.open(tmp_path / "other")
        assert self.saved(folder) == [3]

    def test_a_click_that_fails_meanwhile_is_seen(self, waiting: User, slow_model: Any) -> None:
        def fail(_: Any) -> None:
            slow_model.fails = RuntimeError("no more")
            slow_model.gate.set()

        waiting.will_answer(fail)
        assert not waiting.window.close()
        assert "no more" in waiting.said[-1]
        slow_model.fails = None
        assert waiting.window.close()


class TestTwoPrograms:
    @pytest.fixture
    def held(self, user: User, folder: Path) -> Iterator[User]:
        """The folder is open in another process."""
        user.click(60, 60)
        user.window.work.open(None)
        other = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        yield user
        other.communicate()

    def test_the_second_one_may_look_and_change_nothing(self, held: User, folder: Path) -> None:
        journal = next((folder / ".skipclick").glob("journal-*"))
        before = journal.read_bytes()
        held.will_answer("Cancel", "Only look at it")
        assert not held.window.files.open(folder)
        assert "close it there" in held.asked[0]
        assert held.window.files.open(folder)
        held.ready()
        assert len(held.objects) == 1
        held.press(90, 60)
        held.key("Delete")
        held.key("X")
        held.key("U")
        assert all("looked at" in one for one in held.said if "first" not in one)
        assert len(held.objects) == 1
        held.key("D")  # other images can be looked at, too
        held.ready()
        assert journal.read_bytes() == before

    def test_opening_it_anyway_is_not_possible_while_it_runs(self, held: User, folder: Path) -> None:
        held.will_answer("Open it anyway", "Open it anyway")
        assert not held.window.files.open(folder)
        assert held.window.work.project is None
        assert held.surprises == []
