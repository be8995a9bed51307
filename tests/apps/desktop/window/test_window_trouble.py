"""Disks, other programs and the end of the whole window, through the dialogs that people see."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

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
