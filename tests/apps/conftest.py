"""What the tests of `skipclick train` and `skipclick finetune` share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from skipclick.apps import cli
from skipclick.model.config import BackboneConfig, ModelConfig


class Command:
    """A command of the command line, run in this process."""

    def __init__(self, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.name = name
        self._capsys = capsys

    def run(self, *words: str | Path) -> int:
        """Run it; the exit code."""
        with pytest.raises(SystemExit) as end:
            cli.main([self.name, *map(str, words)])
        assert isinstance(end.value.code, int)
        return end.value.code

    def refused(self, *words: str | Path) -> str:
        """Run what must fail; the one line that it prints."""
        assert self.run(*words) == 2
        captured = self._capsys.readouterr()
        assert captured.err.startswith("skipclick: ")
        assert captured.err.count("\n") == 1
        return captured.err


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[[str], Command]:
    """Get a command by its name."""
    return lambda name: Command(name, capsys)


@pytest.fixture(scope="session")
def toy_config() -> ModelConfig:
    """A network a few channels wide, for crops of 56 pixels."""
    encoder = BackboneConfig("dinov2", 14, 64, 4, 1, 64, grid=4)
    return ModelConfig(
        encoder, (0, 1, 2, 3), width=64, depth=1, heads=2, hidden=64, grid=4, pyramid=(8, 8, 16, 16), head=16
    )
