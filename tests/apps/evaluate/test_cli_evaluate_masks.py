"""`skipclick evaluate` from masks to masks: --start-masks and --save-masks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skipclick.evaluation.starts import folder_digest

Run = Callable[..., int]
Failure = Callable[..., str]
Results = Callable[[Path], list[dict[str, Any]]]
TraceOf = Callable[[Path], Path]
Unpack = Callable[..., Path]


def test_beginning_from_masks(
    model: Any,
    tmp_path: Path,
    small: list[object],
    capsys: pytest.CaptureFixture[str],
    run: Run,
    failure: Failure,
    results: Results,
    trace_of: TraceOf,
    unpack: Unpack,
) -> None:
    masks = unpack(tmp_path / "other", "images", "masks") / "masks"
    assert run(*small, "--start-masks", masks) == 0
    assert "IoU at" in capsys.readouterr().out
    digest = folder_digest(masks)[:7]
    assert trace_of(tmp_path / "traces").name == f"disks_GrabCut_56x56_mirrored_given-{digest}.jsonl"
    assert {one["start_iou"] for one in results(tmp_path / "traces")} == {1.0}
    assert "exclude each other" in failure(*small, "--start-masks", masks, "--start", "eroded")
    assert "holds no masks" in failure(*small, "--start-masks", tmp_path / "nowhere", "-o", "other")


def test_two_folders_of_masks_stand_side_by_side(
    model: Any, tmp_path: Path, small: list[object], run: Run, unpack: Unpack
) -> None:
    for name, count in (("one", 3), ("two", 4)):
        masks = unpack(tmp_path / name, "images", "masks", count) / "masks"
        assert run(*small, "--start-masks", masks) == 0
    assert len(list((tmp_path / "traces").iterdir())) == 2


class TestSavingMasks:
    @pytest.fixture
    def saved(self, model: Any, tmp_path: Path, small: list[object], run: Run) -> Path:
        assert run(*small, "--save-masks", tmp_path / "masks") == 0
        return tmp_path / "masks" / "disks_GrabCut_56x56_mirrored"

    def test_another_evaluation_begins_from_them(
        self, tmp_path: Path, small: list[object], saved: Path, run: Run, results: Results
    ) -> None:
        assert {file.name for file in saved.glob("*.png")} == {"0.png", "1.png", "2.png"}
        last = [one["ious"][-1] for one in results(tmp_path / "traces")]
        assert run(*small, "--start-masks", saved, "-o", tmp_path / "from") == 0
        assert [one["start_iou"] for one in results(tmp_path / "from")] == last

    def test_the_place_is_told(
        self, model: Any, tmp_path: Path, small: list[object], capsys: pytest.CaptureFixture[str], run: Run
    ) -> None:
        assert run(*small, "--save-masks", tmp_path / "masks") == 0
        assert "masks: " in capsys.readouterr().out

    def test_what_is_missing_is_made_again_and_recorded_once(
        self, tmp_path: Path, small: list[object], saved: Path, run: Run, trace_of: TraceOf
    ) -> None:
        trace = trace_of(tmp_path / "traces")
        before, masks = trace.read_bytes(), {file: file.read_bytes() for file in saved.glob("*.png")}
        (saved / "1.png").unlink()
        assert run(*small, "--save-masks", tmp_path / "masks") == 0
        assert trace.read_bytes() == before
        assert {file: file.read_bytes() for file in saved.glob("*.png")} == masks

    def test_other_files_are_safe(
        self, model: Any, tmp_path: Path, small: list[object], failure: Failure
    ) -> None:
        mine = tmp_path / "masks" / "disks_GrabCut_56x56_mirrored" / "0.png"
        mine.parent.mkdir(parents=True)
        mine.write_bytes(b"my drawing")
        assert "holds other files" in failure(*small, "--save-masks", tmp_path / "masks")
        assert mine.read_bytes() == b"my drawing"
        assert not (tmp_path / "traces").exists()

    def test_masks_of_another_model_are_safe(
        self,
        model: Any,
        tmp_path: Path,
        small: list[object],
        saved: Path,
        capsys: pytest.CaptureFixture[str],
        failure: Failure,
    ) -> None:
        model.fingerprint = "others"
        words = [*small, "--save-masks", tmp_path / "masks", "-o", tmp_path / "more"]
        capsys.readouterr()
        assert "masks of another evaluation" in failure(*words)
