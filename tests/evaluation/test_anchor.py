"""The loop as a whole: what the published evaluator does with a formula for a network (specification 4.9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from skipclick.datasets import Dataset, Sample, TargetObject
from skipclick.encoded import encode_image
from skipclick.evaluation.clicker import Clicker
from skipclick.evaluation.protocol import EvaluationProtocol
from skipclick.evaluation.run import evaluate_dataset
from skipclick.prompt import Prompt
from skipclick.session import Session


@dataclass(frozen=True)
class Reds:
    """The red channels of a batch."""

    red: np.ndarray

    @property
    def batch(self) -> int:
        return len(self.red)

    @property
    def size(self) -> tuple[int, int]:
        return self.red.shape[1], self.red.shape[2]

    @property
    def nbytes(self) -> int:
        return int(self.red.nbytes)


class Formula:
    """The network of the specification's anchor, 64-bit inside."""

    name = "formula"
    fingerprint = "no weights"
    stride = 14
    device = "cpu"

    def encode(self, images: np.ndarray) -> Reds:
        return Reds(images[:, 0].astype(np.float64))

    def decode(self, features: Reds, prompts: Sequence[Prompt]) -> np.ndarray:
        height, width = features.size
        rows, columns = np.arange(height, dtype=np.float64), np.arange(width, dtype=np.float64)
        answers = []
        for red, prompt in zip(features.red, prompts, strict=True):
            previous = np.zeros((height, width)) if prompt.previous is None else prompt.previous.astype(float)
            logits = 8 * (red - 0.5) + 2 * (previous - 0.5) + 3 * (columns / width - 0.5)
            for click in prompt.clicks:
                bump = np.outer(
                    np.exp(-((rows - click.y) ** 2) / 1250), np.exp(-((columns - click.x) ** 2) / 1250)
                )
                logits += (5 if click.positive else -5) * bump
            answers.append(logits.astype(np.float32))
        return np.stack(answers)


def picture() -> np.ndarray:
    rows, columns = np.mgrid[:375, :500]

    def wave(t: np.ndarray) -> np.ndarray:
        return np.abs(t % 200 - 100)

    red = 255 * (wave(columns) + wave(rows)) // 200
    return np.stack([red, red // 2, 255 - red], axis=2).astype(np.uint8)


def ground_truth() -> np.ndarray:
    rows, columns = np.mgrid[:375, :500].astype(np.float64)
    outer = ((rows - 180) / 110) ** 2 + ((columns - 260) / 150) ** 2
    inner = ((rows - 170) / 40) ** 2 + ((columns - 300) / 40) ** 2
    truth = ((outer <= 1) & ~(inner <= 1)).astype(np.int8)
    truth[np.abs(outer - 1) < 0.03] = -1
    return truth


RECORDED = {
    (448, True): (
        "+183,187 +111,248 -38,199 -40,400 -200,41 -200,448 +248,300 -344,200",
        "0.23664 0.29284 0.30456 0.31933 0.33533 0.35321 0.40291 0.42786",
    ),
    (448, False): (
        "+183,187 -200,452 -47,405 -336,404 -37,203 +107,257 -254,423 +252,297",
        "0.22323 0.24318 0.25712 0.27439 0.29064 0.33771 0.36422 0.41625",
    ),
    (672, True): (
        "+183,187 +112,245 -38,400 -200,40 -38,195 -200,448 +248,300 -344,200",
        "0.21908 0.26427 0.27446 0.27973 0.28611 0.29584 0.32444 0.33925",
    ),
    (672, False): (
        "+183,187 -200,452 -47,405 -336,404 -37,203 -248,429 +108,256 -31,458",
        "0.20447 0.22573 0.23301 0.23952 0.24717 0.25405 0.27370 0.28603",
    ),
}

# In single precision the resize of the published evaluator lands one pixel's probability on the other side of
# the threshold; the recorded IoUs are rounded to five digits.
ONE_PIXEL = 1 / 100_000

FINAL = {448: (0.418551, 0.993193, 0.840440), 672: (0.449962, 0.993201, 0.801239)}


def test_image_and_ground_truth_are_the_recorded_ones() -> None:
    assert int(picture()[:, :, 0].sum()) == 23_248_978
    assert int((ground_truth() == 1).sum()) == 45_270
    assert int((ground_truth() == -1).sum()) == 3_100


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    from PIL import Image

    path = tmp_path / "anchor.png"
    Image.fromarray(picture()).save(path)
    return Dataset("GrabCut", "anchor", (Sample("anchor", path, path, _truth),))


def _truth(path: Path) -> tuple[TargetObject, ...]:
    return (TargetObject(1, ground_truth()),)


@pytest.mark.parametrize(("side", "mirror"), RECORDED)
def test_clicks_and_ious_are_the_recorded_ones(dataset: Dataset, side: int, mirror: bool) -> None:
    protocol = EvaluationProtocol(max_clicks=8, mirror=mirror, size=(side, side))
    (trace,) = evaluate_dataset(Formula(), dataset, protocol)
    clicks, ious = RECORDED[side, mirror]
    said = " ".join(f"{'+' if c.positive else '-'}{c.y:g},{c.x:g}" for c in trace.clicks)
    assert said == clicks
    assert trace.ious == pytest.approx([float(iou) for iou in ious.split()], abs=ONE_PIXEL + 5e-6)


@pytest.mark.parametrize("side", FINAL)
def test_final_probabilities_are_the_recorded_ones(side: int) -> None:
    model = Formula()
    session = Session(model, encode_image(model, picture(), size=side, mirror=True), threshold=0.49)
    clicker = Clicker(ground_truth())
    for _ in range(8):
        session.add(clicker.next_click(session.mask))
    got = session.probability
    assert (float(got.mean(dtype=np.float64)), got[0, 0], got[180, 260]) == pytest.approx(
        FINAL[side], abs=2e-6
    )
