"""Make the pictures of docs/desktop.md: the annotator at work on bundled photos, without a screen.

    python tools/annotator_screenshots.py docs/images

Every mask in them is the embedded model's answer to the clicks below.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image
from PySide6.QtCore import QBuffer, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from skipclick.annotation import PALETTE
from skipclick.apps.desktop.settings import Settings
from skipclick.apps.desktop.window import Window
from skipclick.apps.desktop.worker import ModelWorker
from skipclick.overlay import NEGATIVE, POSITIVE

ROOT = Path(__file__).parents[1]
PHOTOS = ("astronaut", "chelsea", "rocket")
PATIENCE = 1800.0
"""Seconds until something must have happened."""

CUP = ((285, 140, True), (240, 225, True), (130, 170, False), (360, 280, False))
SAUCER = ((110, 200, True), (200, 345, True), (240, 180, False))
SPOON = ((375, 275, True), (330, 225, True))


class Photographer:
    """Works the window as a user does, and takes pictures of it."""

    def __init__(self, out: Path, photos: Path) -> None:
        self.app = QApplication.instance() or QApplication([])
        self.out = out
        self.window = Window(ModelWorker(), Settings(theme="light"))
        self.window.resize(1280, 800)
        self.window.show()
        self.take("empty")
        self.window.load_model("skipclick-s")
        self.window.files.open(photos / "coffee.jpg")
        self.wait(lambda: self.window.display.ready)

    def wait(self, done: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not done():
            self.app.processEvents()
            time.sleep(0.01)
            if time.monotonic() > end:
                raise SystemExit("the annotator does not answer")

    def click(self, clicks: Sequence[tuple[float, float, bool]]) -> None:
        canvas = self.window.canvas
        for x, y, positive in clicks:
            assert canvas.viewport is not None
            across, down = canvas.viewport.to_screen(x, y)
            button = Qt.MouseButton.LeftButton if positive else Qt.MouseButton.RightButton
            at = QPoint(round(across), round(down))
            QTest.mouseClick(canvas, button, Qt.KeyboardModifier.NoModifier, at)
            self.wait(lambda: not self.window.clicking.waiting)

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.window.canvas, key)

    def take(self, name: str, widget: QWidget | None = None) -> None:
        QTest.qWait(300)
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        (widget or self.window).grab().save(buffer, "PNG")
        picture = Image.open(io.BytesIO(buffer.data().data())).convert("RGB")
        reduce_colours(picture).save(self.out / f"annotator-{name}.png", optimize=True)


def reduce_colours(picture: Image.Image) -> Image.Image:
    """At most 256 colours, so that the file is small; those of markers and masks stay as they are."""
    kept = [*PALETTE, POSITIVE, NEGATIVE, (255, 255, 255)]
    found = picture.quantize(256 - len(kept)).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*found[: 3 * (256 - len(kept))], *(part for colour in kept for part in colour)])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def main(out: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder) / "kitchen and more"
        photos.mkdir()
        for name in PHOTOS:
            shutil.copy(ROOT / "tests" / "data" / f"{name}.jpg", photos)
        shutil.copy(ROOT / "src" / "skipclick" / "apps" / "cli" / "assets" / "coffee.jpg", photos)
        at = Photographer(out, photos)
        window = at.window
        window.objects.edit_class(1, name="cup")
        window.objects.add_class("saucer")
        window.objects.add_class("spoon")
        window.work.choose_class(1)
        at.click(CUP)
        at.take("object")
        at.key(Qt.Key.Key_Space)
        at.key(Qt.Key.Key_2)
        at.click(SAUCER)
        at.key(Qt.Key.Key_Space)
        at.key(Qt.Key.Key_3)
        at.click(SPOON)
        at.key(Qt.Key.Key_Space)
        at.key(Qt.Key.Key_X)
        at.take("several")
        window.work.select((1,))
        window.show_history()
        at.take("history")
        window.show_keys()
        at.take("keys", window.keys_dialog)
        window.keys_dialog.accept()
        window.tabs.setCurrentIndex(0)
        window.switch_theme()
        window.toolbox.brush()
        at.take("dark")
        window.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    main(target)
