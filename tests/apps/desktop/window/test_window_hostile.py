"""Images and folders that are not what they should be: the window says so in one line and goes on."""

from __future__ import annotations

import errno
import io
import os
import shutil
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

Hostile = Any  # of the conftest
Make = Callable[[Path], object]


def encoded(kind: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any) -> bytes:
    """The bytes of a picture that no compression makes tiny."""
    noise = np.random.default_rng(3).integers(0, 256, (size[1], size[0], 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).convert(mode).save(file, kind, **options)
    return file.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG whose header names a size, with next to no pixels behind it."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def cut(data: bytes, part: float) -> bytes:
    return data[: int(len(data) * part)]


def changed(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


UNREADABLE: dict[str, tuple[str, Make, str]] = {
    "jpeg cut in the middle": ("bad.jpg", lambda f: f.write_bytes(cut(encoded("JPEG"), 0.5)), "cut short"),
    "jpeg cut in its header": ("bad.jpg", lambda f: f.write_bytes(encoded("JPEG")[:30]), "bad.jpg"),
    "nothing but the jpeg's mark": ("bad.jpg", lambda f: f.write_bytes(b"\xff\xd8\xff"), "not a picture"),
    "zero bytes": ("bad.jpg", lambda f: f.touch(), "is empty"),
    "text under another name": ("bad.jpg", lambda f: f.write_text("Dear diary"), "not a picture"),
    "nothing but zeros": ("bad.tif", lambda f: f.write_bytes(bytes(5000)), "not a picture"),
    "png cut in its pixels": ("bad.png", lambda f: f.write_bytes(cut(encoded("PNG"), 0.6)), "damaged"),
    "png with a wrong checksum": ("bad.png", lambda f: f.write_bytes(changed(encoded("PNG"), 20)), "bad.png"),
    "webp cut short": ("bad.webp", lambda f: f.write_bytes(cut(encoded("WEBP"), 0.5)), "bad.webp"),
    "tiff cut short": ("bad.tif", lambda f: f.write_bytes(cut(encoded("TIFF"), 0.5)), "bad.tif"),
    "bmp cut short": ("bad.bmp", lambda f: f.write_bytes(cut(encoded("BMP"), 0.5)), "bad.bmp"),
    "a size of 100000 x 100000": (
        "bad.png",
        lambda f: f.write_bytes(png_of(100_000, 100_000)),
        "scale it down",
    ),
    "a size of 0 x 5": ("bad.png", lambda f: f.write_bytes(png_of(0, 5)), "bad.png"),
    "a size of 2000 x 2000 and no pixels": (
        "bad.png",
        lambda f: f.write_bytes(png_of(2000, 2000)),
        "bad.png",
    ),
    "floats beyond 1": (
        "bad.tif",
        lambda f: Image.fromarray(np.full((9, 9), 700.0, np.float32)).save(f),
        "floats from 700",
    ),
    "a link to nothing": ("bad.png", lambda f: f.symlink_to(f.parent / "gone.png"), "does not exist"),
    "a link to itself": ("bad.png", lambda f: f.symlink_to(f), "cannot be opened"),
    "a pipe that never ends": ("bad.png", lambda f: os.mkfifo(f), "no ordinary file"),
}
"""What cannot be shown: the file's name, what makes it, and what the window says."""


def upright(file: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    Image.new("RGB", (70, 40), (10, 200, 90)).save(file, exif=exif)


READABLE: dict[str, tuple[str, Make, tuple[int, int]]] = {
    "1 x 1": ("odd.png", lambda f: f.write_bytes(encoded("PNG", (1, 1))), (1, 1)),
    "1 x 5000": ("odd.png", lambda f: f.write_bytes(encoded("PNG", (1, 5000))), (1, 5000)),
    "5000 x 1": ("odd.png", lambda f: f.write_bytes(encoded("PNG", (5000, 1))), (5000, 1)),
    "16 bits": (
        "odd.png",
        lambda f: Image.fromarray(np.arange(2400, dtype=np.uint16).reshape(40, 60) * 27).save(f),
        (60, 40),
    ),
    "black and white": ("odd.png", lambda f: f.write_bytes(encoded("PNG", mode="1")), (64, 48)),
    "cmyk": ("odd.jpg", lambda f: f.write_bytes(encoded("JPEG", mode="CMYK")), (64, 48)),
    "lab": ("odd.tif", lambda f: Image.new("LAB", (64, 48)).save(f), (64, 48)),
    "a palette with transparency": (
        "odd.png",
        lambda f: f.write_bytes(encoded("PNG", mode="P", transparency=3)),
        (64, 48),
    ),
    "grey with alpha": ("odd.png", lambda f: f.write_bytes(encoded("PNG", mode="LA")), (64, 48)),
    "a png called jpg": ("odd.jpg", lambda f: f.write_bytes(encoded("PNG")), (64, 48)),
    "an animated gif called png": (
        "odd.png",
        lambda f: f.write_bytes(
            encoded("GIF", save_all=True, append_images=[Image.new("RGB", (64, 48)) for _ in range(3)])
        ),
        (64, 48),
    ),
    "an animated webp": (
        "odd.webp",
        lambda f: f.write_bytes(
            encoded("WEBP", save_all=True, append_images=[Image.new("RGB", (64, 48)) for _ in range(3)])
        ),
        (64, 48),
    ),
    "exif that cannot be read": (
        "odd.jpg",
        lambda f: f.write_bytes(encoded("JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + bytes(40))),
        (64, 48),
    ),
    "an orientation of 99": ("odd.jpg", lambda f: upright(f, 99), (70, 40)),
    **{
        f"exif orientation {turn}": (
            "odd.jpg",
            lambda f, turn=turn: upright(f, turn),  # type: ignore[misc]
            (40, 70) if turn > 4 else (70, 40),
        )
        for turn in range(1, 9)
    },
    "umlauts and emoji": ("ö 🎿 ﷽ ́.png", lambda f: f.write_bytes(encoded("PNG")), (64, 48)),
    "a line break in the name": ("two\nlines.png", lambda f: f.write_bytes(encoded("PNG")), (64, 48)),
    "markup in the name": ("<b>&amp;%s{0}.png", lambda f: f.write_bytes(encoded("PNG")), (64, 48)),
    "a name of 255 bytes": ("n" * 251 + ".png", lambda f: f.write_bytes(encoded("PNG")), (64, 48)),
    "a name that differs in case only": ("GOOD.png", lambda f: f.write_bytes(encoded("PNG")), (64, 48)),
    "a name that is no text": (
        os.fsdecode(b"\xff\xfe odd.png"),
        lambda f: f.write_bytes(encoded("PNG")),
        (64, 48),
    ),
}
"""What is odd and sound: the file's name, what makes it, and its width and height."""


@pytest.fixture(autouse=True)
def _posix() -> None:
    if sys.platform != "linux":
        pytest.skip("names, links and pipes are those of Linux")


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cannot_be_shown_is_said(hostile: Hostile, what: str) -> None:
    name, make, said = UNREADABLE[what]
    make(hostile.folder / name)
    hostile.open()
    hostile.go(name)
    hostile.hears(said)
    hostile.hears(name)
    assert name in hostile.user.window.canvas._message
    hostile.user.press(40, 30) if hostile.user.window.canvas.viewport else None
    hostile.still_works()


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("what", READABLE)
def test_what_is_odd_is_shown_and_takes_a_click(hostile: Hostile, what: str) -> None:
    name, make, size = READABLE[what]
    make(hostile.folder / name)
    hostile.open()
    hostile.go(name)
    hostile.user.ready()
    assert hostile.user.window.canvas.viewport.image == size
    hostile.user.key("1", "Control")  # else a narrow one is narrower than a pixel of the screen
    hostile.user.click(size[0] // 2, size[1] // 2)
    assert hostile.user.objects[0].mask.size == size[::-1]
    assert hostile.heard == []
    hostile.still_works()
    hostile.user.window.work.open(None)  # and it is there when the folder is opened again
    assert hostile.user.window.files.open(hostile.folder)
    assert len(hostile.user.window.work.project.document.image(name).objects) == 1
    assert name in hostile.user.window.work.names


class TestImagesThatChange:
    def put(self, hostile: Hostile, size: tuple[int, int] = (64, 48)) -> Path:
        file: Path = hostile.folder / "x.png"
        file.write_bytes(encoded("PNG", size))
        return file

    def test_one_that_vanishes_before_it_is_opened(self, hostile: Hostile) -> None:
        for number in range(5):  # beyond what is read ahead
            shutil.copy(hostile.folder / "good.png", hostile.folder / f"h{number}.png")
        file = self.put(hostile)
        hostile.open()
        file.unlink()
        hostile._before.pop(file)
        hostile.go("x.png")
        hostile.hears("x.png does not exist")
        hostile.still_works()

    def test_one_that_vanishes_while_it_is_open(self, hostile: Hostile) -> None:
        file = self.put(hostile)
        hostile.open()
        hostile.go("x.png")
        hostile.user.ready()
        file.unlink()
        hostile._before.pop(file)
        hostile.user.click(30, 20)
        assert len(hostile.user.objects) == 1
        hostile.user.key("F5")
        assert "x.png" not in hostile.user.window.work.names
        hostile.user.click(32, 20)  # what was begun can be brought to an end
        assert len(hostile.user.objects[0].clicks) == 2
        hostile.still_works()

    def test_one_that_is_replaced_by_another_size(self, hostile: Hostile) -> None:
        file = self.put(hostile)
        hostile.open()
        hostile.go("x.png")
        hostile.user.ready()
        hostile.user.click(30, 20)
        file.write_bytes(encoded("PNG", (100, 80)))
        hostile._before[file] = file.read_bytes()
        hostile.user.click(32, 20)
        assert len(hostile.user.objects[0].clicks) == 2  # of the image that was opened
        hostile.restart()
        hostile.user.window.files.open(hostile.folder / "x.png")
        hostile.user.ready()
        hostile.user.press(80, 70)
        hostile.hears("x.png was labelled with 64 x 48 pixels")
        hostile.user.rest()
        assert [one.mask.size for one in hostile.user.objects] == [(48, 64)]
        hostile.user.key("A", "Control")
        hostile.user.key("Delete")  # as the message says; now the image counts as it is
        hostile.user.click(80, 70)
        assert [one.mask.size for one in hostile.user.objects] == [(80, 100)]
        for _ in range(2):
            hostile.user.key("U")
        assert [one.mask.size for one in hostile.user.objects] == [(48, 64)]
        hostile.still_works()

    def test_one_that_may_not_be_read(self, hostile: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
        file = self.put(hostile)
        opened = Path.open

        def refuse(path: Path, *words: Any, **options: Any) -> Any:
            if path == file:
                raise PermissionError(errno.EACCES, "Permission denied", str(file))
            return opened(path, *words, **options)

        with monkeypatch.context() as forbidden:
            forbidden.setattr(Path, "open", refuse)
            hostile._before = {}
            assert hostile.user.window.files.open(hostile.folder / "good.png")
            hostile.user.ready()
            hostile.go("x.png")
            hostile.hears("x.png may not be read")
        hostile.still_works()

    def test_a_drive_that_fails(self, hostile: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
        self.put(hostile)
        hostile._before = {}

        def fail(*_: Any) -> Any:
            raise OSError(errno.EIO, "Input/output error")

        with monkeypatch.context() as broken:
            broken.setattr("skipclick.image._read_header", fail)
            hostile.user.window.files.open(hostile.folder / "x.png")
            hostile.hears("Input/output error")
        hostile.restart()
        hostile.still_works()


class TestFolders:
    def test_one_that_is_not_there(self, hostile: Hostile) -> None:
        hostile.user.will_answer("Cancel")
        assert not hostile.user.window.files.open(hostile.folder / "gone")
        hostile.hears("gone is no folder")
        hostile.still_works()

    def test_one_that_vanishes(self, hostile: Hostile) -> None:
        hostile.open()
        kept = hostile.folder.rename(hostile.folder.parent / "moved")
        hostile.user.key("F5")
        hostile.hears(f"{hostile.folder} cannot be read")
        hostile.user.click(40, 30)
        assert hostile.user.window.banner.isVisible()
        kept.rename(hostile.folder)
        hostile.user.key("S")
        assert not hostile.user.window.banner.isVisible()
        hostile.user.key("F5")
        hostile.still_works()

    def test_one_that_may_not_be_read(self, hostile: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
        other = hostile.folder.parent / "secret"
        other.mkdir()
        scan = os.scandir

        def refuse(path: Any) -> Any:
            if Path(path) == other:
                raise PermissionError(errno.EACCES, "Permission denied", str(other))
            return scan(path)

        monkeypatch.setattr(os, "scandir", refuse)
        hostile.user.will_answer("Cancel")
        assert not hostile.user.window.files.open(other)
        hostile.hears("secret cannot be read: Permission denied")
        hostile.still_works()

    def test_one_without_images(self, hostile: Hostile) -> None:
        other = hostile.folder.parent / "empty"
        other.mkdir()
        (other / "film.gif").write_bytes(encoded("GIF"))
        assert hostile.user.window.files.open(other / "film.gif")
        hostile.hears("film.gif is no image that can be opened")
        assert "no images in this folder" in hostile.user.window.canvas._message
        for group in ("Object", "Mask", "Image", "View"):
            for action in hostile.user.window.menus[group].actions():
                for _ in range(1 + action.isCheckable()):  # on and off again
                    action.trigger()
        assert hostile.user.objects == ()
        hostile.user.window.work.open(None)
        hostile.still_works()

    def test_one_that_holds_itself(self, hostile: Hostile) -> None:
        (hostile.folder / "again").symlink_to(hostile.folder, target_is_directory=True)
        (hostile.folder / "folder.png").mkdir()
        hostile.open()
        assert hostile.user.window.work.names == ("good.png",)
        hostile.still_works()

    def test_one_nested_deeply(self, hostile: Hostile) -> None:
        name = "/".join(["deep"] * 60) + "/x.png"
        (hostile.folder / name).parent.mkdir(parents=True)
        (hostile.folder / name).write_bytes(encoded("PNG"))
        hostile.open()
        hostile.go(name)
        hostile.user.ready()
        hostile.user.click(30, 20)
        assert len(hostile.user.objects) == 1
        hostile.still_works()
