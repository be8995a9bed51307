"""A network that is exported in seconds, and the folders that come of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from skipclick.backend.loading import load_model
from skipclick.backend.torch import TorchBackend
from skipclick.image import load_image
from skipclick.model.config import BackboneConfig, ModelConfig
from skipclick.model.skipclick import SkipClick

PHOTO = Path(__file__).parents[1] / "data" / "coffee.jpg"

ENCODER = BackboneConfig("dinov2", 14, 24, 4, heads=3, hidden=48, registers=0, grid=5)
CONFIG = ModelConfig(
    ENCODER,
    taps=(0, 1, 2, 3),
    width=24,
    depth=1,
    heads=3,
    hidden=48,
    grid=4,
    pyramid=(8, 8, 8, 8),
    head=8,
    detail=(4, 4),
    normalise_taps=True,
    spare_upsampling=False,
)


def toy(config: ModelConfig = CONFIG) -> SkipClick:
    """A network whose every parameter matters."""
    generator = torch.Generator().manual_seed(0)
    network = SkipClick(config).eval().requires_grad_(False)
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.2, generator=generator)
    return network


@pytest.fixture(scope="session")
def backend() -> TorchBackend:
    return TorchBackend(toy(), name="toy", device="cpu")


@pytest.fixture(scope="session")
def images() -> list[NDArray[np.uint8]]:
    """Two images with large and small things in them."""
    random = np.random.default_rng(0)
    return [
        np.kron(random.integers(0, 256, (6, 8, 3)), np.ones((20, 20, 1))).astype(np.uint8),
        random.integers(0, 256, (90, 70, 3)).astype(np.uint8),
    ]


@pytest.fixture(scope="session")
def exported(
    backend: TorchBackend, images: list[NDArray[np.uint8]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The toy as ONNX in float32; takes a minute, so only acceptance and slow tests may ask for it."""
    from skipclick.export.write import export_model

    folder = tmp_path_factory.mktemp("exported") / "toy"
    export_model(backend, folder, images)
    return folder


@pytest.fixture(scope="session")
def small() -> TorchBackend:
    """skipclick-s."""
    model = load_model("skipclick-s", device="cpu")
    assert isinstance(model, TorchBackend)
    return model


@pytest.fixture(scope="session")
def small_exported(small: TorchBackend, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """skipclick-s as ONNX in float32, for slow tests."""
    from skipclick.export.write import export_model

    folder = tmp_path_factory.mktemp("exported") / "skipclick-s"
    export_model(small, folder, [load_image(PHOTO)])
    return folder
