"""Which model to load, from where, and whether its features are kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from skipclick.backend.protocol import Backend


def make_loader(source: str, device: str, keep: Path | None = None) -> Callable[[], Backend]:
    """What the worker calls in its thread to get a model.

    Args:
        source, device: as for `load_model`.
        keep: a folder for the features of images, so that they are encoded once only; None keeps none.
    """

    def load() -> Backend:
        from skipclick.backend.loading import load_model

        model = load_model(source, device=device)
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
