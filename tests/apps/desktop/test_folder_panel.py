"""The list of images: which row a thumbnail belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from skipclick.annotation import Project
from skipclick.apps.desktop.folder_panel import Images
from skipclick.apps.desktop.thumbnails import Thumbnails
from skipclick.apps.desktop.work import Work


@pytest.fixture
def thumbnails(qapp: Any) -> Iterator[Thumbnails]:
    made = Thumbnails()
    yield made
    made.close()


def test_a_thumbnail_renews_its_own_row_alone(thumbnails: Thumbnails, tmp_path: Path) -> None:
    for name in ("a.jpg", "ski/a.jpg", "ski/b ä.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    work = Work()
    images = Images(work, thumbnails)
    changed: list[str] = []
    images.dataChanged.connect(lambda first, last: changed.append(f"{first.data()} to {last.data()}"))
    thumbnails.ready.emit(tmp_path / "a.jpg")  # nothing is open
    work.open(Project.open(tmp_path))
    images.renew()
    changed.clear()
    for path in ("ski/b ä.jpg", "a.jpg", "ski/gone.jpg"):
        thumbnails.ready.emit(tmp_path / path)
    thumbnails.ready.emit(tmp_path.parent / "a.jpg")  # of a folder that was open before
    assert changed == ["ski/b ä.jpg to ski/b ä.jpg", "a.jpg to a.jpg"]
    work.close()
