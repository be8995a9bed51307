"""The lists at the sides of the whole window: several images, the order of objects, digits of classes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from skipclick.annotation import Project, SetLocked
from skipclick.apps.desktop.dialogs import ExportDialog

User = Any  # of the conftest
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def click_image(user: User, row: int, held: Qt.KeyboardModifier = NONE) -> None:
    images = user.window.folder.list
    place = images.visualRect(images.model().index(row, 0)).center()
    QTest.mouseClick(images.viewport(), LEFT, held, place)


class TestSeveralImages:
    def test_shift_and_control_choose_without_opening(self, user: User) -> None:
        panel = user.window.folder
        assert panel.chosen_names() == ("a.png",)
        click_image(user, 2, SHIFT)
        assert panel.chosen_names() == ("a.png", "b.png", "c ä.png")
        click_image(user, 1, CONTROL)
        assert panel.chosen_names() == ("a.png", "c ä.png")
        assert panel.counts.text() == "2 of 3 chosen"
        assert user.window.work.image == "a.png"

    def test_a_plain_click_opens_one_and_chooses_it_alone(self, user: User) -> None:
        click_image(user, 2, SHIFT)
        click_image(user, 1)
        assert user.window.work.image == "b.png"
        assert user.window.folder.chosen_names() == ("b.png",)
        assert user.window.folder.counts.text() == "3 images · 0 begun · 0 done"
        click_image(user, 2, CONTROL)
        user.key("D")
        assert user.window.folder.chosen_names() == ("c ä.png",)

    def test_what_the_filter_hides_is_not_chosen(self, user: User) -> None:
        click_image(user, 2, SHIFT)
        QTest.keyClicks(user.window.folder.filter, "c")
        assert user.window.folder.chosen_names() == ("c ä.png",)


class TestExport:
    @pytest.fixture
    def labelled(self, user: User) -> User:
        """An object on each of the first two images, the second of which is done; none on the third."""
        user.click(60, 60)
        user.key("D")
        user.ready()
        user.click(60, 60)
        user.key("X")
        return user

    def export(self, user: User, out: Path, part: str | None) -> list[str]:
        """The images in the file after an export through the real dialogs."""
        out.mkdir()

        def fill_in(dialog: Any) -> None:
            assert isinstance(dialog, ExportDialog)
            assert dialog.formats.currentText() == "COCO (one JSON file)"
            if part is not None:
                rows = [dialog.parts.itemText(row) for row in range(dialog.parts.count())]
                wanted = next(row for row, text in enumerate(rows) if text.startswith(part))
                dialog.parts.setFocus()
                while dialog.parts.currentIndex() < wanted:
                    QTest.keyClick(dialog.parts, Qt.Key.Key_Down)
                assert dialog.parts.currentIndex() == wanted
            QTest.keyClick(dialog, Qt.Key.Key_Return)

        user.will_answer(fill_in, out)
        user.key("E", "Control")
        user.awake()
        assert user.surprises == []
        (file,) = out.glob("*.json")
        return [image["file_name"] for image in json.loads(file.read_bytes())["images"]]

    def test_every_part(self, labelled: User, tmp_path: Path) -> None:
        assert self.export(labelled, tmp_path / "1", "All") == ["a.png", "b.png"]
        assert self.export(labelled, tmp_path / "2", "The image at hand") == ["b.png"]
        assert self.export(labelled, tmp_path / "3", "Only those marked as done") == ["b.png"]
        click_image(labelled, 0)
        click_image(labelled, 2, CONTROL)
        assert self.export(labelled, tmp_path / "4", "Those chosen") == ["a.png"]
        assert labelled.said[-1] == f"1 object exported to {tmp_path / '4'}."

    def test_several_that_are_chosen_are_offered_first(self, labelled: User, tmp_path: Path) -> None:
        click_image(labelled, 0)
        click_image(labelled, 1, SHIFT)
        labelled.key("X")  # a.png is done, too
        assert self.export(labelled, tmp_path / "out", None) == ["a.png", "b.png"]

    def test_empty_parts_are_greyed(self, user: User) -> None:
        dialog = ExportDialog({"all": 12, "this": 0, "chosen": 0, "done": 3, "reviewed": 0}, user.window)
        model = dialog.parts.model()
        shown = [(model.item(row).text(), model.item(row).isEnabled()) for row in range(4)]
        assert shown == [
            ("All that are begun or done (12)", True),
            ("The image at hand (0)", False),
            ("Those chosen in the list (0)", False),
            ("Only those marked as done (3)", True),
        ]

    def test_without_labels_nothing_is_asked(self, user: User) -> None:
        user.key("E", "Control")
        assert user.asked == []
        assert user.said == ["Nothing is labelled yet, so there is nothing to export."]


class TestDragging:
    @pytest.fixture
    def three(self, user: User) -> User:
        """Objects 1, 2 and 3, from the back to the front; in the list 3 is on top. None is chosen."""
        user.window.toolbox.brush()
        for x in (60, 130, 200):
            user.press(x, 100)
            user.key("Space")
        user.window.toolbox.click()
        return user

    @staticmethod
    def at(user: User, row: int, part: float = 0.5) -> QPoint:
        rect = user.window.object_list.visualItemRect(user.window.object_list.item(row))
        return QPoint(60, round(rect.top() + part * rect.height()))

    def drag(self, user: User, start: QPoint, end: QPoint, *, drop: bool = True) -> None:
        place = user.window.object_list.viewport()
        QTest.mousePress(place, LEFT, NONE, start)
        for share in (0.3, 0.7, 1.0):
            QTest.mouseMove(place, start + (end - start) * share)
        if drop:
            QTest.mouseRelease(place, LEFT, NONE, end)

    @staticmethod
    def order(user: User) -> list[int]:
        return [one.id for one in user.objects]

    def test_to_the_front_and_to_the_back_is_one_step_each(self, three: User) -> None:
        self.drag(three, self.at(three, 2), self.at(three, 0, 0.2))
        assert self.order(three) == [2, 3, 1]
        self.drag(three, self.at(three, 0), self.at(three, 2, 0.9))
        assert self.order(three) == [1, 2, 3]
        done = len(three.window.work.project.done)
        three.key("U")
        assert self.order(three) == [2, 3, 1]
        assert len(three.window.work.project.done) == done - 1
        assert three.window.history.item(0).text() == "Reorder objects"

    def test_several_move_together_in_one_step(self, three: User, folder: Path) -> None:
        panel = three.window.object_list.viewport()
        QTest.mouseClick(panel, LEFT, NONE, self.at(three, 1))
        QTest.mouseClick(panel, LEFT, CONTROL, self.at(three, 2))
        assert set(three.window.work.selected) == {1, 2}
        self.drag(three, self.at(three, 2), self.at(three, 0, 0.1))
        assert self.order(three) == [3, 1, 2]
        assert set(three.window.work.selected) == {1, 2}
        with Project.open(folder, read_only=True) as other:  # it is on disk as it is on the screen
            assert [one.id for one in other.document.image("a.png").objects] == [3, 1, 2]
        three.key("U")
        assert self.order(three) == [1, 2, 3]

    def test_a_locked_object_may_move(self, three: User) -> None:
        three.window.work.do(SetLocked("a.png", (1,), True))
        self.drag(three, self.at(three, 2), self.at(three, 0, 0.2))
        assert self.order(three) == [2, 3, 1]
        assert three.objects[2].locked

    def test_what_is_in_front_is_picked_afterwards(self, three: User) -> None:
        for x in (60, 61):  # two objects on top of one another
            three.window.work.select(())
            three.window.toolbox.brush()
            three.press(x, 40)
        three.window.toolbox.click()
        assert three.window.display.object_at(60, 40) == 5
        self.drag(three, self.at(three, 0), self.at(three, 4, 0.9))
        assert three.window.display.object_at(60, 40) == 4

    def test_a_short_way_is_a_click(self, three: User) -> None:
        three.key("A", "Control")
        self.drag(three, self.at(three, 1), self.at(three, 1) + QPoint(2, 1))
        assert self.order(three) == [1, 2, 3]
        assert three.window.work.selected == (2,)

    def test_where_it_lies_already_is_no_step(self, three: User) -> None:
        done = len(three.window.work.project.done)
        self.drag(three, self.at(three, 1), self.at(three, 2, 0.2))
        self.drag(three, self.at(three, 1), self.at(three, 1, 0.9))
        assert len(three.window.work.project.done) == done

    def test_escape_leaves_all_as_it_was(self, three: User) -> None:
        panel = three.window.object_list
        self.drag(three, self.at(three, 2), self.at(three, 0, 0.2), drop=False)
        assert panel.keyboardGrabber() is panel
        QTest.keyClick(panel, Qt.Key.Key_Escape)
        QTest.mouseRelease(panel.viewport(), LEFT, NONE, self.at(three, 0, 0.2))
        assert self.order(three) == [1, 2, 3]
        assert panel.keyboardGrabber() is None

    def test_a_line_shows_where_it_would_lie(self, three: User) -> None:
        panel = three.window.object_list
        before = panel.grab().toImage()
        self.drag(three, self.at(three, 2), self.at(three, 1, 0.2), drop=False)
        line = panel.viewport().mapToParent(QPoint(80, panel.visualItemRect(panel.item(1)).top()))
        assert panel.grab().toImage().pixelColor(line) == panel.palette().link().color()
        assert before.pixelColor(line) != panel.palette().link().color()
        QTest.mouseRelease(panel.viewport(), LEFT, NONE, self.at(three, 1, 0.2))
        assert self.order(three) == [2, 1, 3]

    def test_an_image_that_changes_ends_it(self, three: User) -> None:
        self.drag(three, self.at(three, 2), self.at(three, 0, 0.2), drop=False)
        three.window.work.step(1)
        assert three.window.object_list.keyboardGrabber() is None
        QTest.mouseRelease(three.window.object_list.viewport(), LEFT, NONE, QPoint(60, 10))
        assert [one.id for one in three.window.work.project.document.image("a.png").objects] == [1, 2, 3]


class TestDigits:
    @pytest.fixture
    def classes(self, user: User) -> User:
        user.window.objects.add_class("ski")
        user.window.objects.add_class("pole & gate")
        return user

    @staticmethod
    def choose(user: User, class_id: int, digit: str) -> list[str]:
        """Take a digit from the menu under a class; returns what the menu offered."""
        button = user.window.class_bar.buttons[class_id]
        button.customContextMenuRequested.emit(QPoint(5, 5))
        directly = Qt.FindChildOption.FindDirectChildrenOnly
        menu = user.window.class_bar.findChildren(QMenu, options=directly)[-1]
        (inner,) = menu.findChildren(QMenu)
        assert inner.title() == "Digit"
        offered = [action.text() for action in inner.actions()]
        inner.popup(QPoint(0, 0))
        action = next(one for one in inner.actions() if one.text().startswith(digit))
        QTest.mouseClick(inner, LEFT, NONE, inner.actionGeometry(action).center())
        menu.close()
        user.awake()
        return offered

    @staticmethod
    def keys(user: User) -> list[str]:
        return [one.key for one in user.window.work.project.document.classes]

    def test_a_free_digit_chooses_the_class_at_once(self, classes: User) -> None:
        offered = self.choose(classes, 2, "7")
        assert offered == ["1   (object)", "2", "3   (pole && gate)", *"456789", "none"]
        assert self.keys(classes) == ["1", "7", "3"]
        classes.key("7")
        assert classes.window.work.class_id == 2
        classes.key("1")
        classes.key("2")
        assert classes.window.work.class_id == 1
        assert classes.window.class_bar.buttons[2].text() == "ski  7"
        assert classes.said == []

    def test_one_that_is_taken_is_exchanged(self, classes: User) -> None:
        self.choose(classes, 1, "3")
        assert self.keys(classes) == ["3", "2", "1"]
        assert classes.said == ["pole & gate has the digit 1 now."]
        classes.key("3")
        classes.click(60, 60)
        assert classes.objects[0].class_id == 1
        self.choose(classes, 2, "none")
        self.choose(classes, 2, "1")
        assert self.keys(classes) == ["3", "1", ""]
        assert classes.said[-1] == "pole & gate has no digit now."

    def test_it_is_undone_and_comes_back_with_the_project(self, classes: User, folder: Path) -> None:
        self.choose(classes, 1, "3")
        self.choose(classes, 2, "none")
        classes.key("U")
        assert self.keys(classes) == ["3", "2", "1"]
        classes.window.work.open(None)
        classes.open(folder)
        assert self.keys(classes) == ["3", "2", "1"]
        classes.key("Y", "Control")
        assert self.keys(classes) == ["3", "", "1"]
        for _ in range(2):
            classes.key("U")
        assert self.keys(classes) == ["1", "2", "3"]
        assert classes.window.history.item(0).text() == "Change key of class"
