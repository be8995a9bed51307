"""Which images a folder holds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from skipclick.annotation.errors import ProjectError
from skipclick.annotation.folder import check_ordinary, list_images
from skipclick.annotation.project import Project
from skipclick.errors import ImageError


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_images_of_all_kinds_in_all_folders(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "b.JPEG", "c.Png", "d.tif", "e.tiff", "f.webp", "g.bmp", "in/deep/h.jpg")
    touch(tmp_path, "notes.txt", "jpg", "a.jpg.part", "in/x.json")
    assert list_images(tmp_path) == (
        "a.jpg",
        "b.JPEG",
        "c.Png",
        "d.tif",
        "e.tiff",
        "f.webp",
        "g.bmp",
        "in/deep/h.jpg",
    )


def test_in_the_order_in_which_people_count(tmp_path: Path) -> None:
    touch(tmp_path, "a10.jpg", "a9.jpg", "A1.jpg", "a2/b.jpg", "a2.jpg", "²3.jpg", "٣.jpg")
    assert list_images(tmp_path)[:5] == ("A1.jpg", "a2.jpg", "a2/b.jpg", "a9.jpg", "a10.jpg")
    assert len(list_images(tmp_path)) == 7


def test_hidden_things_are_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", ".b.jpg", ".skipclick/c.jpg", ".hidden/d.jpg", "._a.jpg")
    assert list_images(tmp_path) == ("a.jpg",)


def test_masks_beside_their_images_are_no_images(tmp_path: Path) -> None:
    touch(tmp_path, "run.jpg", "mask_run.png", "mask_alone.png", "in/mask_run.png")
    assert list_images(tmp_path) == ("in/mask_run.png", "mask_alone.png", "run.jpg")


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_names_that_are_no_text(tmp_path: Path) -> None:
    touch(tmp_path, os.fsdecode(b"\xff\xfe.jpg"), "ä\u0308 雪.png", "x" * 251 + ".jpg", "a\nb.jpg")
    assert len(list_images(tmp_path)) == 4


def test_links_that_go_in_circles(tmp_path: Path) -> None:
    touch(tmp_path, "in/a.jpg")
    (tmp_path / "in" / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert list_images(tmp_path) == ("in/a.jpg",)


def test_an_empty_folder(tmp_path: Path) -> None:
    assert list_images(tmp_path) == ()


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"none cannot be read: No such file"):
        list_images(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(ProjectError, match="cannot be read"):
        list_images(tmp_path / "file")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_pipes_are_refused_before_anyone_waits_for_them(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")
    (tmp_path / "b.png").touch()
    with pytest.raises(ImageError, match=r"a\.png is no ordinary file"):
        check_ordinary(tmp_path / "a.png")
    for name in ("b.png", "gone.png", "."):  # what is wrong with these is said by others
        check_ordinary(tmp_path / name)
    with Project.open(tmp_path) as project, pytest.raises(ImageError, match="no ordinary file"):
        project.shape_of("a.png")
