"""Visible text in the user's language, by Qt's translation files beside this module."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from skipclick.errors import SkipClickError

CONTEXT = "skipclick"
"""Under which all texts stand in the translation files."""

FOLDER = Path(__file__).parent / "languages"

LANGUAGES: dict[str, str] = {"en": "English", "de": "Deutsch"}
"""What can be chosen, each named in itself. English is what stands in the code."""

REASONS = (
    "No space left on device",
    "Permission denied",
    "Read-only file system",
    "No such file or directory",
    "Input/output error",
    "File name too long",
    "another program has changed it",
    "the checksum is wrong",
)
"""Why a file cannot be read or written, as the system or the library puts it: those that are translated."""


def tr(text: str, **values: object) -> str:
    """A text in the chosen language.

    Args:
        text: in English; with `{name}` where a value goes.
        values: what goes there.
    """
    shown = QCoreApplication.translate(CONTEXT, text)
    return shown.format(**values) if values else shown


def counted(number: int, one: str, several: str) -> str:
    """A number and what it counts; `one` and `several` are English texts with `{n}`."""
    return tr(one if number == 1 else several, n=f"{number:,}")


def decimal(value: float) -> str:
    """A number with one digit after the decimal sign."""
    whole, tenth = f"{value:.1f}".split(".")
    return tr("{whole}.{tenth}", whole=whole, tenth=tenth)


def explain(error: SkipClickError) -> str:
    """What went wrong and what to do, in the chosen language; in English where nobody translated it."""
    known = {name: tr(str(value)) for name, value in error.values.items() if value in REASONS}
    values = {**error.values, **known}
    # Options of the command line mean nothing in a window, which has buttons instead.
    text = re.sub(r" \(--[a-z-]+\)", "", tr(error.template))
    return text.format(**values) if values else text


def choose_language(wanted: str = "auto") -> str:
    """The language to show: one of `LANGUAGES`; "auto" takes the system's if there is a translation."""
    language = QLocale.system().name()[:2] if wanted == "auto" else wanted
    return language if language in LANGUAGES else "en"


def load_translator(language: str) -> QTranslator | None:
    """The translation into one of `LANGUAGES`; None for English, which needs none."""
    translator = QTranslator()
    return translator if translator.load(str(FOLDER / f"{language}.qm")) else None


class Language:
    """Which of `LANGUAGES` the program speaks; English at first.

    Whoever shows texts asks for them again after a change, as Qt's widgets do by themselves.
    """

    def __init__(self) -> None:
        self._installed: list[QTranslator] = []

    def choose(self, language: str) -> None:
        """Speak another language, also in Qt's own dialogs and in the names of keys."""
        for translator in self._installed:
            QCoreApplication.removeTranslator(translator)
        found = (_load_qt(language), load_translator(language))
        self._installed = [translator for translator in found if translator is not None]
        for translator in self._installed:
            QCoreApplication.installTranslator(translator)


def _load_qt(language: str) -> QTranslator | None:
    """What Qt itself says, in another language; None for English, and where it lacks the file."""
    translator = QTranslator()
    place = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    found = language != "en" and translator.load(f"qtbase_{language}", place)
    return translator if found else None
