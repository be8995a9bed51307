"""What both builders of masks and images share; the rest of it is seen in their own tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from skipclick.datasets.builders.assemble import jpeg_files, mask_name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("mask_1.png", "1"),
        ("a/b/mask_x.y.png", "x.y"),
        ("mask_mask_1.png", "mask_1"),
        ("mask_.png", None),
        ("mask_1.PNG", None),
        ("mask_1.jpg", None),
        ("Mask_1.png", None),
        ("._mask_1.png", None),
        ("mask_1.png/readme", None),
        ("mask.png", None),
        ("", None),
    ],
)
def test_names_of_masks(path: str, name: str | None) -> None:
    assert mask_name(path) == name


def test_images_at_any_depth_in_order(tmp_path: Path) -> None:
    for name in ("b.jpg", "a/c.JPG", "a/b.jpeg", "a/x.png", "a/._b.jpg", "B/d.jpg"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(b"never read")
    found = [file.relative_to(tmp_path / "in").as_posix() for file in jpeg_files(tmp_path / "in", tmp_path)]
    assert found == ["b.jpg", "B/d.jpg", "a/b.jpeg", "a/c.JPG"]


@pytest.mark.skipif(os.name == "nt", reason="making links needs rights there")
def test_linked_folders_are_not_entered(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "a.jpg").write_bytes(b"")
    assert [file.name for file in jpeg_files(tmp_path / "in", tmp_path / "out")] == ["a.jpg"]
