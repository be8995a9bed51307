"""The click graph of skipclick-s in a browser's runtime, onnxruntime-web with one thread, under Node."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from skipclick.backend.loading import load_model
from skipclick.backend.torch import TorchBackend
from skipclick.image import load_image, to_network
from skipclick.mask import iou
from skipclick.prompt import Click, Prompt

PHOTO = Path(__file__).parents[1] / "data" / "coffee.jpg"
CLICKS = (Click(213, 156), Click(179, 252), Click(97, 190, positive=False))


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which Node finds onnxruntime-web."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("needs Node and npm")
    folder = tmp_path_factory.mktemp("web")
    shutil.copy(Path(__file__).with_name("click.mjs"), folder)
    install([npm, "install", "--no-audit", "--no-fund", "--loglevel=error", "onnxruntime-web"], folder)
    return folder


def install(words: list[str], folder: Path) -> None:
    """Run npm; where it fails, the test is skipped with npm's own reason."""
    try:
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not install onnxruntime-web within five minutes")
    if done.returncode:
        reason = " ".join((done.stderr or done.stdout).split())[:200]
        pytest.skip(f"npm could not install onnxruntime-web: {reason or f'exit code {done.returncode}'}")


def test_why_nothing_is_tested_is_said(tmp_path: Path) -> None:
    with pytest.raises(pytest.skip.Exception, match="could not install onnxruntime-web: no network"):
        install([sys.executable, "-c", "import sys; sys.exit('no network')"], tmp_path)
    with pytest.raises(pytest.skip.Exception, match="onnxruntime-web: exit code 3"):
        install([sys.executable, "-c", "import sys; sys.exit(3)"], tmp_path)


@pytest.mark.slow
def test_the_masks_are_the_same(web: Path, small: TorchBackend, small_exported: Path) -> None:
    model, photo = small, load_image(PHOTO)
    exported = load_model(small_exported)
    image = to_network(photo, (448, 448))[None]
    features = exported.encode(image)
    previous = None
    reference = model.encode(image)
    for count in range(1, len(CLICKS) + 1):
        prompt = Prompt(CLICKS[:count], previous)
        expected = model.decode(reference, [prompt])[0]
        logits = run_in_node(
            web, small_exported / "click.onnx", exported.features_to_arrays(features), prompt
        )
        assert np.abs(logits - expected).max() <= 1e-3 * expected.std()
        assert iou(logits > 0, expected > 0) >= 0.999
        previous = (1 / (1 + np.exp(-expected))).astype(np.float32)


def run_in_node(
    web: Path,
    graph: Path,
    features: dict[str, np.ndarray],
    prompt: Prompt,
    size: tuple[int, int] = (448, 448),
) -> np.ndarray:
    points = np.full((1, 2, len(prompt.clicks), 2), -1.0)
    for slot, click in enumerate(prompt.clicks):
        points[0, int(not click.positive), slot] = click.y, click.x
    previous = np.zeros(size, np.float32) if prompt.previous is None else prompt.previous
    arrays = {**features, "points": points, "previous": previous[None, None]}
    for name, array in arrays.items():
        (web / f"{name}.bin").write_bytes(np.ascontiguousarray(array).tobytes())
    inputs = [{"name": name, "type": str(x.dtype), "shape": x.shape} for name, x in arrays.items()]
    (web / "inputs.json").write_text(json.dumps(inputs))
    done = subprocess.run(
        ["node", "click.mjs", str(graph), str(web)], cwd=web, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["shape"] == [1, 1, *size]
    return np.frombuffer((web / "logits.bin").read_bytes(), np.float32).reshape(size)
