"""Light and dark: one palette and one style sheet each."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by their use, as #rrggbb."""

    window: str
    panel: str
    text: str
    faint: str
    line: str
    hover: str
    accent: str
    chosen: str
    warning: str
    warning_ground: str


LIGHT = Theme(
    window="#f4f5f6",
    panel="#ffffff",
    text="#1f2328",
    faint="#68707a",
    line="#dcdfe3",
    hover="#e9ebee",
    accent="#1f6fdb",
    chosen="#dde9fb",
    warning="#9a3412",
    warning_ground="#fdf0e3",
)
DARK = Theme(
    window="#25272a",
    panel="#2c2f33",
    text="#e6e8ea",
    faint="#9aa1a9",
    line="#3b3f44",
    hover="#383c41",
    accent="#62a1f5",
    chosen="#2f4566",
    warning="#fdba74",
    warning_ground="#43301f",
)


def choose_theme(wanted: str) -> Theme:
    """The theme for "light" or "dark"; "auto" takes the system's."""
    if wanted == "auto":
        wanted = "dark" if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"
    return DARK if wanted == "dark" else LIGHT


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Dress the whole program."""
    sheet = style_sheet(theme)
    if app.styleSheet() == sheet:
        return
    app.setStyle(QStyleFactory.create("Fusion"))
    palette = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, theme.window),
        (role.Base, theme.panel),
        (role.AlternateBase, theme.window),
        (role.Button, theme.window),
        (role.ToolTipBase, theme.panel),
        (role.Highlight, theme.chosen),
        (role.Mid, theme.line),
        (role.Midlight, theme.hover),
        (role.Link, theme.accent),
    ):
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.HighlightedText):
        palette.setColor(which, QColor(theme.text))
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.faint))
    palette.setColor(role.PlaceholderText, QColor(theme.faint))
    app.setPalette(palette)
    app.setStyleSheet(sheet)


def style_sheet(theme: Theme) -> str:
    """The style sheet of a theme; boxes with arrows are left to Fusion, which would lose the arrows."""
    return f"""
    QMainWindow, QDialog {{ background: {theme.window}; }}
    QMenuBar {{ background: {theme.window}; padding: 2px 4px; border-bottom: 1px solid {theme.line}; }}
    QMenuBar::item {{ padding: 4px 9px; border-radius: 5px; background: transparent; }}
    QMenuBar::item:selected {{ background: {theme.hover}; }}
    QMenu {{ background: {theme.panel}; border: 1px solid {theme.line}; padding: 5px; }}
    QMenu::item {{ padding: 5px 26px 5px 24px; border-radius: 5px; }}
    QMenu::item:selected {{ background: {theme.chosen}; }}
    QMenu::item:disabled {{ color: {theme.faint}; }}
    QMenu::separator {{ height: 1px; background: {theme.line}; margin: 5px 8px; }}
    QToolTip {{ background: {theme.panel}; color: {theme.text}; border: 1px solid {theme.line};
                padding: 4px 6px; }}
    QToolButton {{ border: none; border-radius: 6px; padding: 5px; }}
    QToolButton:hover {{ background: {theme.hover}; }}
    QToolButton:checked {{ background: {theme.chosen}; }}
    QToolButton#chip {{ padding: 4px 10px 4px 6px; border: 1px solid transparent; border-radius: 13px; }}
    QToolButton#chip:checked {{ border: 1px solid {theme.accent}; background: {theme.chosen}; }}
    QPushButton {{ border: 1px solid {theme.line}; border-radius: 6px; padding: 5px 14px;
                   background: {theme.panel}; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    QPushButton:hover {{ background: {theme.hover}; }}
    QPushButton:default {{ border-color: {theme.accent}; }}
    QPushButton:disabled {{ color: {theme.faint}; }}
    QLineEdit {{ border: 1px solid {theme.line}; border-radius: 6px; padding: 4px 7px;
                 background: {theme.panel}; selection-background-color: {theme.chosen}; }}
    QLineEdit:focus {{ border-color: {theme.accent}; }}
    QComboBox, QDoubleSpinBox {{ min-height: 22px; }}
    QListView, QTreeView, QTableView {{ border: none; background: {theme.panel}; outline: 0; }}
    QListWidget#history {{ padding-top: 4px; }}
    QListWidget#history::item {{ padding: 5px 12px; }}
    QListWidget#history::item:hover {{ background: {theme.hover}; }}
    QListWidget#history::item:selected {{ background: transparent; color: {theme.text}; }}
    QTabWidget {{ background: {theme.panel}; }}
    QTabWidget::pane {{ border: none; border-top: 1px solid {theme.line}; }}
    QTabBar {{ background: {theme.panel}; }}
    QTabBar::tab {{ padding: 8px 12px; color: {theme.faint}; background: {theme.panel}; border: none;
                    border-bottom: 2px solid transparent; }}
    QTabBar::tab:selected {{ color: {theme.text}; border-bottom: 2px solid {theme.accent}; }}
    QTabBar::tab:hover {{ color: {theme.text}; }}
    QProgressBar {{ border: none; border-radius: 2px; background: {theme.line}; max-height: 4px; }}
    QProgressBar::chunk {{ background: {theme.accent}; border-radius: 2px; }}
    QSlider::groove:horizontal {{ height: 4px; background: {theme.line}; border-radius: 2px; }}
    QSlider::handle:horizontal {{ width: 14px; margin: -5px 0; border-radius: 7px;
                                  background: {theme.accent}; }}
    QScrollBar:vertical {{ background: transparent; width: 9px; margin: 0; }}
    QScrollBar::handle:vertical {{ background: {theme.line}; border-radius: 4px; min-height: 30px; }}
    QScrollBar::handle:vertical:hover {{ background: {theme.faint}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: 9px; }}
    QScrollBar::handle:horizontal {{ background: {theme.line}; border-radius: 4px; min-width: 30px; }}
    QSplitter::handle {{ background: {theme.line}; }}
    QStatusBar {{ background: {theme.window}; border-top: 1px solid {theme.line}; }}
    QStatusBar::item {{ border: none; }}
    QLabel#faint {{ color: {theme.faint}; }}
    QLabel#title {{ font-weight: 600; }}
    QWidget#panel {{ background: {theme.panel}; }}
    QWidget#strip {{ background: {theme.window}; }}
    QFrame#banner {{ background: {theme.warning_ground}; border-bottom: 1px solid {theme.line}; }}
    QFrame#banner QLabel {{ color: {theme.warning}; }}
    QLabel#serious {{ color: {theme.warning}; }}
    """
