"""Exports and imports beside the window: progress, Cancel, and what they leave behind."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from skipclick.annotation import AddObject, Project, RunLengths, export_annotations
from skipclick.annotation.document import Shape
from skipclick.apps.desktop import beside, dialogs

User = Any  # of the conftest
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def labelled(user: User) -> User:
    """An object on each of the three images, and a.png at hand."""
    for _ in range(3):
        user.click(60, 60)
        user.key("D")
        user.ready()
    user.key("A")
    user.key("A")
    user.ready()
    user.said.clear()
    return user


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where all is exported to, as label maps."""
    place = tmp_path / "out"
    place.mkdir()
    monkeypatch.setattr(dialogs, "ask_export", lambda *_: dialogs.ExportWish("labels", "all", 0.0, False))
    monkeypatch.setattr(dialogs, "ask_folder", lambda *_: place)
    return place


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """While it is closed, nobody gets to know the size of b.png, except for the window itself."""
    opened, ask, window = threading.Event(), Project.shape_of, threading.get_ident()

    def shape_of(project: Project, name: str) -> Shape:
        if name == "b.png" and threading.get_ident() != window:
            assert opened.wait(20)
        return ask(project, name)

    monkeypatch.setattr(Project, "shape_of", shape_of)
    monkeypatch.setattr(beside, "QUICK", 0.01)
    yield opened
    opened.set()


class TestExport:
    def test_the_window_lives_and_shows_how_far_it_is(
        self, labelled: User, out: Path, gate: threading.Event
    ) -> None:
        seen: list[str] = []

        def look(dialog: Any) -> None:
            labelled.bot.waitUntil(lambda: dialog.bar.value() == 2)
            seen.append(dialog.numbers.text())
            assert dialog.isVisible()
            gate.set()

        labelled.will_answer(look)
        labelled.key("E", "Control")
        assert seen == ["2 / 3"]
        assert labelled.asked == ["Exporting masks …"]
        assert labelled.said == [f"3 objects exported to {out}."]
        assert len(list(out.rglob("*.png"))) == 3

    @pytest.mark.parametrize("how", ["button", "escape"])
    def test_cancel_ends_it_and_nothing_is_left(
        self, how: str, labelled: User, out: Path, gate: threading.Event
    ) -> None:
        def stop(dialog: Any) -> None:
            labelled.bot.waitUntil(lambda: dialog.bar.value() == 2)
            if how == "button":
                QTest.mouseClick(dialog.cancel, LEFT)
            else:
                QTest.keyClick(dialog, Qt.Key.Key_Escape)
            assert dialog.isVisible()  # until the image at hand is through
            assert not dialog.cancel.isEnabled()
            gate.set()

        labelled.will_answer(stop)
        labelled.key("E", "Control")
        assert labelled.said == ["The export was stopped; nothing was written."]
        assert list(out.iterdir()) == []
        labelled.awake()
        labelled.key("E", "Control")  # and it can be begun again
        assert labelled.said[-1] == f"3 objects exported to {out}."

    def test_a_quick_one_shows_nothing(
        self, labelled: User, out: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(beside, "QUICK", 20.0)
        labelled.key("E", "Control")
        assert labelled.asked == []
        assert labelled.said == [f"3 objects exported to {out}."]

    def test_what_stands_in_the_way_is_said(self, labelled: User, out: Path) -> None:
        labelled.key("E", "Control")
        labelled.key("E", "Control")
        assert "exists already" in labelled.said[-1]

    def test_an_error_nobody_foresaw_is_not_swallowed(
        self, labelled: User, out: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("never thought of that")

        monkeypatch.setattr("skipclick.apps.desktop.transfer.export_annotations", fail)
        with pytest.raises(RuntimeError, match="never thought"):
            labelled.window.transfer.export_masks()

    def test_clicks_without_an_answer_belong_to_it(self, labelled: User, out: Path, slow_model: Any) -> None:
        labelled.key("Space")
        slow_model.gate.clear()
        labelled.press(200, 100)
        labelled.will_answer(lambda _: slow_model.gate.set())
        labelled.key("E", "Control")
        assert labelled.asked[0].startswith("1 click has no mask yet")
        assert labelled.said == [f"4 objects exported to {out}."]

    @pytest.mark.parametrize(("covered", "said"), [(1, "1 without a"), (2, "2 without a")])
    def test_objects_left_out_are_counted(self, covered: int, said: str, user: User, out: Path) -> None:
        mask = np.zeros((200, 300), np.bool_)
        mask[20:60, 20:60] = True
        for _ in range(covered + 1):
            user.window.work.do(AddObject("a.png", 1, RunLengths.from_mask(mask)))
        user.key("E", "Control")
        assert user.said[-1].startswith(f"1 object exported to {out}. {said}")


class TestImport:
    @pytest.fixture
    def file(self, folder: Path, tmp_path: Path) -> Path:
        """A COCO file with one object on a.png, made in another project."""
        mask = np.zeros((200, 300), np.bool_)
        mask[10:50, 10:50] = True
        with Project.open(tmp_path / "other", images=folder) as other:
            other.do(AddObject("a.png", 1, RunLengths.from_mask(mask)))
            return export_annotations(other, "coco", tmp_path / "a.json").files[0]

    def test_what_was_chosen_and_is_replaced_is_chosen_no_more(self, user: User, file: Path) -> None:
        for x in (40, 150, 250):
            user.click(x, 100)
            user.key("Space")
        user.window.work.select((3,))
        user.window.transfer.bring_in("coco", file, "replace")
        assert user.said[-1] == "1 object imported; undo takes them back."
        assert user.window.work.selected == ()
        user.key("W")
        assert user.window.work.selected == (user.objects[0].id,)
        user.key("U")
        assert len(user.objects) == 3

    def test_on_a_full_disk_the_line_over_the_image_comes_and_goes(
        self, user: User, file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(_: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as broken:
            broken.setattr(os, "fsync", refuse)
            user.window.transfer.bring_in("coco", file, "add")
            assert len(user.objects) == 1
            assert user.window.banner.isVisible()
        QTest.mouseClick(user.window.banner.again, LEFT)
        assert not user.window.banner.isVisible()
        with Project.open(folder, read_only=True) as saved:
            assert saved.document.image("a.png").objects == user.objects

    def test_cancel_ends_it_and_nothing_is_changed(
        self, labelled: User, tmp_path: Path, gate: threading.Event
    ) -> None:
        file = export_annotations(labelled.window.work.project, "coco", tmp_path / "all.json").files[0]
        before = labelled.window.work.project.document

        def stop(dialog: Any) -> None:
            assert (dialog.bar.minimum(), dialog.bar.maximum()) == (0, 0)  # nobody knows how much there is
            QTest.mouseClick(dialog.cancel, LEFT)
            gate.set()

        labelled.will_answer(stop)
        labelled.window.transfer.bring_in("coco", file, "add")
        assert labelled.asked == ["Reading masks …"]
        assert labelled.said[-1] == "The import was stopped; nothing was changed."
        assert labelled.window.work.project.document is before

    def test_a_locked_object_is_not_replaced(self, user: User, file: Path) -> None:
        user.click(60, 60)
        user.key("K")
        before = user.objects
        user.window.transfer.bring_in("coco", file, "replace")
        assert "locked" in user.said[-1]
        assert user.objects == before

    def test_it_waits_for_clicks(self, user: User, file: Path, slow_model: Any) -> None:
        slow_model.gate.clear()
        user.press(200, 100)
        user.will_answer("Cancel")
        user.window.transfer.bring_in("coco", file, "add")
        assert user.objects == ()
        slow_model.gate.set()
        user.rest()
        user.window.transfer.bring_in("coco", file, "add")
        assert len(user.objects) == 2


def test_closing_its_dialog_is_cancel(qtbot: Any) -> None:
    stopped: list[bool] = []
    dialog = beside.ProgressDialog("Working …", 0, lambda: 0, lambda: True)
    qtbot.addWidget(dialog)
    dialog.stopped.connect(lambda: stopped.append(True))
    dialog.show()
    QApplication.sendEvent(dialog, QEvent(QEvent.Type.Close))
    assert stopped == [True]
