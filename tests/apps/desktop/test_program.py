"""The annotator as a program: how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot", "torch"):
    pytest.importorskip(needed, reason="needs Qt and PyTorch", exc_type=ImportError)

CLOSED_WHILE_ENCODING = """
import sys
from pathlib import Path

import torch
from PySide6.QtWidgets import QApplication

from skipclick.apps.desktop import model_choice, program
from skipclick.apps.desktop.worker import ModelWorker


class Endless:
    name, fingerprint, stride, device = "endless", "no weights", 14, "cpu"

    def encode(self, images):
        matrix = torch.rand(500, 500)
        while True:
            matrix = (matrix @ matrix).clamp(0, 1)


def close(self, timeout=10.0, original=ModelWorker.close):
    return original(self, min(timeout, 0.2))  # nobody has that long here


def show(self, original=program.Window.show):
    original(self)
    self.worker.busy.connect(lambda what: what == "encoding" and QApplication.closeAllWindows())


ModelWorker.close, program.Window.show = close, show
model_choice.make_loader = lambda *_: Endless
sys.exit(program.run(Path(sys.argv[1])))
"""


def test_closing_while_the_network_works_ends_in_order(
    tmp_path: Path, picture: Callable[[int, int], NDArray[np.uint8]]
) -> None:
    for name in ("a.png", "b.png"):
        Image.fromarray(picture(64, 48)).save(tmp_path / name)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path / "choices")}
    done = subprocess.run(
        [sys.executable, "-c", CLOSED_WHILE_ENCODING, str(tmp_path)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
    )
    assert "terminate" not in done.stderr
    assert done.returncode == 0
    assert (tmp_path / "choices" / "skipclick" / "annotate.json").exists()
