"""The languages of the whole window: changed while it runs, and complete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QTranslator
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QTabWidget,
    QWidget,
)

from skipclick.annotation import NotSavedError
from skipclick.annotation.journal import Journal
from skipclick.apps.desktop import translate
from skipclick.apps.desktop.dialogs import ExportDialog, ImportDialog
from skipclick.apps.desktop.help import KeysDialog
from skipclick.apps.desktop.settings import Settings
from skipclick.apps.desktop.window import Window
from skipclick.apps.desktop.worker import ModelWorker

User = Any  # of the conftest


@pytest.fixture
def language() -> Iterator[translate.Language]:
    """The language of the program, English again after the test."""
    made = translate.Language()
    yield made
    made.choose("en")


def texts(top: QWidget) -> list[str]:
    """Everything that can be read in a window or dialog, tooltips and menus included."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # buttons that are gone already
    found: list[str] = []
    for widget in (top, *top.findChildren(QWidget)):
        found += [widget.toolTip(), widget.windowTitle()]
        if isinstance(widget, QLabel | QAbstractButton):
            found.append(widget.text())
        elif isinstance(widget, QComboBox):
            found += [widget.itemText(row) for row in range(widget.count())]
        elif isinstance(widget, QLineEdit):
            found.append(widget.placeholderText())
        elif isinstance(widget, QTabWidget):
            found += [widget.tabText(row) for row in range(widget.count())]
        elif isinstance(widget, QMenu):
            found.append(widget.title())
        elif isinstance(widget, QListWidget):
            items = [widget.item(row) for row in range(widget.count())]
            found += [text for item in items for text in (item.text(), item.toolTip())]
    for action in top.findChildren(QAction):
        found += [action.text(), action.toolTip()]
        found += [key.toString(key.SequenceFormat.NativeText) for key in action.shortcuts()]
    return sorted(text for text in found if text)


@pytest.fixture
def busy(user: User, monkeypatch: pytest.MonkeyPatch) -> Iterator[User]:
    """Somebody in the midst of work: two classes, objects, a step undone, and a disk that is full."""
    user.window.objects.add_class("ski")
    user.click(60, 60)
    user.key("K")
    user.key("Space")
    user.click(150, 100)
    user.key("U")

    def full(_: Journal) -> None:
        raise NotSavedError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(Journal, "flush", full)
        user.key("X")
        assert user.window.banner.isVisible()
        yield user


class TestChange:
    def test_a_running_window_says_all_that_a_new_one_says(self, busy: User, folder: Path) -> None:
        english = texts(busy.window)
        busy.window.files.language_wanted.emit("de")
        changed = texts(busy.window)
        try:
            assert changed != english
            new = Window(ModelWorker(), Settings(theme="light"))
            try:
                for signal in ("opened", "image_changed", "document_changed"):
                    self.share(busy.window, new)
                    getattr(new.work, signal).emit()
                new.banner._show(busy.window.banner._message)
                new.status._model_ready("slow disks", "cpu")
                new.status._answered(busy.window.status._seconds)
                new.resize(busy.window.size())
                new.show()
                busy.bot.waitUntil(lambda: new.display.ready)
                assert texts(new) == changed
            finally:
                new.work.project = None
                new.close()
                new.deleteLater()
        finally:
            busy.window.files.language_wanted.emit("en")
        assert texts(busy.window) == english

    @staticmethod
    def share(old: Window, new: Window) -> None:
        """Let a new window work on what another one works on."""
        new.work.project, new.work.image = old.work.project, old.work.image
        new.work.began, new.work._selected = old.work.began, old.work.selected
        new.work._trouble = old.work._trouble

    def test_it_is_chosen_from_the_menu_and_remembered(self, user: User, tmp_path: Path) -> None:
        def german(dialog: Any) -> None:
            dialog.setTextValue("Deutsch")
            dialog.accept()

        user.will_answer(german)
        user.window.actions_by_id["language"].trigger()
        user.awake()
        try:
            assert user.window.menus["File"].title() == "Datei"
            assert user.window.tabs.tabText(0) == "Objekte"
            assert user.window.folder.counts.text() == "3 Bilder · 0 begonnen · 0 fertig"
            assert user.window.status.notice.text().startswith("Links: gehört zum Objekt")
            assert user.window.actions_by_id["undo"].toolTip() == "Rückgängig  (Strg+Z, U)"
            assert Settings.read(tmp_path / "settings.json").language == "de"
            user.click(60, 60)  # the work goes on
            user.key("Z", "Control")
            assert user.objects == ()
        finally:
            user.window.files.language_wanted.emit("en")
        assert user.window.menus["File"].title() == "File"

    def test_without_a_folder_the_window_says_what_to_do(self, window: Window) -> None:
        window.files.language_wanted.emit("de")
        try:
            assert window.canvas._message.startswith("Öffnen Sie zuerst einen Ordner")
            assert "Strg+O" in window.canvas._message
            assert window.folder.title.text() == "Kein Ordner geöffnet"
        finally:
            window.files.language_wanted.emit("en")
        assert window.canvas._message.startswith("Open a folder of images")

    def test_an_image_that_cannot_be_read_is_still_said(self, user: User, folder: Path) -> None:
        (folder / "ab.png").write_bytes(b"nothing")
        user.key("F5")
        user.key("D")
        user.bot.waitUntil(lambda: "ab.png is not a picture" in user.window.canvas._message)
        user.window.files.language_wanted.emit("de")
        try:
            assert "ab.png is not a picture" in user.window.canvas._message
            assert user.window.canvas._message.endswith("Weiter zum nächsten Bild mit D.")
        finally:
            user.window.files.language_wanted.emit("en")

    def test_qts_own_words_are_german_too(self, qapp: Any, language: translate.Language) -> None:
        language.choose("de")
        assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"
        language.choose("en")
        assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"
        assert QCoreApplication.translate(translate.CONTEXT, "File") == "File"


def test_german_numbers_have_a_comma(qapp: Any, language: translate.Language) -> None:
    assert translate.decimal(3.66) == "3.7"
    language.choose("de")
    assert translate.decimal(3.66) == "3,7"
    assert translate.decimal(1234.0) == "1234,0"


class Marking(QTranslator):
    """Puts every text that is asked for between angle quotes."""

    def translate(self, context: str, text: str, *_: Any) -> Any:
        return f"«{text}»" if context == translate.CONTEXT else None


class TestCompleteness:
    #: What is the same in every language: names of the test's files, classes and models, numbers and keys.
    SAME = re.compile(
        r"(a|b|c ä)\.png|winter|/.*"
        r"|(a\.png – )?skipclick|slow disks \(cpu\)|(object|ski)(  \d)?|\+|–|\d   \((object|ski)\)"
        r"|(object|ski) \d( · «.*)?|\[ and \]|(Ctrl\+|Shift\+)*(\W|F?\d+|[A-Z]\w*)(, .*)?|[\d\W]*"
    )

    def test_no_text_goes_past_the_translation(self, qapp: Any, request: pytest.FixtureRequest) -> None:
        marking = Marking()
        QCoreApplication.installTranslator(marking)
        try:
            user = request.getfixturevalue("busy")
            for button in user.window.class_bar.buttons.values():
                button.customContextMenuRequested.emit(QPoint(5, 5))
            user.window.keys_dialog = KeysDialog(user.window.keys, lambda: None, user.window)
            ExportDialog({"all": 1, "this": 0, "chosen": 0, "done": 1, "reviewed": 0}, user.window)
            ImportDialog(user.window)
            found = texts(user.window)
            assert sum("«" in text for text in found) > 150
            past = [text for text in found if "«" not in text and not self.SAME.fullmatch(text)]
            assert past == []
        finally:
            QCoreApplication.removeTranslator(marking)
