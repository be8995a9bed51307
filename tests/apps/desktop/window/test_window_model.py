"""Models that are switched to, and the folder in which encoded images are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from PySide6.QtWidgets import QLabel

from skipclick.apps.desktop import dialogs
from skipclick.apps.desktop.models import ModelOptions, make_loader
from skipclick.apps.desktop.settings import Settings
from skipclick.apps.desktop.window import Window
from skipclick.apps.desktop.worker import ModelWorker
from skipclick.backend.cache import CachedBackend

User = Any  # of the conftest
QtBot = Any


@pytest.fixture
def storing(disk_model: Any) -> Any:
    """A model whose features can be kept on disk, given to whoever loads one."""

    def to_arrays(features: Any) -> dict[str, NDArray[np.float32]]:
        return {"batch": np.full((features.batch,), 1, np.float32)}

    disk_model.features_to_arrays = to_arrays
    disk_model.features_from_arrays = lambda arrays, size: disk_model.encode(
        np.zeros((len(arrays["batch"]), 3, *size), np.float32)
    )
    return disk_model


@pytest.fixture
def open_window(qtbot: QtBot, storing: Any, folder: Path, tmp_path: Path) -> Iterator[Callable[..., Window]]:
    """Open a window with a model and the folder of images, as the program does."""
    opened = []

    def make(settings: Settings, features: Path | None = None) -> Window:
        window = Window(ModelWorker(), settings, tmp_path / "settings.json", ModelOptions(features=features))
        opened.append(window)
        window.show()
        with qtbot.waitSignal(window.worker.model_ready, timeout=20_000):
            window.models.load("disks")
        assert window.files.open(folder)
        qtbot.waitUntil(lambda: window.display.ready)
        return window

    yield make
    for window in opened:
        window.close()
        window.deleteLater()


def kept(place: Path) -> int:
    return len(list(place.glob("*.features")))


def model_of(window: Window) -> Any:
    assert window.worker._answerer is not None
    return window.worker._answerer.model


def test_a_model_switched_to_keeps_features_as_the_one_before(
    qtbot: QtBot, open_window: Callable[..., Window], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "kept"
    window = open_window(Settings(theme="light"), place)
    qtbot.waitUntil(lambda: kept(place) > 0)
    monkeypatch.setattr(dialogs, "ask_item", lambda *_, **__: "others")
    before = model_of(window)
    with qtbot.waitSignal(window.worker.model_ready, timeout=20_000):
        window.actions_by_id["model"].trigger()
    assert model_of(window) is not before
    assert isinstance(model_of(window), CachedBackend)


def test_the_folder_is_chosen_in_the_program_and_remembered(
    qtbot: QtBot, open_window: Callable[..., Window], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, asked = tmp_path / "kept", []
    place.mkdir()
    window = open_window(Settings(theme="light"))
    assert not isinstance(model_of(window), CachedBackend)

    def choose(_: object, __: str, text: str, ways: list[str]) -> int:
        asked.append((text, len(ways)))
        return 0

    monkeypatch.setattr(dialogs, "choose", choose)
    monkeypatch.setattr(dialogs, "ask_folder", lambda *_: place)
    window.actions_by_id["features"].trigger()
    qtbot.waitUntil(lambda: kept(place) > 0)  # the image at hand is encoded again, and kept
    assert Settings.read(tmp_path / "settings.json").features == str(place)
    window.actions_by_id["features"].trigger()
    assert asked[0][0].startswith("Encoded images are kept in memory only.")
    assert asked[1] == (f"Encoded images are kept in {place}.", 2)


def test_they_can_be_kept_in_memory_only_again(
    qtbot: QtBot, open_window: Callable[..., Window], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kept").mkdir()
    window = open_window(Settings(theme="light", features=str(tmp_path / "kept")))
    assert isinstance(model_of(window), CachedBackend)
    monkeypatch.setattr(dialogs, "choose", lambda *_: 1)
    with qtbot.waitSignal(window.worker.model_ready, timeout=20_000):
        window.actions_by_id["features"].trigger()
    assert not isinstance(model_of(window), CachedBackend)
    assert Settings.read(tmp_path / "settings.json").features == ""


def test_nothing_changes_without_an_answer(
    open_window: Callable[..., Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(Settings(theme="light"))
    before = model_of(window)
    monkeypatch.setattr(dialogs, "choose", lambda *_: None)
    window.models.choose_features()
    monkeypatch.setattr(dialogs, "choose", lambda *_: 0)
    monkeypatch.setattr(dialogs, "ask_folder", lambda *_: None)
    window.models.choose_features()
    assert window.models.features is None
    assert model_of(window) is before


def test_a_remembered_folder_that_is_gone_leaves_the_model_at_work(
    qtbot: QtBot, open_window: Callable[..., Window], tmp_path: Path
) -> None:
    gone = tmp_path / "stick" / "kept"
    window = Window(ModelWorker(), Settings(theme="light", features=str(gone)))
    try:
        said: list[str] = []
        window.work.notice.connect(lambda text, _: said.append(text))
        with qtbot.waitSignal(window.worker.model_ready, timeout=20_000):
            window.models.load("disks")
        assert said == [f"{gone} is not there: encoded images are kept in memory only."]
        assert not gone.parent.exists()
        assert window.models.features == gone  # it may be back the next time
    finally:
        window.close()
        window.deleteLater()


def test_a_folder_named_at_the_start_goes_first_and_is_made(
    open_window: Callable[..., Window], tmp_path: Path
) -> None:
    (tmp_path / "one").mkdir()
    settings = Settings(theme="light", features=str(tmp_path / "one"))
    window = open_window(settings, tmp_path / "two")
    assert window.models.features == tmp_path / "two"
    assert isinstance(model_of(window), CachedBackend)
    assert (tmp_path / "two").is_dir()
    assert settings.features == str(tmp_path / "one")


def test_models_are_run_as_it_was_said(storing: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []

    def load(source: str, *, device: str, precision: str | None) -> Any:
        asked.append((source, device, precision))
        return storing

    monkeypatch.setattr("skipclick.backend.loading.load_model", load)
    make_loader("a", ModelOptions())()
    storing.precision = "bf16"
    kept = make_loader("b", ModelOptions("cuda:1", "bf16"), tmp_path / "kept")()
    assert asked == [("a", "auto", "auto"), ("b", "cuda:1", "bf16")]
    assert isinstance(kept, CachedBackend)
    assert kept.precision == "bf16"


@pytest.mark.parametrize(("precision", "shown"), [("float32", "disks (cpu)"), ("int8", "disks (cpu, int8)")])
def test_another_precision_is_shown(
    open_window: Callable[..., Window], storing: Any, precision: str, shown: str
) -> None:
    storing.precision = precision
    window = open_window(Settings(theme="light"))
    assert any(shown in label.text() for label in window.statusBar().findChildren(QLabel))
