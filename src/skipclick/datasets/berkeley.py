"""Berkeley: 100 objects on 96 photographs; a photograph with two objects is stored twice."""

from __future__ import annotations

from pathlib import Path

from skipclick.datasets.grabcut import read_trimap
from skipclick.datasets.sample import Sample, pair_files


def read_berkeley(root: Path) -> tuple[Sample, ...]:
    """List Berkeley: `images/*` and `masks/*`, masks read as GrabCut's (specification 5.2).

    Raises:
        DatasetError: the folders are not laid out like this.
    """
    return pair_files(root, "images", "masks", read_trimap)
