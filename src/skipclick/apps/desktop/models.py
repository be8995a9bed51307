"""Which model to load, from where, and whether its features are kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from skipclick.backend.protocol import Backend

if TYPE_CHECKING:
    from skipclick.backend.loading import Precision


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """How models are run, as it was said on the command line.

    Attributes:
        device: as for `load_model`.
        precision: as for `load_model`; where nothing is said, what the device is quickest in.
        features: a folder for encoded images, in place of the one in the settings.
    """

    device: str = "auto"
    precision: Precision | None = "auto"
    features: Path | None = None


def make_loader(source: str, options: ModelOptions, keep: Path | None = None) -> Callable[[], Backend]:
    """What the worker calls in its thread to get a model.

    Args:
        source: as for `load_model`.
        options: how it is run; its folder does not count here.
        keep: a folder for the features of images, so that they are encoded once only; None keeps none.
    """

    def load() -> Backend:
        from skipclick.backend.loading import load_model

        model = load_model(source, device=options.device, precision=options.precision)
        if keep is None or not hasattr(model, "features_to_arrays"):
            return model
        from skipclick.backend.cache import CachedBackend

        return CachedBackend(model, keep)

    return load


def model_names() -> list[str]:
    """Models to offer: those in the package first."""
    from skipclick.weights.registry import entries, names

    known = entries()
    return sorted(names("model"), key=lambda name: (not known[name].embedded, name))
