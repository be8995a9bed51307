from __future__ import annotations

from pathlib import Path

import pytest

from skipclick.datasets.davis import read_nonzero
from skipclick.datasets.listed import read_listed
from skipclick.errors import DatasetError


def names(root: Path) -> list[str]:
    return [s.name for s in read_listed(root, "val.txt", "a/{}.jpg", "b/{}.png", read_nonzero)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for file in ("a/one.jpg", "a/two.jpg", "a/2.5.jpg", "b/one.png", "b/two.png", "b/2.5.png"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(b"never read")
    (tmp_path / "val.txt").write_text("two\none\n")
    return tmp_path


def test_only_what_is_listed_and_by_name(root: Path) -> None:
    assert names(root) == ["one", "two"]
    (root / "val.txt").write_text("two\n2.5")
    assert names(root) == ["2.5", "two"]


def test_files_belong_together(root: Path) -> None:
    for sample in read_listed(root, "val.txt", "a/{}.jpg", "b/{}.png", read_nonzero):
        assert sample.image_file == root / "a" / f"{sample.name}.jpg"
        assert sample.truth_file == root / "b" / f"{sample.name}.png"


def test_lists_made_on_windows(root: Path) -> None:
    (root / "val.txt").write_bytes(b"\xef\xbb\xbfone\r\n\r\n two \r\n")
    assert names(root) == ["one", "two"]


def test_a_missing_list(root: Path) -> None:
    (root / "val.txt").unlink()
    with pytest.raises(DatasetError, match=r"val\.txt cannot be read: expected a/NAME\.jpg and b/NAME\.png"):
        names(root)


@pytest.mark.parametrize("text", ["", "\n \r\n"])
def test_an_empty_list(root: Path, text: str) -> None:
    (root / "val.txt").write_text(text)
    with pytest.raises(DatasetError, match=r"val\.txt is empty"):
        names(root)


def test_a_list_that_is_no_text(root: Path) -> None:
    (root / "val.txt").write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(DatasetError, match=r"val\.txt cannot be read"):
        names(root)


def test_a_name_that_is_listed_twice(root: Path) -> None:
    (root / "val.txt").write_text("one\ntwo\none\n")
    with pytest.raises(DatasetError, match="lists one twice"):
        names(root)


@pytest.mark.parametrize("name", ["../one", "/etc/hostname", "..\\one", "C:one"])
def test_names_never_lead_out_of_the_folder(root: Path, name: str) -> None:
    (root / "val.txt").write_text(name)
    with pytest.raises(DatasetError, match="which is no plain name"):
        names(root)


@pytest.mark.parametrize("file", ["a/two.jpg", "b/one.png"])
def test_missing_files(root: Path, file: str) -> None:
    (root / file).unlink()
    with pytest.raises(DatasetError, match=f"there is no .*{file[2:]}: expected"):
        names(root)


def test_many_missing_files_are_counted(root: Path) -> None:
    (root / "a" / "one.jpg").unlink()
    (root / "b" / "one.png").unlink()
    (root / "b" / "two.png").unlink()
    with pytest.raises(DatasetError, match=r"one\.jpg \(and 2 others\)"):
        names(root)
