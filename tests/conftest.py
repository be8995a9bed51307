"""Fixtures that several test files share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

# Before PyTorch is imported by anyone: a test run leaves the machine usable.
os.environ.setdefault("OMP_NUM_THREADS", "2")

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import skipclick
from skipclick.backend.protocol import Backend, Features
from skipclick.prompt import Prompt

ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests" / "data"


def pytest_sessionfinish() -> None:
    """Let go of what loader workers shared; at exit, when its modules are half gone, PyTorch fails to."""
    reductions = sys.modules.get("torch.multiprocessing.reductions")
    if reductions is not None:
        reductions.shared_cache.clear()


@dataclass(frozen=True)
class Photo:
    """One of the four photos of tests/data."""

    path: Path
    mask_path: Path
    image: NDArray[np.uint8]
    mask: NDArray[np.bool_]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder `shared` with data sets and recorded runs; the test is skipped where there is none."""
    folder = Path(os.environ.get("SKIPCLICK_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        pytest.skip("needs the folder shared/ beside the repository, or SKIPCLICK_SHARED")
    return folder


@pytest.fixture(scope="session")
def photo() -> Callable[[str], Photo]:
    """Get a photo by its name: astronaut, chelsea, coffee or rocket."""

    def get(name: str) -> Photo:
        path, mask_path = DATA / f"{name}.jpg", DATA / f"{name}.png"
        with Image.open(path) as image, Image.open(mask_path) as mask:
            return Photo(path, mask_path, np.array(image), np.array(mask) > 127)

    return get


@pytest.fixture(scope="session")
def photos(photo: Callable[[str], Photo]) -> dict[str, Photo]:
    """All photos by name."""
    return {path.stem: photo(path.stem) for path in sorted(DATA.glob("*.jpg"))}


@pytest.fixture(scope="session")
def embedded_model() -> Backend:
    """The model that comes with the package, on the CPU."""
    return skipclick.load_model("skipclick-s", device="cpu")


@dataclass(frozen=True)
class DiskFeatures:
    """What DiskModel keeps of an image: nothing but its size."""

    batch: int
    size: tuple[int, int]
    nbytes: int = 0


class DiskModel:
    """A back end without a network: a disk around each click, later clicks on top."""

    name = "disks"
    fingerprint = "no weights"
    stride = 14
    device = "cpu"
    radius = 60.0

    def encode(self, images: NDArray[np.float32]) -> Features:
        return DiskFeatures(len(images), (images.shape[2], images.shape[3]))

    def decode(self, features: Features, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
        height, width = features.size
        rows, columns = np.mgrid[:height, :width]
        logits = np.full((len(prompts), height, width), -8.0, np.float32)
        for item, prompt in zip(logits, prompts, strict=True):
            if prompt.previous is not None:
                item[prompt.previous > 0.5] = 8.0
            for click in prompt.clicks:
                near = (columns - click.x) ** 2 + (rows - click.y) ** 2 <= self.radius**2
                item[near] = 8.0 if click.positive else -8.0
        return logits


@pytest.fixture
def disk_model(monkeypatch: pytest.MonkeyPatch) -> DiskModel:
    """DiskModel, also given to whoever calls load_model during the test."""
    model = DiskModel()
    # Looked up beforehand: the package keeps what it looks up first, and would keep the replacement.
    assert callable(skipclick.load_model)
    monkeypatch.setattr("skipclick.backend.loading.load_model", lambda source, **options: model)
    return model
