"""A second person looks at what is done: the key, the sign, the filter, and what ends a review."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QComboBox

from skipclick.annotation import Project
from skipclick.apps.desktop.dialogs import ExportDialog
from skipclick.apps.desktop.icons import picture
from skipclick.apps.desktop.image_row import STATE

User = Any  # of the conftest


def state(user: User, name: str) -> str:
    """What the list of images says of one."""
    model = user.window.folder.model
    return str(model.index(model.row_of(name)).data(STATE))


def listed(user: User) -> list[str]:
    """The images that the list shows."""
    chosen = user.window.folder.chosen
    return [str(chosen.index(row, 0).data()) for row in range(chosen.rowCount())]


@pytest.fixture
def labelled(user: User) -> User:
    """a.png and b.png are done with an object each, c ä.png is untouched; a.png is at hand."""
    for name in ("a.png", "b.png"):
        user.window.work.go(name)
        user.ready()
        user.click(60, 60)
        user.key("Space")
        user.key("X")
    user.window.work.go("a.png")
    user.ready()
    return user


class TestMarking:
    def test_a_key_marks_and_takes_back(self, labelled: User) -> None:
        action = labelled.window.actions_by_id["reviewed"]
        assert not action.isChecked()
        labelled.key("Y")
        assert state(labelled, "a.png") == "reviewed"
        assert action.isChecked()
        labelled.key("Y")
        assert state(labelled, "a.png") == "done"
        assert not action.isChecked()

    def test_it_stands_in_the_menu_of_the_image(self, labelled: User) -> None:
        names = [action.text() for action in labelled.window.menus["Image"].actions()]
        assert "Mark as reviewed" in names
        assert "Reviewed, next to review" in names

    def test_it_can_be_undone_and_done_again(self, labelled: User) -> None:
        labelled.key("Y")
        labelled.key("U")
        assert state(labelled, "a.png") == "done"
        labelled.key("Y", "Control")
        assert state(labelled, "a.png") == "reviewed"
        labels = [command.label for command in labelled.window.work.project.done]
        assert labels[-1] == "Mark image as reviewed"

    def test_an_image_that_is_not_done_becomes_so(self, labelled: User) -> None:
        labelled.window.work.go("c ä.png")
        labelled.key("Y")
        assert state(labelled, "c ä.png") == "reviewed"
        assert labelled.window.actions_by_id["done"].isChecked()

    def test_what_is_not_done_any_more_is_not_reviewed(self, labelled: User) -> None:
        labelled.key("Y")
        labelled.key("X")
        assert state(labelled, "a.png") == "begun"

    def test_it_is_on_disk_at_once(self, labelled: User, folder: Path) -> None:
        labelled.key("Y")
        with Project.open(folder, read_only=True) as project:
            assert project.document.image("a.png").reviewed


class TestGoingThrough:
    def test_one_key_marks_and_goes_on_to_what_is_done(self, labelled: User) -> None:
        labelled.key("Y", "Shift")
        assert labelled.window.work.image == "b.png"
        assert state(labelled, "a.png") == "reviewed"
        labelled.key("Y", "Shift")
        assert state(labelled, "b.png") == "reviewed"
        assert labelled.window.work.image == "b.png"
        assert labelled.said[-1] == "No other image is to be reviewed."

    def test_what_is_reviewed_stays_so(self, labelled: User) -> None:
        labelled.key("Y")
        labelled.key("Y", "Shift")
        assert state(labelled, "a.png") == "reviewed"
        assert labelled.window.work.image == "b.png"

    def test_with_the_filter_on_done_images_leave_the_list_one_by_one(self, labelled: User) -> None:
        states = labelled.window.folder.states
        states.setCurrentIndex(states.findData("done"))
        assert listed(labelled) == ["a.png", "b.png"]
        labelled.key("Y", "Shift")
        assert listed(labelled) == ["b.png"]
        assert labelled.window.work.image == "b.png"

    def test_a_filter_that_hides_the_rest_is_said(self, labelled: User) -> None:
        labelled.window.folder.filter.setText("a.png")
        labelled.key("Y", "Shift")
        assert labelled.said[-1] == "The filter shows no other image that is to be reviewed."

    def test_reviewed_images_are_not_unfinished(self, labelled: User) -> None:
        labelled.key("Y")
        labelled.window.work.go("b.png")
        labelled.key("N")
        assert labelled.window.work.image == "c ä.png"


class TestEnding:
    def test_a_click_ends_it_and_that_is_said(self, labelled: User) -> None:
        labelled.key("Y")
        labelled.click(200, 100)
        assert state(labelled, "a.png") == "done"
        assert "must be reviewed again" in labelled.said[-1]

    def test_undo_brings_it_back(self, labelled: User) -> None:
        labelled.key("Y")
        labelled.click(200, 100)
        labelled.key("U")
        labelled.rest()
        assert state(labelled, "a.png") == "reviewed"

    @pytest.mark.parametrize("key", ["H", "K"])
    def test_hiding_and_locking_do_not(self, key: str, labelled: User) -> None:
        labelled.key("Y")
        labelled.window.work.select((1,))
        before = len(labelled.said)
        labelled.key(key)
        assert state(labelled, "a.png") == "reviewed"
        assert labelled.said[before:] == []

    def test_taking_it_back_by_hand_needs_no_word(self, labelled: User) -> None:
        labelled.key("Y")
        before = len(labelled.said)
        labelled.key("Y")
        assert labelled.said[before:] == []


class TestWhatIsShown:
    def test_the_progress_counts_them(self, labelled: User) -> None:
        panel = labelled.window.folder
        assert panel.counts.text() == "3 images · 0 begun · 2 done"
        labelled.key("Y")
        assert panel.counts.text() == "3 images · 0 begun · 1 done\n1 reviewed"
        assert (panel.progress.value(), panel.progress.maximum()) == (2, 3)

    def test_the_filter_knows_them(self, labelled: User) -> None:
        labelled.key("Y")
        states = labelled.window.folder.states
        states.setCurrentIndex(states.findData("reviewed"))
        assert states.currentText() == "Reviewed"
        assert listed(labelled) == ["a.png"]

    def test_the_list_says_it_in_words(self, labelled: User) -> None:
        labelled.key("Y")
        model = labelled.window.folder.model
        tips = [model.index(row).data(Qt.ItemDataRole.ToolTipRole) for row in range(3)]
        assert tips == ["a.png · reviewed", "b.png · done", "c ä.png · untouched"]

    def test_its_sign_differs_without_its_colour(self, qapp: Any) -> None:
        def shape(name: str) -> QImage:
            drawn: QImage = picture(name, QColor("black"), 15).toImage()
            return drawn.convertToFormat(QImage.Format.Format_Alpha8)

        done, reviewed = shape("done"), shape("reviewed")
        apart = sum(
            abs(done.pixelColor(x, y).alpha() - reviewed.pixelColor(x, y).alpha()) > 128
            for x in range(done.width())
            for y in range(done.height())
        )
        assert apart > 0.1 * done.width() * done.height()

    def test_every_state_has_a_sign_of_its_own(self, labelled: User) -> None:
        labelled.key("Y")
        labelled.window.work.go("c ä.png")
        labelled.ready()
        labelled.window.work.go(None)
        rows = labelled.window.folder.list
        seen = []
        for row in range(3):
            area = rows.visualRect(rows.model().index(row, 0))
            area.setLeft(area.right() - 34)
            seen.append(rows.viewport().grab(area).toImage())
        assert seen[0] != seen[1] != seen[2] != seen[0]


class TestExport:
    def test_the_dialog_offers_them(self, labelled: User) -> None:
        labelled.key("Y")
        asked: list[tuple[str, bool]] = []

        def look(dialog: Any) -> None:
            assert isinstance(dialog, ExportDialog)
            parts: QComboBox = dialog.parts
            row = parts.findData("reviewed")
            asked.append((parts.itemText(row), parts.model().item(row).isEnabled()))
            dialog.reject()

        labelled.will_answer(look)
        labelled.window.transfer.export_masks()
        assert asked == [("Only those marked as reviewed (1)", True)]

    def test_nobody_has_reviewed_anything(self, qtbot: Any) -> None:
        counts = {"all": 2, "this": 1, "chosen": 1, "done": 2, "reviewed": 0}
        dialog = ExportDialog(counts)  # type: ignore[arg-type]
        qtbot.addWidget(dialog)
        row = dialog.parts.findData("reviewed")
        assert not dialog.parts.model().item(row).isEnabled()  # type: ignore[attr-defined]
