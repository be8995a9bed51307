from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from skipclick.datasets.builders.folder import MANIFEST, BuildFolder
from skipclick.errors import DatasetError


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "source.zip").write_bytes(b"archive")
    return tmp_path / "source.zip"


@pytest.fixture
def folder(tmp_path: Path, source: Path) -> BuildFolder:
    return BuildFolder(tmp_path / "new" / "out", "shseg", {"archive": source})


def files(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_a_new_folder_says_what_it_is(folder: BuildFolder) -> None:
    manifest = json.loads((folder.root / MANIFEST).read_bytes())
    assert manifest["builder"] == "shseg"
    assert list(manifest["sources"]) == ["archive"]
    assert len(manifest["sources"]["archive"]) == 64


def test_an_empty_folder_may_be_there(tmp_path: Path, source: Path) -> None:
    (tmp_path / "out").mkdir()
    assert BuildFolder(tmp_path / "out", "shseg", {"archive": source}).root.is_dir()


def test_a_user_s_folder_is_left_alone(tmp_path: Path, source: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    with pytest.raises(DatasetError, match="mine holds other files: name an empty or new folder with -o"):
        BuildFolder(tmp_path / "mine", "shseg", {"archive": source})
    assert files(tmp_path / "mine") == ["thesis.txt"]


def test_a_run_that_was_killed_at_once_can_be_repeated(tmp_path: Path, source: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / f".{MANIFEST}.0123abcd.part").write_bytes(b'{"buil')
    assert BuildFolder(tmp_path / "out", "shseg", {"archive": source}).has(MANIFEST)


def test_an_earlier_run_is_continued(folder: BuildFolder, source: Path) -> None:
    folder.add("a.png", b"1")
    again = BuildFolder(folder.root, "shseg", {"archive": source})
    assert again.has("a.png")
    again.add("a.png", b"1")


def test_another_source(folder: BuildFolder, source: Path) -> None:
    source.write_bytes(b"other archive")
    with pytest.raises(DatasetError, match="was built from another archive: name another folder"):
        BuildFolder(folder.root, "shseg", {"archive": source})


def test_another_builder(folder: BuildFolder, source: Path) -> None:
    with pytest.raises(DatasetError, match="was built from something else"):
        BuildFolder(folder.root, "wseseg", {"archive": source})


@pytest.mark.parametrize("content", [b"", b"{", b"\xff"])
def test_a_damaged_manifest(folder: BuildFolder, source: Path, content: bytes) -> None:
    (folder.root / MANIFEST).write_bytes(content)
    with pytest.raises(DatasetError, match="is damaged: name a new folder with -o"):
        BuildFolder(folder.root, "shseg", {"archive": source})


@pytest.mark.parametrize(
    "content", ["[]", "{}", '{"builder": "shseg"}', '{"sources": [], "builder": "shseg"}']
)
def test_a_manifest_of_something_else(folder: BuildFolder, source: Path, content: str) -> None:
    (folder.root / MANIFEST).write_text(content)
    with pytest.raises(DatasetError, match="was built from something else"):
        BuildFolder(folder.root, "shseg", {"archive": source})


def test_a_file_in_the_way(tmp_path: Path, source: Path) -> None:
    with pytest.raises(DatasetError, match=r"source\.zip cannot be used"):
        BuildFolder(source, "shseg", {"archive": source})


def test_a_source_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"gone\.zip cannot be read: No such file"):
        BuildFolder(tmp_path / "out", "shseg", {"archive": tmp_path / "gone.zip"})
    assert not (tmp_path / "out").exists()


def test_added_files_are_never_replaced(folder: BuildFolder) -> None:
    folder.add("masks/a.png", b"1")
    with pytest.raises(DatasetError, match=r"a\.png is not what it would be: move it away, then try again"):
        folder.add("masks/a.png", b"2")
    assert (folder.root / "masks" / "a.png").read_bytes() == b"1"


def test_a_folder_in_a_file_s_place(folder: BuildFolder) -> None:
    (folder.root / "a.png").mkdir()
    with pytest.raises(DatasetError, match=r"a\.png is not what it would be"):
        folder.add("a.png", b"1")
    with pytest.raises(DatasetError, match=r"a\.png cannot be written"):
        folder.put("a.png", b"1")


def test_the_builder_s_own_lists_are_renewed(folder: BuildFolder) -> None:
    folder.put("missing.csv", b"1")
    folder.put("missing.csv", b"2")
    assert (folder.root / "missing.csv").read_bytes() == b"2"


class TestTaking:
    def test_a_copy_is_a_copy(self, folder: BuildFolder, source: Path) -> None:
        folder.take("a/b.jpg", source)
        assert (folder.root / "a" / "b.jpg").read_bytes() == b"archive"
        assert not (folder.root / "a" / "b.jpg").samefile(source)

    def test_a_link_is_the_same_file(self, folder: BuildFolder, source: Path) -> None:
        folder.take("b.jpg", source, link=True)
        assert (folder.root / "b.jpg").samefile(source)

    def test_a_disk_without_links_gets_copies(
        self, folder: BuildFolder, source: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise OSError("no links here")

        monkeypatch.setattr(os, "link", refuse)
        folder.take("b.jpg", source, link=True)
        assert (folder.root / "b.jpg").read_bytes() == b"archive"
        assert not (folder.root / "b.jpg").samefile(source)

    def test_what_is_there_stays(self, folder: BuildFolder, source: Path) -> None:
        (folder.root / "b.jpg").write_bytes(b"by hand")
        folder.take("b.jpg", source)
        assert (folder.root / "b.jpg").read_bytes() == b"by hand"

    def test_a_source_that_is_gone(self, folder: BuildFolder, tmp_path: Path) -> None:
        with pytest.raises(DatasetError, match=r"b\.jpg cannot be written: No such file"):
            folder.take("b.jpg", tmp_path / "gone")
        assert files(folder.root) == [MANIFEST]


def test_a_write_that_fails_leaves_nothing_behind(
    folder: BuildFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.put("list.csv", b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(DatasetError, match=r"list\.csv cannot be written: No space left on device"):
        folder.put("list.csv", b"new")
    assert files(folder.root) == ["list.csv", MANIFEST]
    assert (folder.root / "list.csv").read_bytes() == b"old"


def test_an_interruption_leaves_nothing_behind(folder: BuildFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        folder.add("a.png", b"1")
    assert files(folder.root) == [MANIFEST]
