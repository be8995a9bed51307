"""Where the window was and how large is remembered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("PySide6")
from skipclick.apps.desktop.settings import Settings

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from skipclick.apps.desktop.window import Window


@pytest.fixture
def start(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[], Window]]:
    """Start the program's window, whose settings are kept in the test's folder."""
    from skipclick.apps.desktop.window import Window
    from skipclick.apps.desktop.worker import ModelWorker

    made = []

    def starting() -> Window:
        file = tmp_path / "settings.json"
        window = Window(ModelWorker(), Settings.read(file), file)
        window.show()
        qtbot.waitExposed(window)
        made.append(window)
        return window

    yield starting
    for window in made:
        window.close()
        window.deleteLater()


def columns(window: Window) -> list[int]:
    return window.centralWidget().sizes()


def test_the_window_comes_back_as_it_was_closed(start: Callable[[], Window], qtbot: Any) -> None:
    first = start()
    usual = first.size()
    first.resize(730, 500)
    first.move(40, 60)
    first.centralWidget().setSizes([220, 300, 255])
    qtbot.wait(50)
    size, place, widths = first.size(), first.pos(), columns(first)
    assert size != usual
    first.close()
    second = start()
    assert (second.size(), second.pos(), columns(second)) == (size, place, widths)


def test_a_maximised_window_comes_back_maximised(start: Callable[[], Window], qtbot: Any) -> None:
    first = start()
    first.showMaximized()
    qtbot.wait(50)
    first.close()
    assert start().isMaximized()


@pytest.mark.parametrize(
    "damage",
    [
        {"window": "no geometry", "columns": [1, 2]},
        {"window": "ä", "columns": "wide"},
        {"window": 7, "columns": [200, None, 200]},
        {"window": "", "columns": [True, True, True]},
    ],
)
def test_settings_that_make_no_sense_give_the_usual_window(
    start: Callable[[], Window], tmp_path: Path, damage: dict[str, Any]
) -> None:
    usual = start()
    expected = usual.size(), columns(usual)
    (tmp_path / "settings.json").write_text(json.dumps(damage))
    damaged = start()
    assert (damaged.size(), columns(damaged)) == expected
