"""`skipclick evaluate` on several processes and machines."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skipclick.evaluation.clicking import evaluate_tasks
from skipclick.evaluation.trace import digest

Run = Callable[..., int]
Failure = Callable[..., str]
Results = Callable[[Path], list[dict[str, Any]]]
TraceOf = Callable[[Path], Path]
DATA = Path(__file__).parents[2] / "data"


class TestParts:
    @pytest.fixture
    def straight(
        self, model: Any, tmp_path: Path, small: list[object], run: Run, results: Results
    ) -> list[dict[str, Any]]:
        assert run(*small) == 0
        return results(tmp_path / "traces")

    @pytest.fixture
    def words(self, tmp_path: Path, small: list[object], straight: object) -> list[object]:
        return [*small, "--out", tmp_path / "parts"]

    def test_by_hand(
        self,
        tmp_path: Path,
        words: list[object],
        straight: list[dict[str, Any]],
        capsys: pytest.CaptureFixture[str],
        run: Run,
        results: Results,
    ) -> None:
        assert run(*words, "--shard", "2/2") == 0
        printed = capsys.readouterr()
        assert "part 2/2 is finished, others are not" in printed.err
        assert "NoC" not in printed.out
        assert run(*words, "--shard", "1/2") == 0
        assert "NoC" in capsys.readouterr().out
        assert results(tmp_path / "parts") == straight

    def test_by_torchrun(
        self,
        tmp_path: Path,
        words: list[object],
        straight: list[dict[str, Any]],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        run: Run,
        results: Results,
    ) -> None:
        monkeypatch.setenv("WORLD_SIZE", "2")
        capsys.readouterr()
        ranks = {}
        for rank in (1, 0):  # rank 0 waits for the others
            monkeypatch.setenv("RANK", str(rank))
            assert run(*words) == 0
            ranks[rank] = capsys.readouterr()
        assert ranks[1] == ("", "")
        assert "NoC" in ranks[0].out
        assert results(tmp_path / "parts") == straight

    def test_without_parts_the_rest_is_done(
        self, tmp_path: Path, words: list[object], straight: list[dict[str, Any]], run: Run, results: Results
    ) -> None:
        assert run(*words, "--shard", "1/3") == 0
        assert run(*words) == 0
        assert results(tmp_path / "parts") == straight

    def test_the_only_part_is_everything(
        self, tmp_path: Path, words: list[object], straight: list[dict[str, Any]], run: Run, results: Results
    ) -> None:
        assert run(*words, "--shard", "1/1") == 0
        assert results(tmp_path / "parts") == straight

    def test_what_makes_no_sense(
        self,
        words: list[object],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        failure: Failure,
    ) -> None:
        capsys.readouterr()
        assert "a part is written as 2/4" in failure(*words, "--shard", "2")
        assert "no part 3 of 2" in failure(*words, "--shard", "3/2")
        assert "--fresh does not go with parts" in failure(*words, "--shard", "1/2", "--fresh")
        monkeypatch.setenv("WORLD_SIZE", "2")
        assert "leave it out" in failure(*words, "--shard", "1/2")


def test_workers_share_the_work(
    disk_model: Any, tmp_path: Path, grabcut: str, monkeypatch: pytest.MonkeyPatch, run: Run, results: Results
) -> None:
    """The processes themselves are tested with `WorkerPool`."""
    started: list[tuple[int, int]] = []

    class Pool:
        def __init__(self, load: Any, workers: int, threads: int) -> None:
            started.append((workers, threads))
            self.model = load()

        def __enter__(self) -> Pool:
            return self

        def __exit__(self, *words: object) -> None:
            pass

        def evaluate(self, tasks: Any, rules: Any) -> Any:
            return evaluate_tasks(self.model, tasks, rules)

    monkeypatch.setattr("skipclick.apps.cli.evaluate_run.WorkerPool", Pool)
    words = ["--data", grabcut, "--size", 56, "--clicks", 3]
    assert run(*words, "-o", tmp_path / "1") == 0
    assert run(*words, "-o", tmp_path / "2", "--workers", 3, "--threads", 2) == 0
    assert started == [(3, 2)]
    assert results(tmp_path / "1") == results(tmp_path / "2")


@pytest.mark.slow
def test_the_embedded_model_gives_the_same_numbers_however_the_work_is_divided(
    tmp_path: Path, results: Results, trace_of: TraceOf
) -> None:
    photos = tmp_path / "photos"
    for name in ("astronaut", "chelsea", "coffee", "rocket"):
        for folder, suffix in (("images", ".jpg"), ("masks", ".png")):
            (photos / folder).mkdir(parents=True, exist_ok=True)
            shutil.copy(DATA / f"{name}{suffix}", photos / folder)
    words = [sys.executable, "-m", "skipclick", "evaluate", "--data", f"Folder={photos}", "--size", "112"]
    words += ["--clicks", "4", "--device", "cpu", "--first-click", "random", "--jitter", "0.5"]
    one, two, parts, launched = (tmp_path / name for name in ("one", "two", "parts", "launched"))
    subprocess.run([*words, "-o", str(one), "--workers", "1"], check=True)
    subprocess.run([*words, "-o", str(two), "--workers", "2"], check=True)
    ranks = [
        subprocess.Popen(
            [*words, "-o", str(parts)],
            env=os.environ | {"RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_RANK": str(rank)},
        )
        for rank in range(2)
    ]
    assert [rank.wait(300) for rank in ranks] == [0, 0]
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    subprocess.run([*launcher, "--no-python", *words, "-o", str(launched)], check=True, timeout=300)
    assert len({digest(trace_of(folder)) for folder in (one, two, parts, launched)}) == 1
    assert results(one) == results(two) == results(parts) == results(launched)
    assert len(list(launched.iterdir())) == 1
    assert len(results(one)) == 4
