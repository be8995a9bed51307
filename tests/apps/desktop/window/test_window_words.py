"""Actions, keys, languages, settings and themes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QColor, QKeySequence
from PySide6.QtTest import QTest

from skipclick import annotation
from skipclick.annotation import errors
from skipclick.annotation.commands import (
    COMMANDS,
    EditClass,
    MoveClass,
    MoveObject,
    RemoveClass,
    SetDone,
    SetOverlap,
    SetReviewed,
    Tool,
)
from skipclick.annotation.document import TWICE
from skipclick.annotation.errors import AnnotationError, NotSavedError
from skipclick.annotation.project import NOT_CLOSED
from skipclick.annotation.volume import CUT_OFF
from skipclick.apps.desktop import translate
from skipclick.apps.desktop.actions import ACTIONS, BY_ID, GROUPS
from skipclick.apps.desktop.dialogs import _SAID
from skipclick.apps.desktop.help import COLUMNS, MOUSE
from skipclick.apps.desktop.icons import icon_names, picture
from skipclick.apps.desktop.keys import Keys, KeyTakenError
from skipclick.apps.desktop.settings import Settings
from skipclick.apps.desktop.theme import DARK, LIGHT
from skipclick.apps.desktop.translate import REASONS, explain
from skipclick.apps.desktop.window import Window
from skipclick.errors import ModelError, SkipClickError

User = Any  # of the conftest
SOURCES = sorted(Path(translate.__file__).parent.rglob("*.py"))


class TestActions:
    def test_ids_and_keys_are_unique(self) -> None:
        assert len(BY_ID) == len(ACTIONS)
        keys = [QKeySequence(key).toString() for action in ACTIONS for key in action.keys]
        assert "" not in keys
        assert sorted(keys) == sorted(set(keys))
        assert not any(key.isdigit() for key in keys)  # these choose classes

    def test_shift_goes_with_letters_only(self) -> None:
        """A sign that one keyboard has by itself is typed with Shift on another."""
        held = [key for action in ACTIONS for key in action.keys if "Shift+" in key]
        assert len(held) > 5
        assert [key for key in held if not re.search(r"Shift\+[A-Z]$", key)] == []

    def test_the_published_demos_keys_stay(self) -> None:
        keys = Keys({})
        assert [keys.owner(key) for key in "LUS"] == ["open_image", "undo", "save"]

    def test_every_action_is_in_a_menu_with_its_key_and_a_tooltip(self, window: Window) -> None:
        in_menus = [action for menu in window.menus.values() for action in menu.actions()]
        for action in ACTIONS:
            shown = window.actions_by_id[action.id]
            assert shown in in_menus
            assert [key.toString() for key in shown.shortcuts()] == [
                QKeySequence(key).toString() for key in action.keys
            ]
            assert all(QKeySequence(key).toString() in shown.toolTip() for key in action.keys)

    def test_without_a_folder_no_action_fails(self, window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
        from skipclick.apps.desktop import dialogs

        for name in ("ask_folder", "ask_file", "ask_text", "ask_item", "ask_export", "ask_import", "choose"):
            monkeypatch.setattr(dialogs, name, lambda *_, **__: None)
        for name, action in window.actions_by_id.items():
            if name != "quit":
                action.trigger()
        assert window.work.project is None


class TestKeys:
    def test_a_key_held_too_long_does_what_matters_once(self, window: Window) -> None:
        repeated = {name for name, action in window.actions_by_id.items() if action.autoRepeat()}
        assert repeated >= {"undo", "redo", "next", "previous", "zoom_in", "zoom_out", "smaller", "larger"}
        switches = {action.id for action in ACTIONS if action.checkable}
        assert not repeated & (switches | {"finish", "delete", "done_and_next", "reviewed_and_next", "hide"})

    def test_the_overview_shows_every_action(self, user: User) -> None:
        user.key("Question")
        shown = user.window.keys_dialog
        assert shown.isVisible()
        assert set(shown.buttons) == set(BY_ID)
        assert sorted(group for column in COLUMNS for group in column) == sorted(GROUPS)
        shown.accept()

    def test_another_key_works_at_once_and_the_next_time(self, user: User, tmp_path: Path) -> None:
        user.window.show_keys()
        button = user.window.keys_dialog.buttons["next"]
        button.click()
        QTest.keyClick(button, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
        assert "taken" in user.window.keys_dialog.said.text()
        button.click()
        QTest.keyClick(button, Qt.Key.Key_F6)
        user.window.keys_dialog.accept()
        user.key("F6")
        assert user.window.work.image == "b.png"
        user.key("D")
        assert user.window.work.image == "b.png"
        assert Settings.read(tmp_path / "settings.json").keys == {"next": ["F6"]}
        user.window.keys_dialog._reset()
        user.key("D")
        assert user.window.work.image == "c ä.png"

    def test_plus_and_minus_zoom_and_never_edit(self, user: User) -> None:
        """Shift with plus is how an American keyboard types plus."""
        user.click(60, 60)
        (before,) = user.objects
        for sign, larger in (("+", True), ("-", False)):
            QTest.keyClick(user.window.canvas, sign, Qt.KeyboardModifier.ShiftModifier)
            scale = user.window.canvas.viewport.scale
            QTest.keyClick(user.window.canvas, sign)
            assert (user.window.canvas.viewport.scale > scale) is larger
        assert user.objects == (before,)

    def test_grow_and_shrink(self, user: User) -> None:
        user.click(60, 60)
        area = user.mask().sum()
        user.key("T")
        grown = user.mask().sum()
        assert grown > area
        user.key("T", "Shift")
        assert user.mask().sum() < grown

    def test_taken_keys_and_digits_are_refused(self) -> None:
        keys = Keys({})
        for wanted in ("U", "3"):
            with pytest.raises(KeyTakenError):
                keys.rebind("fit", [wanted])
        keys.rebind("fit", ["F9"])
        assert (keys.of("fit"), keys.owner("F")) == (["F9"], None)
        keys.rebind("fit", ["F"])
        assert keys._changed == {}


PLAIN = (
    EditClass(1, key="3"),
    EditClass(1, colour=(0, 0, 0)),
    RemoveClass(1),
    MoveClass(1, 0),
    MoveObject("a", 1, 0),
    SetDone("a", True),
    SetDone("a", False),
    SetReviewed("a", True),
    SetReviewed("a", False),
    SetOverlap("front"),
    SetOverlap("keep"),
)
"""Commands whose labels hold no names and numbers."""


ERRORS = {"ImageError"} | {name for name in vars(errors) if name.endswith("Error")}


def _messages() -> Iterator[str]:
    """What the errors say that the work on a folder of images can raise, with gaps for their values.

    Formats that name what is wrong inside of damaged files do so in English.
    """
    library = Path(annotation.__file__).parent
    for source in (
        *library.glob("*.py"),
        *library.glob("commands/*.py"),
        library / "formats" / "base.py",
        library.parent / "image.py",
    ):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in ERRORS:
                continue
            first = node.args[0]
            for text in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
                if isinstance(text, ast.Constant):
                    yield str(text.value)
                else:  # arrays, which no file is, and what is yielded below
                    assert source.name == "image.py" or ast.unparse(text) == "message", ast.unparse(text)
    yield from TWICE.values()
    yield from REASONS
    yield from (NOT_CLOSED, CUT_OFF)


def _texts() -> Iterator[str]:
    """Every text that is shown."""
    yield from _messages()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("tr", "counted"):
                yield from (
                    one.value
                    for one in node.args
                    if isinstance(one, ast.Constant) and isinstance(one.value, str)
                )
    yield from GROUPS
    yield from _SAID.values()
    yield from (action.text for action in ACTIONS)
    yield from (text for row in MOUSE for text in row)
    for action in ("Hide", "Show", "Lock", "Unlock", "Delete", "Copy", "Change class of", "Change colour of"):
        yield f"{action} object"
        yield f"{action} {{n}} objects"
    yield from ("Add class {name}", "Rename class to {name}", "Import {name}", "Import object", "Add object")
    yield from (tool.capitalize() for tool in get_args(Tool) if tool != "import")
    yield from (command.label for command in PLAIN)


class TestGerman:
    def test_every_text_is_translated_with_the_same_gaps(self, qapp: Any) -> None:
        german = translate.load_translator("de")
        assert german is not None
        assert len(COMMANDS) == 16  # a new command needs its label among the texts above
        for text in _texts():
            shown = german.translate(translate.CONTEXT, text)
            assert shown, f"no German for {text!r}"
            assert sorted(re.findall(r"{.*?}", text)) == sorted(re.findall(r"{.*?}", shown)), text

    def test_nothing_is_translated_that_is_not_shown(self) -> None:
        messages = ElementTree.parse(translate.FOLDER / "de.ts").iter("message")
        assert {message.findtext("source") for message in messages} - set(_texts()) == set()

    def test_the_compiled_file_is_that_of_the_readable_one(self, qapp: Any) -> None:
        german = translate.load_translator("de")
        assert german is not None
        messages = list(ElementTree.parse(translate.FOLDER / "de.ts").iter("message"))
        assert len(messages) > 150
        for message in messages:
            source, shown = message.findtext("source"), message.findtext("translation")
            assert source is not None
            assert german.translate(translate.CONTEXT, source) == shown

    def test_the_window_speaks_german(self, qapp: Any, request: pytest.FixtureRequest) -> None:
        german = translate.load_translator("de")
        QCoreApplication.installTranslator(german)
        try:
            window = request.getfixturevalue("window")
            assert window.menus["File"].title() == "Datei"
            assert window.folder.title.text() == "Kein Ordner geöffnet"
        finally:
            QCoreApplication.removeTranslator(german)

    def test_unknown_languages_are_english(self, qapp: Any) -> None:
        assert translate.choose_language("xx") == "en"
        assert translate.choose_language("de") == "de"
        assert translate.load_translator("en") is None


class TestErrors:
    def test_all_messages_are_found(self) -> None:
        found = set(_messages())
        assert len(found) > 80
        assert "object {number} is locked: unlock it first" in found
        assert any("{number} actions are in memory only" in text for text in found)

    @pytest.mark.parametrize(
        ("error", "german"),
        [
            (AnnotationError("object {number} is locked: unlock it first", number=3), "Objekt 3 ist"),
            (NotSavedError("{path} cannot be written: {reason}", path="/x", reason="Permission denied"),
             "/x kann nicht geschrieben werden: keine Berechtigung"),
            (NotSavedError("{path} cannot be written: {reason}", path="/x", reason="odd {reason}"),
             "/x kann nicht geschrieben werden: odd {reason}"),
            (ModelError("nobody has translated {this}"), "nobody has translated {this}"),
        ],
    )  # fmt: skip
    def test_are_explained_in_the_chosen_language(
        self, qapp: Any, error: SkipClickError, german: str
    ) -> None:
        assert explain(error) == str(error)
        spoken = translate.Language()
        spoken.choose("de")
        try:
            assert explain(error).startswith(german)
        finally:
            spoken.choose("en")

    def test_options_of_the_command_line_are_left_out(self, qapp: Any) -> None:
        error = AnnotationError(
            "add (--add), or close {home} and take it over (--take-over)", home="/a (--b)/c"
        )
        assert explain(error) == "add, or close /a (--b)/c and take it over"

    def test_what_happens_every_day_is_said_in_german(self, user: User, folder: Path) -> None:
        (folder / "ab.png").write_bytes(b"nothing")
        user.key("F5")
        user.click(60, 60)
        user.key("K")
        user.window.files.language_wanted.emit("de")
        try:
            user.key("Delete")
            assert user.said[-1] == "Objekt 1 ist gesperrt: entsperren Sie es zuerst"
            user.window.objects.add_class("object")
            assert user.said[-1] == "Zwei Klassen haben den Namen „object“: wählen Sie einen anderen"
            user.key("D")
            user.bot.waitUntil(lambda: "ist kein lesbares Bild" in user.window.canvas._message)
        finally:
            user.window.files.language_wanted.emit("en")


class TestSettings:
    def test_what_is_written_comes_back(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "annotate.json"
        chosen = Settings("dark", "de", "/photos", {"fit": ["F9"]}, {"opacity": 0.2}, {"/photos": "/kept"})
        chosen.write(path)
        assert Settings.read(path) == chosen

    @settings(deadline=None, max_examples=15)
    @given(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from([b"[]", b'{"keys": 3, "places": [], "look": {"opacity": 7}}']),
        )
    )
    def test_a_file_that_makes_no_sense_is_passed_over(self, content: bytes) -> None:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "annotate.json"
            path.write_bytes(content)
            assert Settings.read(path) == Settings()

    def test_view_and_theme_are_remembered(self, user: User, tmp_path: Path) -> None:
        user.key("O")
        user.window.tabs.widget(2).sliders["opacity"].setValue(20)
        assert user.window.canvas.look.opacity == 0.2
        user.window.switch_theme()
        kept = Settings.read(tmp_path / "settings.json")
        assert (kept.theme, kept.look["outline"], kept.look["opacity"]) == ("dark", True, 0.2)
        assert user.window.palette().window().color() == QColor(DARK.window)
        user.window.switch_theme()
        assert user.window.palette().window().color() == QColor(LIGHT.window)


def test_every_icon_draws_something(qapp: Any) -> None:
    for name in icon_names():
        image = picture(name, QColor("#204060")).toImage()
        assert image.width() == 80
        assert any(image.pixelColor(x, y).alpha() for x in range(80) for y in range(0, 80, 4)), name
