"""Visible text in the user's language, by Qt's translation files beside this module."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

CONTEXT = "skipclick"
"""Under which all texts stand in the translation files."""

FOLDER = Path(__file__).parent / "languages"

LANGUAGES: dict[str, str] = {"en": "English", "de": "Deutsch"}
"""What can be chosen, each named in itself. English is what stands in the code."""


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
