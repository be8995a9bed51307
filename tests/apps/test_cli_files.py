"""Writing pictures without losing one."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skipclick.apps.cli.files import check_targets, free_name, write_png
from skipclick.errors import ImageError

PICTURE = np.arange(12, dtype=np.uint8).reshape(3, 4)


def read(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.array(picture)


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", PICTURE)
    np.testing.assert_array_equal(read(tmp_path / "a.png"), PICTURE)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_colour(tmp_path: Path) -> None:
    colour = np.random.default_rng(1).integers(0, 256, (5, 6, 3), dtype=np.uint8)
    write_png(tmp_path / "a.png", colour)
    np.testing.assert_array_equal(read(tmp_path / "a.png"), colour)


def test_a_failed_write_leaves_the_old_file_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.png"
    target.write_bytes(b"old")

    def break_off(self: Image.Image, file: object, format: str) -> None:
        file.write(b"half")  # type: ignore[attr-defined]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", break_off)
    with pytest.raises(ImageError, match=r"a\.png cannot be written: No space left on device"):
        write_png(target, PICTURE)
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(ImageError, match="cannot be written"):
            write_png(tmp_path / "a.png", PICTURE)
    finally:
        tmp_path.chmod(0o700)


def test_a_vanished_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="cannot be written: No such file or directory"):
        write_png(tmp_path / "gone" / "a.png", PICTURE)


def test_free_name_counts_on(tmp_path: Path) -> None:
    wanted = tmp_path / "demo.png"
    names = []
    for _ in range(3):
        path = free_name(wanted)
        path.touch()
        names.append(path.name)
    assert names == ["demo.png", "demo-2.png", "demo-3.png"]


def test_new_files_are_allowed(tmp_path: Path) -> None:
    check_targets([tmp_path / "a.png", tmp_path / "B.PNG"], sources=[tmp_path / "photo.jpg"])


def test_the_same_file_by_two_names(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(ImageError, match="two results"):
        check_targets([tmp_path / "a.png", tmp_path / "x" / ".." / "a.png"])
