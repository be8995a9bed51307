from __future__ import annotations

from pathlib import Path

import pytest

from skipclick.report.folder import PAGE, check_folder, generator, write_files
from skipclick.report.runs import ReportError


def page(kind: str) -> str:
    return f'<meta name="generator" content="{generator(kind)}">'


class TestCheckFolder:
    def test_none_or_an_empty_one(self, tmp_path: Path) -> None:
        check_folder(tmp_path / "new" / "report", "report")
        check_folder(tmp_path, "report")

    def test_an_earlier_report(self, tmp_path: Path) -> None:
        (tmp_path / PAGE).write_text(page("report"))
        (tmp_path / "notes.txt").write_text("mine")
        check_folder(tmp_path, "report")

    def test_a_report_of_another_kind(self, tmp_path: Path) -> None:
        (tmp_path / PAGE).write_text(page("compare"))
        with pytest.raises(ReportError, match="holds other files: choose another folder"):
            check_folder(tmp_path, "report")

    @pytest.mark.parametrize("name", ["photo.jpg", PAGE])
    def test_somebody_elses_files(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(b"\xff\xfe not ours")
        with pytest.raises(ReportError, match="holds other files"):
            check_folder(tmp_path, "report")

    def test_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "report").write_text("x")
        with pytest.raises(ReportError, match="is a file: name a folder"):
            check_folder(tmp_path / "report", "report")


class TestWriteFiles:
    def test_texts_and_bytes_in_folders(self, tmp_path: Path) -> None:
        write_files(tmp_path / "a" / "b", {"one.txt": "ä", "two/three.bin": b"\x00"})
        assert (tmp_path / "a" / "b" / "one.txt").read_bytes() == "ä".encode()
        assert (tmp_path / "a" / "b" / "two" / "three.bin").read_bytes() == b"\x00"
        assert not list(tmp_path.rglob("*.part"))

    def test_the_page_comes_last(self, tmp_path: Path) -> None:
        (tmp_path / "figures").write_text("in the way")
        with pytest.raises(ReportError, match="cannot write"):
            write_files(tmp_path, {PAGE: "new", "figures/x.svg": "x"})
        assert not (tmp_path / PAGE).exists()

    def test_what_was_there_survives_a_failure(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / PAGE).write_text("old")

        def fail(path: Path, data: bytes) -> int:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "write_bytes", fail)
        with pytest.raises(ReportError, match=f"cannot write .*{PAGE}: No space left on device"):
            write_files(tmp_path, {PAGE: "new"})
        assert (tmp_path / PAGE).read_text() == "old"
        assert [file.name for file in tmp_path.iterdir()] == [PAGE]
