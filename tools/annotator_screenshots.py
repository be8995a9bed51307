"""Make the pictures of docs/desktop.md: the annotator at work on bundled photos, without a screen.

    python tools/annotator_screenshots.py docs/images

Every mask in them is the embedded model's answer to the clicks of annotator_scene.py, or drawn by the tool
that the picture shows.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from annotator_scene import (
    ASTRONAUT,
    CUP,
    HELMET,
    HELMET_BOX,
    PATCH,
    PATIENCE,
    ROCKET,
    SHUTTLE,
    WINGS,
    Clicks,
    fill_folder,
    grab,
    reduce_colours,
    wait,
)
from skipclick.annotation import PALETTE, AddClass, Project, export_annotations
from skipclick.apps.desktop import preview
from skipclick.apps.desktop.dialogs import ExportDialog, ImportDialog
from skipclick.apps.desktop.settings import Settings
from skipclick.apps.desktop.window import Window
from skipclick.apps.desktop.worker import ModelWorker
from skipclick.overlay import NEGATIVE, POSITIVE

SIZE = (1160, 720)
GAP = 12
"""Between the pictures of a row, in pixels."""

LEFT, RIGHT, FREE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier


class Photographer:
    """Works the window as a user does, and takes pictures of it."""

    def __init__(self, out: Path, photos: Path) -> None:
        self.app = QApplication.instance() or QApplication([])
        self.out = out
        self.window = Window(ModelWorker(), Settings(theme="light"))
        self.window.resize(*SIZE)
        self.window.show()
        self.take("empty")
        self.window.models.load("skipclick-s")
        self.window.files.open(photos / "astronaut.jpg")
        model = self.window.folder.model
        role = Qt.ItemDataRole.DecorationRole
        wait(lambda: self.window.display.ready)
        wait(lambda: all(model.index(row).data(role) for row in range(model.rowCount())))

    def at(self, x: float, y: float) -> QPoint:
        viewport = self.window.canvas.viewport
        assert viewport is not None
        return QPoint(*map(round, viewport.to_screen(x, y)))

    def click(self, clicks: Clicks) -> None:
        for x, y, positive in clicks:
            QTest.mouseClick(self.window.canvas, LEFT if positive else RIGHT, FREE, self.at(x, y))
            wait(lambda: not self.window.clicking.waiting)

    def drag(self, points: Sequence[tuple[float, float]], release: bool = True) -> None:
        QTest.mousePress(self.window.canvas, LEFT, FREE, self.at(*points[0]))
        for point in points[1:]:
            QTest.mouseMove(self.window.canvas, self.at(*point))
        if release:
            QTest.mouseRelease(self.window.canvas, LEFT, FREE, self.at(*points[-1]))

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = FREE) -> None:
        QTest.keyClick(self.window.canvas, key, held)

    def see(self, widget: QWidget | None = None) -> Image.Image:
        QTest.qWait(300)
        return grab(widget or self.window)

    def look(self, left: float, top: float, right: float, bottom: float) -> Image.Image:
        """A part of the photo as the canvas shows it, given in image pixels."""
        first, last = self.at(left, top), self.at(right, bottom)
        return self.see(self.window.canvas).crop((first.x(), first.y(), last.x(), last.y()))

    def take(self, name: str, *pictures: Image.Image) -> None:
        """Keep a picture of the window, or of these side by side."""
        picture = beside(pictures) if pictures else self.see()
        kept = [*PALETTE[:3], POSITIVE, NEGATIVE, (255, 255, 255), (0, 0, 0)]
        reduce_colours(picture, kept).save(self.out / f"annotator-{name}.png", optimize=True)

    def asked(self, action: Callable[[], object]) -> Image.Image:
        """The question that an action asks, which is then declined."""
        seen: list[Image.Image] = []

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if isinstance(dialog, QWidget):
                seen.append(grab(dialog))
                dialog.close()

        QTimer.singleShot(600, look)
        action()
        return seen[0]


def beside(pictures: Sequence[Image.Image]) -> Image.Image:
    """Pictures in a row, as they are, on white."""
    width = sum(picture.width for picture in pictures) + GAP * (len(pictures) - 1)
    row = Image.new("RGB", (width, max(picture.height for picture in pictures)), "white")
    left = 0
    for picture in pictures:
        row.paste(picture, (left, 0))
        left += picture.width + GAP
    return row


def look_closer(at: Photographer) -> None:
    """What a click would give, and one click on something small, seen in the whole photo and magnified."""
    window, part = at.window, (60, 200, 200, 340)
    window.canvas.zoom(1.6)
    window.canvas.centre_on(165, 270)
    at.key(Qt.Key.Key_P)
    shown: list[object] = []
    window.preview.changed.connect(shown.append)
    QTest.mouseMove(window.canvas, at.at(*PATCH))
    wait(lambda: bool(shown))
    pictures = [at.look(*part)]
    at.key(Qt.Key.Key_P)
    for _ in range(2):
        at.click(WINGS)
        pictures.append(at.look(part[0] + 90, part[1], part[2] + 90, part[3]))
        at.key(Qt.Key.Key_U)
        at.key(Qt.Key.Key_Z)
    at.take("closer", *pictures)
    window.canvas.fit()


def annotate(at: Photographer) -> None:
    """Three objects of three classes, and pictures on the way."""
    window = at.window
    window.objects.edit_class(1, name="astronaut")
    window.objects.add_class("shuttle")
    window.objects.add_class("helmet")
    window.work.choose_class(1)
    at.click(ASTRONAUT)
    at.take("object")
    at.key(Qt.Key.Key_J)  # the picture on her badge
    at.key(Qt.Key.Key_Space)
    at.key(Qt.Key.Key_2)
    at.click(SHUTTLE)
    at.key(Qt.Key.Key_Space)
    at.key(Qt.Key.Key_3)
    window.toolbox.box()
    at.drag(HELMET_BOX, release=False)
    box = at.look(190, 190, 383, 383)
    QTest.mouseRelease(window.canvas, LEFT, FREE, at.at(*HELMET_BOX[1]))
    window.toolbox.click()
    at.click(HELMET)
    refined = at.look(190, 190, 383, 383)
    at.key(Qt.Key.Key_Space)
    at.take("several")
    at.take("tools", box, refined, *by_hand(at))


def by_hand(at: Photographer) -> list[Image.Image]:
    """The brush and a polygon at work on the shuttle; both are taken back."""
    window = at.window
    window.work.select((2,))
    window.toolbox.brush()
    at.drag([(334, 55), (335, 85), (335, 115), (335, 140)], release=False)
    brush = at.look(236, 36, 383, 229)
    QTest.mouseRelease(window.canvas, LEFT, FREE, at.at(335, 140))
    at.key(Qt.Key.Key_U)
    window.toolbox.cut()
    for point in ((262, 188), (372, 186), (372, 220), (262, 222)):
        QTest.mouseClick(window.canvas, LEFT, FREE, at.at(*point))
    polygon = at.look(236, 36, 383, 229)
    at.key(Qt.Key.Key_Escape)
    window.toolbox.click()
    window.work.select(())
    return [brush, polygon]


def look_around(at: Photographer) -> None:
    """Ways to see the masks, the list of images filtered, history, keys, the dark theme."""
    window, shift = at.window, Qt.KeyboardModifier.ShiftModifier
    window.tabs.setCurrentIndex(2)
    panel = at.see(window.tabs)
    window.tabs.setCurrentIndex(0)
    at.key(Qt.Key.Key_O)
    outlines = at.look(0, 0, 383, 383)
    at.key(Qt.Key.Key_O)
    at.key(Qt.Key.Key_B, shift)
    on_black = at.look(0, 0, 383, 383)
    at.key(Qt.Key.Key_B, shift)
    height = panel.height * 3 // 5
    parts = [panel.crop((0, 0, panel.width, height)), shrunk(outlines, height), shrunk(on_black, height)]
    at.take("view", *parts)
    window.work.select((1,))
    window.show_history()
    at.take("history")
    window.show_keys()
    window.keys_dialog.resize(window.keys_dialog.full_size)
    at.take("keys", at.see(window.keys_dialog))
    window.keys_dialog.accept()
    window.tabs.setCurrentIndex(0)
    window.switch_theme()
    window.toolbox.brush()
    at.take("dark")
    window.switch_theme()
    window.toolbox.click()
    window.work.select(())


def show_states(at: Photographer, photos: Path) -> None:
    """A dark photo made lighter, images in all states, and an import that was undone."""
    window = at.window
    window.work.go("rocket.jpg")
    wait(lambda: window.display.ready)
    at.click(ROCKET)
    window.editing.drop_islands()
    before = trimmed(at, at.see(window.canvas))
    window.display.set_look(brightness=0.45, contrast=0.1)
    after = trimmed(at, at.see(window.canvas))
    at.take("light", *(shrunk(picture, 300) for picture in (before, after)))
    window.display.plain()
    for _ in range(2):
        window.work.undo()
    window.work.go("coffee.jpg")
    wait(lambda: window.display.ready)
    at.click(CUP)
    window.work.go("chelsea.jpg")
    window.objects.mark_done()
    window.work.go("astronaut.jpg")
    wait(lambda: window.display.ready)
    window.objects.mark_reviewed()
    project, place = window.work.project, photos.parent / "labels"
    assert project is not None
    export_annotations(project, "coco", place, images=["coffee.jpg"])
    window.transfer.bring_in("coco", place / "annotations.json", "add")
    window.work.undo()
    window.work.go("astronaut.jpg")
    wait(lambda: window.display.ready)
    images = at.see(window.folder).crop((0, 0, window.folder.width(), 400))
    window.show_history()
    history = at.see(window.tabs).crop((0, 0, window.tabs.width(), 400))
    window.tabs.setCurrentIndex(0)
    menu = window.menus["Image"]
    menu.popup(window.mapToGlobal(QPoint(0, 0)))
    opened = at.see(menu)
    menu.close()
    at.take("states", images, opened, history)


def trimmed(at: Photographer, picture: Image.Image) -> Image.Image:
    """A picture of the canvas without the ground beside the photo."""
    viewport = at.window.canvas.viewport
    assert viewport is not None
    left, top = viewport.to_screen(-0.5, -0.5)
    right, bottom = viewport.to_screen(viewport.image[0] - 0.5, viewport.image[1] - 0.5)
    return picture.crop((round(left), round(top), round(right), round(bottom)))


def shrunk(picture: Image.Image, height: int) -> Image.Image:
    return picture.resize((round(picture.width * height / picture.height), height), Image.Resampling.LANCZOS)


def ask(at: Photographer, photos: Path) -> None:
    """What the program asks: exports and imports, folders that are open elsewhere or damaged."""
    window = at.window
    export, bring = (
        ExportDialog({"all": 1, "this": 1, "chosen": 1, "done": 0, "reviewed": 0}, window),
        ImportDialog(window),
    )
    for dialog in (export, bring):
        dialog.resize(dialog.sizeHint())
    at.take("dialogs", at.see(export), at.see(bring))
    busy, damaged = photos.parent / "glacier", photos.parent / "harbour"
    for folder in (busy, damaged):
        folder.mkdir()
        with Project.open(folder) as project:
            for name in ("ski", "pole", "boot"):
                project.do(AddClass(name))
    note = {"host": "laptop", "pid": 4711, "since": 1.7e9}
    (busy / ".skipclick" / "opened-by.json").write_text(json.dumps(note), encoding="utf-8")
    journal = damaged / ".skipclick" / "journal-000001.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"pole", b"p?le"))
    questions = [at.asked(lambda folder=folder: window.files.open(folder)) for folder in (busy, damaged)]
    at.take("questions", *questions)


def lose_the_disk(at: Photographer, photos: Path) -> None:
    """The project's folder goes, as a stick that is pulled out; and the window in German with a filter."""
    window = at.window
    window.files.language_wanted.emit("de")
    window.resize(SIZE[0] + 120, SIZE[1])
    window.folder.filter.setText("r")
    home = photos / ".skipclick"
    home.rename(photos.parent / "pulled out")
    window.work.select((2,))
    window.actions_by_id["lock"].trigger()
    at.take("german")
    (photos.parent / "pulled out").rename(home)
    window.work.try_saving()


def main(out: Path) -> None:
    preview.SLOWEST = PATIENCE  # the machine that makes the pictures may be busy
    # Paths are seen in some pictures: a name that nobody stumbles over.
    place = Path(tempfile.gettempdir()) / "photos"
    place.mkdir()
    try:
        photos = place / "space and more"
        fill_folder(photos)
        at = Photographer(out, photos)
        look_closer(at)
        annotate(at)
        look_around(at)
        show_states(at, photos)
        ask(at, photos)
        lose_the_disk(at, photos)
        at.window.close()
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    main(target)
