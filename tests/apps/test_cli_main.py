"""The frame around the commands: help, version, errors and exit codes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

import skipclick
from skipclick.apps import cli
from skipclick.errors import DatasetError, ModelError

COMMANDS = sorted(
    (command.callback.__name__ if command.callback else "").replace("_", "-")
    for command in cli.app.registered_commands
)


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as end:
        cli.main(words)
    code = end.value.code
    assert isinstance(code, int)
    return code


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Make `skipclick demo` end in an exception."""

    def arrange(error: BaseException) -> None:
        def load(source: str, **options: object) -> None:
            raise error

        monkeypatch.setattr("skipclick.backend.loading.load_model", load)

    return arrange


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    printed = capsys.readouterr().out
    for command in COMMANDS:
        assert f"\n  {command} " in printed
    assert {"segment", "evaluate", "train", "annotate", "doctor"} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command, "--help") == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"Usage: skipclick {command} ")
    assert "Raises:" not in printed


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 2
    printed = capsys.readouterr()
    assert "Usage: skipclick" in printed.out + printed.err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == f"skipclick {skipclick.__version__}\n"


@pytest.mark.parametrize("words", [("--nonsense",), ("nonsense",), ("demo", "--nonsense"), ("segment",)])
def test_wrong_usage_is_2(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Error: " in printed.err
    assert "Traceback" not in printed.err


@pytest.mark.usefixtures("tmp_folder")
class TestErrors:
    @pytest.fixture
    def tmp_folder(self, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(str(tmp_path))

    @pytest.mark.parametrize(
        ("error", "line"),
        [
            (ModelError("no such model"), "skipclick: no such model\n"),
            (DatasetError("two\n  lines"), "skipclick: two lines\n"),
            (MemoryError(), "skipclick: out of memory; try a smaller picture or a smaller --size\n"),
            (
                PermissionError(13, "Permission denied", "a.safetensors"),
                "skipclick: [Errno 13] Permission denied: 'a.safetensors'\n",
            ),
        ],
    )
    def test_one_line_and_2(
        self,
        error: BaseException,
        line: str,
        raising: Callable[[BaseException], None],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        raising(error)
        assert run("demo") == 2
        assert capsys.readouterr().err == line

    def test_ctrl_c_is_130(
        self, raising: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
    ) -> None:
        raising(KeyboardInterrupt())
        assert run("demo") == 130
        assert capsys.readouterr().err == "skipclick: interrupted\n"

    def test_our_own_mistakes_are_not_hidden(self, raising: Callable[[BaseException], None]) -> None:
        raising(ZeroDivisionError("a bug"))
        with pytest.raises(ZeroDivisionError):
            cli.main(["demo"])


def test_a_closed_pipe_is_quiet() -> None:
    code = "import sys; from skipclick.apps.cli import main; sys.stdin.read(); main(['--help'])"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.close()
        complaint = process.stderr.read().decode()
        process.wait(30)
    assert "Traceback" not in complaint
    assert process.returncode != 0


def test_python_m_skipclick() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "skipclick", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"skipclick {skipclick.__version__}\n"
