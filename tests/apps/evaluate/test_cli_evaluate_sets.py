"""`skipclick evaluate --suite`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., int]
Failure = Callable[..., str]
Results = Callable[[Path], list[dict[str, Any]]]
TraceOf = Callable[[Path], Path]


class TestSuites:
    @pytest.fixture
    def suite(self, tmp_path: Path, grabcut: str, davis: str) -> Path:
        path = tmp_path / "mine.toml"
        path.write_text(
            '[[set]]\nname = "GrabCut"\nfolder = "GrabCut"\nsize = [42, 56]\n'
            '[[set]]\nname = "DAVIS"\nlabel = "frames"\n[[set]]\nname = "SHSeg"\n'
        )
        return path

    def test_a_file_names_sets_and_sizes(
        self,
        model: Any,
        tmp_path: Path,
        suite: Path,
        davis: str,
        capsys: pytest.CaptureFixture[str],
        run: Run,
    ) -> None:
        assert run("--suite", suite, "--data", davis, "-o", tmp_path / "t", "--clicks", 1) == 0
        printed = capsys.readouterr()
        assert "SHSeg: passed over" in printed.err
        assert "--data SHSeg=FOLDER" in printed.err
        names = sorted(file.name for file in (tmp_path / "t").iterdir())
        assert names == ["disks_DAVIS_dev_672x672_mirrored.jsonl", "disks_GrabCut_42x56_mirrored.jsonl"]

    def test_one_size_for_all_comes_first(
        self, model: Any, tmp_path: Path, suite: Path, run: Run, trace_of: TraceOf
    ) -> None:
        assert run("--suite", suite, "-o", tmp_path / "t", "--clicks", 1, "--size", 56) == 0
        assert trace_of(tmp_path / "t").name == "disks_GrabCut_56x56_mirrored.jsonl"

    def test_places_come_from_the_settings(
        self,
        model: Any,
        tmp_path: Path,
        grabcut: str,
        capsys: pytest.CaptureFixture[str],
        run: Run,
        results: Results,
    ) -> None:
        config = tmp_path / "skipclick.toml"
        config.write_text('[data]\nGrabCut = "GrabCut"\n')
        words = ["--suite", "general", "--config", config, "-o", tmp_path / "t", "--size", 56, "--clicks", 1]
        assert run(*words) == 0
        passed = capsys.readouterr().err
        assert passed.count("passed over") == 6
        assert "GrabCut: passed over" not in passed
        assert len(results(tmp_path / "t")) == 3

    def test_sets_besides_the_suite(
        self, model: Any, tmp_path: Path, suite: Path, grabcut: str, run: Run, trace_of: TraceOf
    ) -> None:
        other = grabcut.replace("GrabCut=", "Folder:mine=", 1)
        (tmp_path / "GrabCut" / "data_GT").rename(tmp_path / "GrabCut" / "images")
        (tmp_path / "GrabCut" / "boundary_GT").rename(tmp_path / "GrabCut" / "masks")
        suite.write_text('[[set]]\nname = "SHSeg"\n')
        assert run("--suite", suite, "--data", other, "-o", tmp_path / "t", "--size", 56, "--clicks", 1) == 0
        assert trace_of(tmp_path / "t").name == "disks_mine_56x56_mirrored.jsonl"

    def test_nothing_of_it_is_here(self, capsys: pytest.CaptureFixture[str], run: Run) -> None:
        assert run("--suite", "winter") == 2
        *passed, last = capsys.readouterr().err.splitlines()
        assert [line.split(":")[0] for line in passed] == ["WSESeg", "SHSeg"]
        assert last.startswith("skipclick: no data set to evaluate")

    def test_no_such_suite(self, failure: Failure) -> None:
        assert "give paper, general, winter, or a file" in failure("--suite", "papers")

    @pytest.fixture(autouse=True)
    def no_settings(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Nobody's own settings."""
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("SKIPCLICK_CONFIG", raising=False)
        monkeypatch.setattr("typer.get_app_dir", lambda name: str(tmp_path / "no settings"))
