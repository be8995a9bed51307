"""What the canvas shows: the image at hand, its masks and clicks, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from skipclick.annotation import PALETTE
from skipclick.annotation.document import Colour, ObjectRecord
from skipclick.apps.desktop.canvas import Canvas
from skipclick.apps.desktop.clicking import Clicking
from skipclick.apps.desktop.keys import native
from skipclick.apps.desktop.layers import Look, MaskLayer, Style
from skipclick.apps.desktop.maskstore import MaskStore
from skipclick.apps.desktop.preview import Preview
from skipclick.apps.desktop.pyramid import Pyramid
from skipclick.apps.desktop.translate import tr
from skipclick.apps.desktop.work import Work
from skipclick.apps.desktop.worker import ModelWorker

AHEAD = 2
"""How many images are read and encoded ahead."""


def object_colour(one: ObjectRecord) -> Colour:
    """The colour that an object is shown in."""
    return PALETTE[one.colour % len(PALETTE)]


class Display(QObject):
    """Keeps the canvas in step with the document.

    Signals:
        look_changed: opacity, outlines and the like are different now.
    """

    look_changed = Signal()

    def __init__(
        self,
        work: Work,
        clicking: Clicking,
        preview: Preview,
        worker: ModelWorker,
        canvas: Canvas,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._work, self._clicking, self._worker, self._canvas = work, clicking, worker, canvas
        self._masks = MaskStore()
        self._shown: Path | None = None
        self._failure: str | None = None  # why the image at hand cannot be shown
        self.by_class = False
        work.opened.connect(self._say_what_to_do)
        work.image_changed.connect(self._open_image)
        work.document_changed.connect(self.refresh)
        work.selection_changed.connect(self.refresh)
        clicking.clicks_changed.connect(self._mark_clicks)
        preview.changed.connect(self._preview)
        clicking.masked.connect(self._masks.put)
        worker.photo_ready.connect(self._show_photo)
        worker.image_failed.connect(self._show_failure)
        self._say_what_to_do()

    @property
    def ready(self) -> bool:
        """Whether the image at hand is on the screen."""
        return self._shown is not None and self._shown == self._work.path

    def object_at(self, x: float, y: float) -> int | None:
        """The frontmost visible object at an image position."""
        record = self._work.record
        for one in reversed(record.objects if record else ()):
            if not one.hidden and self._masks.part(one.mask).holds(x, y):
                return one.id
        return None

    def pick(self, x: float, y: float) -> None:
        """Choose the object at an image position, or none."""
        found = self.object_at(x, y)
        self._work.select(() if found is None else (found,))

    def refresh(self) -> None:
        """Show the masks as they are now."""
        record = self._work.record
        if record is None or not self.ready:
            return
        self._masks.keep([one.mask for one in record.objects])
        visible = [one for one in record.objects if not one.hidden]
        visible.sort(key=lambda one: one.id in self._work.selected)  # what is chosen lies on top
        self._canvas.set_layers([self._layer(one) for one in visible])
        self._mark_clicks()

    def refresh_colours(self) -> None:
        """Colour by class, or each object by itself."""
        self.by_class = not self.by_class
        self.refresh()

    def flash_previous(self) -> None:
        """Show the mask before the last click for a moment."""
        mask = self._clicking.previous
        if mask is None or not self.ready:
            self._work.notice.emit(tr("There is no earlier mask to show."), False)
            return
        part = self._masks.part(mask)
        self._canvas.flash(MaskLayer("flash", part.mask, (255, 255, 255), part.left, part.top, "flash"))

    # How it looks.

    @property
    def look(self) -> Look:
        """How image and masks are shown."""
        return self._canvas.look

    def set_look(self, **values: float | bool) -> None:
        """Change some fields of the look."""
        self._canvas.set_look(replace(self._canvas.look, **values))  # type: ignore[arg-type]
        self.look_changed.emit()

    def outline(self) -> None:
        """Draw outlines alone, or fill the masks again."""
        self.set_look(outline=not self.look.outline)

    def on_black(self) -> None:
        """Show the image inside the masks only, or all of it."""
        self.set_look(on_black=not self.look.on_black)

    def more_opaque(self) -> None:
        """Fill masks more strongly."""
        self.set_look(opacity=min(1.0, round(self.look.opacity + 0.1, 2)))

    def less_opaque(self) -> None:
        """Fill masks more weakly."""
        self.set_look(opacity=max(0.0, round(self.look.opacity - 0.1, 2)))

    def plain(self) -> None:
        """Brightness and contrast as they are in the file."""
        self.set_look(brightness=0.0, contrast=0.0)

    # What happens.

    def retranslate(self) -> None:
        """Say in another language what stands where no image is."""
        if self._failure is not None:
            self._canvas.set_message(self._about_failure(self._failure))
        elif self._work.path is not None:
            self._canvas.set_message(tr("Reading {name} …", name=self._work.path.name))
        else:
            self._say_what_to_do()

    def _say_what_to_do(self) -> None:
        if self._work.project is None:
            lines = [
                tr("Open a folder of images to begin"),
                "",
                tr("{open} opens a folder, {load} a single photo.", open=native("Ctrl+O"), load="L"),
                tr("You can also drop a folder here."),
            ]
            self._canvas.set_message("\n".join(lines))
        elif not self._work.names:
            text = tr(
                "There are no images in this folder.\nOpen another one with {key}.", key=native("Ctrl+O")
            )
            self._canvas.set_message(text)

    def _open_image(self) -> None:
        self._shown, self._failure = None, None
        self._canvas.show_image(None)
        path = self._work.path
        if path is None or self._work.project is None:
            self._say_what_to_do()
            return
        self._canvas.set_message(tr("Reading {name} …", name=path.name))
        self._worker.open(path, self._ahead())

    def _ahead(self) -> Sequence[Path]:
        project = self._work.project
        if project is None or self._work.image not in self._work.names:
            return ()
        return [project.path_of(name) for name in islice(self._work.following(), AHEAD)]

    def _show_photo(self, path: Path, photo: Pyramid) -> None:
        if path == self._work.path and not self.ready:
            self._shown = path
            self._canvas.show_image(photo)
            self.refresh()

    def _show_failure(self, path: Path, message: str) -> None:
        if path == self._work.path:
            self._failure = message
            self._canvas.set_message(self._about_failure(message))
            self._work.notice.emit(message, True)

    @staticmethod
    def _about_failure(message: str) -> str:
        return message + "\n\n" + tr("Go on to the next image with D.")

    def _mark_clicks(self) -> None:
        self._canvas.set_clicks(self._clicking.clicks if self.ready else ())

    def _preview(self, mask: NDArray[np.bool_] | None) -> None:
        layer = None if mask is None else MaskLayer("preview", mask, (255, 255, 255), style="preview")
        self._canvas.set_preview(layer)

    def _layer(self, one: ObjectRecord) -> MaskLayer:
        part = self._masks.part(one.mask)
        colour = object_colour(one)
        if self.by_class and self._work.project is not None:
            colour = self._work.project.document.class_of(one.class_id).colour
        style: Style = "selected" if one.id in self._work.selected else "object"
        return MaskLayer(str(one.id), part.mask, colour, part.left, part.top, style)
