"""How image and masks are shown, as sliders."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from skipclick.apps.desktop.display import Display
from skipclick.apps.desktop.translate import tr


class ViewPanel(QWidget):
    """Opacity, brightness and contrast; none of it touches image or masks."""

    def __init__(self, display: Display, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._display = display
        self.sliders: dict[str, QSlider] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 14)
        column.setSpacing(6)
        for name, text, least in (
            ("opacity", tr("Fill of masks"), 0),
            ("brightness", tr("Brightness"), -100),
            ("contrast", tr("Contrast"), -100),
        ):
            slider = QSlider(Qt.Orientation.Horizontal)
            slider.setRange(least, 100)
            slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            slider.valueChanged.connect(partial(self._slid, name))
            label = QLabel(text)
            label.setBuddy(slider)
            column.addWidget(label)
            column.addWidget(slider)
            column.addSpacing(6)
            self.sliders[name] = slider
        plain = QPushButton(tr("As in the file"))
        plain.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        plain.clicked.connect(display.plain)
        column.addWidget(plain)
        hint = QLabel(tr("Only the view changes, never the image."))
        hint.setObjectName("faint")
        hint.setWordWrap(True)
        column.addWidget(hint)
        column.addStretch(1)
        display.look_changed.connect(self._follow)
        self._follow()

    def _slid(self, name: str, value: int) -> None:
        self._display.set_look(**{name: value / 100})

    def _follow(self) -> None:
        for name, slider in self.sliders.items():
            slider.blockSignals(True)
            slider.setValue(round(100 * getattr(self._display.look, name)))
            slider.blockSignals(False)
