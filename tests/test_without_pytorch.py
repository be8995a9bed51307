"""An installation without PyTorch cuts photos with an exported model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]
PHOTO = ROOT / "tests" / "data" / "coffee.jpg"


def run(*words: str | Path, minutes: float = 10) -> str:
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=60 * minutes)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """skipclick-s, exported where PyTorch is installed."""
    folder = tmp_path_factory.mktemp("exported") / "skipclick-s"
    run(sys.executable, "-m", "skipclick", "export", "skipclick-s", "-o", folder)
    return folder


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment with skipclick[onnx]; skips where nothing can be fetched."""
    folder = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", folder)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"{ROOT}[onnx]"]
    install([str(python), *words])
    return python


def install(words: list[str]) -> None:
    """Run pip; where it fails, the tests are skipped with pip's own reason."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=600)
    except subprocess.TimeoutExpired:
        pytest.skip("pip did not install skipclick[onnx] within ten minutes")
    if done.returncode:
        reason = ((done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        pytest.skip(f"pip could not install skipclick[onnx]: {reason}")


def test_why_nothing_is_tested_is_said() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"could not install skipclick\[onnx\]: no network"):
        install([sys.executable, "-c", "import sys; sys.exit('trying again\\nno network')"])
    with pytest.raises(pytest.skip.Exception, match="exit code 3"):
        install([sys.executable, "-c", "import sys; sys.exit(3)"])


@pytest.mark.slow
def test_pytorch_is_not_there(python: Path) -> None:
    installed = run(python, "-m", "pip", "list", "--format=freeze").lower()
    assert "onnxruntime==" in installed
    assert "\ntorch==" not in installed


@pytest.mark.slow
def test_the_masks_are_those_of_pytorch(python: Path, exported: Path, tmp_path: Path) -> None:
    clicks = ["-c", "190,93", "-c", "160,150", "-c", "87,113:-"]
    masks = []
    for name, words in (
        ("with", [sys.executable, "-m", "skipclick", "segment", PHOTO]),
        ("without", [python, "-m", "skipclick", "segment", PHOTO, "--model", exported]),
    ):
        run(*words, *clicks, "-o", tmp_path / f"{name}.png")
        with Image.open(tmp_path / f"{name}.png") as mask:
            masks.append(np.asarray(mask) > 127)
    shared, either = (masks[0] & masks[1]).sum(), (masks[0] | masks[1]).sum()
    assert either > 0
    assert shared / either >= 0.999


@pytest.mark.slow
def test_the_doctor_does_not_mind(python: Path) -> None:
    assert "not installed" in run(python, "-m", "skipclick", "doctor")


SESSION = """
import re, sys, time
from pathlib import Path
import skipclick
began = time.process_time()
model = skipclick.load_model(sys.argv[1])
loading = time.process_time() - began
session = skipclick.Session(model, Path(sys.argv[2]))
for x, y in ((190, 93), (160, 150), (87, 113), (200, 60)):
    session.add(skipclick.Click(x, y))
# Of this program alone: getrusage also counts what the one that started it held then.
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(loading, int(peak[1]) / 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of resident memory is counted as Linux does")
def test_a_session_stays_small_and_starts_quickly(python: Path, exported: Path) -> None:
    """Peak of resident memory over four clicks at 448, in MiB; seconds of processor time to load."""
    loading, peak = map(float, run(python, "-c", SESSION, exported, PHOTO).split())
    assert peak < 350
    assert loading < 1.5, "a second, and half of one for a slow machine"
