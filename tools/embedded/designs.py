"""Designs of the decoder that were tried."""

from __future__ import annotations

from dataclasses import replace

from skipclick.model.config import MODELS, ModelConfig

CONFIG = MODELS["skipclick-s"]

DESIGNS: dict[str, ModelConfig] = {
    "skipclick-s": CONFIG,
    # What the package's first three versions are.
    "narrow": replace(CONFIG, width=256, depth=3, heads=4),
}
