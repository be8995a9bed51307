"""Images, classes and objects in the whole window: lists, keys, files in and out, trouble with the disk."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from skipclick.annotation import NotSavedError, Project
from skipclick.annotation.journal import Journal
from skipclick.apps.desktop import dialogs
from skipclick.apps.desktop.object_row import icon_places
from skipclick.apps.desktop.window import Window

User = Any  # of the conftest
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class TestImages:
    def test_keys_go_through_the_folder_and_stop_at_its_ends(self, user: User) -> None:
        seen = []
        for key in ("A", "D", "D", "D", "A"):
            user.key(key)
            seen.append(user.window.work.image)
        assert seen == ["a.png", "b.png", "c ä.png", "c ä.png", "b.png"]
        assert user.said == ["This is the first image.", "This is the last image."]

    def test_a_click_in_the_list_opens_an_image(self, user: User) -> None:
        images = user.window.folder.list
        place = images.visualRect(images.model().index(2, 0)).center()
        QTest.mouseClick(images.viewport(), LEFT, NONE, place)
        assert user.window.work.image == "c ä.png"

    def test_states_filter_and_progress(self, user: User) -> None:
        user.click(60, 60)
        user.key("D")
        user.key("X")
        panel = user.window.folder
        assert panel.counts.text() == "3 images · 1 begun · 1 done"
        assert (panel.progress.value(), panel.progress.maximum()) == (1, 3)
        panel.states.setCurrentIndex(2)
        assert [panel.chosen.index(row, 0).data() for row in range(panel.chosen.rowCount())] == ["a.png"]
        panel.states.setCurrentIndex(0)
        QTest.keyClicks(panel.filter, "Ä")
        assert [panel.chosen.index(row, 0).data() for row in range(panel.chosen.rowCount())] == ["c ä.png"]
        assert user.window.work.image == "b.png"  # typing is for the filter alone

    def test_next_unfinished_passes_over_what_is_done(self, user: User) -> None:
        user.key("X", "Shift")
        assert user.window.work.image == "b.png"
        user.key("D")
        user.key("X", "Shift")
        assert user.window.work.image == "b.png"
        user.key("X")
        user.key("N")
        assert user.said[-1] == "All other images are done."

    def test_thumbnails_come_by_themselves(self, user: User) -> None:
        role = Qt.ItemDataRole.DecorationRole
        model = user.window.folder.model
        user.bot.waitUntil(lambda: model.index(1).data(role) is not None)
        assert max(model.index(1).data(role).width(), model.index(1).data(role).height()) == 96

    def test_an_image_that_cannot_be_read_is_said_and_left(self, user: User, folder: Path) -> None:
        (folder / "bb.png").write_bytes(b"nothing")
        user.key("F5")
        user.key("D")
        user.key("D")
        user.bot.waitUntil(lambda: bool(user.said))
        assert "bb.png" in user.said[-1]
        user.key("D")
        user.ready()
        assert user.window.work.image == "c ä.png"

    def test_it_reopens_where_it_was_left(self, user: User, folder: Path) -> None:
        user.key("D")
        user.ready()
        user.click(60, 60)
        before = user.objects
        user.window.work.open(None)
        assert user.objects == ()
        user.window.files.open(folder)
        assert user.window.work.image == "b.png"
        assert user.objects == before

    def test_a_photo_opens_with_its_folder(self, user: User, folder: Path) -> None:
        user.window.work.open(None)
        user.open(folder / "c ä.png")
        assert user.window.work.image == "c ä.png"
        assert len(user.window.work.names) == 3

    def test_a_dropped_folder_opens(self, window: Window, folder: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(folder))])
        copy = Qt.DropAction.CopyAction
        window.dropEvent(QDropEvent(QPointF(5, 5), copy, data, LEFT, NONE))
        assert window.work.image == "a.png"


class TestObjects:
    @pytest.fixture
    def two(self, user: User) -> User:
        user.window.toolbox.brush()
        for x in (60, 200):
            user.press(x, 100)
            user.key("Space")
        user.window.toolbox.click()
        return user

    def test_digits_choose_classes(self, two: User) -> None:
        two.window.objects.add_class("ski")
        two.press(60, 100, "Left", "Control")
        assert two.window.work.selected == (1,)
        two.key("2")
        two.key("Space")
        two.click(130, 30)
        names = [two.window.work.project.document.class_of(one.class_id).name for one in two.objects]
        assert names == ["ski", "object", "ski"]

    def test_the_list_chooses_hides_and_locks(self, two: User) -> None:
        panel = two.window.object_list
        row = panel.visualItemRect(panel.item(1))  # the one behind
        QTest.mouseClick(panel.viewport(), LEFT, NONE, row.topLeft() + QPoint(40, 10))
        assert two.window.work.selected == (1,)
        for place in icon_places(row):
            QTest.mouseClick(panel.viewport(), LEFT, NONE, place.center())
        assert (two.objects[0].hidden, two.objects[0].locked) == (True, True)
        assert two.window.display.object_at(60, 100) is None
        two.key("Delete")
        assert len(two.objects) == 2
        assert "locked" in two.said[-1]

    def test_order_deletion_and_copies(self, two: User) -> None:
        two.press(60, 100, "Left", "Control")
        two.key("PageUp")
        assert [one.id for one in two.objects] == [2, 1]
        two.key("D", "Control")
        two.ready()
        assert two.window.work.image == "b.png"
        assert [one.mask for one in two.objects] == [two.window.work.project.document.image("a.png")[1].mask]
        two.key("A", "Control")
        two.key("Delete")
        assert two.objects == ()

    def test_mask_tools_change_only_the_chosen_object(self, two: User) -> None:
        two.press(60, 100, "Left", "Control")
        other, before = two.objects[1], two.mask(0)
        two.window.editing.grow()
        assert (two.mask(0) & before).sum() == before.sum() < two.mask(0).sum()
        two.key("E")
        two.drag([(40, 100), (60, 100), (80, 100)])
        assert not two.mask(0)[100, 60]
        two.key("G")
        for corner in ((20, 20), (100, 20), (100, 180), (20, 180)):
            two.press(*corner)
        two.key("Return")
        assert two.mask(0)[100, 60]
        two.key("G", "Shift")
        for corner in ((50, 90), (70, 90), (70, 110), (50, 110)):
            two.press(*corner)
        two.key("Return")
        assert not two.mask(0)[100, 60]
        two.key("J")
        assert two.mask(0)[100, 60]
        assert two.objects[1] == other

    def test_classes_are_edited_through_dialogs(self, two: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(dialogs, "ask_text", lambda *_: "pole")
        two.window.class_bar.add_wanted.emit()
        monkeypatch.setattr(dialogs, "ask_text", lambda *_: "gate")
        two.window.class_bar.rename_wanted.emit(1)
        classes = two.window.work.project.document.classes
        assert [one.name for one in classes] == ["gate", "pole"]
        monkeypatch.setattr(dialogs, "ask_item", lambda *_: "pole")
        two.window.class_bar.remove_wanted.emit(1)
        assert {one.class_id for one in two.objects} == {2}
        assert list(two.window.class_bar.buttons) == [2]


class TestInAndOut:
    def test_what_is_exported_comes_back(
        self, user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user.click(60, 60)
        mask = user.mask()
        out = tmp_path / "out"
        out.mkdir()
        monkeypatch.setattr(dialogs, "ask_export", lambda *_: dialogs.ExportWish("coco", "all", 0.0, False))
        monkeypatch.setattr(dialogs, "ask_folder", lambda *_: out)
        user.key("E", "Control")
        assert user.said[-1] == f"1 object exported to {out}."
        file = next(out.glob("*.json"))
        assert json.loads(file.read_bytes())["annotations"]
        user.key("Delete")
        assert user.objects == ()
        monkeypatch.setattr(dialogs, "ask_import", lambda _: dialogs.ImportWish("coco", "refuse"))
        monkeypatch.setattr(dialogs, "ask_file", lambda *_: file)
        user.key("I", "Control")
        np.testing.assert_array_equal(user.mask(), mask)
        user.window.work.select((user.objects[0].id,))
        user.click(200, 100)  # an imported mask is refined, not replaced
        assert (user.mask() & mask).sum() > 0.9 * mask.sum()

    def test_the_dialogs_know_all_formats(self, user: User) -> None:
        counts: dict[dialogs.Part, int] = {"all": 3, "this": 1, "chosen": 0, "done": 0, "reviewed": 0}
        export, bring = dialogs.ExportDialog(counts, user.window), dialogs.ImportDialog(user.window)
        seen = []
        for number in range(export.formats.count()):
            export.formats.setCurrentIndex(number)
            export.tolerance.setValue(1.5)
            seen.append((export.wish().format_name, export.wish().tolerance > 0))
        assert dict(seen) == {
            "coco": True,
            "yolo": True,
            "voc": False,
            "labelme": True,
            "labels": False,
            "binary": False,
        }
        bring.existing.setCurrentIndex(1)
        assert bring.wish() == dialogs.ImportWish("coco", "add")

    def test_save_says_where(self, user: User, folder: Path) -> None:
        user.key("S")
        assert str(folder / ".skipclick") in user.said[-1]


class TestTrouble:
    def test_a_full_disk_keeps_the_work_and_saves_it_elsewhere(
        self, user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user.click(60, 60)

        def full(*_: object) -> None:
            raise NotSavedError("the disk is full")

        with monkeypatch.context() as broken:
            broken.setattr(Journal, "flush", full)
            user.click(90, 60)
            assert user.window.banner.isVisible()
            assert "the disk is full" in user.window.banner.text.text()
            assert len(user.objects[0].clicks) == 2
        monkeypatch.setattr(dialogs, "ask_folder", lambda *_: tmp_path / "saved")
        (tmp_path / "saved").mkdir()
        user.key("S", "Control")
        assert not user.window.banner.isVisible()
        with Project.open(tmp_path / "winter", read_only=True) as other:
            assert other.document.image("a.png").objects == user.objects

    def test_a_project_goes_on_elsewhere(
        self, user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user.click(60, 60)
        (tmp_path / "saved").mkdir()
        monkeypatch.setattr(dialogs, "ask_folder", lambda *_: tmp_path / "saved")
        user.window.files.save_elsewhere()
        user.click(90, 60)
        with Project.open(tmp_path / "saved", read_only=True) as other:
            assert other.document.image("a.png").objects == user.objects

    def test_two_programs_are_noticed_and_one_may_look(
        self, user: User, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user.click(60, 60)
        user.window.work.open(None)
        said: list[str] = []

        def look(_: object, title: str, text: str, options: object) -> int:
            said.append(text)
            return 0

        monkeypatch.setattr(dialogs, "choose", look)
        with Project.open(folder):
            assert user.window.files.open(folder)
            user.ready()
            assert "close it there" in said[0]
            user.press(90, 60)
            assert "only looked at" in user.said[-1]
            assert len(user.objects) == 1

    def test_a_folder_that_may_not_be_written_keeps_its_project_elsewhere(
        self, window: Window, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place = tmp_path / "place"
        place.mkdir()
        opened = Project.open

        def refuse(path: Path, **options: Any) -> Project:
            if path == folder:
                raise NotSavedError("read-only")
            return opened(path, **options)

        monkeypatch.setattr(Project, "open", refuse)
        monkeypatch.setattr(dialogs, "choose", lambda *_: 0)
        monkeypatch.setattr(dialogs, "ask_folder", lambda *_: place)
        assert window.files.open(folder)
        assert window.work.project is not None
        assert window.work.project.home == place
        assert not (folder / ".skipclick").exists()

    def test_a_damaged_project_blocks_and_opens_with_what_can_be_read(
        self, user: User, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for x in (60, 90, 120):
            user.click(x, 60)
        user.window.work.open(None)
        journal = next((folder / ".skipclick").glob("journal-*.jsonl"))
        lines = journal.read_bytes().split(b"\n")
        lines[2] = b"damaged"
        journal.write_bytes(b"\n".join(lines))
        monkeypatch.setattr(dialogs, "choose", lambda *_: None)
        assert not user.window.files.open(folder)
        assert user.window.work.project is None
        monkeypatch.setattr(dialogs, "choose", lambda *_: 0)
        assert user.window.files.open(folder)
        assert len(user.objects) == 1


def test_a_folder_of_5000_images_opens_quickly(
    user: User, tmp_path: Path, picture: Callable[[int, int], NDArray[np.uint8]]
) -> None:
    many = tmp_path / "many"
    many.mkdir()
    Image.fromarray(picture(30, 20)).save(many / "0.png")
    for number in range(1, 5000):
        (many / f"{number}.png").hardlink_to(many / "0.png")
    clock = time.process_time()
    user.open(many)
    assert len(user.window.work.names) == 5000
    assert time.process_time() - clock < 3
