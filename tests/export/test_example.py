"""The example in an exported folder cuts out what a session cuts out."""

from __future__ import annotations

import contextlib
import io
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from skipclick.backend.torch import TorchBackend
from skipclick.export import write
from skipclick.export.write import EXAMPLE
from skipclick.mask import iou
from skipclick.prompt import Click
from skipclick.session import Session

DATA = Path(__file__).parents[1] / "data"


def run(folder: Path, photo: Path, clicks: list[Click]) -> dict[str, Any]:
    """Run the example; what its names stand for in the end, and what it printed and wrote.

    In this process, because the numbers that it reaches say more than a mask.
    """
    words = [f"{click.x},{click.y}{'' if click.positive else ':-'}" for click in clicks]
    mask_file = photo.with_name("mask.png")
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.setattr(sys, "argv", [EXAMPLE, str(photo), *words, str(mask_file)])
        found = runpy.run_path(str(folder / EXAMPLE))
    with Image.open(mask_file) as picture:
        written = np.asarray(picture) > 0
    assert printed.getvalue() == f"{mask_file}: {written.mean():.1%} of the photo\n"
    return {**found, "written": written}


def difference(ours: NDArray[np.float32], session: Session) -> float:
    """Largest difference of two answers, as a part of their deviation."""
    assert session.logits is not None
    return float(np.abs(ours[0, 0] - session.logits).max() / session.logits.std())


def turned(photo: Image.Image, path: Path) -> Path:
    """A photo that lies on its side in the file, and is upright by its orientation tag."""
    exif = Image.Exif()
    exif[0x0112] = 6
    photo.transpose(Image.Transpose.ROTATE_90).save(path, exif=exif)
    return path


def test_it_is_short_and_needs_little() -> None:
    lines = Path(write.__file__).with_name(EXAMPLE).read_text(encoding="utf-8").splitlines()
    imports = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imports == {"sys", "pathlib", "numpy", "onnxruntime", "PIL"}
    assert len(lines) <= 40
    # Pillow is there for files alone: its resizing is not the network's.
    pillow = [line for line in lines if "Image" in line and not line.startswith("from ")]
    assert len(pillow) == 2
    assert "Image.open" in pillow[0]
    assert ".save(" in pillow[1]


@pytest.mark.acceptance
def test_all_clicks_and_answers_reach_the_network(
    backend: TorchBackend, exported: Path, images: list[NDArray[np.uint8]], tmp_path: Path
) -> None:
    """At the network's own size a session resizes nothing between two clicks either."""
    photo = Image.fromarray(images[0]).resize((448, 448), Image.Resampling.NEAREST)
    path = turned(photo, tmp_path / "photo.png")
    clicks = [Click(300, 90), Click(50, 400, positive=False), Click(210.5, 33)]
    found = run(exported, path, clicks)
    session = Session(backend, path)
    assert np.mean(found["written"] != session.set_clicks(clicks)) <= 1e-4
    assert difference(found["logits"], session) < 1e-3
    # Clicks whose coordinates or signs are exchanged, a click or the first answer left out: all would show.
    for wrong in (
        [Click(click.y, click.x, click.positive) for click in clicks],
        [Click(click.x, click.y, not click.positive) for click in clicks],
        [Click(click.x, click.y) for click in clicks],
        clicks[:-1],
        clicks[1:],
    ):
        session.set_clicks(wrong)
        assert difference(found["logits"], session) > 0.05


@pytest.mark.acceptance
def test_photos_of_other_sizes_are_resized_as_sessions_do_it(
    backend: TorchBackend, exported: Path, images: list[NDArray[np.uint8]], tmp_path: Path
) -> None:
    path = tmp_path / "photo.png"
    Image.fromarray(images[1]).save(path)
    found = run(exported, path, [Click(12, 61)])
    session = Session(backend, path)
    session.add(Click(12, 61))
    assert difference(found["logits"], session) < 1e-3
    assert found["mask"].shape == session.shape == (90, 70)
    assert iou(found["written"], session.mask) >= 0.999
    resized = found["resizing"](448, 90) @ found["answer"][0, 0] @ found["resizing"](448, 70).T
    np.testing.assert_allclose(resized, session.probability, atol=1e-3)


@pytest.mark.slow
def test_real_photos(small: TorchBackend, small_exported: Path, tmp_path: Path) -> None:
    with Image.open(DATA / "coffee.jpg") as photo:
        photo.save(tmp_path / "coffee.png")
    with Image.open(DATA / "astronaut.jpg") as photo:
        turned(photo.crop((0, 0, 384, 300)), tmp_path / "astronaut.png")
    for name, clicks in (
        ("coffee.png", [Click(190, 93), Click(160, 150), Click(87, 113, positive=False)]),
        ("astronaut.png", [Click(150, 60), Click(190, 200), Click(330, 40, positive=False)]),
    ):
        expected = Session(small, tmp_path / name).set_clicks(clicks)
        assert 0.01 < expected.mean() < 0.5
        assert iou(run(small_exported, tmp_path / name, clicks)["written"], expected) >= 0.98


@pytest.mark.slow
def test_it_runs_by_itself(small_exported: Path, tmp_path: Path) -> None:
    """As its first lines say, and where nothing of skipclick can be imported."""
    words = [DATA / "coffee.jpg", "190,93", "87,113:-", "mask.png"]
    code = (
        "import runpy, sys; sys.modules['skipclick'] = sys.modules['torch'] = None; "
        "del sys.argv[0]; runpy.run_path(sys.argv[0])"
    )
    for start in ([], ["-c", code]):
        done = subprocess.run(
            [sys.executable, *start, small_exported / EXAMPLE, *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("mask.png: ")
