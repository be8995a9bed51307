"""Starting the annotator."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QStandardPaths, QTimer
from PySide6.QtWidgets import QApplication

from skipclick.apps.desktop.held_keys import HeldKeys
from skipclick.apps.desktop.models import ModelOptions
from skipclick.apps.desktop.settings import Settings
from skipclick.apps.desktop.translate import Language, choose_language
from skipclick.apps.desktop.window import Window
from skipclick.apps.desktop.worker import ModelWorker

FIRST_PAINT_MS = 100
"""How long a window takes to appear, in milliseconds; then the model is loaded."""


def settings_file() -> Path:
    """Where the user's choices are kept."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)
    return Path(place) / "skipclick" / "annotate.json"


def qt_plugins() -> Path:
    """Where Qt keeps its plugins."""
    return Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath))


def run(
    path: Path | None,
    *,
    project: Path | None = None,
    model: str = "skipclick-s",
    options: ModelOptions | None = None,
) -> int:
    """Show the annotator until it is closed; the exit code of the program.

    Args:
        path: a folder or an image to open; None shows what to do.
        project: where the project of the folder is kept, if not inside it.
        model: as for `load_model`.
        options: how models are run; None for the usual way.
    """
    app = QApplication.instance() or QApplication([sys.argv[0] if sys.argv else "skipclick"])
    app.setApplicationName("skipclick")
    # What Pillow thinks of the notes that a camera left in a sound photo helps nobody at a terminal.
    warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
    settings = Settings.read(settings_file())
    language = Language()
    language.choose(choose_language(settings.language))
    worker = ModelWorker()
    window = Window(worker, settings, settings_file(), options, language)
    window.show()
    # Importing PyTorch holds Python up: the window is painted first.
    QTimer.singleShot(FIRST_PAINT_MS, lambda: window.models.load(model))
    window.canvas.setFocus()
    HeldKeys(window.keys, window.windowHandle())
    if path is not None:
        # Once the window is there, so that questions about the folder have something to stand over.
        QTimer.singleShot(0, lambda: window.files.open(path, project))
    # Python sees Ctrl-C only while it runs, perhaps in the middle of painting: the window closes after that.
    signal.signal(signal.SIGINT, lambda *_: QTimer.singleShot(0, window.close))
    wake = QTimer()
    wake.start(250)
    wake.timeout.connect(lambda: None)
    code = app.exec()
    if not worker.close(0):
        # A network still at work in its own code would take Python's end for a crash. All work is on disk.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code
