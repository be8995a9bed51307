"""The folder of a training run: its settings, what was measured, and all that is needed to go on.

config.json           the settings; a run goes on only with the same ones
metrics.jsonl         one line each few steps, and one for each validation
last.pt               weights, optimiser and counters of the latest checkpoint
model.safetensors     the result, once the run is finished
best.safetensors      the weights with the best validation so far
kept/NNN.safetensors  the weights after the epochs that the recipe names
pictures/NNNNNN.png   what went in and came out at a step
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, Self

import torch
from filelock import FileLock, Timeout

from skipclick.training.contents import MARK
from skipclick.training.recipes import TrainingError
from skipclick.weights.files import replacing

FORMAT = "skipclick-training-1"

LOCK = ".lock"
"""The file that is locked while a process trains."""

LOCK_SECONDS = 10.0
"""How long another process may still be there: the workers of one that was killed end some seconds later."""


class Board(Protocol):
    """The part of TensorBoard's writer that is used."""

    def add_scalar(self, tag: str, scalar_value: float, global_step: int) -> None:
        """Record a number."""

    def flush(self) -> None:
        """Write what is recorded."""


class RunFolder:
    """Reads and writes a run's files, each of them whole or not at all.

    From `begin` on, other processes are kept out; as a context manager, until the outermost block ends, and
    otherwise as long as the object lives.

    Args:
        path: the folder; `begin` makes it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._board: Board | None = None
        self._lock = FileLock(path / LOCK, thread_local=False)
        self._blocks = 0

    def __enter__(self) -> Self:
        self._blocks += 1
        return self

    def __exit__(self, *_: object) -> None:
        self._blocks -= 1
        if self._blocks == 0:
            self._lock.release()

    @property
    def model_file(self) -> Path:
        """Where the result goes."""
        return self.path / "model.safetensors"

    @property
    def best_file(self) -> Path:
        """Where the best weights go."""
        return self.path / "best.safetensors"

    def kept_file(self, epoch: int) -> Path:
        """Where the weights after an epoch go, if the recipe keeps them."""
        return self.path / "kept" / f"{epoch:03d}.safetensors"

    def picture_file(self, step: int) -> Path:
        """Where the picture of a step goes."""
        return self.path / "pictures" / f"{step:06d}.png"

    def begin(self, settings: Mapping[str, Any], about: Mapping[str, Any]) -> None:
        """Make the folder, or make sure that it holds a run with the same settings.

        Args:
            settings: all that decides the result, as JSON values.
            about: what else is worth knowing, such as versions; may differ.

        Raises:
            TrainingError: it holds something else, or a run with other settings, or cannot be written, or
                another process is at work in it.
        """
        file = self.path / "config.json"
        # As it will be read again: tuples become lists.
        wanted = json.loads(json.dumps(settings))
        try:
            if not file.is_file() and any(map(_foreign, self.path.iterdir() if self.path.exists() else ())):
                raise TrainingError(f"{self.path} holds other files: give --out an empty or a new folder")
            self.path.mkdir(parents=True, exist_ok=True)
            self._keep_others_out()
            if file.is_file():
                self._compare(json.loads(file.read_text(encoding="utf-8")), wanted)
            self._sweep()
            # The settings first: what a process leaves that is killed in between must not look foreign.
            if not file.is_file():
                content = {"format": FORMAT, "settings": wanted, "about": about}
                with replacing(file) as scratch:
                    scratch.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
            for name in ("kept", "pictures"):
                (self.path / name).mkdir(exist_ok=True)
        except OSError as error:
            raise TrainingError(f"{self.path} cannot be used: {error.strerror or error}") from error
        except ValueError as error:
            raise TrainingError(f"{file} is damaged: give --out a new folder") from error

    def save(self, state: Mapping[str, Any]) -> None:
        """Write a checkpoint in the place of the one before.

        Raises:
            TrainingError: it cannot be written; the one before is still there.
        """
        file = self.path / "last.pt"
        try:
            with replacing(file) as scratch:
                torch.save({**state, "format": FORMAT}, scratch)
        except (OSError, RuntimeError) as error:
            raise TrainingError(f"{file} cannot be written: {error}") from error

    def load(self) -> dict[str, Any] | None:
        """The latest checkpoint on the CPU, or None before the first.

        Raises:
            TrainingError: it is damaged.
        """
        file = self.path / "last.pt"
        if not file.is_file():
            return None
        try:
            state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
            if state["format"] != FORMAT:
                raise ValueError(state["format"])
        except Exception as error:  # torch raises whatever a damaged file leads it to
            raise TrainingError(f"{file} cannot be read: delete it to begin again") from error
        return state

    def log(self, entry: Mapping[str, Any]) -> None:
        """Append a line of measurements; numbers in it also go to TensorBoard, if it is open."""
        with (self.path / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        if self._board is not None:
            for name, value in _numbers(entry):
                self._board.add_scalar(name, value, int(entry["step"]))
            self._board.flush()

    def entries(self) -> list[dict[str, Any]]:
        """All measurements; a line that was cut short is passed over."""
        file = self.path / "metrics.jsonl"
        result = []
        for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
            try:
                result.append(json.loads(line))
            except ValueError:
                continue
        return result

    def forget_after(self, step: int) -> None:
        """Drop the measurements of later steps, which will be taken again, and open TensorBoard."""
        kept = [entry for entry in self.entries() if entry["step"] <= step]
        with replacing(self.path / "metrics.jsonl") as scratch:
            scratch.write_text("".join(json.dumps(entry) + "\n" for entry in kept), encoding="utf-8")
        self._board = _open_board(self.path / "tensorboard", step)

    def _compare(self, content: Any, wanted: Mapping[str, Any]) -> None:
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise TrainingError(f"{self.path} holds another kind of config.json: give --out a new folder")
        old, new = _flat(content["settings"]), _flat(wanted)
        for name in sorted(old.keys() | new.keys()):
            before, now = old.get(name), new.get(name)
            if before == now:
                continue
            if str(before).startswith(MARK) and str(now).startswith(MARK):
                raise TrainingError(
                    f"{name} has changed since the run in {self.path} was begun: give --out a new folder, or "
                    "go on with what it was begun with"
                )
            raise TrainingError(
                f"the run in {self.path} was begun with {name} = {json.dumps(before)}, not "
                f"{json.dumps(now)}: go on with the same settings, or give --out a new folder"
            )

    def _keep_others_out(self) -> None:
        if self._lock.is_locked:
            return
        try:
            self._lock.acquire(timeout=LOCK_SECONDS)
        except Timeout as error:
            raise TrainingError(
                f"another process is training in {self.path}: wait for it, or give --out another folder"
            ) from error

    def _sweep(self) -> None:
        """Remove what a process that was killed left half written."""
        for scratch in (*self.path.glob(".*.part"), *self.path.glob("*/.*.part")):
            scratch.unlink(missing_ok=True)


def _foreign(file: Path) -> bool:
    """Whether a file was not left by a run that was killed before it had settings."""
    return file.name != LOCK and not (file.name.startswith(".config.json.") and file.suffix == ".part")


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings by dotted names; the entries of a list of settings by their numbers."""
    result: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            value = {str(number): one for number, one in enumerate(value)}
        if isinstance(value, dict):
            result |= _flat(value, f"{prefix}{name}.")
        else:
            result[f"{prefix}{name}"] = value
    return result


def _numbers(entry: Mapping[str, Any]) -> list[tuple[str, float]]:
    flat = _flat(entry)
    return [(name.replace(".", "/"), float(v)) for name, v in flat.items() if isinstance(v, int | float)]


def _open_board(folder: Path, step: int) -> Board | None:
    """TensorBoard's writer, if it is installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    board: Board = SummaryWriter(str(folder), purge_step=step)
    return board
