"""The program itself on a display of its own, worked by X events from outside, as a hand at a desk does."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

for needed in ("PySide6.QtWidgets", "torch"):
    pytest.importorskip(needed, reason="needs Qt and PyTorch", exc_type=ImportError)

from PySide6.QtCore import QLibraryInfo

from skipclick.annotation import Project
from skipclick.apps.desktop.screen import check_x11
from skipclick.errors import SkipClickError

PATIENCE = 120.0
"""Seconds until something must have happened: the model is loaded and the image encoded first."""

SCREEN = (1366, 768)
"""Of a small laptop."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("Xvfb") is None or shutil.which("xdotool") is None, reason="needs Xvfb and xdotool"
    ),
]


def wait_for(what: Callable[[], Any], program: subprocess.Popen[str]) -> Any:
    """What a call gives as soon as it gives something; fails at once if the program has ended."""
    end = time.monotonic() + PATIENCE
    while not (found := what()):
        assert program.poll() is None, program.communicate()
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.1)
    return found


@pytest.fixture
def display(tmp_path: Path) -> Iterator[str]:
    """A display that nobody else uses; the server chooses its number and tells it."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{SCREEN[0]}x{SCREEN[1]}x24", "-noreset"],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    assert number, "Xvfb does not start"
    try:
        check_x11(Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)), {"DISPLAY": f":{number}"})
        yield f":{number}"
    except SkipClickError as error:
        pytest.skip(str(error))
    finally:
        server.terminate()
        server.wait(20)


class Desk:
    """The program at work in a folder with one photo, and a hand outside of it.

    Args:
        display: where its window is.
        folder: which holds coffee.jpg.
        choices: where the program keeps its settings.
    """

    def __init__(self, display: str, folder: Path, choices: Path) -> None:
        self.folder = folder
        self._environment = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "XDG_CONFIG_HOME": str(choices),
            "LC_ALL": "C.UTF-8",
        }
        self.program = subprocess.Popen(
            [sys.executable, "-m", "skipclick", "annotate", str(folder)],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def xdotool(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env=self._environment, capture_output=True, text=True, timeout=60
        )
        return done.stdout.strip()

    def window(self) -> str:
        """The window, once it shows the photo."""
        return str(
            wait_for(lambda: self.xdotool("search", "--onlyvisible", "--name", "coffee"), self.program)
        )

    def actions(self) -> list[dict[str, Any]]:
        """What the journal holds by now, its first line left out."""
        lines = (self.folder / ".skipclick" / "journal-000001.jsonl").read_text().splitlines()
        return [json.loads(line)["entry"] for line in lines[1:]]


@pytest.fixture
def desk(display: str, photo: Callable[[str], Any], tmp_path: Path) -> Iterator[Desk]:
    folder = tmp_path / "photos"
    folder.mkdir()
    shutil.copy(photo("coffee").path, folder)
    made = Desk(display, folder, tmp_path / "choices")
    yield made
    if made.program.poll() is None:
        made.program.kill()
        made.program.communicate()


def test_clicks_and_keys_reach_the_journal(desk: Desk) -> None:
    window = desk.window()
    # The middle of the photo is the middle of the canvas, which all the other parts surround.
    geometry = desk.xdotool("getwindowgeometry", "--shell", window)
    size = dict(line.split("=") for line in geometry.splitlines())
    width, height = int(size["WIDTH"]), int(size["HEIGHT"])
    assert width <= SCREEN[0]
    assert height <= SCREEN[1]
    desk.xdotool("mousemove", "--window", window, str(width // 2), str(height // 2), "click", "1")
    added = wait_for(desk.actions, desk.program)[0]
    assert (added["do"], added["image"], added["model"]) == ("AddObject", "coffee.jpg", "skipclick-s")
    assert len(added["clicks"]) == 1

    desk.xdotool("mousemove_relative", "--", "-230", "0", "click", "3")
    refined = wait_for(lambda: desk.actions()[1:], desk.program)[0]
    assert refined["do"] == "SetMask"
    assert [one.get("positive", True) for one in refined["clicks"]] == [True, False]

    desk.xdotool("key", "space", "x", "ctrl+q")
    out, err = desk.program.communicate(timeout=PATIENCE)
    assert (desk.program.returncode, out, err) == (0, "", "")
    with Project.open(desk.folder, read_only=True) as project:
        record = project.document.image("coffee.jpg")
    assert record.done
    [made] = record.objects
    inside = [bool(made.mask.to_mask()[round(click.y), round(click.x)]) for click in made.clicks]
    assert inside == [click.positive for click in made.clicks] == [True, False]


def test_it_ends_in_order_when_the_terminal_says_so(desk: Desk) -> None:
    desk.window()
    desk.program.send_signal(signal.SIGINT)
    out, err = desk.program.communicate(timeout=PATIENCE)
    assert (desk.program.returncode, out, err) == (0, "", "")
    assert not (desk.folder / ".skipclick" / "opened-by.json").exists()
