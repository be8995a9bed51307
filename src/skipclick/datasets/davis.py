"""DAVIS: 345 frames of its videos, everything that moves being one object."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from skipclick.datasets.sample import Sample, TargetObject, pair_files, read_colour


def read_davis(root: Path) -> tuple[Sample, ...]:
    """List DAVIS, or any subset of it: `img/*` and `gt/*` (specification 5.2).

    Raises:
        DatasetError: the folders are not laid out like this.
    """
    return pair_files(root, "img", "gt", read_nonzero)


def read_nonzero(path: Path) -> tuple[TargetObject, ...]:
    """Read a mask in which every pixel that is not black belongs to the object.

    Raises:
        DatasetError: the file is not an image.
    """
    return (TargetObject(1, (read_colour(path).max(axis=2) > 0).astype(np.int8)),)
