"""`skipclick annotate` says in one line why there is no window."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from skipclick.apps.cli import main

WITHOUT_QT = (
    "import sys\n"
    "sys.modules['PySide6'] = None\n"
    "from skipclick.apps.cli import main\n"
    "main(['annotate', sys.argv[1]])\n"
)

DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(["annotate", *words])
    assert end.value.code == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    return lines[0]


def test_a_folder_that_does_not_exist(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert f"{tmp_path / 'nowhere'} does not exist" in said(capsys, str(tmp_path / "nowhere"))


def test_a_project_apart_needs_a_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    for words in ([], [str(tmp_path / "a.png")]):
        assert "--project needs the folder" in said(capsys, *words, "--project", str(tmp_path / "p"))


def test_without_qt_it_says_what_to_install(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_QT, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert done.returncode == 2
    assert done.stderr.strip() == 'skipclick: this command needs Qt: pip install "skipclick[desktop]"'
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
@pytest.mark.parametrize(
    ("display", "said"),
    [
        ({}, "there is no display to open a window on"),
        (
            {"DISPLAY": "127.0.0.1:1"},
            r"the display '127\.0\.0\.1:1' does not answer|Qt cannot open windows without",
        ),
    ],
)
def test_without_a_display_it_says_so_and_does_not_crash(
    display: dict[str, str], said: str, tmp_path: Path
) -> None:
    if display:
        pytest.importorskip("PySide6.QtWidgets", reason="needs Qt", exc_type=ImportError)
    kept = {name: value for name, value in os.environ.items() if name not in DISPLAYS}
    done = subprocess.run(
        [sys.executable, "-m", "skipclick", "annotate", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**kept, **display},
    )
    assert done.returncode == 2
    assert re.match(f"skipclick: ({said})", done.stderr)
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_help_needs_no_qt(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["annotate", "--help"])
    assert end.value.code == 0
    assert "FOLDER|IMAGE" in capsys.readouterr().out


def test_how_models_are_run_is_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = pytest.importorskip("skipclick.apps.desktop.program")
    from skipclick.apps.desktop.models import ModelOptions

    given: list[object] = []

    def run(path: Path | None, *, project: Path | None, model: str, options: ModelOptions) -> int:
        given.append((path, project, model, options))
        return 0

    monkeypatch.setattr(program, "run", run)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    kept = tmp_path / "kept"
    words = ["--device", "cpu", "--precision", "bf16", "--features", str(kept), "--model", "mine.pth"]
    for arguments in ([], words):
        with pytest.raises(SystemExit) as end:
            main(["annotate", str(tmp_path), *arguments])
        assert end.value.code == 0
    assert given == [
        (tmp_path, None, "skipclick-s", ModelOptions()),
        (tmp_path, None, "mine.pth", ModelOptions("cpu", "bf16", kept)),
    ]
