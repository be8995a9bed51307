"""Visible text in the user's language, by Qt's translation files beside this module."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

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
