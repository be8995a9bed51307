"""Which model answers clicks, and where images that it has encoded are kept; both can be changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from skipclick.apps.desktop import dialogs
from skipclick.apps.desktop.models import ModelOptions, make_loader, model_names
from skipclick.apps.desktop.settings import Settings
from skipclick.apps.desktop.translate import tr
from skipclick.apps.desktop.work import Work
from skipclick.apps.desktop.worker import ModelWorker


class ModelChoice(QObject):
    """Loads models; until one is there, the one before answers.

    Args:
        work: hears notices.
        worker: does the loading.
        settings: where the folder for encoded images is remembered.
        options: how models are run.
        parent: over which dialogs are shown.

    Signals:
        settings_changed: they are to be written.
    """

    settings_changed = Signal()

    def __init__(
        self,
        work: Work,
        worker: ModelWorker,
        settings: Settings,
        options: ModelOptions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._work, self._worker, self._settings, self._parent = work, worker, settings, parent
        self._options = options
        self._wanted = self._used = ""
        worker.model_ready.connect(self._is_used)

    @property
    def features(self) -> Path | None:
        """Where encoded images are kept; None keeps them in memory only."""
        if self._options.features is not None:
            return self._options.features
        return Path(self._settings.features) if self._settings.features else None

    def load(self, source: str) -> None:
        """Answer clicks with another model, as for `load_model`."""
        keep = self.features
        if keep is not None and keep != self._options.features and not keep.is_dir():
            text = tr("{folder} is not there: encoded images are kept in memory only.", folder=keep)
            self._work.notice.emit(text, True)
            keep = None
        self._wanted = source
        self._worker.load(make_loader(source, self._options, keep))

    def choose(self) -> None:
        """Ask for a model's name, file or repository."""
        label = tr("A model's name, its file or folder, or owner/name on the Hugging Face hub:")
        found = dialogs.ask_item(self._parent, tr("Switch model"), label, model_names(), editable=True)
        if found is not None:
            self.load(found)

    def choose_features(self) -> None:
        """Ask where encoded images are to be kept from now on."""
        now = self.features
        text = tr("Encoded images are kept in memory only. In a folder, each is encoded once and for all.")
        ways = [tr("Choose a folder …")]
        if now is not None:
            text = tr("Encoded images are kept in {folder}.", folder=now)
            ways.append(tr("Keep them in memory only"))
        choice = dialogs.choose(self._parent, tr("Keep encoded images"), text, ways)
        if choice == 0:
            folder = dialogs.ask_folder(self._parent, tr("Keep encoded images"), str(now or Path.home()))
            if folder is not None:
                self._keep_features(str(folder))
        elif choice == 1:
            self._keep_features("")

    def _keep_features(self, folder: str) -> None:
        self._settings.features, self._options = folder, replace(self._options, features=None)
        self.settings_changed.emit()
        if self._used:
            self.load(self._used)

    def _is_used(self) -> None:
        self._used = self._wanted
