"""A run's folder: settings, checkpoints, measurements; nothing half written."""

from __future__ import annotations

import importlib.util
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch

from skipclick.training import run_folder
from skipclick.training.contents import names_digest
from skipclick.training.recipes import TrainingError
from skipclick.training.run_folder import RunFolder

SETTINGS = {"recipe": {"rate": 5e-5, "betas": (0.9, 0.999)}, "seed": 0, "data": [{"images": 3}]}


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    with RunFolder(tmp_path / "runs" / "one") as made:
        made.begin(SETTINGS, {"torch": "1"})
    return made


def test_a_new_folder_holds_the_settings(folder: RunFolder) -> None:
    content = json.loads((folder.path / "config.json").read_text())
    assert content["settings"]["recipe"] == {"rate": 5e-5, "betas": [0.9, 0.999]}
    assert content["about"] == {"torch": "1"}


def test_the_same_settings_go_on_with_other_versions_too(folder: RunFolder) -> None:
    before = (folder.path / "config.json").read_bytes()
    RunFolder(folder.path).begin(SETTINGS, {"torch": "2"})
    assert (folder.path / "config.json").read_bytes() == before


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    RunFolder(tmp_path).begin(SETTINGS, {})


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        (SETTINGS | {"seed": 1}, "begun with seed = 0, not 1: go on with the same settings"),
        (SETTINGS | {"recipe": {"rate": 1e-4, "betas": (0.9, 0.999)}}, r"recipe\.rate = 5e-05, not 0\.0001"),
        (SETTINGS | {"data": [{"images": 4}]}, r"data\.0\.images = 3, not 4"),
        (SETTINGS | {"data": [{"images": 3}, {"images": 1}]}, r"data\.1\.images = null, not 1"),
        (SETTINGS | {"data": []}, r"data = null, not \[\]"),
        ({k: v for k, v in SETTINGS.items() if k != "seed"}, "seed = 0, not null"),
    ],
)
def test_other_settings_are_refused(folder: RunFolder, settings: dict[str, object], complaint: str) -> None:
    with pytest.raises(TrainingError, match=complaint):
        folder.begin(settings, {})


def test_changed_contents_are_told_in_words(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.begin({"data": [{"masks": names_digest(["a"])}]}, {})
    with pytest.raises(TrainingError, match=r"^data\.0\.masks has changed since the run in .* was begun: "):
        folder.begin({"data": [{"masks": names_digest(["b"])}]}, {})


def test_folders_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(TrainingError, match="holds other files"):
        RunFolder(tmp_path).begin(SETTINGS, {})
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    "left",
    [[], [".lock"], [".lock", ".config.json.1234.part"], [".lock", ".config.json.1234.part", ".x.part"]],
)
def test_a_run_that_was_killed_before_it_had_settings_begins_again(tmp_path: Path, left: list[str]) -> None:
    for name in left:
        (tmp_path / name).write_bytes(b'{"format"')
    if ".x.part" in left:
        with pytest.raises(TrainingError, match="holds other files"):
            RunFolder(tmp_path).begin(SETTINGS, {})
        return
    RunFolder(tmp_path).begin(SETTINGS, {})
    assert {path.name for path in tmp_path.iterdir()} - {".lock"} == {"config.json", "kept", "pictures"}


def test_the_settings_come_before_all_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a process was doing when it was killed, the same command goes on."""
    made = []
    plain = Path.mkdir

    def mkdir(path: Path, *arguments: Any, **more: Any) -> None:
        if path.parent == tmp_path / "run":
            made.append((path.name, (tmp_path / "run" / "config.json").is_file()))
            raise KeyboardInterrupt
        plain(path, *arguments, **more)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    with pytest.raises(KeyboardInterrupt), RunFolder(tmp_path / "run") as folder:
        folder.begin(SETTINGS, {})
    assert made == [("kept", True)]
    monkeypatch.undo()
    folder.begin(SETTINGS, {})
    assert folder.kept_file(0).parent.is_dir()
    assert folder.picture_file(0).parent.is_dir()


def test_one_process_at_a_time(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one changes nothing, and half-written files of the first stay."""
    monkeypatch.setattr(run_folder, "LOCK_SECONDS", 0.1)
    scratch = folder.path / ".last.pt.1234.part"
    with folder:
        folder.begin(SETTINGS, {})
        scratch.write_bytes(b"half")
        with pytest.raises(TrainingError, match=r"another process is training in .*one: wait for it"):
            RunFolder(folder.path).begin(SETTINGS, {})
        with folder:
            folder.begin(SETTINGS | {}, {})
            scratch.write_bytes(b"half")
        # The inner block kept it.
        with pytest.raises(TrainingError, match="another process"):
            RunFolder(folder.path).begin(SETTINGS, {})
        assert scratch.read_bytes() == b"half"
    RunFolder(folder.path).begin(SETTINGS, {})
    assert not scratch.exists()


def test_a_process_that_is_just_ending_is_waited_for(folder: RunFolder) -> None:
    folder.begin(SETTINGS, {})
    with folder, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(RunFolder(folder.path).begin, SETTINGS, {})
        time.sleep(0.2)
        assert not waiting.done()
        folder.__exit__()
        waiting.result(timeout=5)
        folder.__enter__()


def test_a_run_that_is_refused_lets_go(folder: RunFolder) -> None:
    with pytest.raises(TrainingError, match="seed = 0, not 1"), RunFolder(folder.path) as other:
        other.begin(SETTINGS | {"seed": 1}, {})
    folder.begin(SETTINGS, {})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("{", "damaged"), ("[]", "another kind"), ('{"format": "other"}', "another kind")],
)
def test_settings_that_are_no_settings(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(TrainingError, match=complaint):
        RunFolder(tmp_path).begin(SETTINGS, {})


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(TrainingError, match="cannot be used"):
        RunFolder(tmp_path / "run").begin(SETTINGS, {})


def test_checkpoints_are_read_as_written(folder: RunFolder) -> None:
    assert folder.load() is None
    folder.save({"weights": {"a": torch.arange(3.0)}, "steps": 7, "window": [(1.0, 0.5)]})
    folder.save({"weights": {"a": torch.ones(3)}, "steps": 8, "window": []})
    state = folder.load()
    assert state is not None
    assert state["steps"] == 8
    assert torch.equal(state["weights"]["a"], torch.ones(3))
    assert not [path for path in folder.path.iterdir() if path.suffix == ".part"]


def test_a_checkpoint_that_fails_leaves_the_one_before(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.save({"steps": 1})

    def fail(state: object, file: Path) -> None:
        Path(file).write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(TrainingError, match=r"last\.pt cannot be written: no space left"):
        folder.save({"steps": 2})
    monkeypatch.undo()
    state = folder.load()
    assert state is not None
    assert state["steps"] == 1
    assert not list(folder.path.glob(".*.part"))


@pytest.mark.parametrize("damage", [b"", b"nonsense", "cut"])
def test_a_damaged_checkpoint_is_no_beginning_from_scratch(folder: RunFolder, damage: bytes | str) -> None:
    folder.save({"steps": 1, "x": torch.zeros(1000)})
    file = folder.path / "last.pt"
    file.write_bytes(file.read_bytes()[:900] if isinstance(damage, str) else damage)
    with pytest.raises(TrainingError, match="delete it to begin again"):
        folder.load()


def test_a_checkpoint_of_something_else_is_refused(folder: RunFolder) -> None:
    torch.save({"steps": 1, "format": "other"}, folder.path / "last.pt")
    with pytest.raises(TrainingError, match="cannot be read"):
        folder.load()


def test_what_killed_processes_left_is_swept_up(folder: RunFolder) -> None:
    scraps = [folder.path / ".last.pt.1234.part", folder.path / "kept" / ".000.safetensors.77.part"]
    for scrap in scraps:
        scrap.write_bytes(b"half")
    folder.begin(SETTINGS, {})
    assert not any(scrap.exists() for scrap in scraps)


def test_measurements_after_a_step_are_dropped(folder: RunFolder) -> None:
    for step in (2, 4, 5, 6):
        folder.log({"step": step, "loss": step / 10})
    folder.forget_after(4)
    folder.log({"step": 5, "loss": 9.0})
    assert [(entry["step"], entry["loss"]) for entry in folder.entries()] == [(2, 0.2), (4, 0.4), (5, 9.0)]


def test_a_line_that_was_cut_short_is_dropped(folder: RunFolder) -> None:
    folder.log({"step": 1, "loss": 1.0})
    with (folder.path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 2, "lo')
    assert [entry["step"] for entry in folder.entries()] == [1]
    folder.forget_after(5)
    folder.log({"step": 2, "loss": 2.0})
    assert [entry["step"] for entry in folder.entries()] == [1, 2]


def test_before_the_first_measurement_there_are_none(folder: RunFolder) -> None:
    assert folder.entries() == []
    folder.forget_after(0)
    assert folder.entries() == []


def test_tensorboard_gets_every_number(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    class Board:
        def add_scalar(self, tag: str, scalar_value: float, global_step: int) -> None:
            seen.append((tag, scalar_value, global_step))

        def flush(self) -> None:
            assert seen

    monkeypatch.setattr(run_folder, "_open_board", lambda path, step: Board())
    folder.forget_after(0)
    folder.log({"step": 25, "loss": 0.5, "validation": {"GrabCut": {"noc@90": 2.5}}, "note": "x"})
    assert seen == [("step", 25.0, 25), ("loss", 0.5, 25), ("validation/GrabCut/noc@90", 2.5, 25)]


@pytest.mark.skipif(importlib.util.find_spec("tensorboard") is None, reason="needs tensorboard")
def test_tensorboards_own_writer_is_used_where_there_is_one(folder: RunFolder) -> None:
    folder.forget_after(0)
    folder.log({"step": 25, "loss": 0.5})
    assert list((folder.path / "tensorboard").iterdir())


def test_names_of_files(folder: RunFolder) -> None:
    assert folder.kept_file(7).name == "007.safetensors"
    assert folder.picture_file(300).name == "000300.png"
    assert folder.kept_file(0).parent.is_dir()
    assert folder.picture_file(0).parent.is_dir()
