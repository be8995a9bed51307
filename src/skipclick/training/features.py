"""A frozen encoder's outputs for views that come again, computed once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skipclick.model.skipclick import SkipClick, normalise
from skipclick.weights.files import replacing

MEMORY = 1 << 30
"""Caches up to this many bytes are kept in memory, larger ones on disk."""


class TapCache:
    """Tapped outputs of an encoder by view, as float16, in memory or one file for each view.

    Args:
        folder: where files go; None keeps everything in memory. Files that are there are used, so the
            folder must belong to one encoder and one list of views.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._held: dict[int, NDArray[np.float16]] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def get(self, view: int) -> NDArray[np.float16] | None:
        """What is kept of a view, (T, n, C) float16, or None."""
        if self._folder is None:
            return self._held.get(view)
        try:
            taps: NDArray[np.float16] = np.load(self._file(self._folder, view), allow_pickle=False)
        except (OSError, ValueError, EOFError):  # not there, or damaged: it is computed again
            return None
        return taps

    def put(self, view: int, taps: NDArray[np.float16]) -> None:
        """Keep a view's (T, n, C) float16."""
        if self._folder is None:
            self._held[view] = taps
            return
        with replacing(self._file(self._folder, view)) as scratch, scratch.open("wb") as file:
            np.save(file, taps, allow_pickle=False)

    @staticmethod
    def _file(folder: Path, view: int) -> Path:
        return folder / f"{view:06d}.npy"


def open_cache(network: SkipClick, views: int, size: tuple[int, int], folder: Path) -> TapCache:
    """A cache in memory if all views fit there, else in a folder.

    Args:
        network: whose encoder it is for.
        views: number of views.
        size: (h, w) of a view, in network pixels.
        folder: where files would go.
    """
    config = network.config
    tokens = (size[0] // config.patch) * (size[1] // config.patch)
    total = views * len(config.taps) * tokens * config.backbone.width * 2
    return TapCache(None if total <= MEMORY else folder)


@torch.no_grad()
def encode_views(
    network: SkipClick, image: Tensor, views: Sequence[int], cache: TapCache | None
) -> list[Tensor]:
    """A frozen encoder's outputs in eval mode, from the cache where it has them.

    Views that are kept are encoded one by one and rounded to float16, so that what a step sees depends on
    nothing but the view.

    Args:
        network: left in the mode in which it is.
        image: (B, 3, H, W) float32 in [0, 1].
        views: the items' views; -1 for those that don't come again.
        cache: None computes everything.

    Returns:
        (B, n, C) float32 for each tap.
    """
    training = network.backbone.training
    network.backbone.eval()
    try:
        if cache is None or -1 in views:
            return list(network.backbone(normalise(image), network.config.taps))
        rows = []
        for one, view in zip(image, views, strict=True):
            taps = cache.get(view)
            if taps is None:
                outputs = network.backbone(normalise(one[None]), network.config.taps)
                taps = torch.cat(outputs).to(torch.float16).cpu().numpy()
                cache.put(view, taps)
            rows.append(torch.from_numpy(taps).float())
        return list(torch.stack(rows).to(image.device).unbind(1))
    finally:
        network.backbone.train(training)
