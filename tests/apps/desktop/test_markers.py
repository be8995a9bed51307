"""Markers tell positive from negative without colour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter

from skipclick.apps.desktop.markers import RADIUS, paint_click
from skipclick.prompt import Click


def drawn(click: Click, *, last: bool = False) -> NDArray[np.int64]:
    picture = QImage(41, 41, QImage.Format.Format_RGB888)
    picture.fill(QColor(120, 120, 120))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_click(painter, QPointF(20.5, 20.5), click, last=last)
    painter.end()
    buffer: Any = picture.constBits()
    rows = np.frombuffer(buffer, np.uint8).reshape(41, picture.bytesPerLine())
    return rows[:, :123].reshape(41, 41, 3).astype(np.int64)


@pytest.fixture(autouse=True)
def application(qapp: Any) -> Any:
    return qapp


def test_they_differ_in_grey() -> None:
    positive, negative = (drawn(Click(0, 0, kind)).mean(axis=2) for kind in (True, False))
    assert (np.abs(positive - negative) > 60).sum() > 30


def test_a_plus_and_a_minus() -> None:
    positive, negative = drawn(Click(0, 0, True)), drawn(Click(0, 0, False))
    for marker in (positive, negative):
        assert (marker[20, 18:23] > 200).all()
    assert (positive[18:23, 20] > 200).all()
    assert (negative[17, 18:23].max(axis=1) < 235).all()
    assert (negative[17, 18:23, 2] < 120).all()


def test_round_and_square() -> None:
    corner = 20 + round(0.8 * RADIUS)
    assert (drawn(Click(0, 0, True))[corner, corner] != drawn(Click(0, 0, False))[corner, corner]).any()


def test_the_newest_is_a_little_larger() -> None:
    sizes = [int((drawn(Click(0, 0), last=last) != 120).any(axis=2).sum()) for last in (False, True)]
    assert sizes[0] < sizes[1] < 1.8 * sizes[0]


@pytest.mark.parametrize("positive", [True, False])
def test_it_shows_on_white_and_on_black(positive: bool) -> None:
    marker = drawn(Click(0, 0, positive)).mean(axis=2)
    assert marker.max() > 230
    assert marker.min() < 100
