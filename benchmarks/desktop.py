"""How quickly the annotator shows masks, moves an image, and opens a large folder, without a screen.

    python benchmarks/desktop.py [--model skipclick-s] [--device auto] [--precision auto] [--json speed.json]

A click counts from the mouse event to the end of the paint event that shows its mask. What the model's
decoder took of that is measured in the same clicks and shown apart; the rest is the program's. Where other
programs keep the machine busy, only the processor time says what the program costs. While panning, a frame
is one mouse event and the painting after it. Photos of the sizes asked for are made from a bundled one; the
large folder holds one small photo many times, as links where the disk has them.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from PySide6.QtCore import QEvent, QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from skipclick import load_model
from skipclick.apps.desktop import window as window_module
from skipclick.apps.desktop.canvas import Canvas
from skipclick.apps.desktop.layers import MaskLayer
from skipclick.apps.desktop.settings import Settings
from skipclick.apps.desktop.window import Window
from skipclick.apps.desktop.worker import ModelWorker
from skipclick.backend.loading import PRECISIONS
from skipclick.backend.protocol import Backend, Features, precision_of
from skipclick.prompt import Prompt

PHOTO = Path(__file__).parents[1] / "tests" / "data" / "coffee.jpg"
CLICKS_PER_OBJECT = 4
FRAMES = 200
STEP = 24
"""Pixels of the screen between two frames while panning."""

NONE, LEFT, MIDDLE = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
FREE = Qt.KeyboardModifier.NoModifier

Row = dict[str, str | float]


class TimedCanvas(Canvas):
    """Notes when it has painted, and whether that shows the newest masks."""

    paints = 0
    painted = 0.0
    behind = False

    def set_layers(self, layers: Sequence[MaskLayer]) -> None:
        super().set_layers(layers)
        self.behind = True

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        self.paints += 1
        self.painted, self.behind = time.perf_counter(), False


class TimedModel:
    """A model that notes how long its decoder takes."""

    def __init__(self, model: Backend) -> None:
        self._model = model
        self.name, self.device = model.name, model.device
        self.fingerprint, self.stride = model.fingerprint, model.stride
        self.decoding = self.decoding_cpu = 0.0

    def encode(self, images: NDArray[np.float32]) -> Features:
        return self._model.encode(images)

    def decode(self, features: Features, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
        clock, cpu = time.perf_counter(), time.process_time()
        logits = self._model.decode(features, prompts)
        self.decoding += time.perf_counter() - clock
        self.decoding_cpu += time.process_time() - cpu
        return logits


class Stage:
    """The window with a model, and somebody who works it with real mouse events."""

    def __init__(self, model: Backend) -> None:
        self.app = QApplication.instance() or QApplication([])
        self.model = TimedModel(model)
        window_module.Canvas = TimedCanvas  # type: ignore[misc]
        worker = ModelWorker()
        self.window = Window(worker, Settings(theme="light"))
        assert isinstance(self.window.canvas, TimedCanvas)
        self.canvas = self.window.canvas
        self.window.resize(1280, 800)
        self.window.show()
        self._encoded: set[Path] = set()
        worker.encoded.connect(lambda path, _: self._encoded.add(path))
        worker.load(lambda: self.model)
        self._wake = QTimer()
        self._wake.start(1000)

    def wait(self, done: Callable[[], bool], patience: float = 600.0) -> None:
        """Sleep and wake with Qt's events until something has happened."""
        end = time.monotonic() + patience
        while not done():
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if time.monotonic() > end:
                raise SystemExit("the annotator does not answer")

    def open(self, photo: Path) -> None:
        """Open a photo and wait until it is painted, encoded, and all is quiet."""
        self.window.files.open(photo)
        self.wait(lambda: self.window.display.ready and photo in self._encoded)
        QTest.qWait(500)

    def click(self, x: float, y: float) -> tuple[float, float, float]:
        """Seconds from the click to its mask; the decoder's part of them; processor time of all else."""
        assert self.canvas.viewport is not None
        at = QPoint(*map(round, self.canvas.viewport.to_screen(x, y)))
        self.model.decoding = self.model.decoding_cpu = 0.0
        clock, cpu = time.perf_counter(), time.process_time()
        QTest.mouseClick(self.canvas, LEFT, FREE, at)
        self.wait(lambda: not (self.window.clicking.waiting or self.canvas.behind))
        cpu = time.process_time() - cpu - self.model.decoding_cpu
        return self.canvas.painted - clock, self.model.decoding, cpu

    def pan(self, frames: int) -> list[float]:
        """Drag to and fro with the middle button; seconds of each frame."""
        centre = QPoint(self.canvas.width() // 2, self.canvas.height() // 2)
        QTest.mousePress(self.canvas, MIDDLE, FREE, centre)
        times, reach = [], 300 // STEP
        for number in range(1, frames + 1):
            along = STEP * abs((number + reach) % (4 * reach) - 2 * reach) - STEP * reach
            at = QPointF(centre) + QPointF(along, along / 2)
            before, clock = self.canvas.paints, time.perf_counter()
            globally = self.canvas.mapToGlobal(at)
            move = QMouseEvent(QEvent.Type.MouseMove, at, globally, NONE, MIDDLE, FREE)
            self.app.sendEvent(self.canvas, move)
            self.wait(lambda paints=before: self.canvas.paints > paints)  # type: ignore[misc]
            times.append(time.perf_counter() - clock)
        QTest.mouseRelease(self.canvas, MIDDLE, FREE, centre)
        return times

    def scroll_through(self) -> None:
        """Look at every thumbnail of the folder, screen by screen."""
        images = self.window.folder.list
        bar = images.verticalScrollBar()
        while True:
            self.wait(lambda: not self.missing_thumbnails())
            if bar.value() == bar.maximum():
                return
            bar.setValue(bar.value() + bar.pageStep())

    def missing_thumbnails(self) -> int:
        """How many of the thumbnails that the list shows now are not there yet."""
        images = self.window.folder.list
        first, last = (images.indexAt(QPoint(9, y)).row() for y in (1, images.viewport().height() - 1))
        rows = range(first, (images.model().rowCount() - 1 if last < 0 else last) + 1)
        role = Qt.ItemDataRole.DecorationRole
        return sum(images.model().index(row, 0).data(role) is None for row in rows)


def measure_photo(stage: Stage, folder: Path, size: tuple[int, int], clicks: int) -> Row:
    """One line of the first table."""
    place = folder / f"{size[0]}x{size[1]}"
    place.mkdir()
    with Image.open(PHOTO) as photo:
        ImageOps.fit(photo, size).save(place / "photo.jpg", quality=92)
    stage.open(place / "photo.jpg")
    random = np.random.default_rng(0)
    taken = []
    for number in range(clicks + 1):
        if number % CLICKS_PER_OBJECT == 0:
            QTest.keyClick(stage.canvas, Qt.Key.Key_Space)
        x, y = random.uniform(0.15, 0.85, 2) * size
        taken.append(stage.click(float(x), float(y)))
    whole, decoding, cpu = np.array(taken[1:]).T  # the first click warms up
    row: Row = {"photo": f"{size[0]}×{size[1]}"}
    for name, seconds in (
        ("click to mask", whole),
        ("of that, the decoder", decoding),
        ("and the program", whole - decoding),
        ("the program's processor time", cpu),
    ):
        for percent in (50, 95):
            row[f"{name}, p{percent}, ms"] = milliseconds(np.percentile(seconds, percent))
    for name, show in (("fit", stage.canvas.fit), ("100 %", stage.canvas.actual_size)):
        show()
        QTest.qWait(100)
        frames = stage.pan(FRAMES)
        row[f"panning at {name}, frames/s"] = round(1 / statistics.mean(frames))
        row[f"panning at {name}, p95, ms"] = milliseconds(np.percentile(frames, 95))
    return row


def measure_folder(stage: Stage, folder: Path, images: int) -> Row:
    """The line of the second table."""
    place = folder / "many"
    place.mkdir()
    with Image.open(PHOTO) as photo:
        photo.save(place / "photo 0.jpg", quality=90)
    for number in range(1, images):
        try:
            (place / f"photo {number}.jpg").hardlink_to(place / "photo 0.jpg")
        except OSError:
            (place / f"photo {number}.jpg").write_bytes((place / "photo 0.jpg").read_bytes())
    clock = time.perf_counter()
    stage.window.files.open(place)
    stage.wait(lambda: stage.window.display.ready and not stage.canvas.behind)
    row: Row = {"images": images, "to the first picture, s": round(stage.canvas.painted - clock, 2)}
    stage.wait(lambda: not stage.missing_thumbnails())
    row["to the thumbnails in view, s"] = round(time.perf_counter() - clock, 2)
    clock = time.perf_counter()
    stage.scroll_through()
    row["scrolling past all thumbnails, s"] = round(time.perf_counter() - clock, 1)
    return row


def milliseconds(seconds: float) -> float:
    """Rounded for a table."""
    return round(1000 * float(seconds), 1)


def show(rows: Sequence[Row]) -> None:
    """Print a table on its side: one line a quantity."""
    first, *names = rows[0]
    print(f"\n| {first} | " + " | ".join(str(row[first]) for row in rows) + " |")
    print("|---" * (len(rows) + 1) + "|")
    for name in names:
        print(f"| {name} | " + " | ".join(str(row[name]) for row in rows) + " |")


def size(text: str) -> tuple[int, int]:
    """WIDTHxHEIGHT."""
    width, _, height = text.partition("x")
    return int(width), int(height)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="skipclick-s")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", choices=PRECISIONS, default="auto", help="as for `skipclick annotate`")
    parser.add_argument("--sizes", type=size, nargs="+", default=[(1280, 720), (6000, 4000)])
    parser.add_argument("--clicks", type=int, default=40)
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--json", type=Path, help="write the numbers to this file too")
    arguments = parser.parse_args()
    model = load_model(arguments.model, device=arguments.device, precision=arguments.precision)
    stage = Stage(model)
    where = f"{model.name} on {model.device} in {precision_of(model)}, {os.cpu_count()} cores"
    print(f"{where}, window 1280 × 800", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        photos = [measure_photo(stage, Path(folder), each, arguments.clicks) for each in arguments.sizes]
        show(photos)
        many = measure_folder(stage, Path(folder), arguments.images)
        show([many])
        stage.window.close()
        stage.window.worker.close(600)  # images may still be encoded ahead
    if arguments.json:
        arguments.json.write_text(json.dumps({"photos": photos, "folder": many}, indent=2) + "\n")


if __name__ == "__main__":
    main()
