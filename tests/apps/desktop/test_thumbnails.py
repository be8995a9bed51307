"""Small pictures of the images in a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from skipclick.apps.desktop import thumbnails as module
from skipclick.apps.desktop.thumbnails import SIDE, Thumbnails, read_thumbnail

Picture = Callable[[int, int], NDArray[np.uint8]]


@pytest.fixture
def thumbnails(qtbot: Any) -> Iterator[Thumbnails]:
    made = Thumbnails()
    yield made
    made.close()


def test_each_is_made_once_however_often_it_is_asked_for(
    thumbnails: Thumbnails, qtbot: Any, photo_files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []

    def read(path: Path) -> Any:
        made.append(path)
        thumbnails.get(path)  # a list that is painted meanwhile asks again
        return read_thumbnail(path)

    monkeypatch.setattr(module, "read_thumbnail", read)
    qtbot.waitUntil(lambda: all(thumbnails.get(path) is not None for path in photo_files))
    assert sorted(made) == sorted(photo_files)


def test_a_file_that_is_no_picture_has_none_and_is_not_tried_again(
    thumbnails: Thumbnails, qtbot: Any, tmp_path: Path
) -> None:
    ready: list[Path] = []
    thumbnails.ready.connect(ready.append)
    (tmp_path / "a.jpg").write_bytes(b"nothing")
    assert thumbnails.get(tmp_path / "a.jpg") is None
    qtbot.waitUntil(lambda: bool(ready))
    assert thumbnails.get(tmp_path / "a.jpg") is None
    assert not thumbnails._wanted


def test_a_thumbnail_is_upright_and_keeps_its_proportions(tmp_path: Path, picture: Picture) -> None:
    image = Image.fromarray(picture(400, 200))
    exif = image.getexif()
    exif[0x0112] = 6  # to be turned by a quarter
    image.save(tmp_path / "a.jpg", exif=exif)
    made = read_thumbnail(tmp_path / "a.jpg")
    assert made is not None
    assert (made.width(), made.height()) == (SIDE // 2, SIDE)
