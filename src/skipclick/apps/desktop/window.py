"""The window: it makes the parts, lays them out, and shows which actions are on. It knows no more."""

from __future__ import annotations

import contextlib
from functools import partial
from pathlib import Path

from PySide6.QtGui import QCloseEvent, QColor, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMenu,
    QMessageBox,
)

import skipclick
from skipclick.apps.desktop.banner import Banner
from skipclick.apps.desktop.browsing import Browsing
from skipclick.apps.desktop.canvas import Canvas
from skipclick.apps.desktop.class_bar import ClassBar
from skipclick.apps.desktop.class_dialogs import ClassDialogs
from skipclick.apps.desktop.clicking import Clicking
from skipclick.apps.desktop.display import Display
from skipclick.apps.desktop.editing import Editing
from skipclick.apps.desktop.files import Files
from skipclick.apps.desktop.folder_panel import FolderPanel
from skipclick.apps.desktop.help import KeysDialog
from skipclick.apps.desktop.history_panel import HistoryPanel
from skipclick.apps.desktop.icons import icon
from skipclick.apps.desktop.keys import Keys
from skipclick.apps.desktop.layers import Look
from skipclick.apps.desktop.layout import ICONS, TOOLS, Columns, arrange, arrangement, lay_out, name_tabs
from skipclick.apps.desktop.menus import build_actions, dress_actions, fill_menu, fill_menu_bar, name_menus
from skipclick.apps.desktop.model_choice import ModelChoice
from skipclick.apps.desktop.models import ModelOptions
from skipclick.apps.desktop.objects import Objects
from skipclick.apps.desktop.objects_panel import ObjectsPanel
from skipclick.apps.desktop.preview import Preview
from skipclick.apps.desktop.settings import Settings
from skipclick.apps.desktop.status import Status
from skipclick.apps.desktop.theme import DARK, apply_theme, choose_theme
from skipclick.apps.desktop.thumbnails import Thumbnails
from skipclick.apps.desktop.toolbox import Toolbox
from skipclick.apps.desktop.transfer import Transfer
from skipclick.apps.desktop.translate import Language, tr
from skipclick.apps.desktop.view_panel import ViewPanel
from skipclick.apps.desktop.work import Work
from skipclick.apps.desktop.worker import ModelWorker
from skipclick.errors import SkipClickError


class Window(QMainWindow):
    """The annotator.

    Args:
        worker: the model at work; closed with the window.
        settings: the user's choices.
        settings_file: where they are kept; None keeps them nowhere.
        options: how models are run; None for the usual way.
        language: which language the program speaks; None for English, until another is chosen.
    """

    def __init__(
        self,
        worker: ModelWorker,
        settings: Settings,
        settings_file: Path | None = None,
        options: ModelOptions | None = None,
        language: Language | None = None,
    ) -> None:
        super().__init__()
        self._settings, self._settings_file = settings, settings_file
        self._language = Language() if language is None else language
        self.worker = worker
        self.work = Work(self)
        self.models = ModelChoice(self.work, worker, settings, options or ModelOptions(), self)
        self.thumbnails = Thumbnails(self)
        self.folder = FolderPanel(self.work, self.thumbnails)
        self.canvas = Canvas()
        self.clicking = Clicking(self.work, worker, self)
        self.preview = Preview(self.work, worker, self.clicking, self)
        self.display = Display(self.work, self.clicking, self.preview, worker, self.canvas, self)
        self.editing = Editing(self.work, self.clicking.spent)
        self.objects = Objects(self.work)
        self.toolbox = Toolbox(self.canvas, self.clicking, self.preview, self.editing, self.display, self)
        self.files = Files(self.work, self.clicking, settings, self)
        self.transfer = Transfer(self.work, self.files.leaving, settings, self.folder.chosen_names, self)
        self.keys = Keys(settings.keys)
        self.actions_by_id = build_actions(
            self,
            self.keys,
            {
                "window": self,
                "work": self.work,
                "canvas": self.canvas,
                "clicking": self.clicking,
                "display": self.display,
                "editing": self.editing,
                "objects": self.objects,
                "toolbox": self.toolbox,
                "files": self.files,
                "folder": self.folder,
                "models": self.models,
                "transfer": self.transfer,
                "images": Browsing(self.work, self.clicking, self.preview, self.canvas),
            },
        )
        self.menus = fill_menu_bar(self.menuBar(), self.actions_by_id)
        self.class_bar = ClassBar(self.work, self.objects)
        self.class_dialogs = ClassDialogs(self.work, self.objects, self)
        self.object_list = ObjectsPanel(self.work, self.objects)
        self.history = HistoryPanel(self.work)
        self.banner = Banner(self.work, self.files)
        self.status = Status(self.work, self.clicking, worker, self.canvas, self.toolbox)
        self.view_panel = ViewPanel(self.display)
        self.tabs = lay_out(
            self,
            Columns(
                self.folder,
                self.banner,
                self.class_bar,
                self.canvas,
                self.object_list,
                self.history,
                self.view_panel,
            ),
            self.actions_by_id,
        )
        self.setStatusBar(self.status)
        self.canvas.setFocus()
        self._connect()
        self.dress()
        arrange(self, settings.window, settings.columns)

    def _connect(self) -> None:
        self.class_dialogs.connect(self.class_bar)
        self.canvas.space_tapped.connect(self._space)
        self.folder.left.connect(self.canvas.setFocus)
        self.object_list.menu_wanted.connect(self._fill_object_menu)
        self.models.settings_changed.connect(self.write_settings)
        self.files.language_wanted.connect(self._choose_language)
        self.files.settings_changed.connect(self.write_settings)
        for signal in (
            self.work.opened,
            self.work.image_changed,
            self.work.document_changed,
            self.toolbox.changed,
            self.display.look_changed,
            self.preview.switched,
        ):
            signal.connect(self._show_state)
        with contextlib.suppress(SkipClickError, TypeError):
            self.display.set_look(**vars_of(Look(**self._settings.look)))
        self._show_state()

    def _show_state(self) -> None:
        """Tick what is on, and say in the title what is open."""
        project, record, look = self.work.project, self.work.record, self.display.look
        on = {
            "outline": look.outline,
            "on_black": look.on_black,
            "by_class": self.display.by_class,
            "focus": self.clicking.focused,
            "preview": self.preview.on,
            "theme": choose_theme(self._settings.theme) is DARK,
            "done": record is not None and record.done,
            "reviewed": record is not None and record.reviewed,
            "front_wins": project is not None and project.document.overlap == "front",
            **{name: name == f"tool_{self.toolbox.current}" for name in TOOLS},
        }
        for name, checked in on.items():
            self.actions_by_id[name].setChecked(checked)
        opened = {action for group in ("Object", "Mask", "Image") for action in self.menus[group].actions()}
        for action in opened:
            action.setEnabled(project is not None)
        title = "skipclick" if self.work.image is None else f"{self.work.image} – skipclick"
        self.setWindowTitle(title)

    # Actions of the window itself.

    def dress(self) -> None:
        """Put on the theme: colours, icons, and the keys as they are now."""
        theme = choose_theme(self._settings.theme)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, theme)
        for name, drawn in ICONS.items():
            self.actions_by_id[name].setIcon(icon(drawn, QColor(theme.text), QColor(theme.accent)))
            self.actions_by_id[name].setIconVisibleInMenu(False)
        dress_actions(self.actions_by_id, self.keys)
        self._show_state()

    def switch_theme(self) -> None:
        """From light to dark, or back."""
        dark = choose_theme(self._settings.theme) is DARK
        self._settings.theme = "light" if dark else "dark"
        self.dress()
        self.write_settings()

    def show_keys(self) -> None:
        """The key overview."""
        self.keys_dialog = KeysDialog(self.keys, self._keys_changed, self)
        self.keys_dialog.open()

    def show_history(self) -> None:
        """The undo history."""
        self.tabs.setCurrentWidget(self.history)

    def show_about(self) -> None:
        """What this is."""
        text = tr(
            "Version {version}, Apache License 2.0.\nMade with Qt for Python, which is under the LGPL.",
            version=skipclick.__version__,
        )
        box = QMessageBox(
            QMessageBox.Icon.NoIcon, "skipclick", "skipclick", QMessageBox.StandardButton.Ok, self
        )
        box.setInformativeText(text)
        box.open()

    def write_settings(self) -> None:
        """Bring the user's choices to disk; if that is not possible, they hold for this time only."""
        self._settings.look = vars_of(self.display.look)
        self._settings.window, self._settings.columns = arrangement(self)
        if self._settings_file is not None:
            with contextlib.suppress(SkipClickError):
                self._settings.write(self._settings_file)

    def _keys_changed(self) -> None:
        dress_actions(self.actions_by_id, self.keys)
        self.write_settings()

    def _choose_language(self, language: str) -> None:
        self._settings.language = language
        self._language.choose(language)
        self.retranslate()
        self.write_settings()

    def retranslate(self) -> None:
        """Put on all texts in the chosen language."""
        dress_actions(self.actions_by_id, self.keys)
        name_menus(self.menus)
        name_tabs(self.tabs)
        self.history.fill()
        for part in (
            self.folder,
            self.class_bar,
            self.object_list,
            self.view_panel,
            self.banner,
            self.display,
            self.status,
        ):
            part.retranslate()

    def _space(self) -> None:
        owner = self.keys.owner("Space")
        if owner is not None:
            self.actions_by_id[owner].trigger()

    def _fill_object_menu(self, menu: QMenu) -> None:
        fill_menu(menu, "Object", self.actions_by_id)
        classes = menu.addMenu(tr("Class"))
        for kind in self.work.project.document.classes if self.work.project else ():
            classes.addAction(kind.name.replace("&", "&&"), partial(self.objects.set_class, kind.id))

    # What Qt calls.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """As Qt asks for it."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """As Qt asks for it: a folder or a photo dropped is opened."""
        path = next((url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()), "")
        if path:
            self.files.open(Path(path))

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """As Qt asks for it; what has no answer yet, or is not on disk, is asked about first."""
        if not self.files.leaving.may_leave():
            event.ignore()
            return
        self.write_settings()
        self.hide()  # what the threads are at may take some seconds
        self.thumbnails.close()
        self.worker.close()
        self.work.close()
        super().closeEvent(event)


def vars_of(look: Look) -> dict[str, float | bool]:
    """The fields of a look."""
    return {name: getattr(look, name) for name in Look.__dataclass_fields__}
