"""GrabCut: 50 photographs with one object each; the outline's surroundings are marked to be ignored."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from skipclick.datasets.sample import Sample, TargetObject, pair_files, read_colour


def read_grabcut(root: Path) -> tuple[Sample, ...]:
    """List GrabCut: `data_GT/*` and `boundary_GT/*` (specification 5.2).

    Raises:
        DatasetError: the folders are not laid out like this.
    """
    return pair_files(root, "data_GT", "boundary_GT", read_trimap)


def read_trimap(path: Path) -> tuple[TargetObject, ...]:
    """Read a mask whose first channel says object (above 128), ignored (exactly 128) or background.

    Raises:
        DatasetError: the file is not an image.
    """
    first_channel = read_colour(path)[:, :, 0]
    truth = (first_channel > 128).astype(np.int8)
    truth[first_channel == 128] = -1
    return (TargetObject(1, truth),)
