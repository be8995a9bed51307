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
        self._labels: dict[str, QLabel] = {}
        for name, least in (("opacity", 0), ("brightness", -100), ("contrast", -100)):
            slider = QSlider(Qt.Orientation.Horizontal)
            slider.setRange(least, 100)
            slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            slider.valueChanged.connect(partial(self._slid, name))
            label = self._labels[name] = QLabel()
            label.setBuddy(slider)
            column.addWidget(label)
            column.addWidget(slider)
            column.addSpacing(6)
            self.sliders[name] = slider
        self.plain, self.hint = QPushButton(), QLabel()
        self.plain.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.plain.clicked.connect(display.plain)
        column.addWidget(self.plain)
        self.hint.setObjectName("faint")
        self.hint.setWordWrap(True)
        column.addWidget(self.hint)
        column.addStretch(1)
        self.retranslate()
        display.look_changed.connect(self._follow)
        self._follow()

    def retranslate(self) -> None:
        """Put on the texts in the chosen language."""
        self._labels["opacity"].setText(tr("Fill of masks"))
        self._labels["brightness"].setText(tr("Brightness"))
        self._labels["contrast"].setText(tr("Contrast"))
        self.plain.setText(tr("As in the file"))
        self.hint.setText(tr("Only the view changes, never the image."))

    def _slid(self, name: str, value: int) -> None:
        self._display.set_look(**{name: value / 100})

    def _follow(self) -> None:
        for name, slider in self.sliders.items():
            slider.blockSignals(True)
            slider.setValue(round(100 * getattr(self._display.look, name)))
            slider.blockSignals(False)
