"""With the model of the package, and a program that is killed."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from skipclick.annotation import Project
from skipclick.annotation.codec import document_to_json
from skipclick.apps.desktop.models import ModelOptions, make_loader, model_names
from skipclick.mask import iou

User = Any  # of the conftest
Picture = Callable[[int, int], NDArray[np.uint8]]

WORKING = """
import sys
from pathlib import Path
import numpy as np
from PySide6.QtWidgets import QApplication
from skipclick.apps.desktop.settings import Settings
from skipclick.apps.desktop.window import Window
from skipclick.apps.desktop.worker import ModelWorker

sys.path.insert(0, sys.argv[3])
from test_window_real import digest

app = QApplication([])
window = Window(ModelWorker(), Settings())
window.files.open(Path(sys.argv[1]))
generator = np.random.default_rng(int(sys.argv[2]))
window.show()
work = window.work
work.go("c.png")
while True:
    app.processEvents()
    pick = int(generator.integers(0, 10))
    print("doing", "step" if pick > 8 else "change", sep="\\t", flush=True)
    if pick < 5:
        work.select(())
        x, y = generator.uniform(0, 200, 2)
        window.editing.stroke([(float(x), float(y))], 9.0, False)
    elif pick == 5:
        window.editing.grow()
    elif pick == 6:
        window.clicking.undo()
    elif pick == 7:
        work.redo()
    elif pick == 8:
        window.objects.hide()
    else:
        work.step(int(generator.choice([-1, 1])))
    print("done", work.image, digest(work.project), sep="\\t", flush=True)
"""


def digest(project: Project) -> str:
    """Tells documents apart."""
    return hashlib.sha256(json.dumps(document_to_json(project.document)).encode()).hexdigest()


@pytest.mark.slow
def test_the_embedded_model_cuts_out_the_cup(
    user: User, embedded_model: Any, photo: Callable[[str], Any], tmp_path: Path
) -> None:
    truth = photo("coffee")
    user.window.work.open(None)
    place = tmp_path / "real"
    place.mkdir()
    Image.fromarray(truth.image).save(place / "coffee.png")
    user.window.worker.load(lambda: embedded_model)
    user.open(place)
    rows, columns = np.nonzero(truth.mask)
    user.press(float(np.median(columns)), float(np.median(rows)))
    user.bot.waitUntil(lambda: not user.window.clicking.waiting, timeout=300_000)
    assert user.objects[0].model == "skipclick-s"
    assert iou(user.mask(), truth.mask) > 0.5


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_killed_program_has_lost_nothing_and_reopens_where_it_was(
    seed: int, tmp_path: Path, picture: Picture, window: Any, qtbot: Any
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.png", "b.png", "c.png"):
        Image.fromarray(picture(220, 200)).save(folder / name)
    generator = np.random.default_rng(seed)
    program = subprocess.Popen(
        [sys.executable, "-c", WORKING, str(folder), str(seed), str(Path(__file__).parent)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert program.stdout is not None
    lines = [program.stdout.readline() for _ in range(int(generator.integers(9, 120)))]
    time.sleep(float(generator.uniform(0, 0.2)))
    program.send_signal(signal.SIGKILL)
    lines += program.stdout.readlines()
    program.stdout.close()
    assert program.wait(60) == -signal.SIGKILL
    told = [line.rstrip("\n").split("\t") for line in lines if line.endswith("\n")]
    begun = told.pop()[1] if told[-1][0] == "doing" else ""  # what was under way may be done or not
    _, image, expected = told[-1]

    window.files.open(folder)
    assert "did not end properly" in window.status.notice.text()
    qtbot.waitUntil(lambda: window.display.ready)
    if begun != "step":
        assert window.work.image == image
    project = window.work.project
    ways = [lambda: None, *([project.undo, project.redo, project.redo] if begun == "change" else [])]
    seen = []
    for way in ways:
        way()
        seen.append(digest(project))
    assert expected in seen


def test_models_to_offer_begin_with_the_embedded_one() -> None:
    assert model_names()[0] == "skipclick-s"


def test_features_are_kept_where_wanted(
    disk_model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skipclick.backend.cache import CachedBackend

    usual = ModelOptions()
    assert make_loader("disks", usual, tmp_path / "kept")() is disk_model  # it cannot be taken apart
    monkeypatch.setattr(type(disk_model), "features_to_arrays", lambda *_: {}, raising=False)
    assert isinstance(make_loader("disks", usual, tmp_path / "kept")(), CachedBackend)
    assert make_loader("disks", usual)() is disk_model
