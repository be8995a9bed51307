"""The network that a run begins with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from skipclick.backend.torch import build_network
from skipclick.errors import ModelError
from skipclick.model.config import MODELS, ModelConfig
from skipclick.model.skipclick import SkipClick, normalise
from skipclick.training.contents import marked
from skipclick.training.encoder_start import start_fusion
from skipclick.training.loader import ITEM, stream
from skipclick.training.recipes import Recipe, TrainingError
from skipclick.training.stepper import seeded
from skipclick.training.views import Views
from skipclick.weights.backbones import read_backbone
from skipclick.weights.loading import load_weights
from skipclick.weights.origin import origin_of
from skipclick.weights.registry import entries

EXAMPLES = 8
"""How many items show what an encoder's tokens are like."""


def new_network(recipe: Recipe, views: Views, *, seed: int, encoder: Path | str | None = None) -> SkipClick:
    """A recipe's network with a pre-trained encoder; the rest is drawn as published (specification 6.1).

    Args:
        recipe: says which network, which encoder, and what the fusion blocks begin as.
        views: what will be learnt from.
        seed: of the random weights.
        encoder: where the encoder's weights come from instead, see `read_backbone`.

    Raises:
        TrainingError: the encoder's weights are not to be had.
        SkipClickError: the first images cannot be read, where the fusion blocks begin as the encoder's.
    """
    config = MODELS[recipe.model]
    try:
        found, state = read_backbone(encoder or recipe.backbone)
    except ModelError as error:
        raise TrainingError(f"{error}; --backbone FILE names the encoder's weights") from error
    if found != config.backbone:
        raise TrainingError(
            f"{encoder or recipe.backbone} is not the encoder of {recipe.model}: it needs {recipe.backbone}"
        )
    network = draw_network(config, seed)
    network.backbone.load_state_dict(state)
    if recipe.fusion == "encoder":
        items = [views.draw(stream(seed, 0, number, ITEM))[0] for number in range(EXAMPLES)]
        images = normalise(torch.from_numpy(np.stack([item.image for item in items])))
        with torch.inference_mode():
            taps = network.backbone(images, config.taps)
        start_fusion(network, taps)
    return network


def draw_network(config: ModelConfig, seed: int) -> SkipClick:
    """A network with random weights, the same for the same seed; PyTorch's own generator stays as it was."""
    with seeded(seed, torch.device("cpu")):
        return SkipClick(config)


def trained_network(model: str) -> tuple[SkipClick, str]:
    """A model to go on from, its encoder frozen whatever it was trained with, and its name.

    Args:
        model: anything that `load_weights` takes.

    Raises:
        ModelError: nothing can be loaded from it.
        DownloadError: it could not be fetched.
    """
    config, state, name = load_weights(model)
    return build_network(replace(config, train_backbone=False), state, name), name


def encoder_origin(network: SkipClick, encoder: Path | str) -> dict[str, str]:
    """Metadata for the files of a run: whose encoder is in them.

    Args:
        network: what `new_network` returned.
        encoder: where its encoder came from.
    """
    name = encoder if str(encoder) in entries() else Path(encoder).name
    about = {f"encoder_{key}": value for key, value in origin_of(encoder).items()}
    return about | {"encoder": f"{name} {digest(network.backbone.state_dict())}"}


def digest(state: Mapping[str, Tensor]) -> str:
    """A short hash of tensors by name: equal for equal weights."""
    result = hashlib.sha256()
    for name, tensor in sorted(state.items()):
        result.update(name.encode())
        result.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return marked(result.hexdigest())
