"""Small pictures of the images in a folder, made when they are first looked at."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from PIL import Image, ImageOps
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

SIDE = 96
"""Pixels on the longer side; shown at half of that on a plain screen."""

_KEPT = 600
_WANTED = 60


class Thumbnails(QObject):
    """Makes thumbnails in a thread of its own, those asked for last first.

    Signals:
        ready: (path) its thumbnail can be had now.
    """

    ready = Signal(object)
    _made = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[Path, QPixmap | None] = OrderedDict()
        self._wanted: list[Path] = []
        self._making: set[Path] = set()
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="skipclick-thumbnails", daemon=True)
        self._made.connect(self._keep)
        self._thread.start()

    def get(self, path: Path) -> QPixmap | None:
        """The thumbnail; None as long as it is not there, and for files that cannot be read."""
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        with self._changed:
            if path in self._making:
                return None
            if path in self._wanted:
                self._wanted.remove(path)
            self._wanted.append(path)
            del self._wanted[:-_WANTED]  # scrolled past long ago
            self._changed.notify()
        return None

    def close(self, timeout: float = 5.0) -> None:
        """Stop; waits for the one under way."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout)

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._wanted and not self._closing:
                    self._changed.wait()
                if self._closing:
                    return
                path = self._wanted.pop()
                self._making.add(path)
            made = read_thumbnail(path)
            if not self._closing:
                self._made.emit(path, made)

    def _keep(self, path: Path, image: QImage | None) -> None:
        with self._changed:
            self._making.discard(path)
        self._kept[path] = None if image is None else QPixmap.fromImage(image)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        self.ready.emit(path)


def read_thumbnail(path: Path) -> QImage | None:
    """A small upright picture of a file, or None if it cannot be read."""
    if not path.is_file():  # a pipe would keep us waiting for ever
        return None
    try:
        with Image.open(path) as opened:
            opened.draft("RGB", (2 * SIDE, 2 * SIDE))  # JPEG files are decoded at an eighth
            small = ImageOps.exif_transpose(opened)
            small.thumbnail((SIDE, SIDE))
            small = small.convert("RGB")
    except Exception:  # whatever is wrong with the file is said when it is opened
        return None
    data = small.tobytes()
    return QImage(data, small.width, small.height, 3 * small.width, QImage.Format.Format_RGB888).copy()
