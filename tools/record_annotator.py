"""Record docs/images/annotator.gif: the annotator at work on a bundled photo, without a screen.

    python tools/record_annotator.py docs/images/annotator.gif

Every mask is the embedded model's answer to the clicks below. What the recording shortens is waiting: a
pointer moves as fast as a hand, but the model's answers take one frame whatever they took.
"""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image, ImageChops, ImageDraw, ImageFont
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSplitter, QWidget

from annotator_scene import ASTRONAUT, PATIENCE, SHUTTLE, Clicks, fill_folder, flat_colours, grab, wait
from skipclick.annotation import PALETTE, export_annotations
from skipclick.apps.desktop.dialogs import ExportDialog
from skipclick.apps.desktop.settings import Settings
from skipclick.apps.desktop.window import Window
from skipclick.apps.desktop.worker import ModelWorker
from skipclick.overlay import NEGATIVE, POSITIVE

SIZE = (1200, 720)
SCALE = 0.75
FRAME_MS = 60
STRIP = 30
"""Height of the caption below the window, in pixels of the recording."""

FREE, NOTHING = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.NoButton
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
POINTER = ((0, 0), (0, 15), (4, 12), (7, 18), (9, 17), (6, 11), (11, 11))


@dataclass(frozen=True)
class Frame:
    """A picture and how long it is shown."""

    picture: Image.Image
    milliseconds: int


class Recorder:
    """Works the window as a user does, and keeps what is seen with a pointer drawn in."""

    def __init__(self) -> None:
        self.app = QApplication.instance() or QApplication([])
        self.window = Window(ModelWorker(), Settings(theme="light"))
        self.window.resize(*SIZE)
        self.window.show()
        columns = self.window.centralWidget()
        assert isinstance(columns, QSplitter)
        columns.setSizes([200, SIZE[0] - 400, 200])
        self.frames: list[Frame] = []
        self.at = QPointF(SIZE[0] * 0.55, SIZE[1] * 0.85)
        self.caption = ""
        self.over: QWidget | None = None

    def show(self, milliseconds: int = FRAME_MS, pressed: bool = False) -> None:
        """Keep what is seen now."""
        self.app.processEvents()
        picture = grab(self.window)
        if self.over is not None:
            dialog = grab(self.over)
            picture = Image.blend(picture, Image.new("RGB", picture.size), 0.35)
            picture.paste(dialog, self._corner(self.over))
        draw_pointer(picture, self.at, pressed)
        small = picture.resize((round(SIZE[0] * SCALE), round(SIZE[1] * SCALE)), Image.Resampling.LANCZOS)
        self.frames.append(Frame(self._captioned(small), milliseconds))

    def say(self, caption: str, milliseconds: int = 700) -> None:
        """Say in one line what comes next."""
        self.caption = caption
        self.show(milliseconds)

    def go(self, widget: QWidget, place: QPoint, steps: int = 6) -> None:
        """Move the pointer to a place on a widget, slower at the ends."""
        corner = QPointF(self._corner_of(widget))
        start, end = QPointF(self.at), corner + QPointF(place)
        for step in range(1, steps + 1):
            share = step / steps
            share = share * share * (3 - 2 * share)
            self.at = start + (end - start) * share
            if widget is self.window.canvas:
                move(widget, self.at - corner, NOTHING)
            self.show()

    def click(self, clicks: Clicks) -> None:
        """Click into the photo and wait for the answers."""
        canvas = self.window.canvas
        for x, y, positive in clicks:
            place = self._on_photo(x, y)
            self.go(canvas, place)
            QTest.mouseClick(canvas, LEFT if positive else RIGHT, FREE, place)
            self.show(120, pressed=True)
            wait(lambda: not self.window.clicking.waiting)
            self.show(750)

    def stroke(self, points: Sequence[tuple[float, float]]) -> None:
        """Drag through the photo with the left button."""
        canvas, places = self.window.canvas, [self._on_photo(*point) for point in points]
        self.go(canvas, places[0])
        QTest.mousePress(canvas, LEFT, FREE, places[0])
        for start, end in itertools.pairwise(places):
            for step in range(1, 4):
                place = QPointF(start) + QPointF(end - start) * step / 3
                self.at = QPointF(self._corner_of(canvas)) + place
                move(canvas, place, LEFT)
                self.show(pressed=True)
        QTest.mouseRelease(canvas, LEFT, FREE, places[-1])
        self.show(600)

    def press(self, widget: QWidget) -> None:
        """Click on a widget with the pointer."""
        self.go(widget, widget.rect().center())
        self.show(120, pressed=True)
        QTest.mouseClick(widget, LEFT)
        self.show(350)

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.window.canvas, key)
        self.show(500)

    def button(self, action: str) -> QWidget:
        """The button of an action, on the left or below the list of objects."""
        wanted = self.window.actions_by_id[action]
        return next(one for one in wanted.associatedObjects() if one.inherits("QToolButton"))  # type: ignore[return-value]

    def _on_photo(self, x: float, y: float) -> QPoint:
        return QPoint(*map(round, self.window.canvas.viewport.to_screen(x, y)))

    def _corner(self, dialog: QWidget) -> tuple[int, int]:
        return (SIZE[0] - dialog.width()) // 2, (SIZE[1] - dialog.height()) // 2

    def _corner_of(self, widget: QWidget) -> QPoint:
        """Where a widget's corner is in the picture."""
        if self.over is not None:
            return widget.mapTo(self.over, QPoint(0, 0)) + QPoint(*self._corner(self.over))
        return widget.mapTo(self.window, QPoint(0, 0))

    def _captioned(self, picture: Image.Image) -> Image.Image:
        whole = Image.new("RGB", (picture.width, picture.height + STRIP), (31, 35, 40))
        whole.paste(picture, (0, 0))
        place = (picture.width // 2, picture.height + STRIP // 2)
        ImageDraw.Draw(whole).text(place, self.caption, (240, 242, 245), ImageFont.load_default(15), "mm")
        return whole


def move(widget: QWidget, at: QPointF, button: Qt.MouseButton) -> None:
    """Move the pointer over a widget."""
    kind = QEvent.Type.MouseMove
    QApplication.sendEvent(widget, QMouseEvent(kind, at, widget.mapToGlobal(at), NOTHING, button, FREE))


def draw_pointer(picture: Image.Image, at: QPointF, pressed: bool) -> None:
    """An arrow, with a ring around its tip while a button is down."""
    draw, x, y = ImageDraw.Draw(picture), at.x(), at.y()
    if pressed:
        draw.ellipse((x - 13, y - 13, x + 13, y + 13), outline=(31, 111, 219), width=3)
    shape = [(x + 1.3 * across, y + 1.3 * down) for across, down in POINTER]
    draw.polygon(shape, fill=(255, 255, 255), outline=(0, 0, 0), width=1)


def work(recorder: Recorder, folder: Path) -> None:
    """What is recorded."""
    window = recorder.window
    recorder.say("skipclick annotate photos/", 1100)
    window.models.load("skipclick-s")
    window.files.open(folder / "astronaut.jpg")
    window.objects.edit_class(1, name="astronaut")
    window.objects.add_class("shuttle")
    window.work.choose_class(1)
    encoded: list[Path] = []
    window.worker.encoded.connect(lambda path, _: encoded.append(path))
    role = Qt.ItemDataRole.DecorationRole
    model = window.folder.model
    wait(lambda: window.display.ready and folder / "astronaut.jpg" in encoded)
    wait(lambda: all(model.index(row).data(role) for row in range(model.rowCount())))
    QTest.qWait(200)
    recorder.say("A folder of photos is open; the model comes with the package", 1100)
    recorder.caption = "Click on the object; a right click says what does not belong to it"
    recorder.click(ASTRONAUT)
    recorder.caption = "J fills the hole, Space finishes the object"
    recorder.key(Qt.Key.Key_J)
    recorder.key(Qt.Key.Key_Space)
    recorder.caption = "The next class, and its object"
    recorder.press(window.class_bar.buttons[2])
    recorder.click(SHUTTLE)
    recorder.caption = "The brush repairs by hand"
    recorder.press(recorder.button("tool_brush"))
    recorder.stroke(((334, 55), (335, 85), (335, 115), (335, 140)))
    recorder.caption = "Space, and X: the photo is done"
    recorder.key(Qt.Key.Key_Space)
    recorder.key(Qt.Key.Key_X)
    recorder.caption = "Export: COCO, YOLO, Pascal VOC, labelme, label maps, PNG"
    export(recorder, folder.parent / "masks")
    recorder.show(1600)


def export(recorder: Recorder, place: Path) -> None:
    """The dialog, and what comes of it; the system's own dialog to choose a folder is left out."""
    project = recorder.window.work.project
    assert project is not None
    recorder.over = dialog = ExportDialog(
        {"all": 1, "this": 1, "chosen": 1, "done": 1, "reviewed": 0}, recorder.window
    )
    dialog.resize(dialog.sizeHint())
    recorder.show(700)
    go = next(button for button in dialog.buttons.buttons() if button.text() != "Cancel")
    recorder.go(go, go.rect().center())
    recorder.show(200, pressed=True)
    recorder.over = None
    dialog.close()
    result = export_annotations(project, dialog.wish().format_name, place)
    recorder.window.work.notice.emit(f"{result.objects} objects exported to masks.", False)


def save(frames: Sequence[Frame], target: Path) -> None:
    """An animation of one set of colours, taken from all scenes; frames that change nothing are joined."""
    joined: list[Frame] = []
    for frame in frames:
        before = joined[-1] if joined else None
        if before is not None and not ImageChops.difference(before.picture, frame.picture).getbbox():
            joined[-1] = Frame(before.picture, before.milliseconds + frame.milliseconds)
        else:
            joined.append(frame)
    width, height = joined[0].picture.size
    chosen = joined[:: max(len(joined) // 8, 1)]
    sheet = Image.new("RGB", (width, height * len(chosen)))
    for number, frame in enumerate(chosen):
        sheet.paste(frame.picture, (0, number * height))
    # Colours of masks and markers are few pixels and would be lost among those of the photo.
    kept = flat_colours(sheet, [*PALETTE[:2], POSITIVE, NEGATIVE, (255, 255, 255)])
    found = sheet.quantize(255 - len(kept), Image.Quantize.MEDIANCUT).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*found[: 3 * (255 - len(kept))], *(part for colour in kept for part in colour)])
    pictures = [one.picture.quantize(palette=palette, dither=Image.Dither.NONE) for one in joined]
    pictures[0].save(
        target,
        save_all=True,
        append_images=pictures[1:],
        duration=[one.milliseconds for one in joined],
        loop=0,
        disposal=1,
    )
    seconds = sum(one.milliseconds for one in joined) / 1000
    print(f"{target}: {len(joined)} frames, {seconds:.1f} s, {target.stat().st_size / 2**20:.2f} MiB")


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "photos"
        fill_folder(folder)
        recorder = Recorder()
        work(recorder, folder)
        recorder.window.close()
        recorder.window.worker.close(PATIENCE)  # photos may still be encoded ahead
        save(recorder.frames, target)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
